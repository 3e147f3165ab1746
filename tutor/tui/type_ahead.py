"""Type-ahead: keys are answered in their order, each by what the one before it has opened.

Textual gives a key to the widget that has the focus just then. What a key asks for - a level, a list, a
card - comes some messages later, and keys of a fast hand would go to the screen before it, where they mean
nothing or something else. Here the next key waits until the last one has had its effect.
"""

from __future__ import annotations

from collections import deque
from functools import partial

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

ROUNDS = 4
"""How often an echo follows a key: behind the key itself, then behind what its command posts, and what that
posts: Enter in the search line of a list is handed on twice before the list closes. All of them take 2 ms.
"""

MOVES = frozenset({"up", "down", "left", "right", "pageup", "pagedown", "home", "end"})
"""Keys that open nothing: the next one need not wait, and a held arrow is as quick as ever."""

PATIENCE_S = 0.3
"""After this long a key is taken to have had its effect: the widget that got it may be gone, and its echo
with it.
"""


class Echo(Message):
    """An echo: it goes the way of a key, from the widget to the application, behind everything that was
    posted there before.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        """The number of the key, or of the screen, that it follows."""


class TypeAhead:
    """The keys that wait for their turn."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._waiting: deque[events.Key] = deque()
        self._holders: dict[int, object] = {}
        self._number = 0
        self._rounds = 0
        self._target: MessagePump = app

    @property
    def idle(self) -> bool:
        """True when every key has had its effect."""
        return not (self._waiting or self._rounds or self._held)

    @property
    def _held(self) -> bool:
        """True if somebody is about to open something; a screen counts only while it is the one in view,
        because it opens nothing behind another.
        """
        return any(
            holder is self._app.screen or not isinstance(holder, Screen) for holder in self._holders.values()
        )

    def hold(self, holder: object) -> None:
        """Keeps every key until ``holder`` releases them: it is about to open something."""
        self._holders[id(holder)] = holder

    def release(self, holder: object) -> None:
        """Lets the keys go that were kept for ``holder``."""
        if id(holder) in self._holders:
            del self._holders[id(holder)]
            self._app.post_message(Echo(0))

    def put(self, key: events.Key) -> None:
        """Puts a key at the end of the line."""
        self._waiting.append(key)
        if self._rounds and len(self._waiting) == 1:
            self._be_patient()

    def take(self) -> events.Key | None:
        """Takes the first key of the line if it can be answered now."""
        if not self._waiting or self._rounds or self._held:
            return None
        return self._waiting.popleft()

    def follow(self, target: MessagePump) -> None:
        """Lets no key pass until a widget that got one, or a screen that opens, has done what it had to."""
        self._number += 1
        self._rounds, self._target = ROUNDS, target
        self._send()

    def hear(self, echo: Echo) -> None:
        """Notes an echo that has come back."""
        if echo.number == self._number and self._rounds:
            self._rounds -= 1
            if self._rounds:
                self._send()

    def _send(self) -> None:
        if not self._target.post_message(Echo(self._number)):
            self._app.post_message(Echo(self._number))
        if self._waiting:
            self._be_patient()

    def _be_patient(self) -> None:
        self._app.set_timer(PATIENCE_S, partial(self._give_up, self._number))

    def _give_up(self, number: int) -> None:
        if number != self._number or not self._rounds:
            return
        if not self._app.screen.is_mounted:  # a screen takes as long as it takes
            self._be_patient()
            return
        self._rounds = 0
        self._app.post_message(Echo(number))
