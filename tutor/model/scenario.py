"""Everything the engine needs: a design with its traffic, faults, required effects and the length of the run."""

from __future__ import annotations

import dataclasses

from tutor.model.design import Design
from tutor.model.setting import setting

DEFAULT_MAX_EVENTS = 50_000_000
"""The budget of simulated events where a scenario names none."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How long a run is and what of it is measured."""

    duration_s: float = setting(600.0, "number", "How long there is traffic.", unit="s", above=0, at_most=10_000_000)
    warmup_s: float = setting(0.0, "number", "Measured from here.", unit="s", at_least=0)
    drain_s: float = setting(0.0, "number", "Traffic has stopped, work goes on.", unit="s", at_least=0, at_most=10_000_000)
    seed: int = setting(1, "integer", "The seed of all chance.", at_least=0)
    max_events: int = setting(DEFAULT_MAX_EVENTS, "integer", "The budget of simulated events.", at_least=1)
    timeline_step_s: float | None = setting(
        None, "number", "Step of the timeline; the run's length in 600 steps where none.", unit="s", above=0, off="none"
    )


FAULT_KINDS: dict[str, tuple[str, ...]] = {
    "crash": ("replica",),
    "hang": ("replica",),
    "slow": ("factor",),
    "partition": (),
    "remove": (),
    "drop-replies": ("probability",),
    "drop-acks": ("probability",),
    "die-between": ("probability",),
    "poison": ("probability", "events"),
    "swallow": ("probability", "events"),
    "burst": ("factor",),
    "schema-change": (),
    "deploy": ("each_s", "down_s"),
    "repartition": ("partitions",),
}
"""Every kind of fault, with the settings that only it has.

``at_s``, ``for_s``, ``every_s``, ``mtbf_s``, ``mttr_s`` and ``hidden`` go with any.
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong, on a schedule or at random."""

    kind: str = setting("", "choice", "What happens.", choices=tuple(FAULT_KINDS))
    target: str = setting("", "text", 'A component\'s id, or a wire as "from->to".')
    at_s: float = setting(0.0, "number", "When it starts.", unit="s", at_least=0)
    for_s: float | None = setting(None, "number", "How long it lasts; to the end of the run where none.", unit="s", above=0, off="none")
    every_s: float | None = setting(None, "number", "It comes again after this time.", unit="s", above=0, off="none")
    replica: int | None = setting(None, "integer", "Only this replica, counted from 1; all of them where none.", at_least=1, off="none")
    factor: float = setting(2.0, "number", "How many times slower, or how many times the traffic.", above=0, at_most=1_000_000)
    probability: float = setting(1.0, "number", "How often it strikes.", at_least=0, at_most=1)
    each_s: float = setting(20.0, "number", "A deploy restarts one replica after the other, this far apart.", unit="s", above=0)
    down_s: float = setting(10.0, "number", "How long one replica is down during a deploy.", unit="s", above=0)
    partitions: int = setting(1, "integer", "The new number of partitions.", at_least=1, at_most=1000)
    mtbf_s: float | None = setting(None, "number", "Mean time up, for faults at random.", unit="s", above=0, off="none")
    mttr_s: float | None = setting(None, "number", "Mean time to repair, for faults at random.", unit="s", above=0, off="none")
    events: tuple[str, ...] = setting((), "texts", "It strikes only events of these types; all where it is empty.")
    hidden: bool = setting(False, "flag", "Kept off the schedule and the time axis: finding it is the task.")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that must happen for every event of a type: the ledger counts it."""

    event: str = setting("", "text", "The event type, as the client sends it or as it is renamed on the way.")
    at: tuple[str, ...] = setting((), "texts", "The service that must apply it; with several, once across all of them.")
    deadline_s: float | None = setting(None, "number", "Applied later than this counts as late.", unit="s", above=0, off="none")
    from_s: float = setting(0.0, "number", "Only events made from then on are expected to have it.", unit="s", at_least=0)
    undone_by: str = setting("", "text", "The event type whose handling takes the effect back (a compensation).")

    @property
    def name(self) -> str:
        """How the report names the place: the service's id, or several joined by ``+``."""
        return "+".join(self.at)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the run that is reported on its own at ``/window/<id>/...``."""

    id: str = setting("", "text", "Its name in the report.")
    from_s: float = setting(0.0, "number", "Its start, included.", unit="s", at_least=0)
    to_s: float = setting(0.0, "number", "Its end, not included.", unit="s", above=0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things cost an hour."""

    service_replica: float = setting(1.0, "number", "One replica of a service.", at_least=0)
    extra_worker: float = setting(0.1, "number", "Each worker of a replica above four.", at_least=0)
    database_replica: float = setting(3.0, "number", "One replica of a database.", at_least=0)
    channel_node: float = setting(1.0, "number", "One broker node of a queue or topic.", at_least=0)
    stream_node: float = setting(1.5, "number", "One broker node of a stream.", at_least=0)
    partition: float = setting(0.1, "number", "One partition.", at_least=0)
    job: float = setting(0.5, "number", "A scheduled job.", at_least=0)
    capture: float = setting(0.5, "number", "A capture wire.", at_least=0)
    inbox: float = setting(0.3, "number", "Remembering what was handled, for each replica.", at_least=0)


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
