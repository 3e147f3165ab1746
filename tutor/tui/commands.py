"""Every command of the game, declared once: key, footer, palette entry, tooltip and help come from the same
value.

A screen names its commands in ``OFFERS``; :func:`bindings` turns them into Textual bindings whose ids allow
keys to be remapped.
"""

from __future__ import annotations

import dataclasses
import functools

from textual.binding import Binding, BindingType

from tutor.words import say, sentence


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KeyCommand:
    """One command of the game."""

    id: str
    """Unique name, ``<group>.<verb>``: what a keymap names."""
    key: str
    """The key, or several with commas; the first is the one shown."""
    action: str
    """The Textual action, looked up on the screen and then on the app."""
    weight: int = 0
    """Place in the key bar where room is short: the heaviest stay; 0 is never shown there."""
    shown: str = ""
    """How the key is written; made from the key where it is empty."""

    @property
    def label(self) -> str:
        """One or two words for the key bar, in the language in use."""
        return say(f"keys.{self.id}.label")

    @property
    def doc(self) -> str:
        """One sentence for help, tooltip and palette, in the language in use."""
        return say(f"keys.{self.id}.doc")

    @property
    def group(self) -> str:
        """The heading it stands under in help."""
        return say(f"keys.groups.{self.id.partition('.')[0]}")

    @property
    def keycap(self) -> str:
        """The key as it is written on screen."""
        return self.shown or keycap(self.key.split(",")[0])

    def binding(self) -> Binding:
        """Returns the Textual binding of this command."""
        return Binding(
            self.key,
            self.action,
            self.id,  # its words are looked up when they are shown: the language may change until then
            show=self.weight > 0,
            key_display=self.keycap,
            id=self.id,
            priority=self.id in _ALWAYS,
        )


GROUPS = ("run", "play", "edit", "learn", "view", "list", "go", "app")
"""The first halves of the commands' ids: the headings of the help screen, in its order."""

_ALWAYS = frozenset({"app.quit", "app.interrupt"})

_CAPS = {
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "enter": "⏎",
    "space": "space",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def keycap(key: str) -> str:
    """Returns a key's name as it is written on screen: ``ctrl+p`` is ``^p``, ``full_stop`` is ``.``."""
    if key.startswith("ctrl+"):
        return "^" + keycap(key.removeprefix("ctrl+"))
    if key.startswith("shift+"):
        return "⇧" + keycap(key.removeprefix("shift+"))
    return _CAPS.get(key, key)


def spelled(keys: str) -> str:
    """Spells names of keys for a terminal that has plain letters only: ``⏎`` is ``enter``, ``⇧↑`` is
    ``shift+↑``.
    """
    return keys.replace("⏎", "enter").replace("⇧ + ", "shift+").replace("⇧", "shift+")


SAME = {
    "board.add": "edit.add",
    "board.wire": "edit.wire",
    "board.remove": "edit.delete",
    "board.menu": "edit.menu",
    "board.open": "list.open",
}
"""Bindings of the board that are the same thing as one of the commands here."""


def command_of(binding: Binding) -> KeyCommand | None:
    """Returns the command that a binding belongs to, if it is one of ours; the words of a key of one widget
    alone are under its id, as for commands.
    """
    name = SAME.get(binding.id or "", binding.id or "")
    known = by_id().get(name)
    if known is not None or not name:
        return known
    try:
        sentence(f"keys.{name}.doc")
    except KeyError:
        return None
    return KeyCommand(id=name, key=binding.key, action=binding.action)


def bindings(*commands: KeyCommand) -> list[BindingType]:
    """Returns the bindings of these commands, for a class's ``BINDINGS``."""
    return [command.binding() for command in commands]


@functools.cache
def by_id() -> dict[str, KeyCommand]:
    """Returns every command by its id."""
    return {value.id: value for value in globals().values() if isinstance(value, KeyCommand)}


HELP = KeyCommand(id="app.help", key="question_mark,f1", action="app.help", weight=99)
PALETTE = KeyCommand(id="app.palette", key="ctrl+p", action="app.command_palette", weight=40)
GLOSSARY = KeyCommand(id="app.glossary", key="g", action="app.glossary", weight=8)
LEAVE = KeyCommand(id="app.leave", key="q", action="app.leave", weight=30)
QUIT = KeyCommand(id="app.quit", key="ctrl+q", action="app.quit")
INTERRUPT = KeyCommand(id="app.interrupt", key="ctrl+c", action="app.interrupt")
SETTINGS = KeyCommand(id="go.settings", key="comma", action="app.settings", weight=6)
PROGRESS = KeyCommand(
    id="go.progress",
    key="p",
    action="app.progress",
    weight=12,
)
SANDBOX = KeyCommand(id="go.sandbox", key="s", action="app.sandbox", weight=14)
MAP = KeyCommand(id="go.map", key="ctrl+o", action="app.campaign")

HAND_IN = KeyCommand(id="go.hand-in", key="H", action="app.hand_in", weight=31)

CONTINUE = KeyCommand(id="go.continue", key="c", action="continue", weight=50)
PLAY = KeyCommand(id="go.play", key="enter", action="play", weight=60)
OPEN = KeyCommand(id="list.open", key="enter", action="open", weight=60)
EDIT = KeyCommand(id="list.edit", key="enter", action="select", weight=86)
OUT = KeyCommand(id="list.out", key="escape", action="out", weight=85)
TAKE = KeyCommand(id="list.take", key="enter", action="submit", weight=88)
DROP = KeyCommand(id="list.drop", key="escape", action="drop", weight=87)
BACK = KeyCommand(id="list.back", key="escape", action="back", weight=70)

CLOSE = KeyCommand(id="list.close", key="escape", action="app.leave", weight=70)
REVIEW = KeyCommand(id="list.review", key="r", action="review", weight=60)
ITS_LEVEL = KeyCommand(id="go.level", key="ctrl+l", action="play", weight=50)

READ_ON = KeyCommand(id="list.on", key="space,pagedown", action="read(1)", weight=80)
READ_BACK = KeyCommand(id="list.up", key="pageup", action="read(-1)")

RUN = KeyCommand(id="run.start", key="r", action="run", weight=90)
STOP = KeyCommand(id="run.stop", key="escape", action="back")

PAUSE = KeyCommand(id="play.pause", key="space", action="pause", weight=80)
STEP = KeyCommand(id="play.step", key="full_stop", action="step", weight=34)
BACKWARD = KeyCommand(id="play.backward", key="left_square_bracket", action="scrub(-1)", weight=33)
FORWARD = KeyCommand(id="play.forward", key="right_square_bracket", action="scrub(1)", weight=32)
SKIP = KeyCommand(id="play.verdict", key="v", action="verdict", weight=78)
NEXT_FAULT = KeyCommand(id="play.fault", key="n", action="next_fault", weight=22)
FIRST_FAILURE = KeyCommand(id="play.failure", key="f", action="first_failure", weight=24)
FASTER = KeyCommand(id="play.faster", key="plus,equals_sign", action="speed(1)", shown="+")
SLOWER = KeyCommand(id="play.slower", key="minus", action="speed(-1)", shown="-")
START_OVER = KeyCommand(id="play.start", key="0", action="replay")

ADD = KeyCommand(id="edit.add", key="a", action="add", weight=75)
WIRE = KeyCommand(id="edit.wire", key="w", action="wire", weight=74)
DELETE = KeyCommand(id="edit.delete", key="x,delete", action="delete", weight=44)
UNDO = KeyCommand(id="edit.undo", key="u", action="undo", weight=42)
REDO = KeyCommand(id="edit.redo", key="ctrl+r,U", action="redo", weight=11)
COPY_LINK = KeyCommand(id="edit.link", key="L", action="app.copy_link")
COPY_PICTURE = KeyCommand(id="edit.picture", key="P", action="app.copy_picture")
RESET = KeyCommand(id="edit.reset", key="R", action="reset")
SET = KeyCommand(id="edit.settings", key="i", action="inspect", weight=7)
MENU = KeyCommand(id="edit.menu", key="m", action="menu")

WHY = KeyCommand(id="learn.why", key="y", action="why", weight=76)
HINT = KeyCommand(id="learn.hint", key="h", action="hint", weight=46)
BRIEFING = KeyCommand(id="learn.briefing", key="b", action="briefing", weight=20)
JOURNEY = KeyCommand(id="learn.journey", key="j", action="journey", weight=28)
COMPARE = KeyCommand(id="learn.compare", key="c", action="compare", weight=26)
BILL = KeyCommand(id="learn.bill", key="dollar_sign", action="bill", shown="$")
MEASURED = KeyCommand(id="learn.measured", key="number_sign", action="measured", shown="#")
POSTMORTEM = KeyCommand(id="learn.postmortem", key="p", action="postmortem")
SOLUTIONS = KeyCommand(id="learn.solutions", key="o", action="solutions")
LIVE = KeyCommand(id="learn.live", key="l", action="live")
DEBRIEF = KeyCommand(id="learn.debrief", key="d", action="debrief")
CHARTS = KeyCommand(id="view.charts", key="t", action="charts", weight=9)
TABLE = KeyCommand(id="view.table", key="t", action="table", weight=80)
PANEL = KeyCommand(id="view.panel", key="I", action="panel")
FAULTS = KeyCommand(id="edit.faults", key="e", action="faults", weight=65)
PROMISES = KeyCommand(
    id="edit.promises",
    key="o",
    action="promises",
    weight=64,
)
OPEN_FILE = KeyCommand(id="edit.open", key="ctrl+l", action="open_file", weight=4)
TO_SANDBOX = KeyCommand(
    id="go.to-sandbox",
    key="ctrl+b",
    action="to_sandbox",
)
SAVE = KeyCommand(id="edit.save", key="ctrl+s", action="save", weight=5)
