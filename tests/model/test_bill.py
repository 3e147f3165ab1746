"""What a part's price is made of."""

from __future__ import annotations

import pytest

from tutor.model.component import Component, Database, Job, Queue, Service, Stream, Topic
from tutor.model.price import Prices, items_of, price_of
from tutor.words import say


@pytest.mark.parametrize(
    "part",
    [
        Service(id="a", replicas=3, workers=7, idempotent=True),
        Service(id="b", workers=2),
        Service(id="c", price_per_hour=2.5),
        Database(id="d", replicas=2),
        Job(id="e"),
        Queue(id="f", replicas=3),
        Topic(id="g"),
        Stream(id="h", replicas=3, partitions=12),
    ],
    ids=lambda part: f"{part.kind}-{part.id}",
)
def test_items_add_up_to_the_price(part: Component) -> None:
    """The items of a bill add up to the part's price, and each has a sentence."""
    items = items_of(part, Prices())
    assert sum(item.count * item.each for item in items) == pytest.approx(price_of(part, Prices()))
    assert all(say(f"bill.items.{item.what}", count=item.count, each=f"{item.each:.2f}") for item in items)
