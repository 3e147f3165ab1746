"""Differences from the start, and the stars they allow."""

import dataclasses

from tutor.judge.changes import changes_between
from tutor.judge.stars import stars_for
from tutor.model.component import Client, Queue, Service, changed
from tutor.model.design import Design, make_design, make_wire
from tutor.model.edit import (
    AddComponent,
    AddWire,
    MoveWire,
    RemoveWire,
    SetComponent,
    SetWire,
    Several,
    apply,
)
from tutor.model.level import PaletteEntry, StarLine


def start() -> Design:
    """A till that calls a kitchen and an oven."""
    design = make_design([Client(id="till"), Service(id="kitchen", service_ms=5), Service(id="oven")])
    for target in ("kitchen", "oven"):
        design = apply(AddWire(make_wire(design, "till", target)), design)
    return design


def texts(design: Design, *palette: PaletteEntry) -> list[str]:
    """The differences from the start as sentences."""
    return [change.text for change in changes_between(start(), design, palette)]


def test_the_start_has_no_differences() -> None:
    """Untouched parts and wires don't count as changes."""
    assert texts(start()) == []


def test_parts_wires_and_settings_count_one_each() -> None:
    """An added part, two added wires, a removed wire and a changed setting are five differences."""
    design = apply(AddComponent(Queue(id="orders")), start())
    for edit in (
        AddWire(make_wire(design, "till", "orders")),
        AddWire(make_wire(design, "orders", "kitchen")),
        RemoveWire("till->kitchen:call"),
        SetComponent("kitchen", "replicas", 3),
    ):
        design = apply(edit, design)
    assert len(texts(design)) == 5
    assert "kitchen: replicas 1 → 3" in texts(design)


def test_a_new_part_is_compared_with_its_palette_entry() -> None:
    """The palette's presets don't count as changes; settings that differ from them do."""
    entry = PaletteEntry("queue", Queue(id="queue", redeliver_on="disconnect"))
    same = apply(AddComponent(Queue(id="orders", redeliver_on="disconnect")), start())
    assert texts(same, entry) == ["added orders"]
    more = apply(SetComponent("orders", "ttl_s", 5.0), same)
    assert (
        texts(more, entry) == ["added orders", "orders: expires after forever → 5 s"]
        or len(texts(more, entry)) == 2
    )


def test_looks_and_back_and_forth_count_nothing() -> None:
    """Moving a part on the board, or setting a value and setting it back, is no difference."""
    design = apply(SetComponent("kitchen", "at", (3, 4)), start())
    there = apply(SetWire("till->kitchen:call", "timeout_ms", 5.0), design)
    back = apply(SetWire("till->kitchen:call", "timeout_ms", None), there)
    assert len(texts(there)) == 1
    assert texts(back) == []


def test_an_order_of_wires_counts_once() -> None:
    """Reordering a part's outgoing wires is one difference."""
    design = apply(Several((MoveWire("till->oven:call", -1),)), start())
    assert texts(design) == ["till: outgoing wires in another order"]


def test_another_kind_under_an_old_id_is_two_differences() -> None:
    """Replacing a part with one of another kind counts as a removal and an addition."""
    other = start().with_component(Queue(id="oven"))
    kept = dataclasses.replace(other, wires=tuple(wire for wire in other.wires if wire.target != "oven"))
    found = texts(kept)
    assert "removed oven" in found
    assert "added oven" in found


def test_stars_are_limits_of_less() -> None:
    """A value up to the first limit earns three stars, up to the second two, and beyond it, or unmeasured,
    one.
    """
    line = StarLine(3, 5)
    assert [stars_for(line, value) for value in (3, 3.1, 5, 5.1, None)] == [3, 2, 2, 1, 1]


def test_what_follows_from_another_setting_is_no_change() -> None:
    """Switching to redelivery on disconnect is one change, with all that it implies; another setting beside
    it counts too.
    """
    before = make_design([Queue(id="q")])
    other = make_design([changed(before.components["q"], {"redeliver_on": "disconnect"})])
    assert [change.name for change in changes_between(before, other)] == ["redeliver_on"]
    both = make_design([changed(other.components["q"], {"max_length": 5})])
    assert {change.name for change in changes_between(before, both)} == {"redeliver_on", "max_length"}
