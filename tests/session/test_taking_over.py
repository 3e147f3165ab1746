"""A wire that takes the place of another one lets the same events pass."""

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
    """A sandbox in which mail reads orders alone from a topic."""
    wires = [
        Publish(source="shop", target="news"),
        Subscribe(source="news", target="mail", events=("order.placed",)),
    ]
    return Session(scenario=Scenario(design=make_design(PARTS, wires)))


def drawn(now: Session, source: str, target: str) -> tuple[str, ...]:
    """The events that a wire lets pass which is drawn now."""
    ref = now.wire(source, target)
    made = now.design.wire(ref)
    assert made is not None
    return made.events


def test_another_reader_in_its_place_reads_the_same() -> None:
    """The wire to mail is removed, and a queue delivers to mail instead: only orders, as before."""
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "box", "mail") == ("order.placed",)


def test_a_wire_from_the_same_part_takes_over_once() -> None:
    """Stock reads what mail read; what is drawn after that lets everything pass."""
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "news", "stock") == ("order.placed",)
    assert drawn(now, "news", "mail") == ()


def test_a_wire_elsewhere_takes_nothing_over() -> None:
    """What shares no part with the removed wire lets everything pass; so does one whose predecessor did."""
    now = session()
    now.do(RemoveWire("news->mail:subscribe"))
    assert drawn(now, "box", "stock") == ()
    again = session()
    again.do(SetWire("news->mail:subscribe", "events", ()))
    again.do(RemoveWire("news->mail:subscribe"))
    assert drawn(again, "box", "mail") == ()


def test_a_filter_is_all_or_events_that_exist() -> None:
    """Typed as "all" it lets everything pass; an event that no client sends is refused, with what
    there is.
    """
    now = session()
    for typed, passing in (("all", ()), ("order.placed", ("order.placed",))):
        now.set("news->mail", "events", typed)
        assert now.design.wires[1].events == passing
    with pytest.raises(InputError, match=r"order\.placed"):
        now.set("news->mail", "events", "order.place")
