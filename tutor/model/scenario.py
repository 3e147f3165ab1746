"""Scenarios, the engine's whole input: a design with its traffic, faults, required effects and the length of
the run.
"""

from __future__ import annotations

import dataclasses

from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.price import Prices
from tutor.model.setting import setting

DEFAULT_MAX_EVENTS = 50_000_000
"""The budget of steps of the simulation where a scenario names none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The length of a run, and the part of it that is measured."""

    duration_s: float = setting(600.0, "number", unit="s", above=0, at_most=10_000_000)
    warmup_s: float = setting(0.0, "number", unit="s", at_least=0)
    drain_s: float = setting(0.0, "number", unit="s", at_least=0, at_most=10_000_000)
    seed: int = setting(1, "integer", at_least=0)
    max_events: int = setting(DEFAULT_MAX_EVENTS, "integer", at_least=1)
    timeline_step_s: float | None = setting(
        None,
        "number",
        unit="s",
        above=0,
        off="none",
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that must happen for every event of a type: the ledger counts it."""

    event: str = setting("", "text")
    at: tuple[str, ...] = setting((), "texts")
    deadline_s: float | None = setting(None, "number", unit="s", above=0, off="none")
    from_s: float = setting(0.0, "number", unit="s", at_least=0)
    undone_by: str = setting("", "text")

    @property
    def name(self) -> str:
        """The name of the place in the report: the service's id, or several joined by ``+``."""
        return "+".join(self.at)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the run that is reported on its own at ``/window/<id>/...``."""

    id: str = setting("", "text")
    from_s: float = setting(0.0, "number", unit="s", at_least=0)
    to_s: float = setting(0.0, "number", unit="s", above=0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A design under traffic and faults. Frozen; the engine's only input besides the seed."""

    design: Design
    """What joins what."""
    run: Run = dataclasses.field(default_factory=Run)
    """How long, and what is measured."""
    faults: tuple[Fault, ...] = ()
    """What goes wrong."""
    effects: tuple[Effect, ...] = ()
    """What must happen."""
    windows: tuple[Window, ...] = ()
    """Parts of the run that are reported on their own."""
    prices: Prices = dataclasses.field(default_factory=Prices)
    """What things cost."""
