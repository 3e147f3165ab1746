"""The screen of a game that ``tutor serve`` has started: textual-serve's, which ends with its server."""

from __future__ import annotations

import os
import threading

from textual import messages
from textual.drivers.web_driver import WebDriver

GRACE_S = 3.0
"""How long a game may take to end once its server is gone."""


class ServedDriver(WebDriver):
    """A driver that ends its game when the input ends: the server is gone, however that happened.

    Everything is saved as it is done, so nothing is lost.
    """

    def run_input_thread(self) -> None:
        """Reads the visitor's input, until the server says that it is over or is gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())
            last = threading.Timer(
                GRACE_S, os._exit, (1,)
            )  # an output that nobody reads can block the way out
            last.daemon = True
            last.start()
