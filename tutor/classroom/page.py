"""The pages of a class: its grades, and its understanding. One file each, for a screen, a phone, a reader and
paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tutor.catalog import find_levels_root, join, load_misconceptions, load_mistakes, parse_design_file
from tutor.classroom import html
from tutor.classroom.assignment import Grading
from tutor.classroom.book import BookEntry, totals
from tutor.classroom.grading import Grade, status_word
from tutor.classroom.insight import LevelInsight
from tutor.classroom.scheme import Scheme
from tutor.errors import InputError
from tutor.judge.words import describe_metric, names_of
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.misconception import Misconception
from tutor.session.predictions import closest_choice
from tutor.trial import run
from tutor.words import say

Draw = Callable[[Design, str], str]
"""Draws a design as one ``svg`` element; the text is what it is a picture of."""

MOST_LINES = 200
"""Of a design's text, no more lines than this are shown."""
LARGE_MS = 10_000
"""From so many milliseconds on, a chart is in seconds."""
MOST_REASONS = 5
"""Of a level's first reasons, no more than this are shown as bars."""

SCRIPT = """
for (const table of document.querySelectorAll("table.matrix")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const value = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  heads.forEach((head, at) => {
    head.tabIndex = 0;
    const sort = () => {
      const down = head.ariaSort === "ascending" ? -1 : 1;
      heads.forEach((other) => { other.ariaSort = "none"; });
      head.ariaSort = down === 1 ? "ascending" : "descending";
      [...body.rows].sort((a, b) => down * compare(value(a, at), value(b, at)))
        .forEach((row) => body.append(row));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
  });
  const filter = document.getElementById(table.dataset.filter);
  filter?.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
const open = () => {
  const found = location.hash && document.getElementById(location.hash.slice(1));
  if (found?.tagName === "DETAILS") { found.open = true; found.scrollIntoView(); }
};
addEventListener("hashchange", open);
open();
"""
"""Sorts a matrix by a column, filters its rows, and opens the design that a cell leads to; without it
everything is there in the order of the roster.
"""


def render_grades(title: str, grading: Grading, scheme: Scheme, draw: Draw | None = None) -> str:
    """Renders the grades of a class as one HTML document: a matrix of students by levels, and each design
    below it.
    """
    counts = Counter(entry.grade.status for entry in grading.entries)
    summary = " ".join(
        say(f"class.status.{_key(status)}.count", count=count) for status, count in counts.most_common()
    )
    lead = f"{summary or say('class.nothing')} {say('class.simulated-again')}"
    pictures = Pictures(grading, draw)
    body = [_matrix(grading, scheme, {})]
    if grading.passed_over:
        names = html.text(", ".join(grading.passed_over))
        body.append(f"<p class=dim>{html.text(say('class.not-hand-ins'))} {names}</p>")
    body.append(f"<div class=noprint><h2>{html.text(say('class.designs'))}</h2>")
    body += [*_cases(grading, {}, pictures), "</div>"]
    return html.page(title, [*body, pictures.sprite()], lead=lead, script=SCRIPT)


def render_report(
    title: str,
    grading: Grading,
    insights: Sequence[LevelInsight],
    *,
    anonymous: bool,
    draw: Draw | None = None,
) -> str:
    """Renders a class's understanding as one HTML document: levels with their misconception, predictions,
    answers and designs.
    """
    names = _aliases(grading.entries) if anonymous else {}
    pictures = Pictures(grading, draw)
    students = len({_student(entry) for entry in grading.entries})
    lead = f"{say('class.students', count=students)} {say('class.simulated-again')}"
    cards = [_card(one, place, grading) for place, one in enumerate(insights, 1)]
    body = [f"<div class=cards>{''.join(cards)}</div>"]
    misconceptions = load_misconceptions()
    for place, one in enumerate(insights, 1):
        body.append(f'<section class=level id="level-{place}">')
        body += [*_level(one, grading, names, pictures, misconceptions), "</section>"]
    body.append(f"<section class=level><h2>{html.text(say('class.who'))}</h2>")
    body += [f"<p class=dim>{html.text(say('class.unchecked'))}</p>", _matrix(grading, None, names)]
    designs = html.text(say("class.designs"))
    body += [f"</section><div class=noprint><h2>{designs}</h2>", *_cases(grading, names, pictures), "</div>"]
    return html.page(title, [*body, pictures.sprite()], lead=lead, script=SCRIPT)


class Pictures:
    """The drawn designs of a page, each drawn once however many students have it."""

    def __init__(self, grading: Grading, draw: Draw | None) -> None:
        self._grading = grading
        self._draw = draw
        self._symbols: dict[tuple[str, str], tuple[str, str]] = {}
        self._style = ""

    def show(self, grade: Grade, title: str) -> str:
        """Returns the picture of a grade's design; empty if it cannot be read or drawn."""
        level = self._grading.levels.get(grade.level)
        text = self._grading.texts.get(grade.file, "")
        if self._draw is None or level is None or not text:
            return ""
        key = grade.level, text
        if key not in self._symbols:
            try:
                drawn = _SVG.fullmatch(self._draw(join(parse_design_file(text, grade.file), level), title))
            except (InputError, RecursionError, ValueError):
                return ""
            if drawn is None:
                return ""
            size, inside = drawn[1], _TITLE.sub("", drawn[2])
            style = _INNER_STYLE.search(inside)
            self._style = self._style or (style[0] if style else "")
            name = f"design-{len(self._symbols) + 1}"
            symbol = f'<symbol id="{name}" class="design" {size}>{_INNER_STYLE.sub("", inside)}</symbol>'
            self._symbols[key] = symbol, f'{size}><title>@</title><use href="#{name}"/>'
        _, use = self._symbols[key]
        return f'<svg class="design" role="img" {use.replace("@", html.text(title))}</svg>'

    def sprite(self) -> str:
        """Returns the symbols that the pictures refer to, for the end of the page."""
        symbols = "".join(symbol for symbol, _ in self._symbols.values())
        hidden = 'width="0" height="0" style="position:absolute" aria-hidden="true"'
        return f"<svg {hidden}>{self._style}{symbols}</svg>" if symbols else ""


_SVG = re.compile(r'<svg[^>]*?(viewBox="[^"]*" width="\d+" height="\d+")[^>]*>(.*)</svg>', re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_INNER_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def _aliases(entries: Sequence[BookEntry]) -> dict[str, str]:
    """Returns a number in the place of each name, by e-mail address or name."""
    found: dict[str, str] = {}
    for entry in entries:
        found.setdefault(_student(entry), say("class.student", number=len(found) + 1))
    return found


def _student(entry: BookEntry) -> str:
    return entry.email or entry.name


def _shown(entry: BookEntry, names: Mapping[str, str]) -> str:
    return names.get(_student(entry), entry.name)


def _key(status: str) -> str:
    return status.replace(" ", "-")


def _title(grading: Grading, level: str) -> str:
    return grading.titles.get(level, level)


# the matrix


def _matrix(grading: Grading, scheme: Scheme | None, names: Mapping[str, str]) -> str:
    """Renders students by levels; with ``scheme`` the cells are points and there are totals, else they are
    results.
    """
    levels = list(
        dict.fromkeys(entry.grade.level for entry in grading.entries if entry.grade.level in grading.titles)
    )
    rows: dict[str, dict[str, BookEntry]] = {}
    shown: dict[str, str] = {}
    for entry in grading.entries:
        shown[_student(entry)] = _shown(entry, names)
        rows.setdefault(_student(entry), {})[entry.grade.level] = entry
    total = totals(grading.entries)
    places = _places(grading.entries)
    head = "".join(f"<th scope=col>{html.text(_title(grading, level))}</th>" for level in levels)
    last = f"<th scope=col class=n>{html.text(say('class.total'))}</th>" if scheme is not None else ""
    out = [
        f"<p class=noprint><label>{html.text(say('class.filter'))} <input id=filter type=search></label> ",
        f"<span class=dim>{html.text(say('class.sorting'))}</span></p><div class=wide>",
        '<table class=matrix data-filter="filter"><thead><tr>',
        f"<th scope=col>{html.text(say('class.name'))}</th>{head}{last}</tr></thead><tbody>",
    ]
    for student, found in rows.items():
        cells = "".join(_cell(found.get(level), scheme, places) for level in levels)
        sum_ = f"<td class=n>{total[student]}</td>" if scheme is not None else ""
        out.append(f"<tr><th scope=row>{html.text(shown[student])}</th>{cells}{sum_}</tr>")
    return "".join(out) + "</tbody></table></div>"


SIGNS = {"passed": "●", "failed": "○", "missing": "–", "broken": "✗", "stopped": "✗"}
"""A sign for each result, so that nobody needs the colors."""


def _cell(entry: BookEntry | None, scheme: Scheme | None, places: Mapping[str, int]) -> str:
    if entry is None:
        return "<td></td>"
    grade = entry.grade
    word = status_word(grade.status)
    stars = f" ★{sum(grade.stars)}" if grade.status == "passed" else ""
    label = f"{SIGNS.get(grade.status, '·')} {word if scheme is None else entry.points}{stars}"
    late = f" ({say('class.late')})" if grade.late else ""
    value = entry.points if scheme is not None else f"{word} {sum(grade.stars)}"
    style = (
        f'class="{html.text(_key(grade.status))}" data-value="{html.text(value)}" title="{html.text(word)}"'
    )
    inner = html.text(label + late)
    if grade.file in places:
        inner = f'<a href="#case-{places[grade.file]}">{inner}</a>'
    return f"<td {style}>{inner}</td>"


def _places(entries: Sequence[BookEntry]) -> dict[str, int]:
    """Returns the number of each design's section, by its file."""
    files = dict.fromkeys(entry.grade.file for entry in entries if entry.grade.file)
    return {file: number for number, file in enumerate(files, 1)}


# one design


def _cases(grading: Grading, names: Mapping[str, str], pictures: Pictures) -> list[str]:
    """Renders a section to open for each design that counts: its picture, its goals, its reason in words."""
    places = _places(grading.entries)
    called = {entry.grade.student: entry.name for entry in grading.entries}
    out = []
    for entry in grading.entries:
        grade = entry.grade
        if not grade.file:
            continue
        who = f"{_shown(entry, names)}: {_title(grading, grade.level)}"
        word = status_word(grade.status)
        out.append(f'<details class=case id="case-{places[grade.file]}"><summary>{html.text(who)} ')
        out.append(f'<span class="{html.text(_key(grade.status))}">({html.text(word)})</span></summary><div>')
        out += _case(grade, pictures, who, called, file="" if names else grade.file)
        out.append("</div></details>")
    return out


def _case(grade: Grade, pictures: Pictures, who: str, called: Mapping[str, str], file: str = "") -> list[str]:
    facts = []
    if grade.goals:
        facts.append(say("class.goals-met", met=grade.goals_met, count=grade.goals))
    if grade.status == "passed":
        facts.append(grade.stars_line())
    if grade.late:
        facts.append(say("class.late"))
    out = [f"<p>{html.text('; '.join(facts))}</p>"] if facts else []
    if grade.difference:
        out.append(f"<p>{html.text(say('class.claim', difference=grade.difference))}</p>")
    same = [called.get(one, one) for one in grade.same_as]
    if same and file:
        out.append(f"<p>{html.text(say('class.same-design', names=same))}</p>")
    picture = pictures.show(grade, who)
    if picture:
        out.append(f"<figure>{picture}</figure>")
    out += _verdict(grade)
    if file:
        out.append(f"<p class=dim>{html.text(file)}</p>")
    return out


def _verdict(grade: Grade) -> list[str]:
    """Renders the goals that a design misses, and why."""
    out = []
    if grade.missed:
        goals = "".join(f"<li>{html.text(goal)}</li>" for goal in grade.missed)
        out.append(f"<p>{html.text(say('class.missed-goals'))}</p><ul>{goals}</ul>")
    elif grade.reason:
        out.append(f"<p>{html.text(grade.reason)}</p>")
    if grade.status != "passed":
        out += [why(one.what, one.evidence, one.look) for one in grade.why[:1]]
    return out


def why(what: str, evidence: Sequence[tuple[str, str]], look: str) -> str:
    """Renders a reason with its evidence, and where to look."""
    rows = "".join(
        f"<tr><td>{html.text(label)}</td><td class=n>{html.text(value)}</td></tr>"
        for label, value in evidence
    )
    return f"<p>{html.text(what)}</p><table>{rows}</table><p>{html.text(look)}</p>"


# one level across the class


def _card(one: LevelInsight, place: int, grading: Grading) -> str:
    """Renders a level at a glance: how many passed, of how many, and how long it took."""
    entries = [entry for entry in grading.entries if entry.grade.level == one.level]
    passed, asked = one.passed, max(1, len(entries))
    missing = len(entries) - one.handed_in
    shares = (("passed", passed), ("failed", len(entries) - passed - missing), ("missing", missing))
    stack = "".join(f'<i class="{kind}" style="width:{100 * n / asked:.1f}%"></i>' for kind, n in shares if n)
    of = say("class.card.passed", count=len(entries))
    took = []
    if one.tries is not None:
        took.append(say("class.card.tries", count=round(one.tries)))
    if one.minutes is not None:
        took.append(say("class.card.minutes", count=round(one.minutes)))
    return (
        f'<a class=card href="#level-{place}"><b>{html.text(_title(grading, one.level))}</b>'
        f"<span class=big>{passed} <small>{html.text(of)}</small></span><span class=stack>{stack}</span>"
        f"<span class=dim>{html.text(', '.join(took))}</span></a>"
    )


def _level(
    one: LevelInsight,
    grading: Grading,
    names: Mapping[str, str],
    pictures: Pictures,
    misconceptions: Sequence[Misconception],
) -> list[str]:
    """Renders one level: the most frequent failures, the beliefs behind them, and how the designs compare."""
    entries = [entry for entry in grading.entries if entry.grade.level == one.level]
    level = grading.levels.get(one.level)
    numbers = say("class.level-numbers", handed_in=one.handed_in, passed=one.passed, count=len(entries))
    out = [f"<h2>{html.text(_title(grading, one.level))}</h2><p>{html.text(numbers)}</p>"]
    out.append("<div class=two><div>")
    out += _misconception(one, level, misconceptions)
    if one.reasons:
        out.append(f"<h3>{html.text(say('class.reasons'))}</h3>")
        out.append(html.bars([(title, count) for _, title, count in one.reasons[:MOST_REASONS]]))
    if level is not None:
        out += _concepts(level, entries)
    out.append("</div><div>")
    out += _wall(one, grading, names, pictures)
    out.append("</div></div>")
    out.append(_comparison(one, level, entries, names))
    return out


def _misconception(
    one: LevelInsight, level: Level | None, misconceptions: Sequence[Misconception]
) -> list[str]:
    """Renders the class's belief in a sentence with its number in the course, and how many designs
    show it.
    """
    if one.example is None:
        return []
    reason = one.example.why[0] if one.example.why else None
    title = reason.title if reason is not None else one.diagnosis
    out = ["<div class=callout>"]
    for found in _held(one, level, misconceptions):
        number = f"<span class=number>{html.text(found.id)}</span>"
        out.append(f"<p>{number}<q>{html.text(found.say)}</q></p>")
    often = say("class.misconception", title=title, count=one.diagnosed, failed=one.failed)
    return [*out, f"<p>{html.text(often)}</p></div>"]


def _held(
    one: LevelInsight, level: Level | None, misconceptions: Sequence[Misconception]
) -> list[Misconception]:
    """Returns the misconceptions behind the level's mistakes with the most frequent reason."""
    folder = find_levels_root() / one.level
    if level is None or not (folder / "mistakes").is_dir():
        return []
    try:
        mistakes = [found.name for found in load_mistakes(folder, level) if found.diagnosis == one.diagnosis]
    except InputError:
        return []
    return [found for found in misconceptions if any(found.is_met(one.level, name) for name in mistakes)]


def _wall(one: LevelInsight, grading: Grading, names: Mapping[str, str], pictures: Pictures) -> list[str]:
    """Renders the example to put on the wall: nearest to passing among those with the usual reason."""
    if one.example is None:
        return []
    author = next((entry.name for entry in grading.entries if entry.grade.file == one.example.file), "")
    whose = say("class.example-of", name=author) if author and not names else say("class.example")
    picture = pictures.show(one.example, whose)
    text = _lines(grading.texts.get(one.example.file, ""), bool(names))
    summary = f"<summary>{html.text(say('class.as-text'))}</summary>"
    shown = f"<details class=noprint>{summary}<pre>{text}</pre></details>"
    figure = f"<figure class=wall>{picture}</figure>" if picture else ""
    return [f"<h3>{html.text(whose)}</h3>{figure}", *_verdict(one.example), shown]


def _concepts(level: Level, entries: Sequence[BookEntry]) -> list[str]:
    """Renders the predictions before the first run and the answers after the last, with the number of
    students for each choice.
    """
    told = [dict(entry.grade.told) for entry in entries]
    out = []
    if level.prediction is not None:
        chosen = [one["prediction"] for one in told if "prediction" in one]
        truth = run(level.scenario).report.get(level.prediction.metric) if chosen else None
        value = float(truth) if isinstance(truth, int | float) else None
        nearest = closest_choice(level.prediction, value)
        truths = () if nearest is None else (nearest,)
        heading = say("class.predicted")
        out += _choices(heading, level.prediction.text, level.prediction.labels, truths, chosen)
    if level.question is not None:
        chosen = [one["answer"] for one in told if "answer" in one]
        right = tuple(place for place, choice in enumerate(level.question.choices) if choice.right)
        labels = [choice.text for choice in level.question.choices]
        out += _choices(say("class.answered"), level.question.text, labels, right, chosen)
    return out


def _choices(
    heading: str, ask: str, labels: Sequence[str], right: Sequence[int], chosen: Sequence[int]
) -> list[str]:
    if not chosen:
        return []
    counts = Counter(chosen)
    rows = [(label, counts[place]) for place, label in enumerate(labels)]
    skipped = f"<p class=dim>{html.text(say('class.skipped', count=counts[-1]))}</p>" if counts[-1] else ""
    return [f"<h3>{html.text(heading)}</h3><p>{html.text(ask)}</p>", html.bars(rows, right), skipped]


def _comparison(
    one: LevelInsight, level: Level | None, entries: Sequence[BookEntry], names: Mapping[str, str]
) -> str:
    """Renders how the designs that passed compare, and whose are on the line; dots that coincide carry their
    number.
    """
    pairs = [(grade.cost_per_hour, grade.speed) for grade in one.points]
    points = [(cost, speed) for cost, speed in pairs if cost is not None and speed is not None]
    if not points:
        return f"<p class=dim>{html.text(say('class.nobody-passed'))}</p>"
    front = sorted(
        {
            (grade.cost_per_hour, grade.speed)
            for grade in one.front()
            if grade.cost_per_hour is not None and grade.speed is not None
        }
    )
    metric = level.par.speed.metric if level is not None else ""
    measure = describe_metric(metric, names_of(level.scenario.design)) if level is not None else ""
    speed = measure
    if "_ms/" in metric:
        large = max(value for _, value in points) >= LARGE_MS
        scale, unit = (1000, "s") if large else (1, "ms")
        points = [(cost, value / scale) for cost, value in points]
        front = [(cost, value / scale) for cost, value in front]
        speed = say("class.speed-axis", measure=measure, unit=unit)
    else:
        scale = 1
    chart = html.scatter(
        points, front, say("class.cost-axis"), speed, say("class.pareto"), say("class.corner")
    )
    rows = []
    for place, point in enumerate(front):
        who = [
            _shown(entry, names)
            for entry in entries
            if entry.grade.status == "passed"
            and entry.grade.speed is not None
            and (entry.grade.cost_per_hour, entry.grade.speed / scale) == point
        ]
        shown = ", ".join(who[:6]) + ("" if len(who) <= 6 else f" +{len(who) - 6}")
        rows.append([html.letter_of(place), html.number(point[0]), html.number(point[1]), shown])
    head = [say("class.front"), say("class.cost-axis"), speed, say("class.name")]
    note = f"<p class=dim>{html.text(say('class.pareto-note'))}</p>"
    return f"<h3>{html.text(say('class.pareto'))}</h3><figure>{chart}</figure>{note}{html.table(head, rows)}"


def _lines(text: str, anonymous: bool) -> str:
    """Returns a design's text; if it is to be anonymous, without its comments and title, which may contain a
    name.
    """
    lines = text.splitlines()
    if anonymous:
        lines = [
            line.partition("#")[0].rstrip() for line in lines if not line.lstrip().startswith(("#", "title"))
        ]
    return "\n".join(html.text(line) for line in lines[:MOST_LINES])
