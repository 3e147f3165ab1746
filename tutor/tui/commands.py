"""Everything a learner can ask for, described once: key, footer, palette entry, tooltip and help come from the same value.

A screen names its commands in ``OFFERS``; :func:`bindings` turns them into Textual bindings whose ids allow keys to be remapped.
"""

from __future__ import annotations

import dataclasses
import functools

from textual.binding import Binding, BindingType


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KeyCommand:
    """One thing that can be asked for."""

    id: str
    """Unique name, ``<group>.<verb>``: what a keymap names."""
    key: str
    """The key, or several with commas; the first is the one shown."""
    label: str
    """One or two words for the key bar."""
    doc: str
    """One sentence for help, tooltip and palette."""
    action: str
    """The Textual action, looked up on the screen and then on the app."""
    weight: int = 0
    """Place in the key bar where room is short: the heaviest stay; 0 is never shown there."""
    shown: str = ""
    """How the key is written; made from the key where it is empty."""

    @property
    def group(self) -> str:
        """The heading it stands under in help."""
        return GROUPS[self.id.partition(".")[0]]

    @property
    def keycap(self) -> str:
        """The key as it is written on screen."""
        return self.shown or keycap(self.key.split(",")[0])

    def binding(self) -> Binding:
        """The Textual binding of this command."""
        return Binding(
            self.key,
            self.action,
            self.label,
            show=self.weight > 0,
            key_display=self.keycap,
            tooltip=self.doc,
            id=self.id,
            priority=self.id in _ALWAYS,
        )


EVERYWHERE, PLACES = "Everywhere", "Going places"
GROUPS = {
    "app": EVERYWHERE,
    "go": PLACES,
    "run": "Running",
    "play": "Watching a run",
    "edit": "Rewiring",
    "learn": "Finding out why",
    "view": "Looking",
    "list": "Choosing",
}
"""Headings of the help screen, by the first half of a command's id."""

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
    """A key's name as it is written on screen: ``ctrl+p`` is ``^p``, ``full_stop`` is ``.``."""
    if key.startswith("ctrl+"):
        return "^" + keycap(key.removeprefix("ctrl+"))
    if key.startswith("shift+"):
        return "⇧" + keycap(key.removeprefix("shift+"))
    return _CAPS.get(key, key)


def spelled(keys: str) -> str:
    """Names of keys for a terminal that has plain letters only: ``⏎`` is ``enter``, ``⇧↑`` is ``shift+↑``."""
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
    """The command that a binding belongs to, if it is one of ours."""
    name = binding.id or ""
    return by_id().get(SAME.get(name, name))


def bindings(*commands: KeyCommand) -> list[BindingType]:
    """The bindings of these commands, for a class's ``BINDINGS``."""
    return [command.binding() for command in commands]


@functools.cache
def by_id() -> dict[str, KeyCommand]:
    """Every command by its id."""
    return {value.id: value for value in globals().values() if isinstance(value, KeyCommand)}


HELP = KeyCommand(
    id="app.help", key="question_mark,f1", label="help", doc="The keys that work here, and what has the focus", action="app.help", weight=99
)
PALETTE = KeyCommand(
    id="app.palette", key="ctrl+p", label="commands", doc="Search everything that can be done", action="app.command_palette", weight=40
)
GLOSSARY = KeyCommand(
    id="app.glossary", key="g", label="glossary", doc="What a word means, and the level that teaches it", action="app.glossary", weight=8
)
LEAVE = KeyCommand(
    id="app.leave", key="q", label="leave", doc="Leave this screen; from the map, leave the game", action="app.leave", weight=30
)
QUIT = KeyCommand(id="app.quit", key="ctrl+q", label="quit", doc="Leave the game at once; nothing is lost", action="app.quit")
INTERRUPT = KeyCommand(
    id="app.interrupt", key="ctrl+c", label="interrupt", doc="The same, as a script sees an interruption (130)", action="app.interrupt"
)
SETTINGS = KeyCommand(
    id="go.settings", key="comma", label="settings", doc="Colours, ASCII, motion and playback speed", action="app.settings", weight=6
)
PROGRESS = KeyCommand(
    id="go.progress",
    key="p",
    label="progress",
    doc="What is passed, how good your predictions are, what to review",
    action="app.progress",
    weight=12,
)
SANDBOX = KeyCommand(
    id="go.sandbox", key="s", label="sandbox", doc="A free board with every part and every fault", action="app.sandbox", weight=14
)
MAP = KeyCommand(id="go.map", key="ctrl+o", label="map", doc="Back to the campaign map", action="app.campaign")

CONTINUE = KeyCommand(id="go.continue", key="c", label="continue", doc="Go on where you left off", action="continue", weight=50)
PLAY = KeyCommand(id="go.play", key="enter", label="play", doc="Play the highlighted level", action="play", weight=60)
OPEN = KeyCommand(id="list.open", key="enter", label="open", doc="Open what has the focus", action="open", weight=60)
EDIT = KeyCommand(id="list.edit", key="enter", label="edit", doc="Type a new value, or choose one", action="select", weight=86)
OUT = KeyCommand(id="list.out", key="escape", label="board", doc="Back to the board", action="out", weight=85)
TAKE = KeyCommand(id="list.take", key="enter", label="set", doc="Take the value that was typed", action="submit", weight=88)
DROP = KeyCommand(id="list.drop", key="escape", label="cancel", doc="Leave the value as it was", action="drop", weight=87)
BACK = KeyCommand(id="list.back", key="escape", label="back", doc="Go back", action="back", weight=70)

READ_ON = KeyCommand(
    id="list.on", key="space,pagedown", label="read on", doc="There is more below: go on reading", action="read(1)", weight=80
)
READ_BACK = KeyCommand(id="list.up", key="pageup", label="read back", doc="Scroll the text up again", action="read(-1)")

RUN = KeyCommand(id="run.start", key="r", label="run", doc="Run the design as it is wired now", action="run", weight=90)
STOP = KeyCommand(id="run.stop", key="escape", label="stop", doc="Stop what is going on, or go back one step", action="back")

PAUSE = KeyCommand(id="play.pause", key="space", label="pause", doc="Pause the playback, or go on", action="pause", weight=80)
STEP = KeyCommand(id="play.step", key="full_stop", label="step", doc="Go to the next thing that happens", action="step", weight=34)
BACKWARD = KeyCommand(id="play.backward", key="left_square_bracket", label="back", doc="Scrub back", action="scrub(-1)", weight=33)
FORWARD = KeyCommand(id="play.forward", key="right_square_bracket", label="forward", doc="Scrub forward", action="scrub(1)", weight=32)
SKIP = KeyCommand(id="play.verdict", key="v", label="verdict", doc="Skip to the verdict of the last run", action="verdict", weight=78)
NEXT_FAULT = KeyCommand(id="play.fault", key="n", label="next fault", doc="Jump to the next fault", action="next_fault", weight=22)
FIRST_FAILURE = KeyCommand(
    id="play.failure", key="f", label="first failure", doc="Jump to the moment where it first went wrong", action="first_failure", weight=24
)
FASTER = KeyCommand(id="play.faster", key="plus,equals_sign", label="faster", doc="Play faster", action="speed(1)", shown="+")
SLOWER = KeyCommand(id="play.slower", key="minus", label="slower", doc="Play slower", action="speed(-1)", shown="-")
START_OVER = KeyCommand(id="play.start", key="0", label="from the start", doc="Play the run again from its start", action="replay")

ADD = KeyCommand(id="edit.add", key="a", label="add", doc="Add a part from the palette", action="add", weight=75)
WIRE = KeyCommand(id="edit.wire", key="w", label="wire", doc="Draw a wire from the part with the focus", action="wire", weight=74)
DELETE = KeyCommand(
    id="edit.delete", key="x,delete", label="delete", doc="Delete the part or wire with the focus", action="delete", weight=44
)
UNDO = KeyCommand(id="edit.undo", key="u", label="undo", doc="Take the last change back", action="undo", weight=42)
REDO = KeyCommand(id="edit.redo", key="ctrl+r,U", label="redo", doc="Make the change again", action="redo", weight=11)
COPY_LINK = KeyCommand(
    id="edit.link", key="L", label="copy link", doc="Copy a link that puts this design on another learner's board", action="app.copy_link"
)
COPY_PICTURE = KeyCommand(
    id="edit.picture", key="P", label="picture", doc="Save a picture of the board as it is now, as SVG", action="app.copy_picture"
)
RESET = KeyCommand(id="edit.reset", key="R", label="reset", doc="Back to the level's start; undo brings your work back", action="reset")
SET = KeyCommand(
    id="edit.settings", key="i", label="inspect", doc="Go to the settings of what has the focus, and back", action="inspect", weight=7
)
MENU = KeyCommand(id="edit.menu", key="m", label="menu", doc="What can be done with the part or wire that has the focus", action="menu")

WHY = KeyCommand(id="learn.why", key="y", label="why", doc="Why the last run failed, with the evidence", action="why", weight=76)
HINT = KeyCommand(id="learn.hint", key="h", label="hint", doc="A hint; three steps, they cost nothing", action="hint", weight=46)
BRIEFING = KeyCommand(
    id="learn.briefing", key="b", label="briefing", doc="Read the story and the goals again", action="briefing", weight=20
)
JOURNEY = KeyCommand(
    id="learn.journey", key="j", label="events", doc="Follow one event of the last run from hop to hop", action="journey", weight=28
)
COMPARE = KeyCommand(
    id="learn.compare", key="c", label="compare", doc="The last two runs side by side, on the same traffic", action="compare", weight=26
)
BILL = KeyCommand(
    id="learn.bill", key="dollar_sign", label="bill", doc="What each part of the design costs an hour", action="bill", shown="$"
)
POSTMORTEM = KeyCommand(
    id="learn.postmortem", key="p", label="post-mortem", doc="The last run, told as an incident is told afterwards", action="postmortem"
)
SOLUTIONS = KeyCommand(
    id="learn.solutions", key="o", label="solutions", doc="The reference solutions; open once the level is passed", action="solutions"
)
LIVE = KeyCommand(id="learn.live", key="l", label="live", doc="The design on a real broker, measured beside predicted", action="live")
DEBRIEF = KeyCommand(
    id="learn.debrief", key="d", label="debrief", doc="What happened and why; opens once the level is passed", action="debrief"
)
CHARTS = KeyCommand(id="view.charts", key="t", label="charts", doc="Show or hide the charts under the board", action="charts", weight=9)
PANEL = KeyCommand(id="view.panel", key="I", label="panel", doc="Hide or show the panel beside the board", action="panel")
FAULTS = KeyCommand(id="edit.faults", key="e", label="faults", doc="The fault switches of the sandbox", action="faults", weight=65)
PROMISES = KeyCommand(
    id="edit.promises",
    key="o",
    label="promises",
    doc="What must happen to every event, drawn from a client to a part",
    action="promises",
    weight=64,
)
OPEN_FILE = KeyCommand(
    id="edit.open", key="ctrl+l", label="open", doc="Put a scenario file, or a level's design, on this board", action="open_file", weight=4
)
TO_SANDBOX = KeyCommand(
    id="go.to-sandbox",
    key="ctrl+b",
    label="to the sandbox",
    doc="Open this design in the sandbox, with its traffic and faults",
    action="to_sandbox",
)
SAVE = KeyCommand(id="edit.save", key="ctrl+s", label="save", doc="Write the free board to a scenario file", action="save", weight=5)
