"""Values of settings that have parts of their own: the steps of a pattern, scripted sequences, automatic
scaling.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class PatternStep:
    """One step of a pattern: ``count`` events of a type, or their absence, within a time of the
    step before.
    """

    event: str
    """The event type that must come."""
    count: int = 1
    """How many of them."""
    within_s: float | None = None
    """How long after the step before, in event time; none: any time inside the service's ``window_s``."""
    absent: bool = False
    """True: the step holds when the event does not come within ``within_s``."""
    differs: bool = False
    """True: the event must come from another group (for example, another country) than the step before."""


@dataclasses.dataclass(frozen=True, slots=True)
class SequenceStep:
    """One event of a scripted sequence."""

    event: str
    """The event type that the client sends."""
    after_s: float = 0.0
    """Time since the step before: the mean of an exponential draw, or exact where ``exact``."""
    exact: bool = False
    """True: ``after_s`` is the time itself and not a mean."""
    group: str = ""
    """The group of the key (for example, the country) this event carries; empty: the key's own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sequence:
    """A scripted sequence of events for one key, started at random moments."""

    name: str
    """What it is called in the report, e.g. ``fraud``."""
    rate_per_s: float
    """How many such sequences start a second (Poisson)."""
    steps: tuple[SequenceStep, ...]
    """The events, in order."""


@dataclasses.dataclass(frozen=True, slots=True)
class Autoscale:
    """Adds a replica when the waiting work per replica exceeds ``depth``, removes one when there is none."""

    min: int
    """The fewest replicas."""
    max: int
    """The most replicas."""
    depth: int
    """Messages or requests waiting per replica that ask for one more."""
    start_s: float
    """How long a new replica takes to start."""


def plain_value(value: object) -> Any:
    """Returns ``value`` as plain TOML data: lists, tables, whole numbers where they are whole."""
    if isinstance(value, tuple | list):
        return [plain_value(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Autoscale):
            return [value.min, value.max, value.depth, value.start_s]
        return plain_record(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def plain_record(record: Any) -> dict[str, Any]:
    """Returns a record as a table, without the settings at their defaults."""
    return {
        field.name: plain_value(getattr(record, field.name))
        for field in dataclasses.fields(record)
        if getattr(record, field.name) != field.default
    }
