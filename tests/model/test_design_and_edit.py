"""Designs, legal wires, and the edits that make one design from another."""

import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.errors import IllegalWire, InputError
from tutor.model.component import KINDS, Client, Queue, Service
from tutor.model.design import Design, kinds_between, make_design, make_wire
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
from tutor.model.wire import WIRES, legal_kinds, refusal


def bakery() -> Design:
    """A till that calls a kitchen, and a queue beside them."""
    design = make_design([Client(id="till"), Service(id="kitchen"), Queue(id="orders")])
    return apply(AddWire(make_wire(design, "till", "kitchen")), design)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(KINDS, KINDS)))
def test_every_pair_has_a_wire_or_a_reason(source: str, target: str) -> None:
    """Each pair of kinds can be joined by a known kind of wire, or is refused with a sentence that
    says why.
    """
    kinds = legal_kinds(source, target)
    assert all(kind in WIRES for kind in kinds)
    if not kinds:
        assert len(refusal(source, target)) > 25


def test_an_illegal_wire_teaches() -> None:
    """A wire from a channel to a producer is refused, and the reason says what would be right."""
    with pytest.raises(IllegalWire, match="nothing is wired to a client"):
        make_wire(bakery(), "orders", "till")


def test_a_part_is_not_wired_to_itself() -> None:
    """A wire from a part to itself is refused."""
    with pytest.raises(IllegalWire, match="itself"):
        kinds_between(bakery(), "kitchen", "kitchen")


def test_an_unknown_part_is_named_with_the_nearest() -> None:
    """A misspelled id is refused with the nearest match."""
    with pytest.raises(InputError, match='did you mean "kitchen"'):
        make_wire(bakery(), "till", "kitchn")


def test_a_wire_kind_is_asked_for_where_two_fit() -> None:
    """Between a service and a database both write and read are valid, so the kind must be given."""
    design = make_design([Service(id="api"), KINDS["database"](id="ledger")])
    with pytest.raises(InputError, match="write or read"):
        make_wire(design, "api", "ledger")
    assert make_wire(design, "api", "ledger", "read").ref == "api->ledger:read"


def test_removing_a_part_removes_its_wires() -> None:
    """Removing a part removes its wires too."""
    assert apply(RemoveComponent("kitchen"), bakery()).wires == ()


def test_the_same_wire_is_not_drawn_twice() -> None:
    """A second wire of one kind between a pair needs an id of its own."""
    design = bakery()
    with pytest.raises(InputError, match="already have a"):
        apply(AddWire(make_wire(design, "till", "kitchen")), design)
    both = apply(AddWire(make_wire(design, "till", "kitchen", wire_id="second")), design)
    assert len({wire.ref for wire in both.wires}) == 2


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    """A misspelled setting is refused with the nearest match."""
    with pytest.raises(InputError, match='did you mean "replicas"'):
        apply(SetComponent("kitchen", "replica", 2), bakery())


def test_order_of_outgoing_wires_is_an_edit() -> None:
    """The learner may change the order of a part's outgoing wires; moving the first one up changes
    nothing.
    """
    design = bakery()
    design = apply(AddWire(make_wire(design, "till", "orders")), design)
    moved = apply(MoveWire("till->orders:publish", -1), design)
    assert [wire.target for wire in moved.wires_from("till")] == ["orders", "kitchen"]
    assert apply(MoveWire("till->orders:publish", -1), moved) == moved


def test_a_design_crosses_to_another_process() -> None:
    """A design survives pickling unchanged."""
    assert pickle.loads(pickle.dumps(bakery())) == bakery()


EDITS: list[Edit] = [
    AddComponent(Queue(id="more")),
    RemoveComponent("orders"),
    RemoveComponent("kitchen"),
    AddWire(WIRES["publish"](source="till", target="orders")),
    AddWire(WIRES["subscribe"](source="orders", target="kitchen")),
    RemoveWire("till->kitchen:call"),
    SetComponent("kitchen", "replicas", 3),
    SetWire("till->kitchen:call", "retries", 2),
    SetWire("till->orders:publish", "buffer", 2),
    MoveWire("till->kitchen:call", 1),
    Several((AddComponent(Queue(id="two")), RemoveComponent("two"))),
]


@given(st.lists(st.sampled_from(EDITS), max_size=12))
def test_edits_never_change_the_design_they_start_from(edits: list[Edit]) -> None:
    """A design is a value: every edit returns a new one, and undo only needs to keep the old one."""
    history = [bakery()]
    snapshots = [bakery()]
    for edit in edits:
        try:
            history.append(apply(edit, history[-1]))
        except InputError:
            continue
        snapshots.append(Design(dict(history[-1].components), history[-1].wires))
    assert history == snapshots
    for design in history:
        assert all(
            wire.source in design.components and wire.target in design.components for wire in design.wires
        )
        assert len({wire.ref for wire in design.wires}) == len(design.wires)
