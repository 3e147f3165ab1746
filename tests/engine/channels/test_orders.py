"""The order in which a buffer hands out messages, the lanes of keys, late receipts and what a hanging channel
holds back, each tested alone.
"""

from __future__ import annotations

import pytest

from tutor.engine.channels.messages import QueuedMessage
from tutor.engine.channels.orders import ORDERS, Fifo, Lanes
from tutor.engine.channels.receipts import Receipts
from tutor.engine.core.events import Flow, Source, fill_delivery, make_event
from tutor.model.component import Queue
from tutor.model.setting import settings_of

FLOW = Flow(Source("shop", 0), "order.placed")


def message(number: int, key: int = 0) -> QueuedMessage:
    """A message of its own event; its number is also its place in the order."""
    made = QueuedMessage()
    fill_delivery(made, make_event(FLOW, number, key, 1, number), 0, number, 1)
    return made


def drained(order: Fifo) -> list[int]:
    """The numbers of all messages, in the order in which the buffer hands them out."""
    return [order.take().event.number for _ in range(len(order.ready))]


@pytest.mark.parametrize(("name", "expected"), [("fifo", [9, 0, 1, 2, 8]), ("lifo", [9, 2, 1, 0, 8])])
def test_what_comes_back_goes_to_the_head_or_behind_all_others(name: str, expected: list[int]) -> None:
    """In both orders a message put back at the head is handed out next, and one put at the tail last."""
    order = ORDERS[name]()
    for number in range(3):
        order.put(message(number))
    order.put_back(message(8), at_head=False)
    order.put_back(message(9), at_head=True)
    assert drained(order) == expected


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_a_message_that_was_not_wanted_is_next_again(name: str) -> None:
    """Taking a message and putting it back at once doesn't change the order."""
    order = ORDERS[name]()
    for number in range(3):
        order.put(message(number))
    first = order.take()
    order.untake(first)
    assert order.take() is first


def test_every_discipline_has_an_order() -> None:
    """There is an order for each discipline that a queue may have."""
    assert set(ORDERS) == set(settings_of(Queue)["discipline"].choices)


def test_a_lane_has_one_owner_and_passes_to_the_next_of_its_key() -> None:
    """With three messages of one key two wait, while another key isn't held up; an empty lane is removed."""
    lanes = Lanes()
    first, second, third, other = message(0), message(1), message(2), message(3, key=1)
    assert [lanes.keeps(one, at_head=False) for one in (first, second, third, other)] == [
        False,
        True,
        True,
        False,
    ]
    assert lanes.waiting == 2
    assert lanes.leave(first) is second
    assert lanes.leave(second) is third
    assert lanes.leave(third) is None
    assert lanes.waiting == 0
    assert 0 not in lanes
    assert 1 in lanes


def test_the_oldest_message_of_all_lanes_makes_room() -> None:
    """The oldest message is dropped, whichever lane it waits in."""
    lanes = Lanes()
    for one in (message(0, key=0), message(1, key=1), message(5, key=1), message(4, key=0)):
        lanes.keeps(one, at_head=False)
    oldest = lanes.drop_oldest()
    assert oldest is not None
    assert oldest.event.number == 4
    assert lanes.waiting == 1


def test_a_late_receipt_leads_to_the_latest_delivery_while_it_is_open() -> None:
    """A receipt of an earlier delivery counts for the latest one, until that has ended."""
    receipts = Receipts()
    first, second, third = message(0), message(0), message(0)
    receipts.came_back(first, second)
    receipts.came_back(second, third)
    assert receipts.redeem(first) is third
    third.open = False
    assert receipts.redeem(second) is None
