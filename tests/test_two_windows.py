"""Two windows on one store, no home, and a full disk: play continues, and no work is lost silently."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tutor.errors import InputError
from tutor.progress import Progress, open_progress
from tutor.progress.store import home_folder

LEVEL = "first-light/first-event"


def test_the_second_window_says_that_it_is_the_second(tmp_path: Path) -> None:
    """The first window shows no notice; one that finds another process running names it; a dead process
    doesn't matter.
    """
    with Progress(tmp_path) as progress:
        progress.claim()
        assert progress.take_notices() == ()
    (tmp_path / "open.pid").write_text(str(os.getppid()), "utf-8")
    with Progress(tmp_path) as progress:
        progress.claim()
        (notice,) = progress.take_notices()
        assert f"process {os.getppid()}" in notice
    assert (tmp_path / "open.pid").exists()  # it belongs to the other one
    (tmp_path / "open.pid").write_text("999999999", "utf-8")
    with Progress(tmp_path) as progress:
        progress.claim()
        assert progress.take_notices() == ()
    assert not (tmp_path / "open.pid").exists()


def test_a_design_of_another_window_is_kept_and_reported(tmp_path: Path) -> None:
    """Saving over a design that was changed elsewhere moves that version into the history, and a notice says
    where.
    """
    with Progress(tmp_path) as here, Progress(tmp_path) as there:
        here.keep_design(LEVEL, "first\n")
        assert there.kept_design(LEVEL) == "first\n"
        there.keep_design(LEVEL, "theirs\n")
        assert there.take_notices() == ()
        here.keep_design(LEVEL, "mine\n")
        (notice,) = here.take_notices()
        kept = here.design_history(LEVEL)[-1]
        assert str(kept) in notice
        assert kept.read_text("utf-8") == "theirs\n"
        assert here.kept_design(LEVEL) == "mine\n"


def test_without_a_home_nothing_is_saved_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without HOME or a user entry the game works in memory, and no folder named ~ appears."""

    def no_home(*_: object, **__: object) -> str:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("TUTOR_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", no_home)
    monkeypatch.chdir(tmp_path)
    with open_progress(home_folder()) as progress:
        assert not progress.saving
        (notice,) = progress.take_notices()
        assert "TUTOR_HOME" in notice
        progress.keep_design(LEVEL, "mine\n")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_reported_when_it_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A design that can't be written gives a notice at once, not at the end of the game."""

    def full(*_: object) -> None:
        raise InputError("can't be written: No space left on device")

    with Progress(tmp_path) as progress:
        monkeypatch.setattr("tutor.progress.designs.write_text", full)
        progress.keep_design(LEVEL, "mine\n")
        (notice,) = progress.take_notices()
        assert "No space left" in notice
