"""Mechanical disguises of a level's mistakes: other names, other numbers, an additional part.

Each takes a level whose scenario has a mistake's design and returns another such level with the same mistake.
A disguise makes several changes at once, so that three runs of a mistake show what eight did.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from tutor.model.component import Client, Component, Database, Job, Queue, Service
from tutor.model.design import make_design
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.wire import Call, Publish, Subscribe, Wire

Change = Callable[[Level], Level]


@dataclasses.dataclass(frozen=True)
class Disguise:
    """Several ways to change a level without changing what is wrong, applied at once."""

    kinds: tuple[str, ...]
    """Which of :data:`KINDS`, in the order in which they are applied."""
    seed: int
    """The seed to try first, which is none of those that a learner's design is scored on."""

    @property
    def name(self) -> str:
        """The name shown in a test failure."""
        return ", ".join(self.kinds)

    def put_on(self, level: Level) -> Level:
        """The level in this disguise."""
        for kind in self.kinds:
            level = KINDS[kind](level)
        return level


def _with(level: Level, **changes: Any) -> Level:
    return dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, **changes))


# other names


def renamed(level: Level) -> Level:
    """Every component, wire and event renamed with a reversed alphabet, and other titles on the board."""
    design = level.scenario.design
    ids = {name: f"part-{99 - place}" for place, name in enumerate(sorted(design.components))}
    events = {name: f"thing.n{99 - place}" for place, name in enumerate(sorted(_event_types(level)))}
    parts = [_rename_part(part, ids, events) for part in design.components.values()]
    wires = [_rename_wire(wire, ids, events) for wire in design.wires]
    effects = [
        dataclasses.replace(
            effect,
            event=events[effect.event],
            at=tuple(ids.get(place, place) for place in effect.at),
            undone_by=events.get(effect.undone_by, effect.undone_by),
        )
        for effect in level.scenario.effects
    ]
    faults = [
        dataclasses.replace(
            fault, target=_rename_target(fault.target, ids), events=tuple(events[one] for one in fault.events)
        )
        for fault in level.scenario.faults
    ]
    goals = tuple(
        dataclasses.replace(goal, metric=_rename_metric(goal.metric, ids, events)) for goal in level.goals
    )
    changed = _with(level, design=make_design(parts, wires), effects=tuple(effects), faults=tuple(faults))
    return dataclasses.replace(changed, goals=goals)


def _event_types(level: Level) -> set[str]:
    found: set[str] = set()
    for part in level.scenario.design.components.values():
        if isinstance(part, Client):
            found |= {part.event, *(step.event for one in part.sequences for step in one.steps)}
        if isinstance(part, Service):
            found |= {step.event for step in part.pattern}
            found |= {name for name, _ in part.service_ms} if isinstance(part.service_ms, tuple) else set()
    for wire in level.scenario.design.wires:
        found |= {*wire.events, getattr(wire, "event", "")}
    for effect in level.scenario.effects:
        found |= {effect.event, effect.undone_by}
    for fault in level.scenario.faults:
        found |= set(fault.events)
    return found - {""}


def _rename_part(part: Component, ids: Mapping[str, str], events: Mapping[str, str]) -> Component:
    made = dataclasses.replace(part, id=ids[part.id], title=f"Part no. {ids[part.id][-2:]}")
    if isinstance(made, Client):
        sequences = tuple(
            dataclasses.replace(
                one, steps=tuple(dataclasses.replace(step, event=events[step.event]) for step in one.steps)
            )
            for one in made.sequences
        )
        return dataclasses.replace(made, event=events[made.event], sequences=sequences)
    if isinstance(made, Service):
        table = made.service_ms
        service_ms = (
            tuple((events.get(name, name), ms) for name, ms in table) if isinstance(table, tuple) else table
        )
        pattern = tuple(
            dataclasses.replace(step, event=events.get(step.event, step.event)) for step in made.pattern
        )
        return dataclasses.replace(made, service_ms=service_ms, pattern=pattern)
    if isinstance(made, Database):
        return dataclasses.replace(
            made, owner=ids.get(made.owner, made.owner), copy_of=ids.get(made.copy_of, made.copy_of)
        )
    return made


def _rename_wire(wire: Wire, ids: Mapping[str, str], events: Mapping[str, str]) -> Wire:
    changes: dict[str, Any] = {
        "id": f"w-{wire.id}" if wire.id else "",
        "events": tuple(events[one] for one in wire.events),
    }
    if getattr(wire, "event", ""):
        changes["event"] = events[wire.event]  # type: ignore[attr-defined]
    return dataclasses.replace(wire, source=ids[wire.source], target=ids[wire.target], **changes)


def _rename_target(target: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"[a-z0-9-]+?(?=->|:|#|$)", lambda match: ids.get(match.group(0), match.group(0)), target)


def _rename_metric(metric: str, ids: Mapping[str, str], events: Mapping[str, str]) -> str:
    tokens = metric.split("/")
    start = 3 if tokens[1] == "window" else 1
    if tokens[start] in ("client", "effect", "component", "database", "pattern"):
        tokens[start + 1] = "+".join(ids.get(one, one) for one in tokens[start + 1].split("+"))
    if tokens[start] == "effect":
        tokens[start + 2] = events[tokens[start + 2]]
    return "/".join(tokens)


# other numbers


def with_traffic(factor: float) -> Change:
    """A change that multiplies the request rates."""

    def change(level: Level) -> Level:
        def scale(part: Component) -> Component:
            if not isinstance(part, Client):
                return part
            return dataclasses.replace(
                part,
                rate_per_s=part.rate_per_s * factor,
                profile=tuple((at_s, rate * factor) for at_s, rate in part.profile),
                sequences=tuple(
                    dataclasses.replace(one, rate_per_s=one.rate_per_s * factor) for one in part.sequences
                ),
            )

        return _with_parts(level, scale)

    return change


def with_work(factor: float) -> Change:
    """A change that multiplies all work times."""

    def change(level: Level) -> Level:
        def scale(part: Component) -> Component:
            match part:
                case Service():
                    ms = part.service_ms
                    mixture = part.distribution
                    return dataclasses.replace(
                        part,
                        service_ms=tuple((name, one * factor) for name, one in ms)
                        if isinstance(ms, tuple)
                        else ms * factor,
                        distribution=tuple((share, one * factor) for share, one in mixture)
                        if isinstance(mixture, tuple)
                        else mixture,
                    )
                case Database():
                    return dataclasses.replace(
                        part, read_ms=part.read_ms * factor, write_ms=part.write_ms * factor
                    )
                case Job():
                    return dataclasses.replace(
                        part, row_ms=part.row_ms * factor, scan_ms=part.scan_ms * factor
                    )
            return part

        return _with_parts(level, scale)

    return change


def with_schedule(factor: float) -> Change:
    """A change that multiplies all start times and durations."""

    def change(level: Level) -> Level:
        def later(part: Component) -> Component:
            made = dataclasses.replace(part, from_s=part.from_s * factor)
            if isinstance(made, Client):
                return dataclasses.replace(
                    made, profile=tuple((at_s * factor, rate) for at_s, rate in made.profile)
                )
            return made

        run = level.scenario.run
        moved = _with_parts(level, later)
        return _with(
            moved,
            run=dataclasses.replace(
                run,
                duration_s=run.duration_s * factor,
                warmup_s=run.warmup_s * factor,
                drain_s=run.drain_s * factor,
            ),
            faults=tuple(_later(fault, factor) for fault in level.scenario.faults),
            windows=tuple(
                dataclasses.replace(window, from_s=window.from_s * factor, to_s=window.to_s * factor)
                for window in level.scenario.windows
            ),
            effects=tuple(
                dataclasses.replace(effect, from_s=effect.from_s * factor)
                for effect in level.scenario.effects
            ),
        )

    return change


def _later(fault: Fault, factor: float) -> Fault:
    names = ("at_s", "for_s", "every_s", "mtbf_s", "mttr_s")
    times: dict[str, Any] = {
        name: getattr(fault, name) * factor for name in names if getattr(fault, name) is not None
    }
    return dataclasses.replace(fault, **times)


def _with_parts(level: Level, change: Callable[[Component], Component]) -> Level:
    design = level.scenario.design
    return _with(
        level, design=make_design([change(part) for part in design.components.values()], design.wires)
    )


# one part more


def with_bystander(level: Level) -> Level:
    """An unrelated, overloaded client and service on the same board, which touch nothing of the level."""
    return _joined(
        level,
        [
            Client(
                id="bystanders",
                title="Bystanders",
                rate_per_s=3.0,
                event="bystander.asked",
                price_per_hour=0.0,
            ),
            Service(id="bystand", title="Bystand", service_ms=400.0, price_per_hour=0.0),
        ],
        [Call(source="bystanders", target="bystand", timeout_ms=2000.0)],
    )


def with_listener(level: Level) -> Level:
    """One more reader of an existing topic or stream, or else a queue with a producer and a consumer of its
    own.
    """
    channels = [
        part.id for part in level.scenario.design.components.values() if part.kind in ("topic", "stream")
    ]
    listener = Service(id="listener", title="Listener", service_ms=1.0, workers=4, price_per_hour=0.0)
    if channels:
        # what it cannot read is its own business, and is not delivered to it again
        reader = Subscribe(source=channels[0], target="listener", on_error="drop")
        return _joined(level, [listener], [reader])
    return _joined(
        level,
        [
            Client(id="others", title="Others", rate_per_s=2.0, event="other.said", price_per_hour=0.0),
            Queue(id="elsewhere", title="Elsewhere", price_per_hour=0.0),
            listener,
        ],
        [Publish(source="others", target="elsewhere"), Subscribe(source="elsewhere", target="listener")],
    )


def _joined(level: Level, parts: list[Component], wires: list[Wire]) -> Level:
    design = level.scenario.design
    return _with(level, design=make_design([*parts, *design.components.values()], [*wires, *design.wires]))


KINDS: Mapping[str, Change] = {
    "other names": renamed,
    "5% less traffic": with_traffic(0.95),
    "5% more traffic": with_traffic(1.05),
    "5% quicker work": with_work(0.95),
    "5% slower work": with_work(1.05),
    "a schedule 5% shorter": with_schedule(0.95),
    "a bystander in trouble": with_bystander,
    "one more reader": with_listener,
}
"""Every kind of change. Other seeds are in all disguises: each has its own."""

DISGUISES = (
    Disguise(("other names", "5% more traffic", "a bystander in trouble"), 11),
    Disguise(("5% less traffic", "5% slower work", "one more reader"), 12),
    Disguise(("a schedule 5% shorter", "5% quicker work"), 13),
)
"""Each kind is in exactly one disguise. Changes that both make things worse, or both better, are kept apart:
5% is still the same mistake, and a tenth may be another.
"""
