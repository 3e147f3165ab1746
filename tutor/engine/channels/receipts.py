"""The latest delivery of each message, for acknowledgements that arrive after their lease is over.

Amazon SQS takes the acknowledgement of the most recent receipt however late it comes; JetStream and Redis
that of any delivery.
"""

from __future__ import annotations

from tutor.engine.channels.messages import QueuedMessage


class Receipts:
    """The latest delivery of each message that has come back."""

    __slots__ = ("latest",)

    def __init__(self) -> None:
        self.latest: dict[QueuedMessage, list[QueuedMessage]] = {}
        """By delivery: the latest of the same message, in a cell that all its deliveries share."""

    def came_back(self, message: QueuedMessage, again: QueuedMessage) -> None:
        """Notes that a delivery is over and another will follow."""
        cell = self.latest.setdefault(message, [again])
        cell[0] = again
        self.latest[again] = cell

    def redeem(self, message: QueuedMessage) -> QueuedMessage | None:
        """Returns the latest delivery of the message that this was a delivery of; None if it is not known, or
        the message has left.
        """
        cell = self.latest.pop(message, None)
        return cell[0] if cell is not None and cell[0].open else None

    def forget(self, message: QueuedMessage) -> None:
        """Forgets a delivery that nobody will acknowledge any more."""
        self.latest.pop(message, None)
