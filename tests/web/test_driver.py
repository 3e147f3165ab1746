"""The driver of a page: what is typed reaches the game."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.message import Message

from tutor.web.driver import PageDriver


class Heard(PageDriver):
    """A driver that notes what it would tell the game."""

    def __init__(self) -> None:
        super().__init__(App[None]())
        self.messages: list[Message] = []

    def process_message(self, message: Message) -> None:
        """Notes it."""
        self.messages.append(message)


async def test_an_escape_and_the_next_key_are_two_keys() -> None:
    """However soon the next one comes: escape is answered at once, and no key turns into another with alt."""
    driver = Heard()
    for data in ("\x1b", "r", "\x1b[A", "\x1b", "\x1b", "v"):
        driver.feed(data)
    keys = [message.key for message in driver.messages if isinstance(message, events.Key)]
    assert keys == ["escape", "r", "up", "escape", "escape", "v"]
