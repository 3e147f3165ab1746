"""A message in a queue or a subscription of a topic, and who has it in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.engine.core.events import Delivery

if TYPE_CHECKING:
    from tutor.engine.channels.subscriptions import Consumer, SubscribeWire


class QueuedMessage(Delivery):
    """A message of a buffer; every redelivery is a new object."""

    __slots__ = ("consumer",)

    via: SubscribeWire
    consumer: Consumer
    """Who has it in hand; set at each delivery."""
