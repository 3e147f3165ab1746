"""Levels: a scenario as the learner finds it, the changes allowed, the goals, and the words around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the map of the course needs stars and chapters, and none of what a design is made of
    from tutor.model.component import Component
    from tutor.model.design import Design
    from tutor.model.scenario import Scenario

FORMAT = 1
"""The version of the level format."""


@dataclasses.dataclass(frozen=True, slots=True)
class Goal:
    """A goal that must be met on every seed."""

    metric: str
    """A JSON Pointer into the report."""
    say: str
    """The same in the learner's words."""
    at_least: float | None = None
    """The value must not be lower."""
    at_most: float | None = None
    """The value must not be higher."""


@dataclasses.dataclass(frozen=True, slots=True)
class PaletteEntry:
    """A part that a learner may add."""

    id: str
    """Its name in the palette and, with a number where it is taken, the id of the part."""
    component: Component
    """The part as it is added; its physics is not the learner's to change."""
    limit: int | None = None
    """How many may be on the board; None: any number."""
    say: str = ""
    """What it is for, in the words of the level."""


@dataclasses.dataclass(frozen=True, slots=True)
class StarLine:
    """The limits of one kind of star: at most ``three`` earns three, at most ``two`` earns two, a passed
    level earns one.
    """

    three: float
    """The limit for three stars."""
    two: float
    """The limit for two stars."""
    metric: str = ""
    """Speed only: the JSON Pointer that is measured, in its own unit."""


@dataclasses.dataclass(frozen=True, slots=True)
class Par:
    """The par that the stars are measured against."""

    cost: StarLine
    """Of ``/design/cost_per_hour``."""
    speed: StarLine
    """Of the metric it names."""
    simplicity: StarLine
    """Of the number of differences from the start: parts and wires added or removed, and settings changed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Hint:
    """One hint; for a diagnosis there are three steps."""

    text: str
    """The hint."""
    step: str
    """``question``, ``concept`` or ``lead``."""
    diagnosis: str = ""
    """Only shown when this is what was found; always fits where it is empty."""


@dataclasses.dataclass(frozen=True, slots=True)
class Citation:
    """The source of a statement of the debrief about a product."""

    product: str
    """The product, as the debrief calls it."""
    say: str
    """What was read there, in a sentence."""
    url: str
    """The address of the page."""
    read: str
    """The day it was read: ``2026-11-26``."""


FOLLOWED = ("failed", "lost", "duplicate", "out-of-order")
"""The outcomes of events whose path may show what a level is about."""


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """The place to look at in the run of the start: the level's own phenomenon, where and when it can be
    seen.
    """

    say: str
    """One sentence for the learner."""
    at: str
    """The part, or the wire's reference."""
    from_s: float
    """When it begins, in simulated seconds."""
    to_s: float
    """When it is over."""
    follow: str = ""
    """The outcome of the event whose path shows it (see :attr:`~tutor.model.timeline.Journey.outcome`); empty
    where the moment alone does.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Culprit:
    """The part that the learner has to find: the reasons of a run open when it has been named."""

    text: str
    """The question."""
    at: str
    """The id of the part."""
    among: tuple[str, ...]
    """The ids of the parts to choose from, in the order in which they are offered."""
    clue: str
    """Where to look for it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question."""

    text: str
    """The answer."""
    why: str
    """Why it is right or wrong."""
    right: bool = False
    """Whether it is right."""


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """The check question after a level."""

    text: str
    """The question."""
    choices: tuple[Choice, ...]
    """The answers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Prediction:
    """The question before the first run: a number to guess, compared with what the run shows."""

    text: str
    """The question."""
    metric: str
    """A JSON Pointer into the report of the first run of the design as it is at the start."""
    choices: tuple[float, ...]
    """Values to choose from, in the metric's unit."""
    labels: tuple[str, ...]
    """What each choice says on screen."""


@dataclasses.dataclass(frozen=True, slots=True)
class Without:
    """An edit that takes the taught idea out of a solution; the result must fail."""

    solutions: tuple[str, ...] = ()
    """Which solutions it applies to; every solution where it is empty."""
    remove: tuple[str, ...] = ()
    """Component ids and wire references (``from->to:kind``) to remove."""
    wires: tuple[Mapping[str, Any], ...] = ()
    """Wires to add, as in a design file."""
    set: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    """Settings to change: by component id or wire reference, name and value as in a design file."""


@dataclasses.dataclass(frozen=True, slots=True)
class Idea:
    """The idea that the level teaches, and how to take it away again."""

    say: str
    """The idea in one sentence."""
    without: tuple[Without, ...]
    """At least one edit for every solution."""


@dataclasses.dataclass(frozen=True, slots=True)
class Level:
    """One level."""

    id: str
    """``<chapter>/<level>``."""
    title: str
    """Its name."""
    summary: str
    """One sentence for the campaign."""
    briefing: str
    """Markdown, under 150 words."""
    debrief: str
    """Markdown, under 300 words."""
    scenario: Scenario
    """The start, with traffic, faults and effects."""
    fixed: frozenset[str]
    """Ids of components and references of wires that cannot be removed and need not be repeated in a design
    file.
    """
    unlocked: Mapping[str, frozenset[str]]
    """Physics that may be changed: by component id, palette entry, wire reference or kind (``"service"``);
    names of settings.
    """
    locked: Mapping[str, frozenset[str]]
    """Policy that may not be changed: as ``unlocked``; ``"*"`` among the names locks all."""
    palette: tuple[PaletteEntry, ...]
    """The parts that may be added."""
    wires: frozenset[str]
    """The kinds of wire that may be drawn; all where it is empty."""
    goals: tuple[Goal, ...]
    """What must hold."""
    par: Par
    """What the stars are measured against."""
    hints: tuple[Hint, ...]
    """Hints by diagnosis and step."""
    prediction: Prediction | None
    """Asked before the first run."""
    question: Question | None
    """Asked after passing."""
    idea: Idea
    """What it teaches."""
    shows: tuple[str, ...] = ()
    """Settings that the inspector shows first; the others are under "more"."""
    terms: tuple[str, ...] = ()
    """Glossary terms that the level teaches."""
    min_traffic: int = 1
    """Fewer requests offered than this make a run inconclusive."""
    must_hit: bool = True
    """Whether a scheduled fault that hits nothing makes a run inconclusive."""
    lesson_edits: int | None = None
    """How many edits the lesson needs: a pass with fewer misses it; None where the level does not say."""
    sources: tuple[Citation, ...] = ()
    """Where the debrief's statements about products were read."""
    look: Look | None = None
    """What to look at in the run of the start; None where the level does not say."""
    culprit: Culprit | None = None
    """What has to be found out before a run is explained; None where every run is explained at once."""
    closed: frozenset[str] = frozenset()
    """Ids of fixed parts from which no new wire may be drawn: where they send their events is part of the
    world.
    """
    explained: bool = True
    """Whether a run that misses a goal is explained: an exam gives the verdict and no reasons."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stars:
    """Stars earned, 0 to 3 each; 0 where the level is not passed."""

    cost: int = 0
    """For what the design costs."""
    speed: int = 0
    """For how fast it is."""
    simplicity: int = 0
    """For how few changes it needed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Solution:
    """A design that must pass."""

    name: str
    """The file's name without its ending."""
    title: str
    """What kind of solution it is, in a few words."""
    design: Design
    """The learner's part joined with the level's."""
    stars: Stars
    """What it must earn."""
    spare: tuple[str, ...] = ()
    """What it has on purpose though it would pass without: ids of parts, references of wires,
    ``<either>.<setting>``.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Mistake:
    """A tempting wrong fix."""

    name: str
    """The file's name without its ending."""
    title: str
    """What was tempting, in a few words."""
    design: Design
    """The learner's part joined with the level's."""
    diagnosis: str
    """The id of what the learner must be told first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the course."""

    id: str
    """The folder's name."""
    title: str
    """Its title."""
    blurb: str
    """A few sentences about it."""
    levels: tuple[str, ...]
    """The ids of its levels, in order."""
    test: str = ""
    """The id of its hard level: whoever passes that without a hint need not play the others. Empty where it
    has none.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """All chapters, in order."""

    title: str
    """The course's title."""
    chapters: tuple[Chapter, ...]
    """In order."""
