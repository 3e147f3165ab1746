"""The order in which a buffer hands out its messages, and the lanes that keep the messages of one key apart.

:class:`Fifo` and :class:`Lifo` are policies over one line of messages that are ready; while nothing is out of
the ordinary the short ways of :class:`~tutor.engine.channels.buffers.Buffer` do in place what :class:`Fifo`
does here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from tutor.engine.channels.messages import QueuedMessage


class Fifo:
    """The oldest message is next; one that comes back goes to the head, or behind all others."""

    __slots__ = ("ready",)

    def __init__(self) -> None:
        self.ready: deque[QueuedMessage] = deque()
        """The messages that may be delivered, the oldest first."""

    def put(self, message: QueuedMessage) -> None:
        """Adds a new message."""
        self.ready.append(message)

    def put_back(self, message: QueuedMessage, *, at_head: bool) -> None:
        """Puts a message that has come back into the line, at the head or at the end."""
        if at_head:
            self.ready.appendleft(message)
        else:
            self.ready.append(message)

    def take(self) -> QueuedMessage:
        """Takes the next message out."""
        return self.ready.popleft()

    def untake(self, message: QueuedMessage) -> None:
        """Puts the message that was taken last back at the front."""
        self.ready.appendleft(message)


class Lifo(Fifo):
    """The newest message is next."""

    __slots__ = ()

    def put_back(self, message: QueuedMessage, *, at_head: bool) -> None:
        super().put_back(message, at_head=not at_head)

    def take(self) -> QueuedMessage:
        return self.ready.pop()

    def untake(self, message: QueuedMessage) -> None:
        self.ready.append(message)


ORDERS: dict[str, type[Fifo]] = {"fifo": Fifo, "lifo": Lifo}
"""By ``discipline``: the order."""


class Lanes:
    """One message of a key at a time: the others of its key wait behind it (SQS FIFO message groups).

    A message that is ready or in hand owns the lane of its key until it leaves the buffer.
    """

    __slots__ = ("_lanes", "waiting")

    def __init__(self) -> None:
        self._lanes: dict[int, deque[QueuedMessage]] = {}
        self.waiting = 0
        """How many messages wait behind others of their key."""

    def __contains__(self, key: int) -> bool:
        return key in self._lanes

    def __iter__(self) -> Iterator[QueuedMessage]:
        return (message for lane in self._lanes.values() for message in lane)

    def keeps(self, message: QueuedMessage, *, at_head: bool) -> bool:
        """Returns whether a message has to wait behind another of its key; otherwise the lane is now
        its own.
        """
        lane = self._lanes.get(message.event.key)
        if lane is None:
            self._lanes[message.event.key] = deque()
            return False
        if at_head:
            lane.appendleft(message)
        else:
            lane.append(message)
        self.waiting += 1
        return True

    def leave(self, message: QueuedMessage) -> QueuedMessage | None:
        """Releases a lane; the next message in it, if one waits, then owns it and is returned."""
        lane = self._lanes.get(message.event.key)
        if not lane:
            self._lanes.pop(message.event.key, None)
            return None
        self.waiting -= 1
        return lane.popleft()

    def drop_oldest(self) -> QueuedMessage | None:
        """Removes the oldest message that waits in any lane; its lane belongs to a message in hand, so
        nothing else changes.
        """
        lanes = [lane for lane in self._lanes.values() if lane]
        if not lanes:
            return None
        self.waiting -= 1
        return min(lanes, key=lambda lane: lane[0].stored).popleft()

    def clear(self) -> None:
        """Removes everything."""
        self._lanes.clear()
        self.waiting = 0
