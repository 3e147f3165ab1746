"""Handing in: asks for name and address, the first time, and makes the file for the teacher."""

from __future__ import annotations

import time
from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tutor.errors import InputError
from tutor.show.handing_in import HandingIn
from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.keybar import KeyBar
from tutor.words import say

SLICE_S = 0.02
"""How long designs are checked between two looks at the keyboard."""


class HandInScreen(Dialog[str]):
    """The form for handing in; answers with a description of the file that was made, in a sentence or two; ""
    for escape.
    """

    BINDINGS = bindings(BACK)
    DEFAULT_CSS = """
    HandInScreen {
        & > #hand-in { width: 72; max-width: 100%; height: auto; background: $surface;
            border-left: outer $accent; padding: 1 3; }
        & Static { height: auto; }
        & Input { height: 1; border: none; padding: 0 1; margin: 0 0 1 0; background: $panel; }
        & Input:focus { border: none; background: $boost; }
        & #hand-in-state { margin: 1 0 0 0; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, hand_in: HandingIn) -> None:
        super().__init__()
        self._hand_in = hand_in
        self._steps: Iterator[float] = iter(())

    def compose(self) -> ComposeResult:
        """Shows two lines to fill in, and the progress."""
        signature = self._hand_in.signature
        with Vertical(id="hand-in"):
            yield Static(Content.styled(say("screens.hand-in.title"), "bold $text"), markup=False)
            yield Static(Content.styled(say("screens.hand-in.about"), "$muted"), markup=False)
            yield Static(say("class.signature.name"), markup=False)
            yield Input(signature.name, id="name", select_on_focus=False)
            yield Static(say("class.signature.email"), markup=False)
            yield Input(signature.email, id="email", select_on_focus=False)
            yield Static(Content.styled(say("screens.hand-in.enter"), "$muted"), id="hand-in-state")
        yield KeyBar()

    def on_mount(self) -> None:
        """Focuses the last line for whoever has signed before: only Enter is needed."""
        self.query_one("#email" if self._hand_in.signature.name else "#name", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Goes from the name to the address, and from there to the file."""
        event.stop()
        if event.input.id == "name" and event.value.strip():
            self.query_one("#email", Input).focus()
            return
        name, email = (self.query_one(f"#{one}", Input).value for one in ("name", "email"))
        signature = self._hand_in.signature
        try:
            if (name, email) != (signature.name, signature.email) or not signature.name:
                self._hand_in.sign(name, email)
            self._steps = self._hand_in.steps()
        except InputError as error:
            self._refuse(error)
            return
        for one in self.query(Input):
            one.disabled = True
        self._advance()

    def _advance(self) -> None:
        """Checks designs for a moment, then lets keys be answered."""
        if not self.is_mounted:
            return
        until = time.monotonic() + SLICE_S
        try:
            for share in self._steps:
                if time.monotonic() > until:
                    self._tell(say("screens.hand-in.checking", share=share), "$text")
                    self.set_timer(0.001, self._advance)
                    return
        except InputError as error:
            self._refuse(error)
            return
        self.dismiss(self._hand_in.result)

    def _refuse(self, error: InputError) -> None:
        for one in self.query(Input):
            one.disabled = False
        self._tell(error.what, "$error")
        self.query_one("#email" if error.key == "--email" else "#name", Input).focus()

    def _tell(self, words: str, style: str) -> None:
        self.query_one("#hand-in-state", Static).update(Content.styled(words, style))

    def action_back(self) -> None:
        """Closes the form; nothing is written."""
        self.dismiss("")

    def describe_focus(self) -> str:
        """Describes the purpose of the lines."""
        return say("screens.hand-in.about")
