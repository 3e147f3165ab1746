"""The requests of the board. It never edits the design itself: the screen asks the session and gives the
board the new design.

An *item* is the id of a part or the reference of a wire.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from tutor.model.component import Component
from tutor.show.picture.place import Slot


class BoardMessage(Message, namespace="board"):
    """A request or report of the board."""


class FocusMoved(BoardMessage, namespace="board"):
    """Reports that another part or wire has the focus; ``item`` is None if nothing has."""

    def __init__(self, item: str | None) -> None:
        self.item = item
        super().__init__()


class WiringChanged(BoardMessage, namespace="board"):
    """Reports that a wire is being drawn from ``source``, None when it is drawn or given up; ``choosing`` is
    true while several kinds fit.
    """

    def __init__(self, source: str | None, *, choosing: bool = False) -> None:
        self.source = source
        self.choosing = choosing
        super().__init__()


class OpenRequested(BoardMessage, namespace="board"):
    """Asks to open a part or wire in the inspector."""

    def __init__(self, item: str) -> None:
        self.item = item
        super().__init__()


class AddRequested(BoardMessage, namespace="board"):
    """Asks for a new part; ``near`` has the focus, ``at`` is the slot that was pointed at, if any."""

    def __init__(self, near: str | None, at: Slot | None = None) -> None:
        self.near = near
        self.at = at
        super().__init__()


class WireRequested(BoardMessage, namespace="board"):
    """Asks for a wire of this kind between two parts; it is legal."""

    def __init__(self, source: str, target: str, kind: str) -> None:
        self.source = source
        self.target = target
        self.kind = kind
        super().__init__()


class PromiseRequested(BoardMessage, namespace="board"):
    """Asks for a promise of a client's events at a part."""

    def __init__(self, client: str, part: str) -> None:
        self.client = client
        self.part = part
        super().__init__()


class RemoveRequested(BoardMessage, namespace="board"):
    """Asks to remove a part with its wires, or a wire."""

    def __init__(self, item: str) -> None:
        self.item = item
        super().__init__()


class MoveRequested(BoardMessage, namespace="board"):
    """Asks to move a part to this slot: the new value of its ``at``."""

    def __init__(self, part: str, at: Slot) -> None:
        self.part = part
        self.at = at
        super().__init__()


class TidyRequested(BoardMessage, namespace="board"):
    """Asks to put every part in its place in the flow: the new value of ``at`` for each of ``slots``."""

    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self.slots = slots
        super().__init__()


class Copied(BoardMessage, namespace="board"):
    """Reports that a part was copied, and can be pasted."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__()


class PasteRequested(BoardMessage, namespace="board"):
    """Asks for a copy of this part, with its settings, under a new id."""

    def __init__(self, component: Component) -> None:
        self.component = component
        super().__init__()


class MenuRequested(BoardMessage, namespace="board"):
    """Asks for the menu of ``item`` (of the board itself if it is None) at this place on the screen."""

    def __init__(self, item: str | None, x: int, y: int) -> None:
        self.item = item
        self.x = x
        self.y = y
        super().__init__()


class Refused(BoardMessage, namespace="board"):
    """Reports that something was tried that cannot be done; ``reason`` is for the learner."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class Pointed(BoardMessage, namespace="board"):
    """Reports that the pointer is over another kind of place: ``""`` (off the board), ``ground``, ``part``,
    ``edge``, ``wire`` or ``shared``.
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        super().__init__()
