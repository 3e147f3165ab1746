"""The pages of a class: grades, and what the class understood. One file each, for a screen, a phone, a reader
and paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tutor.catalog import join, parse_design_file
from tutor.classroom import html
from tutor.classroom.assignment import Grading
from tutor.classroom.book import BookEntry, totals
from tutor.classroom.grading import Grade
from tutor.classroom.insight import LevelInsight
from tutor.classroom.scheme import Scheme
from tutor.errors import InputError
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.words import say

Draw = Callable[[Design], str]
"""Draws a design as inline SVG."""

MOST_LINES = 200
"""Of a design's text, no more lines than this are shown."""

SCRIPT = """
for (const table of document.querySelectorAll("table.matrix")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const value = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent;
  heads.forEach((head, at) => {
    head.tabIndex = 0;
    const sort = () => {
      const down = head.ariaSort === "ascending" ? -1 : 1;
      heads.forEach((other) => { other.ariaSort = "none"; });
      head.ariaSort = down === 1 ? "ascending" : "descending";
      const compare = new Intl.Collator(undefined, { numeric: true }).compare;
      [...body.rows].sort((a, b) => down * compare(value(a, at), value(b,
          at))).forEach((row) => body.append(row));
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
"""
"""Sorts a matrix by a column and filters its rows; without it everything is there in the order of
the roster.
"""


def render_grades(title: str, grading: Grading, scheme: Scheme, draw: Draw | None = None) -> str:
    """The grades of a class as one HTML document: a matrix of students by levels, and each design
    below it.
    """
    counts = Counter(entry.grade.status for entry in grading.entries)
    summary = " ".join(
        say(f"class.status.{_key(status)}.count", count=count) for status, count in counts.most_common()
    )
    body = [f"<p>{html.text(summary or say('class.nothing'))} {html.text(say('class.simulated-again'))}</p>"]
    body.append(_matrix(grading, scheme, {}))
    if grading.passed_over:
        names = html.text(", ".join(grading.passed_over))
        body.append(f"<p class=dim>{html.text(say('class.not-hand-ins'))} {names}</p>")
    body.append(f"<h2>{html.text(say('class.designs'))}</h2>")
    body += _cases(grading, {}, draw)
    return html.page(title, body, script=SCRIPT)


def render_report(
    title: str,
    grading: Grading,
    insights: Sequence[LevelInsight],
    *,
    anonymous: bool,
    draw: Draw | None = None,
) -> str:
    """What a class understood as one HTML document: levels with their misconception, predictions, answers and
    designs.
    """
    names = _aliases(grading.entries) if anonymous else {}
    body: list[str] = []
    for one in insights:
        body += _level(one, grading, names, draw)
    body.append(f"<h2>{html.text(say('class.who'))}</h2><p class=dim>{html.text(say('class.unchecked'))}</p>")
    body.append(_matrix(grading, None, names))
    body += _cases(grading, names, draw)
    return html.page(title, body, script=SCRIPT)


def _aliases(entries: Sequence[BookEntry]) -> dict[str, str]:
    """A number in the place of each name, by e-mail address or name."""
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


def _matrix(grading: Grading, scheme: Scheme | None, names: Mapping[str, str]) -> str:
    """Students by levels; with ``scheme`` the cells are points and there are totals, else they
    are results.
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


def _cell(entry: BookEntry | None, scheme: Scheme | None, places: Mapping[str, int]) -> str:
    if entry is None:
        return "<td></td>"
    grade = entry.grade
    word = say(f"class.status.{_key(grade.status)}.word")
    stars = "★" * round(sum(grade.stars) / 3) if grade.status == "passed" else ""
    label = f"{word} {stars}".strip() if scheme is None else f"{entry.points} {stars}".strip()
    late = f" ({say('class.late')})" if grade.late else ""
    value = entry.points if scheme is not None else word
    style = (
        f'class="{html.text(_key(grade.status))}" data-value="{html.text(value)}" title="{html.text(word)}"'
    )
    inner = html.text(label + late)
    if grade.file in places:
        inner = f'<a href="#case-{places[grade.file]}">{inner}</a>'
    return f"<td {style}>{inner}</td>"


def _places(entries: Sequence[BookEntry]) -> dict[str, int]:
    """The number of each design's section, by its file."""
    files = dict.fromkeys(entry.grade.file for entry in entries if entry.grade.file)
    return {file: number for number, file in enumerate(files, 1)}


def _cases(grading: Grading, names: Mapping[str, str], draw: Draw | None) -> list[str]:
    """A section for each design that counts: its picture, its goals, its reason in words."""
    places = _places(grading.entries)
    out = []
    for entry in grading.entries:
        grade = entry.grade
        if not grade.file:
            continue
        who = f"{html.text(_shown(entry, names))}: {html.text(_title(grading, grade.level))}"
        out.append(f'<section class=case id="case-{places[grade.file]}"><h3>{who}</h3>')
        out += _case(grade, grading, draw, file="" if names else grade.file)
        out.append("</section>")
    return out


def _case(grade: Grade, grading: Grading, draw: Draw | None, file: str = "") -> list[str]:
    word = say(f"class.status.{_key(grade.status)}.word")
    facts = [word]
    if grade.goals:
        facts.append(say("class.goals-met", met=grade.goals_met, count=grade.goals))
    if grade.status == "passed":
        cost, speed, simplicity = grade.stars
        facts.append(say("class.stars", cost=cost, speed=speed, simplicity=simplicity))
    if grade.late:
        facts.append(say("class.late"))
    out = [f'<p class="{html.text(_key(grade.status))}">{html.text("; ".join(facts))}</p>']
    if grade.difference:
        out.append(f"<p>{html.text(say('class.claim', difference=grade.difference))}</p>")
    if grade.same_as and file:
        out.append(f"<p>{html.text(say('class.same-design', names=list(grade.same_as)))}</p>")
    if grade.missed:
        out.append("<ul>" + "".join(f"<li>{html.text(goal)}</li>" for goal in grade.missed) + "</ul>")
    elif grade.reason:
        out.append(f"<p>{html.text(grade.reason)}</p>")
    if grade.status != "passed":
        out += [_why(one.what, one.evidence, one.look) for one in grade.why[:1]]
    picture = _picture(grade, grading, draw)
    if picture:
        out.append(f"<figure>{picture}</figure>")
    if file:
        out.append(f"<p class=dim>{html.text(file)}</p>")
    return out


def _why(what: str, evidence: Sequence[tuple[str, str]], look: str) -> str:
    rows = "".join(
        f"<tr><td>{html.text(label)}</td><td class=n>{html.text(value)}</td></tr>"
        for label, value in evidence
    )
    return f"<p>{html.text(what)}</p><table>{rows}</table><p>{html.text(look)}</p>"


def _picture(grade: Grade, grading: Grading, draw: Draw | None) -> str:
    """The design as the board draws it; empty where it cannot be read or drawn."""
    level = grading.levels.get(grade.level)
    text = grading.texts.get(grade.file, "")
    if draw is None or level is None or not text:
        return ""
    try:
        return draw(join(parse_design_file(text, grade.file), level))
    except (InputError, RecursionError):
        return ""


def _level(one: LevelInsight, grading: Grading, names: Mapping[str, str], draw: Draw | None) -> list[str]:
    """One level across the class."""
    entries = [entry for entry in grading.entries if entry.grade.level == one.level]
    out = [f"<h2>{html.text(_title(grading, one.level))}</h2>"]
    numbers = say("class.level-numbers", handed_in=one.handed_in, passed=one.passed, count=len(entries))
    out.append(f"<p>{html.text(numbers)}</p>")
    if one.example is not None:
        reason = one.example.why[0] if one.example.why else None
        title = reason.title if reason is not None else one.diagnosis
        out.append(f"<p><b>{html.text(say('class.misconception', title=title, count=one.diagnosed))}</b></p>")
        whose = say("class.example") if names else say("class.example-of", file=one.example.file)
        wall = _case(one.example, grading, draw)
        text = _lines(grading.texts.get(one.example.file, ""), bool(names))
        shown = f"<details><summary>{html.text(say('class.as-text'))}</summary><pre>{text}</pre></details>"
        out.append(f"<details open><summary>{html.text(whose)}</summary>{''.join(wall)}{shown}</details>")
    level = grading.levels.get(one.level)
    if level is not None:
        out += _concepts(level, entries)
    out.append(_comparison(one, level))
    return out


def _concepts(level: Level, entries: Sequence[BookEntry]) -> list[str]:
    """The predictions before the first run and the answers after the last: how many chose what."""
    told = [dict(entry.grade.told) for entry in entries]
    out = []
    if level.prediction is not None:
        chosen = [one["prediction"] for one in told if "prediction" in one]
        out += _choices(level.prediction.text, level.prediction.labels, (), chosen)
    if level.question is not None:
        chosen = [one["answer"] for one in told if "answer" in one]
        right = tuple(place for place, choice in enumerate(level.question.choices) if choice.right)
        out += _choices(
            level.question.text, [choice.text for choice in level.question.choices], right, chosen
        )
    return out


def _choices(ask: str, labels: Sequence[str], right: Sequence[int], chosen: Sequence[int]) -> list[str]:
    if not chosen:
        return []
    counts = Counter(chosen)
    most = max(counts.values())
    rows = []
    for place, label in enumerate(labels):
        share = 100 * counts[place] // most
        mark = " ✓" if place in right else ""
        bar = (
            f'<span class="{"right" if place in right else "other"}"><i'
            f' style="display:block;width:{share}%"></i></span>'
        )
        rows.append(f"<span>{html.text(label + mark)}</span>{bar}<span>{counts[place]}</span>")
    skipped = f"<p class=dim>{html.text(say('class.skipped', count=counts[-1]))}</p>" if counts[-1] else ""
    return [f"<p>{html.text(ask)}</p><div class=bars>{''.join(rows)}</div>{skipped}"]


def _comparison(one: LevelInsight, level: Level | None) -> str:
    """How the designs that passed compare; dots that coincide carry their number."""
    pairs = [(grade.cost_per_hour, grade.speed) for grade in one.points]
    points = [(cost, speed) for cost, speed in pairs if cost is not None and speed is not None]
    if not points:
        return f"<p class=dim>{html.text(say('class.nobody-passed'))}</p>"
    front = [
        (cost, speed)
        for cost, speed in ((grade.cost_per_hour, grade.speed) for grade in one.front())
        if cost is not None and speed is not None
    ]
    unit = "ms" if level is not None and "_ms/" in level.par.speed.metric else ""
    speed_axis = say("class.speed-axis", unit=unit) if unit else say("class.speed-axis-plain")
    chart = html.scatter(say("class.pareto"), points, front, say("class.cost-axis"), speed_axis)
    return f"<figure>{chart}</figure><p class=dim>{html.text(say('class.pareto-note'))}</p>"


def _lines(text: str, anonymous: bool) -> str:
    """A design's text; without its comments and title, in which a name may stand, where it is to be
    anonymous.
    """
    lines = text.splitlines()
    if anonymous:
        lines = [
            line.partition("#")[0].rstrip() for line in lines if not line.lstrip().startswith(("#", "title"))
        ]
    return "\n".join(html.text(line) for line in lines[:MOST_LINES])
