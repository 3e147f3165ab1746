"""What a learner may change, with the same rules for files and for the board."""

import dataclasses

import pytest

from tutor.catalog import load_design_text
from tutor.errors import IllegalWire, InputError, LockedSetting
from tutor.model.component import Database, Queue, Service, Topic
from tutor.model.design import make_design
from tutor.model.edit import (
    AddComponent,
    AddWire,
    Edit,
    MoveWire,
    RemoveComponent,
    RemoveWire,
    SetComponent,
    SetWire,
    Several,
    apply,
)
from tutor.model.level import Level
from tutor.model.wire import Call, DeadLetter, Publish
from tutor.rules import (
    apply_edit,
    draw_wire,
    editable,
    may_set,
    new_component,
    palette_left,
    why_locked,
    wire_kinds,
)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("service_ms", False),
        ("replicas", False),
        ("workers", False),
        ("queue_limit", True),
        ("title", True),
        ("at", True),
        ("from_s", False),
    ],
)
def test_may_set(level: Level, name: str, allowed: bool) -> None:
    """Physics and locked policy are fixed; other policy, the title and the position are the learner's."""
    kitchen = level.scenario.design.components["kitchen"]
    assert may_set(level, kitchen, name) is allowed
    assert (name in editable(level, kitchen)) is allowed
    assert may_set(None, kitchen, name) is True


def test_the_most_special_word_decides(level: Level) -> None:
    """A part may unlock what its kind locks, and vice versa."""
    kitchen = level.scenario.design.components["kitchen"]
    open_level = dataclasses.replace(level, unlocked={"kitchen": frozenset({"workers", "service_ms"})})
    assert may_set(open_level, kitchen, "workers")
    assert may_set(open_level, kitchen, "service_ms")
    assert not may_set(open_level, Service(id="other"), "workers")
    closed = dataclasses.replace(
        level, unlocked={"service": frozenset({"*"})}, locked={"kitchen": frozenset({"*"})}
    )
    assert not may_set(closed, kitchen, "queue_limit")
    assert may_set(closed, kitchen, "at")
    assert may_set(closed, Service(id="other"), "service_ms")


def test_the_reason_teaches(level: Level) -> None:
    """A refusal gives the current value and says what may be changed instead."""
    wire = level.scenario.design.wires[0]
    assert (
        why_locked(level, wire, "latency_ms")
        == 'you can\'t change "time on the way" of the call wire from till to kitchen here'
        " (7 ms): it is part of the world you're given; you may change timeout and retries"
    )
    assert why_locked(level, wire, "timeout_ms") == ""
    with pytest.raises(InputError, match='did you mean "timeout_ms"'):
        why_locked(level, wire, "timeout")


BASE = """\
level = "first-light/doorbell"
[components.rail]
[components.queue]
kind = "queue"
[[wires]]
from = "till"
to = "kitchen"
[[wires]]
from = "till"
to = "queue"
"""


@pytest.mark.parametrize(
    ("edit", "error", "words"),
    [
        (SetComponent("kitchen", "replicas", 2), LockedSetting, "keeps"),
        (SetComponent("kitchen", "service_ms", 1.0), LockedSetting, "world"),
        (SetComponent("kitchn", "replicas", 1), InputError, "did you mean"),
        (SetComponent("kitchen", "replica", 1), InputError, "did you mean"),
        (SetWire("till->kitchen:call", "latency_ms", 1.0), LockedSetting, "world"),
        (RemoveComponent("kitchen"), LockedSetting, "belongs to the level"),
        (AddComponent(Topic(id="t")), InputError, "palette has no topic"),
        (AddComponent(Queue(id="q", failover_s=3.0)), LockedSetting, "world"),
        (AddComponent(Service(id="s", service_ms=50.0, workers=3)), LockedSetting, "keeps"),
        (AddComponent(Queue(id="queue")), InputError, "already"),
        (Several((AddComponent(Queue(id="a")), AddComponent(Queue(id="b")))), InputError, "all 2 of"),
        (AddWire(DeadLetter(source="queue", target="rail")), InputError, "no dead-letter wires yet"),
        (AddWire(Publish(source="kitchen", target="queue", latency_ms=4.0)), LockedSetting, "world"),
        (AddWire(Call(source="kitchen", target="till")), IllegalWire, "nothing is wired"),
        (
            Several((RemoveWire("till->kitchen:call"), AddWire(Call(source="till", target="kitchen")))),
            LockedSetting,
            "latency_ms",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_edits_that_are_refused(level: Level, edit: Edit, error: type[InputError], words: str) -> None:
    """The board refuses what a design file may not contain either."""
    design = load_design_text(BASE, level=level)
    with pytest.raises(error, match=words):
        apply_edit(edit, design, level)


@pytest.mark.parametrize(
    "edit",
    [
        SetComponent("kitchen", "queue_limit", 5),
        SetComponent("kitchen", "replicas", 1),
        SetComponent("rail", "visibility_timeout_s", 50.0),
        SetWire("till->kitchen:call", "retries", 2),
        SetWire("till->queue:publish", "size_kb", 2.0),
        RemoveComponent("rail"),
        RemoveWire("till->kitchen:call"),
        MoveWire("till->queue:publish", -1),
        AddComponent(Queue(id="queue-2")),
        AddComponent(Queue(id="big", replicas=3, failover_s=1.0)),
        AddComponent(Service(id="helper", service_ms=50.0)),
        Several((RemoveComponent("rail"), AddComponent(Queue(id="rail", visibility_timeout_s=5.0)))),
    ],
    ids=lambda value: str(value)[:40],
)
def test_edits_that_are_allowed(level: Level, edit: Edit) -> None:
    """The learner's own settings may be changed, and setting a value that is already there is allowed."""
    design = load_design_text(BASE, level=level)
    apply_edit(edit, design, level)
    assert apply(edit, design) is not None


def test_everything_goes_in_the_sandbox(level: Level) -> None:
    """Without a level only the model's own rules apply."""
    design = level.scenario.design
    for edit in (
        SetComponent("kitchen", "service_ms", 1.0),
        RemoveComponent("till"),
        AddComponent(Topic(id="t")),
    ):
        apply_edit(edit, design, None)
    with pytest.raises(IllegalWire):
        apply_edit(AddWire(Call(source="kitchen", target="till")), design, None)


def test_what_others_name_stays() -> None:
    """A part that a database names as its owner or its original can't be removed."""
    design = make_design([Service(id="s"), Database(id="a", owner="s"), Database(id="b", copy_of="a")])
    for name in ("s", "a"):
        with pytest.raises(InputError, match="change that first"):
            apply_edit(RemoveComponent(name), design, None)
    apply_edit(RemoveComponent("b"), design, None)
    with pytest.raises(InputError, match='"b" isn\'t a service here'):
        apply_edit(SetComponent("a", "owner", "b"), design, None)


def test_the_palette_runs_out(level: Level) -> None:
    """What is left is counted by palette entry, and new ids are unique."""
    design = load_design_text(BASE, level=level)
    left = {entry.id: number for entry, number in palette_left(level, design)}
    assert left == {"queue": 1, "big-queue": None, "helper": 1}
    entry = level.palette[0]
    second = new_component(entry, design)
    assert second.id == "queue-2"
    design = apply(AddComponent(second), design)
    assert {entry.id: number for entry, number in palette_left(level, design)}["queue"] == 0


def test_drawing_a_wire(level: Level) -> None:
    """A wire of the start is drawn with its old settings; one of a kind not taught yet is refused."""
    design = load_design_text(BASE, level=level)
    first = level.scenario.design.wires[0]
    assert draw_wire(level, apply(RemoveWire(first.ref), design), "till", "kitchen") == first
    assert draw_wire(level, design, "kitchen", "rail") == Publish(source="kitchen", target="rail")
    with pytest.raises(InputError, match="no dead-letter wires yet"):
        draw_wire(level, design, "queue", "rail")
    assert wire_kinds(level) == {"call", "publish", "subscribe"}
    assert "dead-letter" in wire_kinds(None)
