"""Causes and diagnoses: data, and one pure function for each cause.

A :class:`Cause` says which symptoms it can explain and has the function that looks for it; its sentences are
in ``words/en/causes.toml``. What the function finds is an :class:`Explanation`; together they make a
:class:`Diagnosis`, which is what the learner reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import Symptom
from tutor.judge.words import capital
from tutor.words import say, sentence

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
    """A few sentences: what happened, and what it did to the goal."""
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
        """Returns the diagnosis as ``check --json`` shows it: ``component`` or ``wire`` only if it is about
        one.
        """
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
    """The explanation of one symptom that a cause's function has found."""

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
    variant: str = ""
    """Which of the cause's sentences on what happened fits, where it has several; empty for the usual one."""


def found(
    share: float,
    *evidence: Row,
    component: str = "",
    wire: str = "",
    at_s: float | None = None,
    variant: str = "",
    **facts: object,
) -> Explanation | None:
    """Creates an explanation of this share of a symptom, with the facts for its sentences; None if it
    explains nothing.
    """
    if share <= 0:
        return None
    return Explanation(min(1.0, share), component, wire, facts, evidence, at_s, variant)


def row(label: str, value: str, /, **names: object) -> Row:
    """Creates a row of evidence: its label by key, and the value as it is shown."""
    return say(f"causes.evidence.{label}", **names), value


@dataclasses.dataclass(frozen=True, slots=True)
class Cause:
    """One named cause. Its sentences are data: ``causes.<id>.title``, ``.what`` and ``.try``."""

    id: str
    """Its name; levels and hints refer to it."""
    explains: frozenset[str]
    """The kinds of symptom it can explain (:mod:`tutor.judge.evidence.symptom`)."""
    concept: str
    """The glossary term behind it."""
    find: Callable[[RunEvidence, Symptom], Explanation | None]
    """Looks for it; pure, and quick beside the run."""
    depth: float = 1.0
    """How deep in the chain it lies: above 1 it goes before causes that are its consequences, below 1 after
    them.
    """
    resort: int = 0
    """0 for a cause proper; 1 and 2 only speak of a symptom that nothing with a lower number explains."""
    follows: frozenset[str] = frozenset()
    """Causes that this one is a consequence of: where one of them explains the same goal, it comes first."""
    requires: Callable[[RunEvidence, Explanation], bool] | None = None
    """What the report must show for the cause's sentences to be true; an explanation that it contradicts is
    not given.
    """

    @property
    def title(self) -> str:
        """The cause in a few words."""
        return say(f"causes.{self.id}.title")

    def diagnose(
        self, explanation: Explanation, symptom: Symptom, metrics: tuple[str, ...], weight: float
    ) -> Diagnosis:
        """Returns the diagnosis that an explanation by this cause makes, with the result that it had for this
        symptom.
        """
        what = self._fill(f"what-{explanation.variant}" if explanation.variant else "what", explanation)
        return Diagnosis(
            id=self.id,
            title=self.title,
            what=f"{capital(what)} {symptom.said}",
            try_=self._fill("try", explanation),
            component=explanation.component,
            wire=explanation.wire,
            evidence=explanation.evidence,
            at_s=explanation.at_s,
            concept=self.concept,
            metrics=metrics,
            weight=weight,
        )

    def _fill(self, name: str, explanation: Explanation) -> str:
        wanted = sentence(f"causes.{self.id}.{name}")
        return wanted.fill({fact: explanation.facts[fact] for fact in wanted.placeholders})
