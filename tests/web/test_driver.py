"""The page's driver: typed keys reach the game."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.message import Message

from tutor.web.driver import PageDriver


class Heard(PageDriver):
    """A driver that records the messages it would send to the game."""

    def __init__(self) -> None:
        super().__init__(App[None]())
        self.messages: list[Message] = []

    def process_message(self, message: Message) -> None:
        """Record the message."""
        self.messages.append(message)


async def test_an_escape_and_the_next_key_are_two_keys() -> None:
    """Escape is answered at once, and a key pressed right after it doesn't become a key with Alt."""
    driver = Heard()
    for data in ("\x1b", "r", "\x1b[A", "\x1b", "\x1b", "v"):
        driver.feed(data)
    keys = [message.key for message in driver.messages if isinstance(message, events.Key)]
    assert keys == ["escape", "r", "up", "escape", "escape", "v"]
