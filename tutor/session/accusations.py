"""Naming the part that is behind a failure, where the level leaves it to the learner to find it out."""

from __future__ import annotations

import dataclasses

from tutor.judge.words import names_of
from tutor.model.design import Design
from tutor.model.timeline import Timeline
from tutor.model.wire import Call, Publish, Subscribe
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Accusation:
    """One part that was named, beside what the run shows of it."""

    part: str
    """The id of the part."""
    right: bool
    """Whether it is the one."""
    tries: int
    """How many parts were named until then, this one included."""
    text: str
    """What went into the part and what came out of it, in one or two sentences."""


def accuse(part: str, at: str, tries: int, design: Design, timeline: Timeline) -> Accusation:
    """Returns what a run shows of the part that was named; ``at`` is the one that is behind the failure."""
    inside = messages(design, timeline, part, into=True)
    outside = messages(design, timeline, part, into=False)
    name = names_of(design)[part]
    if part == at:
        text = say("culprit.right", part=name, inside=inside or 0, outside=outside or 0, count=tries)
    elif outside is None:
        text = say("culprit.last", part=name, inside=inside or 0)
    else:
        text = say("culprit.wrong", part=name, inside=inside or 0, outside=outside)
    return Accusation(part, part == at, tries, text)


def missing_at(part: str, design: Design, timeline: Timeline) -> int:
    """Returns how many messages more went into a part than came out of it; 0 for one that passes nothing
    on.
    """
    outside = messages(design, timeline, part, into=False)
    return 0 if outside is None else (messages(design, timeline, part, into=True) or 0) - outside


def messages(design: Design, timeline: Timeline, part: str, *, into: bool) -> int | None:
    """Counts the messages that went into a part, or out of it; None where it has no such wire."""
    kinds = (Call, Subscribe) if into else (Call, Publish)
    wires = [
        wire
        for wire in design.wires
        if isinstance(wire, kinds) and (wire.target if into else wire.source) == part
    ]
    if not wires:
        return None
    return sum(sum(timeline.wires[wire.ref].sent) for wire in wires if wire.ref in timeline.wires)
