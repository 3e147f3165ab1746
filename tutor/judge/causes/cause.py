"""What a cause and a diagnosis are: data and one pure function for each cause.

A :class:`Cause` says which symptoms it can explain, in which words, and has the function that looks for it. What the function finds is a
:class:`Explanation`; together they make a :class:`Diagnosis`, which is what the learner reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import Symptom
from tutor.judge.words import fill

Row = tuple[str, str]
"""A row of evidence: what was measured, and its value in words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Diagnosis:
    """The named reason a goal was missed, with evidence."""

    id: str
    """The cause's name, e.g. ``blocked-callers``."""
    title: str
    """The cause in a few words."""
    what: str
    """Two sentences: what happened, and what it did to the goal."""
    try_: str
    """Where to look next; never the wiring."""
    component: str = ""
    """The component it is about, if it is about one."""
    wire: str = ""
    """The ref of the wire it is about, if it is about one."""
    evidence: tuple[Row, ...] = ()
    """What was measured, in order of the story."""
    at_s: float | None = None
    """The moment to show on the board, if there is one."""
    concept: str = ""
    """The glossary term behind it."""
    metrics: tuple[str, ...] = ()
    """The missed goals that it explains; empty without a level."""
    weight: float = 0.0
    """How much of what went wrong it explains; the order of a list of diagnoses, and nothing else."""

    def plain(self) -> dict[str, Any]:
        """The diagnosis as ``check --json`` shows it: ``component`` or ``wire`` only where it is about one."""
        found: dict[str, Any] = {"id": self.id, "title": self.title}
        if self.component:
            found["component"] = self.component
        if self.wire:
            found["wire"] = self.wire
        found |= {
            "what": self.what,
            "evidence": [{"what": what, "value": value} for what, value in self.evidence],
            "try": self.try_,
            "explains": list(self.metrics),
        }
        if self.at_s is not None:
            found["at_s"] = self.at_s
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """What a cause's function found for one symptom."""

    share: float
    """How much of the symptom it explains, 0 to 1."""
    component: str = ""
    """The component it is about."""
    wire: str = ""
    """The ref of the wire it is about."""
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """What the cause's sentences need, by name."""
    evidence: tuple[Row, ...] = ()
    """What was measured."""
    at_s: float | None = None
    """The moment to show."""


def found(
    symptom: Symptom,
    share: float,
    *evidence: Row,
    component: str = "",
    wire: str = "",
    at_s: float | None = None,
    **facts: object,
) -> Explanation | None:
    """A finding with its facts, and the symptom's own words as the fact ``said``; None where it explains nothing."""
    if share <= 0:
        return None
    return Explanation(min(1.0, share), component, wire, {**facts, "said": symptom.said}, evidence, at_s)


@dataclasses.dataclass(frozen=True, slots=True)
class Cause:
    """One named cause."""

    id: str
    """Its name; levels and hints refer to it."""
    title: str
    """The cause in a few words."""
    explains: frozenset[str]
    """The kinds of symptom it can explain (:mod:`tutor.judge.evidence.symptom`)."""
    what: str
    """Two sentences with the finding's facts in braces."""
    try_: str
    """Where to look next, with the same facts."""
    concept: str
    """The glossary term behind it."""
    find: Callable[[RunEvidence, Symptom], Explanation | None]
    """Looks for it; pure, and quick beside the run."""
    depth: float = 1.0
    """How deep in the chain it lies: above 1 it goes before causes that are its consequences, below 1 after them."""
    last_resort: bool = False
    """Whether it only speaks of a symptom that no other cause explains."""

    def diagnose(self, finding: Explanation, metrics: tuple[str, ...], weight: float) -> Diagnosis:
        """The diagnosis that a finding of this cause makes."""
        what = fill(self.what, finding.facts)
        return Diagnosis(
            id=self.id,
            title=self.title,
            what=what[:1].upper() + what[1:],
            try_=fill(self.try_, finding.facts),
            component=finding.component,
            wire=finding.wire,
            evidence=finding.evidence,
            at_s=finding.at_s,
            concept=self.concept,
            metrics=metrics,
            weight=weight,
        )
