"""The checks of a level that need no run: lengths, links, hints, and whether a goal's words agree with its
check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tutor.judge.changes import changes_between
from tutor.judge.diagnosis import CAUSES
from tutor.model.component import KINDS
from tutor.model.glossary import GlossaryTerm
from tutor.model.level import Goal, Level, Mistake, Solution
from tutor.model.report import Report
from tutor.model.setting import settings_of, suggest
from tutor.model.wire import WIRES
from tutor.words import say

BRIEFING_WORDS = 150
"""A briefing has fewer words than this."""
DEBRIEF_WORDS = 300
"""A debrief has fewer words than this."""
AT_LEAST_DESIGNS = 2
"""Solutions, and mistakes, that a level has at least."""
SETTINGS = frozenset(name for cls in (*KINDS.values(), *WIRES.values()) for name in settings_of(cls))
"""Every setting of every part and wire."""
STEPS = ("question", "concept", "lead")

_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|<([a-z][a-z0-9+.-]*:[^>\s]*)>", re.IGNORECASE)
"""The address of a Markdown link, or one between angle brackets."""
_CODE = re.compile(r"`([^`\n]+)`")
_SNAKE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_NUMBER = re.compile(r"\d[\d,  ]*(?:\.\d+)?")
_COUNTED = {
    "a minute": 1,
    "a second": 1,
    "an hour": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "ten": 10,
}
_KEYS = frozenset({"diagnosis", "at_least", "at_most", "visibility_timeout", "order_id"})


def word_faults(
    level: Level,
    folder: Path,
    solutions: Sequence[Solution],
    mistakes: Sequence[Mistake],
    terms: Iterable[GlossaryTerm],
) -> Iterator[str]:
    """Yields every fault in a level's words and links, as a line that begins with the file."""
    known = {term.id for term in terms}
    yield from _lengths(level, folder)
    yield from _designs(folder, solutions, mistakes)
    for text, where in _texts(level, folder):
        yield from _names(text, where)
        for found in _LINK.finditer(text):
            link = found[1] or found[2]
            if not link.lower().startswith(("http://", "https://")):
                yield f"{where}: {say('lint.link', link=link)}"
    for term in level.terms:
        if known and term not in known:
            near = suggest(term, known)
            yield f"{folder / 'level.toml'}: {say('lint.term', term=term, suggestion=near)}"
    yield from _hints(level, folder, solutions)
    yield from _question(level, folder)
    yield from _idea(level, folder, solutions)
    for metric in lost_without_pending(level):
        pending = f"{metric.removesuffix('lost')}pending"
        yield f"{folder / 'level.toml'}: {say('lint.pending.goal', metric=metric, pending=pending)}"
    for goal in level.goals:
        if not words_agree(goal):
            limit = goal.at_most if goal.at_most is not None else goal.at_least
            said = say("lint.goal-number", goal=goal.say, metric=goal.metric, limit=limit)
            yield f"{folder / 'level.toml'}: {said}"


def lost_without_pending(level: Level) -> Iterator[str]:
    """Yields the goals on losses that have none on pending events beside them: an event that stays in a queue
    forever is not lost.
    """
    metrics = {goal.metric for goal in level.goals}
    for metric in sorted(metrics):
        if metric.endswith("/lost") and f"{metric.removesuffix('lost')}pending" not in metrics:
            yield metric


def _lengths(level: Level, folder: Path) -> Iterator[str]:
    for name, text, limit in (
        ("briefing.md", level.briefing, BRIEFING_WORDS),
        ("debrief.md", level.debrief, DEBRIEF_WORDS),
    ):
        words = len(text.split())
        if words >= limit:
            yield f"{folder / name}: {say('lint.long', words=words, limit=limit)}"
        if not words:
            yield f"{folder / name}: {say('lint.empty')}"


def _designs(folder: Path, solutions: Sequence[Solution], mistakes: Sequence[Mistake]) -> Iterator[str]:
    for name, found in (("solutions", solutions), ("mistakes", mistakes)):
        if len(found) < AT_LEAST_DESIGNS:
            yield f"{folder / name}: {say('lint.few', count=len(found), least=AT_LEAST_DESIGNS)}"
    ids = {cause.id for cause in CAUSES}
    for mistake in mistakes:
        if mistake.diagnosis not in ids:
            file = folder / "mistakes" / f"{mistake.name}.toml"
            yield f"{file}: {say('lint.mistake-cause', cause=mistake.diagnosis)}"


def _texts(level: Level, folder: Path) -> Iterator[tuple[str, str]]:
    yield level.briefing, str(folder / "briefing.md")
    yield level.debrief, str(folder / "debrief.md")
    for hint in level.hints:
        yield hint.text, f"{folder / 'level.toml'}: hints"
    if level.question is not None:
        yield level.question.text, f"{folder / 'level.toml'}: question"
        for choice in level.question.choices:
            yield choice.text, f"{folder / 'level.toml'}: question"
            yield choice.why, f"{folder / 'level.toml'}: question"


def _names(text: str, where: str) -> Iterator[str]:
    """Yields settings that a text names and the model does not have."""
    words = {word for code in _CODE.findall(text) for word in _SNAKE.findall(code)}
    for word in sorted(words - SETTINGS - _KEYS):
        if where.endswith(("hints", "question")):
            yield f"{where}: {say('lint.hint-setting', setting=word)}"


def _hints(level: Level, folder: Path, solutions: Sequence[Solution]) -> Iterator[str]:
    where = f"{folder / 'level.toml'}: hints"
    steps = {hint.step for hint in level.hints if not hint.diagnosis}
    missing = [step for step in STEPS if step not in steps]
    if missing:
        yield f"{where}: {say('lint.hint-steps', steps=missing)}"
    ids = {cause.id for cause in CAUSES}
    for hint in level.hints:
        if hint.diagnosis and hint.diagnosis not in ids:
            yield f"{where}: {say('lint.hint-cause', cause=hint.diagnosis)}"
        if hint.step == "question":
            for secret in _secrets(level, solutions):
                if secret.lower() in hint.text.lower():
                    yield f"{where}: {say('lint.hint-secret', secret=secret)}"
    texts = [hint.text for hint in level.hints]
    for text in {text for text in texts if texts.count(text) > 1}:
        yield f"{where}: {say('lint.hint-twice', text=text[:40])}"


def _secrets(level: Level, solutions: Sequence[Solution]) -> set[str]:
    """Returns what a first hint may not say: a solution's new wires, and the values it sets."""
    found = set()
    for solution in solutions:
        for change in changes_between(level.scenario.design, solution.design, level.palette):
            if change.what == "added" and "->" in change.subject:
                found.add(change.subject.partition(":")[0])
            if change.what == "set":
                found |= {
                    f"{name}{joint}{change.after}"
                    for name in (change.name, change.title)
                    for joint in (" = ", " ")
                }
    return found


def _question(level: Level, folder: Path) -> Iterator[str]:
    where = f"{folder / 'level.toml'}: question"
    if level.question is None:
        yield f"{where}: {say('lint.no-question')}"
        return
    right = [choice for choice in level.question.choices if choice.right]
    if not right or len(right) == len(level.question.choices):
        said = say("lint.question-right", right=len(right), count=len(level.question.choices))
        yield f"{where}: {said}"
    for choice in level.question.choices:
        if not choice.why.strip():
            yield f"{where}: {say('lint.choice-why', choice=choice.text)}"


def _idea(level: Level, folder: Path, solutions: Sequence[Solution]) -> Iterator[str]:
    where = f"{folder / 'level.toml'}: idea"
    names = {solution.name for solution in solutions}
    covered: set[str] = set()
    for without in level.idea.without:
        covered |= set(without.solutions) or names
        for name in set(without.solutions) - names:
            yield f"{where}: {say('lint.idea-solution', solution=name)}"
    for name in sorted(names - covered):
        yield f"{where}: {say('lint.idea-open', solution=name)}"


def words_agree(goal: Goal) -> bool:
    """Returns whether a goal's words have the number of its check: as it is, in seconds or minutes, as a
    percentage, or as so many of so many.

    Words without numbers agree with anything ("nobody is turned away"), and words in brackets are an aside.
    """
    return _agree(re.sub(r"\(.*?\)", "", goal.say), goal) or _agree(goal.say, goal)


def _agree(words: str, goal: Goal) -> bool:
    numbers = [
        float(re.sub(r"[,  ]", "", text)) for text in _NUMBER.findall(words) if re.sub(r"[,  .]", "", text)
    ]
    numbers += [
        float(number) for word, number in _COUNTED.items() if re.search(rf"\b{word}\b", words.lower())
    ]
    limits = [limit for limit in (goal.at_least, goal.at_most) if limit is not None]
    if not numbers:
        return True
    said = {
        number * scale for number in numbers for scale in (1, 1000, 60_000, 3_600_000, 60, 3600, 0.01, 1024)
    }
    said |= {first / second for first in numbers for second in numbers if second}
    said |= {1 - one for one in list(said)}
    zero_words = bool(
        re.search(r"\b(no|not|nobody|nothing|none|never|all|every|each|empty)\b", words.lower())
    )
    return all(
        (limit in (0, 1) and zero_words) or any(abs(one - limit) <= 1e-9 * max(1, abs(limit)) for one in said)
        for limit in limits
    )


def prediction_fault(level: Level, truths: Sequence[Report]) -> str:
    """Returns what is wrong with the prediction, given reports of the start on some seeds; an empty text if
    nothing is.
    """
    asked = level.prediction
    if asked is None:
        return ""
    picks = set()
    for report in truths:
        truth = report.get(asked.metric)
        if not isinstance(truth, int | float):
            return say("lint.prediction-nothing", metric=asked.metric)
        distances = sorted((abs(choice - truth), place) for place, choice in enumerate(asked.choices))
        if len(distances) > 1 and distances[0][0] * 1.5 > distances[1][0]:
            return say("lint.prediction-between", value=truth)
        picks.add(distances[0][1])
    return say("lint.prediction-seeds") if len(picks) > 1 else ""
