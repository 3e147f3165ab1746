"""Map, glossary, progress, settings, help, palette, sandbox, and a terminal that is too small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseDown
from textual.selection import SELECT_ALL
from textual.widget import Widget
from textual.widgets import Static

from tests.tui.conftest import send
from tutor.tui.commands import by_id
from tutor.tui.screens import campaign
from tutor.tui.screens.campaign import Campaign
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.glossary import Glossary
from tutor.tui.screens.help import Help
from tutor.tui.screens.level import LevelScreen
from tutor.tui.screens.progress import ProgressScreen
from tutor.tui.screens.sandbox import Sandbox
from tutor.tui.screens.settings import SettingsScreen
from tutor.tui.screens.too_small import TooSmall

SMALL = (80, 24)


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
async def test_the_map_shows_chapters_levels_and_where_you_are(
    play: Any, text: Any, size: tuple[int, int]
) -> None:
    """The map shows chapters and levels, the goals of the highlighted level, and a mark where to continue."""
    async with play(size) as pilot:
        await pilot.pause(0.1)
        shown = text(pilot)
        assert "Chapter One" in shown
        assert "The Bell" in shown
        assert "you are here" in shown
        assert "no order is lost" in shown
        await pilot.press("down")
        await pilot.pause()
        assert "The Guess" in text(pilot)
        await pilot.press("c")
        await pilot.pause()
        screen = pilot.app.screen_stack[-2]
        assert isinstance(screen, LevelScreen)
        assert screen.level.id == "one/bell"


async def test_keys_that_come_before_the_map_are_answered_by_it(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down and Enter pressed at the first frame, before the map is complete, open the second level."""
    begin = Campaign._begin
    monkeypatch.setattr(Campaign, "_begin", lambda screen: None)
    async with play() as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)
        pilot.app.screen.call_later(begin, pilot.app.screen)
        for _ in range(100):
            await pilot.pause(0.05)
            if isinstance(pilot.app.screen, CardScreen) and pilot.app.screen.focused is not None:
                break
        opened = [screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen)]
        assert [screen.level.id for screen in opened] == ["one/guess"]


async def test_a_click_on_the_map_reads_before_it_plays(play: Any, text: Any) -> None:
    """The first click on another level shows its description, and the second plays it, once."""
    async with play((120, 40)) as pilot:
        levels = pilot.app.screen.query_one("#levels")
        await pilot.click(levels, offset=(8, 2))
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)
        assert "The Guess" in text(pilot)
        await pilot.click(levels, offset=(8, 2))
        await pilot.pause()
        assert [type(screen) for screen in pilot.app.screen_stack].count(LevelScreen) == 1


async def test_every_screen_opens_by_its_key_and_closes_again(play: Any) -> None:
    """G, p, comma and s open their screens from the map; Escape or q goes back."""
    async with play(SMALL) as pilot:
        for key, kind, back in (
            ("g", Glossary, "escape"),
            ("p", ProgressScreen, "escape"),
            ("comma", SettingsScreen, "escape"),
            ("s", Sandbox, "q"),
            ("question_mark", Help, "escape"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app.screen, kind), key
            await pilot.press(back)
            await pilot.pause()
            assert isinstance(pilot.app.screen, Campaign), key


async def test_the_glossary_opens_on_the_word_in_focus_and_searches(play: Any, text: Any) -> None:
    """On the board, g opens the glossary at the focused part's kind; typing finds titles, synonyms and
    definitions.
    """
    async with play(level="one/bell") as pilot:
        await pilot.press("escape")
        screen = pilot.app.screen
        assert isinstance(screen, LevelScreen)
        screen.board.focus_item("rail")
        await pilot.press("g")
        await pilot.pause()
        assert "Holds messages" in text(pilot)
        await pilot.press(*"fact")
        await pilot.pause()
        assert "A statement that something has happened" in text(pilot)
        await pilot.press(*"zzz")
        await pilot.pause()
        assert "No match for" in text(pilot)


async def test_escape_on_an_idle_board_tells_the_way_out(play: Any, text: Any) -> None:
    """If there is nothing to go back from, Escape says which key leads to the map; the next Escape clears the
    message.
    """
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert "q goes back to the map" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "q goes back" not in text(pilot)


async def test_the_key_bar_offers_no_key_that_a_line_of_text_takes(play: Any, text: Any) -> None:
    """While text is typed, help is shown and opens on F1; on the map it is on the question mark."""
    async with play() as pilot:
        assert "? help" in text(pilot).splitlines()[-1]
        await pilot.press("g")
        await pilot.pause()
        assert "f1 help" in text(pilot).splitlines()[-1]
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)


async def test_help_knows_what_has_the_focus_and_lists_the_keys(play: Any, text: Any) -> None:
    """Help names the focused part and every key that works, taken from the bindings."""
    async with play((120, 60), level="one/bell") as pilot:
        await pilot.press("escape")
        await pilot.press("question_mark")
        await pilot.pause()
        shown = pilot.app.screen._text.plain
        assert "Till, a client" in shown
        for command in ("run.start", "edit.undo", "learn.hint", "app.palette", "learn.briefing"):
            assert by_id()[command].doc in shown
        assert "from its right edge" in shown
        assert "a call: asks and waits" in shown


async def test_the_palette_reaches_commands_places_and_levels(play: Any, text: Any) -> None:
    """Ctrl+P finds a level by its title and opens it."""
    async with play() as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        await pilot.press(*"guess")
        await pilot.pause(0.4)
        assert "Play: The Guess" in text(pilot)
        await pilot.press("enter")
        await pilot.pause(0.2)
        found = [screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen)]
        assert found
        assert found[0].level.id == "one/guess"


async def test_settings_are_worn_at_once_and_kept(play: Any, tmp_path: Path) -> None:
    """Changing the theme takes effect immediately and is saved."""
    async with play() as pilot:
        await pilot.press("comma", "right")
        await pilot.pause()
        assert pilot.app.theme == "tutor-light"
    async with play(preferences=None) as pilot:
        assert pilot.app.theme == "tutor-light"
        assert pilot.app.preferences.theme == "light"
    assert 'theme = "light"' in (tmp_path / "preferences.toml").read_text("utf-8")


async def test_a_click_on_a_value_chooses_it(play: Any, text: Any) -> None:
    """A click on a setting's value chooses it at once, and a click on its name goes to the next value."""
    async with play() as pilot:
        await pilot.press("comma")
        await pilot.pause()
        choices = pilot.app.screen.query_one("#choices")
        line = next(line for line in text(pilot).splitlines() if "dark" in line and "safe" in line)
        await pilot.click(choices, offset=(line.index("safe") - choices.region.x, 0))
        await pilot.pause()
        assert pilot.app.preferences.theme == "safe"
        await pilot.click(choices, offset=(2, 1))
        await pilot.pause()
        assert pilot.app.preferences.ascii


async def test_ascii_mode_draws_without_box_characters(play: Any, text: Any) -> None:
    """In ASCII mode the level is drawn with ASCII characters."""
    from tutor.show.preferences import Preferences

    async with play(level="one/bell", preferences=Preferences(ascii=True, motion="reduced")) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        signs = {sign for sign in text(pilot) if ord(sign) > 126 and not sign.isalpha()}
        assert not signs, signs


async def test_a_level_opened_behind_another_screen_holds_no_keys(play: Any) -> None:
    """A level that opens in a terminal too small for it keeps no key back: they go to the screen in view."""
    async with play((60, 15), level="one/bell") as pilot:
        assert isinstance(pilot.app.screen, TooSmall)
        await send(pilot, "x", "w")
        await pilot.resize_terminal(100, 30)
        await send(pilot, "escape", "tab", "x")
        level = next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))
        assert level.session.design != level.session.start


async def test_a_terminal_that_is_too_small_says_so_and_recovers(play: Any, text: Any) -> None:
    """Below 80x24 a friendly notice is shown; with enough room everything is back."""
    async with play((80, 24), level="one/bell") as pilot:
        await pilot.press("escape")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TooSmall)
        assert "60×20 now, 80×23 needed" in text(pilot)
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert isinstance(pilot.app.screen, LevelScreen)


async def test_it_opens_small(play: Any, text: Any) -> None:
    """A game opened in a small terminal begins with the notice."""
    async with play((60, 20)) as pilot:
        await pilot.pause()
        assert "A little more room, please" in text(pilot)
        await pilot.resize_terminal(90, 30)
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)


async def test_q_and_ctrl_c_leave_cleanly(play: Any) -> None:
    """Q quits from the map, and Ctrl+C quits at once from anywhere, with the exit code of an interruption."""
    async with play() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app._exit
        assert not pilot.app.return_code
    async with play(level="one/bell") as pilot:
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert pilot.app._exit
        assert pilot.app.return_code == 130


async def test_the_game_can_be_left_before_the_map_is_there(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leaves while the map takes the place of the titles gets no error."""
    make = campaign.make_map

    def leave() -> Widget:
        app.exit()
        return make()

    async with play() as pilot:
        app, screen = pilot.app, pilot.app.screen
        monkeypatch.setattr(campaign, "make_map", leave)
        await screen._begin()
    assert app.return_code == 0


async def test_a_click_on_what_is_being_replaced_does_nothing(play: Any) -> None:
    """A widget that is gone, but still drawn until the next frame, takes no click and harms nobody."""
    async with play() as pilot:
        with pilot.app.batch_update():
            text = pilot.app.screen.query_one("#about-text")
            x, y = text.region.offset
            await text.remove()
            await pilot.app.on_event(MouseDown(None, x, y, 0, 0, 1, False, False, False))
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)
        assert not pilot.app._exit


async def test_ctrl_c_copies_what_is_marked(play: Any) -> None:
    """Text that was marked with the mouse is copied by Ctrl+C, which then leaves nothing marked."""
    async with play(level="one/bell") as pilot:
        screen = pilot.app.screen
        screen.selections = dict.fromkeys(screen.query(Static), SELECT_ALL)
        marked = screen.get_selected_text()
        assert marked
        await pilot.press("ctrl+c")
        assert pilot.app.clipboard == marked
        assert not screen.get_selected_text()
        assert not pilot.app._exit


async def test_the_sandbox_runs_with_a_fault(play: Any, text: Any) -> None:
    """A fault is added by keys and shown in a run, and the sandbox design is saved for next time."""
    async with play(SMALL, sandbox=True) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, Sandbox)
        await pilot.press("e", "enter")
        await pilot.pause()
        await pilot.press(*"crash", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert [fault.kind for fault in screen.session.scenario.faults] == ["crash"]
        await pilot.press("r")
        for _ in range(300):
            await pilot.pause(0.02)
            if screen.situation.runs and not screen.computing:
                break
        assert screen.playback.player is not None
        assert any(mark.kind == "fault" for mark in screen.playback.player.timeline.marks)
    async with play(SMALL, sandbox=True) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, Sandbox)
        assert [fault.kind for fault in screen.session.scenario.faults] == ["crash"]


async def test_progress_asks_questions_that_are_due(play: Any, text: Any, tmp_path: Path) -> None:
    """A question that is due is asked again, and answering it postpones it."""
    from tutor.progress import Progress

    with Progress(tmp_path / "home", clock=lambda: 1_000_000.0) as kept:
        kept.answer("one/bell", 0, False)
    async with play() as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "1 question due now" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "What did the rail make faster?" in text(pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "The till is free at once." in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "Nothing is due." in text(pilot)


async def test_a_chapter_that_is_tested_out_is_marked_on_the_map(
    play: Any, text: Any, course: Path, tmp_path: Path
) -> None:
    """The other levels of a tested-out chapter are marked as such and not as passed, and the map doesn't
    offer them next.
    """
    from tutor.model.level import Stars
    from tutor.progress import Progress

    chapter = course / "one" / "chapter.toml"
    chapter.write_text(chapter.read_text("utf-8") + 'test = "guess"\n', "utf-8")
    async with play() as pilot:
        await pilot.press("down")
        await pilot.pause(0.1)
        assert "The chapter's test" in text(pilot)
    with Progress(tmp_path / "home") as kept:
        kept.note_opened("one/guess")
        kept.note_run("one/guess", True, Stars(1, 1, 1))
    async with play() as pilot:
        await pilot.pause(0.1)
        shown = text(pilot)
        (bell,) = [line for line in shown.splitlines() if "The Bell" in line and "1  " in line]
        assert "tested out" in bell
        assert "you are here" not in bell
        assert "1 of 2 passed" in shown
        await pilot.press("p")
        await pilot.pause()
        assert "tested out" in text(pilot)


async def test_the_map_moves_on_with_the_learner(play: Any, text: Any) -> None:
    """After a level is passed, the map highlights the next one."""
    from tutor.model.level import Stars

    async with play() as pilot:
        await pilot.press("comma")
        await pilot.pause()
        pilot.app.progress.note_run("one/bell", True, Stars(3, 2, 1))
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen.query_one("#levels").highlighted_option.id == "one/guess"


async def test_a_level_that_cannot_be_read_says_why(play: Any, course: Path, text: Any) -> None:
    """A broken level is reported with its file and reason, and the game continues."""
    (course / "one" / "bell" / "level.toml").write_text("format = 1\ntitle = 3\n", "utf-8")
    async with play() as pilot:
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, Campaign)
        assert any("level.toml:1: components" in notice.message for notice in pilot.app._notifications)


async def test_the_palette_has_what_the_board_can_do(play: Any) -> None:
    """On a level the palette lists running, wiring and the board's own commands, each once."""
    from tutor.tui.palette import system_commands

    async with play(level="one/bell") as pilot:
        await pilot.press("escape")
        titles = [entry.title for entry in system_commands(pilot.app, pilot.app.screen)]
        for word in ("Run", "Wire", "Add", "Delete", "Hint", "Tidy", "Sandbox", "Play: The Bell"):
            assert sum(title.startswith(word) for title in titles) == 1, word
        assert not any(title.startswith("Undo") for title in titles)  # there is nothing to undo yet
