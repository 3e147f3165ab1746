"""A wire that replaces another lets the same events pass."""

from __future__ import annotations

import pytest

from tutor.errors import InputError
from tutor.model.component import Client, Queue, Service, Topic
from tutor.model.design import make_design
from tutor.model.edit import RemoveWire, SetWire
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe
from tutor.session import Session

PARTS = (
    Client(id="shop", title="Shop", event="order.placed"),
    Topic(id="news", title="News"),
    Queue(id="box", title="Box"),
    Service(id="mail", title="Mail"),
    Service(id="stock", title="Stock"),
)


def session() -> Session:
    """A sandbox session in which mail reads only orders from a topic."""
    wires = [
        Publish(source="shop", target="news"),
        Subscribe(source="news", target="mail", events=("order.placed",)),
    ]
    return Session(scenario=Scenario(design=make_design(PARTS, wires)))


def drawn(now: Session, source: str, target: str) -> tuple[str, ...]:
    """The events that a newly drawn wire lets pass."""
    ref = now.wire(source, target)
    made = now.design.wire(ref)
    assert made is not None
    return made.events


def test_another_reader_in_its_place_reads_the_same() -> None:
    """If a queue in front of mail replaces the wire to mail, only orders pass, as before."""
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "box", "mail") == ("order.placed",)


def test_a_wire_from_the_same_part_takes_over_once() -> None:
    """The next wire from the same topic reads what mail read; the one after it lets everything pass."""
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "news", "stock") == ("order.placed",)
    assert drawn(now, "news", "mail") == ()


def test_a_wire_elsewhere_takes_nothing_over() -> None:
    """A wire that shares no part with the removed one lets everything pass, and so does one whose removed
    wire did.
    """
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "box", "stock") == ()
    again = session()
    again.do(SetWire("news->mail:subscribe", "events", ()))
    again.do(RemoveWire("news->mail:subscribe"))
    assert drawn(again, "box", "mail") == ()


def test_a_filter_is_all_or_events_that_exist() -> None:
    """The filter "all" lets everything pass; an event that no client sends is refused with the valid ones."""
    now = session()
    for typed, passing in (("all", ()), ("order.placed", ("order.placed",))):
        now.set("news->mail", "events", typed)
        assert now.design.wires[1].events == passing
    with pytest.raises(InputError, match=r"order\.placed"):
        now.set("news->mail", "events", "order.place")
