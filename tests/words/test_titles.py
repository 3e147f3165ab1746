"""Titles instead of ids: the game's text about a level calls each part by its title.

Every part of every level gets a unique title, and its id must not appear in any text.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from tutor.catalog import find_levels_root, load_course, load_level, load_mistakes, load_solutions
from tutor.judge.changes import changes_between
from tutor.judge.diagnosis import diagnose
from tutor.judge.postmortem import write_postmortem
from tutor.judge.words import names_of
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.wire import Wire
from tutor.plain import play
from tutor.session import Session
from tutor.session.comparison import compare
from tutor.session.texts import render_journey, render_why
from tutor.show.edits import Edits
from tutor.show.fields import fields_of
from tutor.show.marks import mark_words, marks_of
from tutor.show.picture.svg import text_of
from tutor.show.styled import style_journey
from tutor.trial import run, with_design
from tutor.words.catalogue import FOLDER, Catalogue

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]
SECONDS = 10.0
"""The length of a run: long enough for every level to show a failure, and short to compute."""
WORDS = {
    word
    for file in (FOLDER / "en").glob("*.toml")
    for found in Catalogue("en").sentences(file.stem).values()
    for form in found.forms
    for word in re.findall(r"[a-z]+(?:-[a-z]+)*", form)
}
"""Words that sentences contain anyway: an id that is one of them proves nothing."""


def retitled(level: Level) -> Level:
    """The level with a unique title for each part, and a short run."""
    design = level.scenario.design
    parts = {
        name: dataclasses.replace(part, title=f"Zq{chr(65 + place)}")
        for place, (name, part) in enumerate(design.components.items())
    }
    palette = tuple(
        dataclasses.replace(
            entry, component=dataclasses.replace(entry.component, title=f"Zp{chr(65 + place)}")
        )
        for place, entry in enumerate(level.palette)
    )
    short = dataclasses.replace(level.scenario.run, duration_s=SECONDS, drain_s=5.0, warmup_s=0.0)
    faults = tuple(dataclasses.replace(fault, at_s=fault.at_s % 10) for fault in level.scenario.faults)
    scenario = dataclasses.replace(
        level.scenario,
        design=dataclasses.replace(design, components=MappingProxyType(parts)),
        run=short,
        faults=faults,
    )
    return dataclasses.replace(level, scenario=scenario, palette=palette)


def texts_of(value: object) -> Iterator[str]:
    """The prose in a level's data."""
    if isinstance(value, str):
        if " " in value:
            yield from (line for line in value.splitlines() if line)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from texts_of(tuple(value.values()))
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from texts_of(one)


def said_of(level: Level, designs: list[Design]) -> Iterator[str]:
    """Everything that the game says of a level and of these designs for it."""
    start = level.scenario.design
    session = Session(level)
    edits = Edits(session)
    parts: list[Component | Wire] = [*start.components.values(), *start.wires]
    for part in parts:
        for field in fields_of(part, level, start):
            yield from (field.title, field.text, field.locked, *field.said(field.choices))
    first = run(level.scenario, timeline=True)
    assert first.timeline is not None
    for journey in [*first.timeline.journeys[:1], *first.timeline.journeys[-1:]]:
        yield from render_journey(journey, names_of(start))
        yield "".join(text for text, _ in style_journey(journey, called=names_of(start)))
    yield from text_of(start).splitlines()
    for design in designs:
        tried = with_design(level, design)
        outcome = run(tried.scenario, timeline=True)
        assert outcome.timeline is not None
        names = {name: part.name for name, part in design.components.items()}
        yield from (mark_words(mark, SECONDS, names) for mark in marks_of(outcome.timeline))
        found = diagnose(tried, outcome)
        yield from render_why(found)
        yield from write_postmortem(tried, outcome, found).splitlines()
        yield from (row.what for row in compare((level.scenario, first), (tried.scenario, outcome)).rows)
        yield from (change.text for change in changes_between(start, design, level.palette))
    yield from (f"{offer.title} {offer.refused}" for offer in edits.palette())
    ids = list(start.components)
    typed = ["goals", "board", "prices", "faults", "stars", "undo"]
    typed += [f"remove {part}" for part in ids]
    typed += [f"set {part} {name} 3" for part in ids for name in ("service_ms", "replicas")]
    typed += [f"wire {source} {target}" for source in ids for target in ids]
    typed += [f"add {entry.id}" for entry in level.palette for _ in range(entry.limit or 1)]
    shown: list[str] = []
    session = Session(level)
    play(session, [], shown.append)
    greeting = len(shown)
    play(session, [*typed, *(f"add {entry.id}" for entry in level.palette)], shown.append)
    for text in shown[2 * greeting :]:
        yield from text.splitlines()


@pytest.mark.parametrize("level_id", LEVELS)
def test_what_is_said_of_a_level_names_parts_by_their_titles(level_id: str) -> None:
    """In all text about a level, an id appears only in brackets or among suggestions, where it is to be
    typed; every part of a solution has a title.
    """
    level = retitled(load_level(ROOT / level_id))
    mistakes = load_mistakes(ROOT / level_id, level)
    solutions = load_solutions(ROOT / level_id, level)
    own = sorted(set(texts_of((level, *mistakes, *solutions))), key=len, reverse=True)
    ids = [name for name in level.scenario.design.components if name not in WORDS]
    if not ids:
        pytest.skip("every id is a word that sentences have anyway")
    word = re.compile(rf"(?<![\w\[/.-])(?:{'|'.join(map(re.escape, ids))})(?![\w\]/-])")
    untitled = [
        part.id for one in solutions for part in one.design.components.values() if part.name == part.id
    ]
    assert untitled == []
    wrong = []
    for line in said_of(level, [mistakes[0].design, solutions[0].design]):
        rest = line
        for text in own:
            rest = rest.replace(text, "")
        if word.search(rest) and not re.search("known: |did you mean", rest):
            wrong.append(line)
    assert wrong == []
