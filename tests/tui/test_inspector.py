"""The inspector responds to every key at once, cuts no value, and keeps the edited row in view."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.conftest import send
from tutor.tui.screens.level import LevelScreen
from tutor.tui.widgets.inspector import share_rows

SIZES = [(80, 23), (160, 50)]


def level_of(pilot: Pilot[None]) -> LevelScreen:
    """The level on the screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


async def open_wire(pilot: Pilot[None], ref: str = "rail->kitchen:subscribe") -> LevelScreen:
    """Open a level with the settings of a wire."""
    screen = level_of(pilot)
    await pilot.press("escape")
    screen.board.focus_item(ref)
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_no_key_is_lost_after_enter(play: Any, size: tuple[int, int]) -> None:
    """Enter and the keys after it, sent in one burst, all reach the line in order, and the last Enter sets
    the value.
    """
    async with play(size, level="one/bell") as pilot:
        screen = await open_wire(pilot, "till->kitchen:call")
        await send(pilot, "enter", *"1234", "enter")
        wire = screen.session.design.wire("till->kitchen:call")
        assert wire is not None
        assert getattr(wire, "timeout_ms") == 1234  # noqa: B009 - the class is what is not known here
        await send(pilot, *"77", "enter")
        wire = screen.session.design.wire("till->kitchen:call")
        assert getattr(wire, "timeout_ms") == 77  # noqa: B009


async def test_the_settings_are_those_of_the_last_focus(play: Any) -> None:
    """However fast the focus moves, Enter right behind it opens the settings of the part that has it then,
    and the advice names that part.
    """
    async with play((160, 50), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await send(pilot, "tab", "tab", "shift+tab", "tab", "enter")
        shown = screen.inspector.part
        assert screen.inspector.has_focus_within
        assert shown is not None
        assert shown is screen.edits.part_of(screen.board.item)
        await pilot.press("escape", "tab")
        await pilot.pause()
        assert screen.situation.focus == screen.edits.name_of(screen.board.item)


async def test_enter_on_a_choice_opens_the_choices(play: Any, text: Any) -> None:
    """The choices open below the row; typing jumps to one and Enter takes it; letters are never commands
    there.
    """
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot)
        assert screen.inspector.highlighted is not None
        assert screen.inspector.highlighted.name == "ack"
        await pilot.press("enter")
        await pilot.pause()
        assert "● after" in text(pilot)
        assert "○ before" in text(pilot)
        await pilot.press(*"before", "enter")
        await pilot.pause()
        wire = screen.session.design.wire("rail->kitchen:subscribe")
        assert getattr(wire, "ack") == "before"  # noqa: B009
        assert "○ before" not in text(pilot)


async def test_letters_on_a_choice_never_act_as_commands(play: Any) -> None:
    """Typing a word on a choice row opens the choices at that word, and starts no run, chart or screen."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot)
        charts, stack = screen.time.charts, list(pilot.app.screen_stack)
        await pilot.press(*"entity", *"before")
        await pilot.pause()
        assert (screen.time.charts, list(pilot.app.screen_stack)) == (charts, stack)
        assert screen.session.run is None
        assert screen.inspector.has_focus_within
        await pilot.press("enter")
        await pilot.pause()
        assert getattr(screen.session.design.wire("rail->kitchen:subscribe"), "ack") == "before"  # noqa: B009


async def test_left_and_right_change_nothing(play: Any) -> None:
    """On every row of a wire and of a part, left and right leave the design unchanged."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot)
        for _ in range(6):
            await pilot.press("left", "right", "right", "down")
        assert screen.session.design == screen.session.start


async def test_g_explains_the_setting(play: Any, text: Any) -> None:
    """On a field, g opens the glossary at the field's own term."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot)
        assert screen.word_at_focus() == "ack"
        await pilot.press("g")
        await pilot.pause()
        assert pilot.app.screen is not screen
        assert "Glossary" in text(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_no_value_is_cut_and_the_edited_row_stays_in_view(play: Any, size: tuple[int, int]) -> None:
    """On every row, with all groups and charts open, the value is whole, and row, help and line are
    visible.
    """
    async with play(size, level="one/bell") as pilot:
        screen = await open_wire(pilot)
        inspector = screen.inspector
        for group in ("failures", "messages", "capacity"):
            inspector._unfolded.add(group)
        inspector._fill(None)
        await pilot.pause()
        await pilot.pause()
        rows = inspector.rows
        for index in range(rows.option_count):
            rows.highlighted = index
            await pilot.pause()
            await pilot.pause()
            row = inspector.highlighted
            if row is None or row.locked:
                continue
            prompt = rows.get_option_at_index(index).prompt
            assert row.text.replace(" ", "") in str(prompt).replace(" ", "").replace("\n", "")
            if row.typed:
                await pilot.press("enter")
                await pilot.pause()
                await pilot.pause()
                line, meaning = inspector.query_one("#value", Static), inspector.query_one("#meaning", Static)
                bottom = inspector.content_region.bottom
                assert line.region.height == 1
                assert line.region.bottom <= bottom
                assert meaning.region.height >= 2
                assert meaning.region.bottom <= bottom
                top = rows.scroll_offset.y
                place = sum(
                    max(1, len(str(rows.get_option_at_index(number).prompt).splitlines()))
                    for number in range(index)
                )
                assert top <= place < top + rows.size.height
                await pilot.press("escape")
                await pilot.pause()


async def test_goals_fold_away_while_settings_are_edited(play: Any) -> None:
    """While the settings have the focus the goals are hidden, and afterwards they come back."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot)
        assert not screen.query_one("#goals").display
        await pilot.press("escape")
        await pilot.pause()
        assert screen.query_one("#goals").display


@pytest.mark.parametrize("total", range(8, 30))
def test_rows_are_shared_so_that_what_is_edited_is_seen(total: int) -> None:
    """The line always has its own row, list and help keep a minimum, and no row is given out twice."""
    heading, rows, help_ = share_rows(total, heading=6, rows=14, help=5, line=1)
    assert heading + rows + help_ + 1 <= total
    assert rows >= 1
    assert help_ >= 3
    assert rows >= 4 or total < 10


async def test_a_number_is_stepped_and_set_by_the_mouse_alone(play: Any) -> None:
    """The input line ends with buttons for less, more and done, which step a number and set it."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = await open_wire(pilot, "till->kitchen:call")
        await pilot.press("enter")
        await pilot.pause()
        line = screen.inspector.query_one("#value", Static)
        assert screen.inspector.entry is not None
        before = screen.inspector.entry.text
        width = line.content_size.width
        for column in (width - 5, width - 5, width - 8):  # more, more, less
            await pilot.click("#value", offset=(column + line.styles.padding.left, 0))
            await pilot.pause()
        after = screen.inspector.entry.text
        assert after != before
        await pilot.click("#value", offset=(width - 2 + line.styles.padding.left, 0))
        await pilot.pause()
        assert screen.inspector.entry is None
        wire = screen.session.design.wire("till->kitchen:call")
        assert wire is not None
        assert float(after.split()[0]) == getattr(wire, "timeout_ms")  # noqa: B009
