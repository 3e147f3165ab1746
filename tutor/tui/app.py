"""The application: the screens that are open, the state they share, and the commands that work everywhere.

Screens are imported when they are first opened: the first frame is the campaign map and needs little.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.screen import Screen

from tutor.show.garbage import hold, release
from tutor.show.library import Library
from tutor.show.preferences import Preferences, load_preferences, save_preferences
from tutor.terminal import INTERRUPTED
from tutor.tui.commands import (
    GLOSSARY,
    HAND_IN,
    HELP,
    INTERRUPT,
    LEAVE,
    MAP,
    PALETTE,
    QUIT,
    SETTINGS,
    bindings,
)
from tutor.tui.game import MIN_HEIGHT, MIN_WIDTH, GameApp
from tutor.tui.themes import theme_of
from tutor.tui.type_ahead import MOVES, Echo, TypeAhead
from tutor.words import say

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver

    from tutor.link import DesignLink
    from tutor.model.pack import PackRules
    from tutor.progress import Progress
    from tutor.session.runs import Trials
    from tutor.show.handing_in import OpenHandingIn
    from tutor.show.live import OpenLive


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the game: what it opens, and where it keeps things. The same for the command line, the
    browser and the tests.
    """

    levels_root: Path | None = None
    """The folder of the course; found where None."""
    rules: PackRules | None = None
    """The rules of a class pack."""
    progress: Progress | Callable[[], Progress] | None = None
    """The learner's store, or how to open it when it is first needed; None keeps nothing."""
    level: str | None = None
    """The id of a level to open at once."""
    sandbox: Path | bool = False
    """True opens a sandbox, a path the scenario file in it."""
    preferences: Preferences | None = None
    """Preferences that win over those in the file."""
    preferences_file: Path | None = None
    """Where preferences are read from and saved to; None keeps nothing."""
    driver: type[Driver] | None = None
    """How the screen is driven: Textual's own choice where None, a browser's terminal in the web edition."""
    link: DesignLink | None = None
    """A design to put on its board at once."""
    address: str = ""
    """What a copied link begins with: the address of a browser edition. Without one a link is what comes
    after it.
    """
    hand_in: OpenHandingIn | None = None
    """How the file for the teacher is made; None where there is none to hand it in to."""
    live: OpenLive | None = None
    """How a design is run on a real broker; None where that is not possible, as in a browser."""
    trials: Callable[[], Trials] | None = None
    """What gives the place where designs are scored, when it is first needed: here, in slices between two
    frames, where None. The map is drawn before engine and judge are read.
    """


def make_app(options: Options | None = None) -> TutorApp:
    """Creates the game, as its one factory. Nothing is read from disk yet but the preferences."""
    return TutorApp(options or Options())


NOTICE_S = 20
"""How long a notice about saving stays: it may mean lost work, so it isn't missed while a run is watched."""


AT_ONCE = (QUIT.key, INTERRUPT.key)
"""The keys that wait for no other."""


class TutorApp(GameApp):
    """The game; made by :func:`make_app`."""

    TITLE = "tutor"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = bindings(HELP, PALETTE, GLOSSARY, LEAVE, QUIT, INTERRUPT, SETTINGS, MAP, HAND_IN)
    COMMAND_PALETTE_BINDING: ClassVar[str] = PALETTE.key

    def __init__(self, options: Options) -> None:
        super().__init__(driver_class=options.driver)
        self.open_live = options.live
        """Runs a scenario on a real broker."""
        self.type_ahead = TypeAhead(self)
        self.type_ahead.hold(self)  # until the map is there
        self.library = Library(options.levels_root, options.rules)
        self._progress = options.progress
        self._open_hand_in = options.hand_in
        self.library.hands_in = options.hand_in is not None
        self._cramped = False
        self._dressed = False
        self._reported: set[str] = set()
        self._collecting: tuple[int, int, int] | None = None
        self.touched_at = 0.0
        """When the latest key or mouse event came, on the performance counter."""
        self._level = options.level
        self._sandbox = options.sandbox
        self._link = options.link
        self._open_trials = options.trials
        self._trials: Trials | None = None
        self.address = options.address
        """What a copied link begins with."""
        self._preferences_file = options.preferences_file
        self.preferences = options.preferences or load_preferences(options.preferences_file)
        self._wear(self.preferences)

    @property
    def trials(self) -> Trials:
        """The place where designs are scored."""
        if self._trials is None and self._open_trials is not None:
            self._trials = self._open_trials()
        if self._trials is None:
            from tutor.session.runs import HERE

            self._trials = HERE
        return self._trials

    @property
    def progress(self) -> Progress | None:
        """The learner's store; opened when it is first asked for. None if nothing is kept."""
        if callable(self._progress):
            self._progress = self._progress()
            self._progress.claim()
        return self._progress

    def get_default_screen(self) -> Screen[None]:
        """Returns the campaign map, which is always at the bottom of the stack."""
        from tutor.tui.screens.campaign import Campaign

        return Campaign()

    def on_mount(self) -> None:
        """Opens the requested level, link or file over the map."""
        self.screen_change_signal.subscribe(self, self._screen_changed, immediate=True)
        if self._level is not None or self._sandbox is not False or self._link is not None:
            self.dress()
        if self._link is not None:
            self.open_link(self._link)
        elif self._level is not None:
            self.open_level(self._level)
        elif self._sandbox is not False:
            self.open_sandbox(self._sandbox if isinstance(self._sandbox, Path) else None)

    def dress(self) -> None:
        """Reads the styles that the first frame does not need."""
        if not self._dressed:
            self._dressed = True
            self.stylesheet.read(Path(__file__).with_name("later.tcss"))
            self.stylesheet.reparse()
            self.stylesheet.update(self)

    def hold_garbage(self) -> None:
        """Keeps the garbage collector out of every frame from now on; see ``sweeping``."""
        if self._collecting is None:
            self._collecting = hold()

    def on_unmount(self) -> None:
        """Restores the garbage collector's former settings."""
        if self._collecting is not None:
            release(self._collecting)

    def tell_notices(self) -> None:
        """Shows the store's notices; after the first frame, because it opens the store."""
        for notice in self.progress.take_notices() if self.progress is not None else ():
            if notice not in self._reported:
                self._reported.add(notice)
                self.notify(
                    notice, title=say("screens.progress"), severity="warning", markup=False, timeout=NOTICE_S
                )

    async def on_event(self, event: events.Event) -> None:
        """Handles an event as always, keys one after the other, and notes when the learner does something."""
        if isinstance(event, events.InputEvent):
            self.touched_at = time.perf_counter()
        if isinstance(event, events.Key) and not event.is_forwarded and event.key not in AT_ONCE:
            self.type_ahead.put(event)
            await self._answer_keys()
        elif not (isinstance(event, events.MouseDown) and self._hits_nothing(event)):
            await super().on_event(event)

    async def on_echo(self, echo: Echo) -> None:
        """Answers the next key, now that the last one has had its effect."""
        self.type_ahead.hear(echo)
        await self._answer_keys()

    async def _answer_keys(self) -> None:
        while (key := self.type_ahead.take()) is not None:
            target = self.focused or self.screen
            await super().on_event(key)
            if key.key not in MOVES:
                self.type_ahead.follow(target)

    def _screen_changed(self, screen: Screen[object]) -> None:
        self.type_ahead.follow(screen)

    def _hits_nothing(self, event: events.MouseDown) -> bool:
        """Returns whether a click meets a widget that has been removed, but is still drawn until the next
        frame: Textual looks for the parent of such a widget, and fails.
        """
        widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
        return widget is not None and widget.parent is None

    def on_resize(self, event: events.Resize) -> None:
        """Covers everything with one friendly screen while the terminal is too small; the rest comes back
        with the room.
        """
        small = event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT
        if not small and not self._cramped:
            return
        from tutor.tui.screens.too_small import TooSmall

        top = self.screen
        self._cramped = small
        if isinstance(top, TooSmall):
            if not small:
                self.pop_screen()
        elif small:
            self.push_screen(TooSmall())

    def open_level(self, level_id: str, design: str = "") -> None:
        """Opens a level, with the text of a design file on its board if one is given; shows an error if they
        cannot be read.
        """
        from tutor.catalog import load_design_text
        from tutor.errors import InputError

        try:
            level = self.library.level(level_id)
            adopted = (
                load_design_text(design, name=say("screens.design-name"), level=level) if design else None
            )
        except InputError as error:
            self.notify(str(error), title=say("screens.level-unreadable"), severity="error", markup=False)
            return
        progress = self.progress
        passed = {known for known in self.library.order if progress is not None and progress.passed(known)}
        if not self.library.is_open(level_id, passed):
            self.notify(say("screens.pack-order"), markup=False)
            return
        from tutor.tui.screens.level import LevelScreen

        self.trials.prepare()
        screen = LevelScreen(level, self.library, self.progress, self.trials)
        if adopted is not None:
            screen.session.adopt(adopted)
        self.push_screen(screen)

    def open_sandbox(self, path: Path | None = None, *, scenario: str = "") -> None:
        """Opens the free board: on a file, or with the text of a scenario put on the last design."""
        from tutor.tui.screens.sandbox import open_sandbox

        open_sandbox(self, path, scenario)

    def open_link(self, link: DesignLink) -> None:
        """Puts the design of a link on the board of its level, or on a free board; undo brings the former
        design back.
        """
        self.dress()
        self.action_campaign()
        if link.level:
            self.open_level(link.level, link.text)
        else:
            self.open_sandbox(scenario=link.text)

    def open_design(self, text: str, name: str) -> None:
        """Puts the text of a design or scenario file on its board; raises :class:`InputError` if it names no
        level of this course.
        """
        from tutor.catalog.reading import parse_toml
        from tutor.link import DesignLink

        level = parse_toml(text, name).text("level", "")
        self.open_link(DesignLink(level, text))

    def prefer(self, preferences: Preferences) -> None:
        """Applies new preferences at once and saves them."""
        self.preferences = preferences
        self._wear(preferences)
        save_preferences(preferences, self._preferences_file)
        for screen in self.screen_stack:
            for widget in screen.walk_children(with_self=True):
                widget.refresh(layout=True)
            worn = getattr(screen, "wear", None)
            if worn is not None:
                worn()

    def _wear(self, preferences: Preferences) -> None:
        theme = theme_of(preferences.theme)
        self.register_theme(theme)
        if self.is_running:
            self.theme = theme.name
        else:  # nothing is drawn yet: no reason to work out every style a second time
            self.set_reactive(App.theme, theme.name)
            self.set_class(theme.dark, "-dark-mode", update=False)
            self.set_class(not theme.dark, "-light-mode", update=False)
            self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none" if preferences.reduced else "full"
        self.set_class(preferences.ascii, "-ascii")
        self._filters = [one for one in self._filters if type(one).__name__ != "PlainSigns"]
        if preferences.ascii:
            from tutor.tui.plain_signs import PlainSigns

            self._filters.append(PlainSigns())

    # faults of the game itself

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Runs an action as always; if it breaks, one line says so and the game continues."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:
            self.tell_trouble(error)
            return True

    def tell_trouble(self, error: Exception) -> None:
        """Reports in one line that the game itself has failed; the learner's work is not touched."""
        if self._exception is None:  # a test that drives the game fails with it
            self._exception = error
        self.notify(self._trouble(error), title=say("screens.trouble-title"), severity="error", markup=False)

    def _trouble(self, error: BaseException) -> str:
        from tutor.show.crash import note_trouble

        return note_trouble(
            error, self._preferences_file.parent if self._preferences_file is not None else None
        )

    def _fatal_error(self) -> None:
        """Leaves the game when a screen cannot continue, with one line in the place of a traceback."""
        self._leave_with(self._exception)

    def panic(self, *renderables: object) -> None:
        """Stops as after any error that can't be recovered from."""
        self._leave_with(
            next((one for one in renderables if isinstance(one, BaseException)), self._exception)
        )

    def _leave_with(self, error: BaseException | None) -> None:
        from rich.segment import Segments
        from rich.text import Text

        said = self._trouble(error) if error is not None else say("screens.cannot-go-on")
        self._exit_renderables.append(
            Segments(self.console.render(Text(say("screens.ended", why=said)), self.console.options))
        )
        self._close_messages_no_wait()

    def action_help(self) -> None:
        """Shows the keys that work here."""
        from tutor.tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def action_command_palette(self) -> None:
        """Opens the command palette, with its invitation in the language in use."""
        from textual.command import CommandPalette

        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette", placeholder=say("palette.search")))

    def action_glossary(self, term: str = "") -> None:
        """Opens the glossary, on the word that has the focus."""
        from tutor.tui.screens.glossary import Glossary

        if not isinstance(self.screen, Glossary):
            word = term or str(getattr(self.screen, "word_at_focus", str)())
            self.push_screen(Glossary(word))

    def action_settings(self) -> None:
        """Opens the settings."""
        from tutor.tui.screens.settings import SettingsScreen

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen())

    def action_progress(self) -> None:
        """Shows the learner's progress."""
        from tutor.tui.screens.progress import ProgressScreen

        if not isinstance(self.screen, ProgressScreen):
            self.push_screen(ProgressScreen())

    def action_sandbox(self) -> None:
        """Opens a free board."""
        self.open_sandbox()

    def action_campaign(self) -> None:
        """Goes back to the map, closing the screens over it."""
        from tutor.tui.screens.campaign import Campaign

        while len(self.screen_stack) > 1 and not isinstance(self.screen, Campaign):
            self.pop_screen()

    def action_leave(self) -> None:
        """Goes one screen back; from the map, leaves the game."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.is_web:  # a page has no shell to go back to
            self.notify(say("web.stays"), markup=False)
        else:
            self.exit()

    async def action_quit(self) -> None:
        """Leaves the game and keeps its state; a page stays."""
        if self.is_web:
            self.notify(say("web.stays"), markup=False)
        else:
            self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers handing in only if there is somebody to hand in to."""
        if action == "hand_in":
            return self.library.hands_in
        return super().check_action(action, parameters)

    def action_hand_in(self) -> None:
        """Makes the file for the teacher."""
        progress = self.progress
        if self._open_hand_in is None or progress is None:
            return
        from tutor.show.cards import Card, Reply
        from tutor.tui.screens.card import CardScreen
        from tutor.tui.screens.handing_in import HandInScreen

        def made(result: str | None) -> None:
            if result:
                back = Reply("", say("why.back"))
                card = Card(say("screens.hand-in.done"), [(result, "$text")], replies=(back,))
                self.push_screen(CardScreen(card))

        if not isinstance(self.screen, HandInScreen):
            self.push_screen(HandInScreen(self._open_hand_in(progress)), made)

    def action_copy_link(self) -> None:
        """Copies a link to the design on the board."""
        from tutor.tui.sharing import copy_link

        copy_link(self)

    def action_copy_picture(self) -> None:
        """Saves a picture of the board as it is now."""
        from tutor.tui.sharing import save_picture

        save_picture(self)

    def action_interrupt(self) -> None:
        """Copies the text that is highlighted; where none is, leaves at once, with the exit code of an
        interruption.
        """
        text = self._highlighted()
        if text:
            self.copy_to_clipboard(text)
            self.screen.clear_selection()
        elif not self.is_web:
            self.exit(return_code=INTERRUPTED)

    def _highlighted(self) -> str:
        """Returns the text that the mouse has marked on the screen, or that is marked in the field one types
        into.
        """
        from textual.widgets import Input

        field = self.focused.selected_text if isinstance(self.focused, Input) else ""
        return field or self.screen.get_selected_text() or ""

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yields every command of the screen below the palette, then the places to go and the levels."""
        from tutor.tui.palette import system_commands

        yield from system_commands(self, screen)
