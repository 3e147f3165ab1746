"""Handing in from inside the game, on the screen and in plain mode, and checking the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tutor.catalog import find_levels_root
from tutor.classroom.handins import find_hand_ins
from tutor.classroom.pack import OpenPack, open_pack, write_pack
from tutor.classroom.submit import Submission
from tutor.cli import run
from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.model.pack import PackRules
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame
from tutor.progress import Progress, open_progress
from tutor.session import Session
from tutor.show.sandbox import starter
from tutor.tui.app import Options, make_app

LEVEL = "first-light/first-event"
SOLUTION = sorted((find_levels_root() / LEVEL / "solutions").glob("*.toml"))[0].read_text()


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPack:
    """An opened pack of one level, in a folder of its own, with the level solved."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_pack(tmp_path / "week.pack", find_levels_root(), [LEVEL], PackRules("Week 1", order="course"))
    pack = open_pack(tmp_path / "week.pack", tmp_path / "home")
    with open_progress(pack.home) as progress:
        progress.keep_design(LEVEL, SOLUTION)
        progress.note_run(LEVEL, True, Stars(1, 1, 1))
    return pack


def submission(progress: Progress, pack: OpenPack) -> Submission:
    """The hand-in of this pack."""
    return Submission(
        progress, pack.home.parent.parent, levels_root=pack.levels_root, rules=pack.rules, folder=Path()
    )


def test_typed_lines_hand_in_and_ask_once(opened: OpenPack) -> None:
    """Without a name no file is written; with one it is, and the second hand-in doesn't ask again."""
    with open_progress(opened.home) as progress:
        game = PlainGame(Session(None, scenario=starter()), hand_in=submission(progress, opened))
        (refused,) = answer(game, "hand-in")
        assert 'hand-in "Ada Lovelace" ada@example.org' in refused
        (refused,) = answer(game, 'hand-in " " ada@example.org')
        assert "a name is needed" in refused
        assert not list(Path().glob("*.toml"))
        assert list(answer(game, 'hand-in "Ada Lovelace" ada@example.org'))[-1].startswith("1 of 1 passed")
        again = PlainGame(Session(None, scenario=starter()), hand_in=submission(progress, opened))
        assert list(answer(again, "hand-in"))[-1] == "1 of 1 passed. The file to hand in is ada.toml"
    Path("in").mkdir()
    Path("ada.toml").rename("in/ada.toml")
    (found,) = find_hand_ins(Path("in"))
    assert (found.name, found.email, found.level) == ("Ada Lovelace", "ada@example.org", LEVEL)


async def test_the_screen_hands_in(opened: OpenPack) -> None:
    """H asks for name and address, refuses an empty name, writes the file and shows how many levels
    passed.
    """
    with open_progress(opened.home) as progress:
        options = Options(
            levels_root=opened.levels_root,
            rules=opened.rules,
            progress=progress,
            hand_in=lambda kept: submission(kept, opened),
        )
        app = make_app(options)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.2)
            await pilot.press("H")
            await pilot.pause()
            for key in ("tab", "enter"):
                await pilot.press(key)
            await pilot.pause()
            assert not Path("ada.toml").exists()
            app.screen.query_one("#name", Input).value = "Ada"
            app.screen.query_one("#email", Input).value = "ada@example.org"
            app.screen.query_one("#email", Input).focus()
            await pilot.press("enter")
            for _ in range(100):
                await pilot.pause(0.02)
                if Path("ada.toml").exists():
                    break
            await pilot.pause(0.1)
            card = getattr(app.screen, "card", None)
            assert card is not None
            assert card.plain == "1 of 1 passed. The file to hand in is ada.toml"


def test_a_file_that_is_no_hand_in_is_not_replaced(opened: OpenPack) -> None:
    """An existing design file of the same name is kept; an earlier hand-in is replaced."""
    Path("ada.toml").write_text("level = 'x'\n")
    with open_progress(opened.home) as progress:
        made = submission(progress, opened)
        made.sign("Ada", "ada@x.org")
        with pytest.raises(InputError, match="would be lost"):
            list(made.steps())
        Path("ada.toml").unlink()
        for _ in range(2):
            assert list(made.steps())


def test_check_says_what_a_hand_in_is(opened: OpenPack, capsys: pytest.CaptureFixture[str]) -> None:
    """``check`` shows whose hand-in it is and what each design earns, and names broken designs; a hand-in
    with ``--level`` is refused.
    """
    with open_progress(opened.home) as progress:
        made = submission(progress, opened)
        made.sign("Ada", "ada@x.org")
        list(made.steps())
    assert run(["check", "ada.toml"]) == 0
    said = capsys.readouterr().out
    assert "ada.toml is a hand-in by Ada <ada@x.org>: 1 design, 1 passed here." in said
    assert "The Doorbell: passed" in said
    text = Path("ada.toml").read_text().replace('kind = \\"queue\\"', 'kind = \\"quue\\"')
    Path("broken.toml").write_text(text.replace('kind = "queue"', 'kind = "quue"'))
    assert run(["check", "broken.toml"]) == 2
    assert "did you mean" in capsys.readouterr().out
    assert run(["check", "ada.toml", "--level", LEVEL]) == 2
