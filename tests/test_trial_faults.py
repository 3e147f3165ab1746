"""A level's faults aimed at parts that only a learner's design has."""

from __future__ import annotations

import dataclasses

from tutor.model.component import Client, Queue, Service
from tutor.model.design import make_design
from tutor.model.fault import Fault
from tutor.model.level import Goal, Idea, Level, PaletteEntry, Par, StarLine
from tutor.model.scenario import Run, Scenario
from tutor.model.wire import Publish, Subscribe
from tutor.trial import with_design

_PARTS = (Client(id="till", event="order.placed"), Service(id="kitchen"))


def _level(*faults: Fault) -> Level:
    line = StarLine(1, 2)
    return Level(
        id="test/aim",
        title="",
        summary="",
        briefing="",
        debrief="",
        scenario=Scenario(design=make_design(_PARTS), run=Run(), faults=faults),
        fixed=frozenset({"till", "kitchen"}),
        unlocked={},
        locked={},
        palette=(PaletteEntry("queue", Queue(id="queue", failover_s=1)),),
        wires=frozenset(),
        goals=(Goal("/client/till/failed", "", at_most=0),),
        par=Par(line, dataclasses.replace(line, metric="/client/till/failed"), line),
        hints=(),
        prediction=None,
        question=None,
        idea=Idea("", ()),
    )


def _targets(level: Level, *names: str) -> list[str]:
    queues = [Queue(id=name, failover_s=1) for name in names]
    wires = [
        wire
        for name in names
        for wire in (Publish(source="till", target=name), Subscribe(source=name, target="kitchen"))
    ]
    design = make_design((*_PARTS, *queues)).with_wires(wires)
    return [fault.target for fault in with_design(level, design).scenario.faults]


def test_a_fault_of_a_palette_entry_strikes_every_part_added_from_it_whatever_its_name() -> None:
    """Renaming a part doesn't hide it from the level's faults."""
    level = _level(Fault(kind="crash", target="queue", at_s=1, for_s=1))
    assert _targets(level, "orders", "queue") == ["orders", "queue"]


def test_a_fault_of_a_palette_entry_that_is_not_built_strikes_nothing() -> None:
    """A design without the part is judged without its faults; the other faults stay."""
    assert _targets(_level(Fault(kind="crash", target="queue"), Fault(kind="hang", target="kitchen"))) == [
        "kitchen"
    ]


def test_a_wire_fault_follows_the_wires_that_are_drawn() -> None:
    """A fault on a wire to a palette entry strikes exactly the wires to the parts added from it."""
    level = _level(
        Fault(kind="partition", target="till->queue"), Fault(kind="partition", target="queue->till")
    )
    assert _targets(level, "orders") == ["till->orders", "queue->till"]
