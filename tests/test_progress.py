"""Progress is stored in one file, survives damage and crashes, and never stops the game."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.progress import Progress, Standing, home_folder, open_progress
from tutor.progress.designs import HISTORY
from tutor.progress.learner import DAY_S
from tutor.progress.store import MIGRATIONS, STORE_FILE, TABLES

LEVEL = "first-light/first-event"


class Clock:
    """A clock that advances only on request."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A stopped clock."""
    return Clock()


def test_what_is_noted_is_there_the_next_evening(tmp_path: Path, clock: Clock) -> None:
    """Passes with the best stars of each kind, attempts, hints and the last open level survive a restart."""
    with open_progress(tmp_path, clock=clock) as progress:
        progress.note_opened(LEVEL)
        clock.now += 5
        progress.note_opened("night-job/flash-sale")
        progress.note_run(LEVEL, False, Stars(3, 3, 3), "retry-storm", 1)
        progress.note_run(LEVEL, True, Stars(3, 1, 2))
        progress.note_run(LEVEL, True, Stars(1, 2, 2))
        progress.show_hint(LEVEL, "first")
        progress.show_hint(LEVEL, "second")
        progress.show_hint(LEVEL, "first")
        progress.note_time(LEVEL, 30)
        progress.note_time(LEVEL, 12.5)
    with open_progress(tmp_path, clock=clock) as progress:
        assert progress.latest == "night-job/flash-sale"
        assert progress.standing(LEVEL) == Standing(
            passed=True, stars=Stars(3, 2, 2), attempts=3, hints=2, seconds=42.5, unaided=True
        )
        assert progress.standing("night-job/flash-sale") == Standing()
        assert progress.standing("never/opened") == Standing()
        assert set(progress.standings()) == {LEVEL, "night-job/flash-sale"}
        assert [(one.passed, one.stars, one.diagnosis, one.hints) for one in progress.attempts(LEVEL)] == [
            (False, Stars(), "retry-storm", 1),
            (True, Stars(3, 1, 2), "", 0),
            (True, Stars(1, 2, 2), "", 0),
        ]
        assert progress.shown_hints(LEVEL) == ("first", "second")
        assert progress.saving
        assert progress.take_notices() == ()


def test_a_failed_attempt_takes_nothing_away(tmp_path: Path) -> None:
    """A passed level stays passed after a failed attempt."""
    with open_progress(tmp_path) as progress:
        progress.note_run(LEVEL, True, Stars(2, 2, 2))
        progress.note_run(LEVEL, False, Stars())
        assert progress.passed(LEVEL)
        assert progress.passes(LEVEL) == 1
        assert progress.standing(LEVEL).stars == Stars(2, 2, 2)


def test_giving_up_is_noted(tmp_path: Path) -> None:
    """Opening the solutions is remembered and doesn't count as a pass."""
    with open_progress(tmp_path) as progress:
        assert not progress.gave_up(LEVEL)
        progress.give_up(LEVEL)
        assert progress.gave_up(LEVEL)
        assert not progress.passed(LEVEL)


def test_predictions(tmp_path: Path) -> None:
    """A prediction is saved when it is made and its truth when a run has shown it; a skipped one counts as
    answered.
    """
    with open_progress(tmp_path) as progress:
        assert progress.prediction(LEVEL) == (False, None)
        progress.predict(LEVEL, 1)
        assert progress.prediction(LEVEL) == (True, 1)
        progress.predict(LEVEL, 1, right=False)
        progress.predict("a/b", None)
        assert [(guess.level, guess.choice, guess.right) for guess in progress.predictions()] == [
            (LEVEL, 1, False),
            ("a/b", None, None),
        ]
        assert progress.prediction("a/b") == (True, None)


def test_questions_come_back_later_and_later(tmp_path: Path, clock: Clock) -> None:
    """After each right answer in a row a question is due in 1, 3, 7, 16 and 35 days; a wrong answer starts
    over.
    """
    with open_progress(tmp_path, clock=clock) as progress:
        assert progress.answered(LEVEL) is None
        waits = []
        for right in (True, True, True, True, True, True, False, True):
            progress.answer(LEVEL, 2, right)
            (review,) = progress.reviews()
            waits.append((review.due - clock.now) / DAY_S)
            assert progress.due() == ()
            clock.now = review.due
            assert [one.level for one in progress.due()] == [LEVEL]
        assert waits == [1, 3, 7, 16, 35, 35, 1, 1]
        assert progress.answered(LEVEL) is True


@pytest.mark.parametrize("damage", ["text", "cut", "middle", "empty-tables"])
def test_a_damaged_store_is_set_aside(tmp_path: Path, clock: Clock, damage: str) -> None:
    """Whatever the damage, the game continues with a new file, the old one is kept under a new name, and one
    line says so.
    """
    path = tmp_path / STORE_FILE
    with open_progress(tmp_path, clock=clock) as progress:
        for number in range(200):
            progress.show_hint(LEVEL, f"hint {number} " + "x" * 200)
    if damage == "empty-tables":
        with sqlite3.connect(path) as store:
            store.execute("DROP TABLE review")
        store.close()
    else:
        raw = path.read_bytes()
        changed = {
            "text": b"this is no database" * 100,
            "cut": raw[: len(raw) // 2],
            "middle": raw[:4096] + b"\xff" * 8192 + raw[12288:],
        }
        path.write_bytes(changed[damage])
    damaged = path.read_bytes()
    with open_progress(tmp_path, clock=clock) as progress:
        (notice,) = progress.take_notices()
        assert "damaged" in notice
        assert "\n" not in notice
        assert progress.standings() == {}
        progress.note_run(LEVEL, True, Stars(1, 1, 1))
        assert progress.saving
    (aside,) = tmp_path.glob("progress.damaged-*.sqlite")
    assert aside.read_bytes()[:4096] == damaged[:4096]
    with open_progress(tmp_path, clock=clock) as progress:
        assert progress.passed(LEVEL)
        assert progress.take_notices() == ()


def test_two_damages_keep_two_files(tmp_path: Path, clock: Clock) -> None:
    """A damaged file that was set aside is never overwritten."""
    for number in range(3):
        (tmp_path / STORE_FILE).write_bytes(b"no database %d" % number * 100)
        open_progress(tmp_path, clock=clock).close()
    assert len(list(tmp_path.glob("progress.damaged-*.sqlite"))) == 3


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A file of a newer version isn't touched: the game continues without saving and says why."""
    open_progress(tmp_path).close()
    path = tmp_path / STORE_FILE
    with sqlite3.connect(path) as store:
        store.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    store.close()
    before = path.read_bytes()
    with open_progress(tmp_path) as progress:
        (notice,) = progress.take_notices()
        assert "newer version" in notice
        assert not progress.saving
        progress.note_run(LEVEL, True, Stars(1, 1, 1))
        assert progress.passed(LEVEL)
    assert path.read_bytes() == before


def test_an_old_store_is_brought_forward(tmp_path: Path) -> None:
    """An empty file of version 0 gets every table and the schema version."""
    sqlite3.connect(tmp_path / STORE_FILE).close()
    open_progress(tmp_path).close()
    with sqlite3.connect(tmp_path / STORE_FILE) as store:
        assert store.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        assert store.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert {
            name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        } >= set(TABLES)
    store.close()


def test_where_nothing_can_be_kept_the_game_goes_on(tmp_path: Path) -> None:
    """A home that is a file, or below one, gives one notice, and everything works until the game ends."""
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with open_progress(home) as progress:
            (notice,) = progress.take_notices()
            assert "can't be saved" in notice
            assert not progress.saving
            progress.note_run(LEVEL, True, Stars(1, 1, 1))
            progress.keep_design(LEVEL, "x")
            assert progress.passed(LEVEL)
            assert progress.take_notices() == ()


def test_a_folder_that_may_only_be_read() -> None:
    """A read-only folder still shows the progress in it, and nothing is saved."""
    program = (
        "import os, sys, tomllib\nfrom pathlib import Path\nfrom tutor.progress import open_progress\n"
        "if hasattr(os,"
        " 'setuid') and os.getuid() == 0: os.setgid(65534); os.setuid(65534)  # root may write"
        " anywhere\nwith open_progress(Path(sys.argv[1])) as progress:\n   "
        f" print(progress.passed({LEVEL!r}), progress.saving, len(progress.take_notices()))\n"
    )
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with open_progress(home) as progress:
            progress.note_run(LEVEL, True, Stars(1, 1, 1))
        (home / STORE_FILE).chmod(0o444)
        home.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-c", program, name], capture_output=True, text=True, check=False
            )
        finally:
            home.chmod(0o755)
    assert done.stdout.split() == ["True", "False", "1"], done.stderr


def test_writes_that_fail_are_said_once(tmp_path: Path) -> None:
    """A store that is locked by another program, or full, gives one notice and no crash."""
    with open_progress(tmp_path) as progress:
        progress._store._connection.execute("PRAGMA query_only = ON")
        progress.note_opened(LEVEL)
        progress.note_opened(LEVEL)
        assert len(progress.take_notices()) == 1
        progress._store._connection.execute("PRAGMA query_only = OFF")
        progress.note_opened(LEVEL)
        assert progress.latest == LEVEL


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """If the program dies during a write, none of that write is stored."""
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tutor.progress import open_progress\n"
        "progress = open_progress(Path(sys.argv[1]))\n"
        "progress.note_opened('a/b')\n"
        "with progress._store.writing() as store:\n"
        "    store.execute(\"INSERT INTO hint VALUES ('a/b', 'x', 1)\")\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 9
    with open_progress(tmp_path) as progress:
        assert progress.latest == "a/b"
        assert progress.shown_hints("a/b") == ()
        assert progress.take_notices() == ()


def test_two_games_at_once(tmp_path: Path) -> None:
    """Writes of two programs into one store are both kept."""
    with open_progress(tmp_path) as one, open_progress(tmp_path) as other:
        for number in range(20):
            one.show_hint(LEVEL, f"one {number}")
            other.show_hint(LEVEL, f"other {number}")
        assert len(one.shown_hints(LEVEL)) == 40
        assert one.take_notices() == other.take_notices() == ()


def test_designs_are_kept_with_their_history(tmp_path: Path, clock: Clock) -> None:
    """Each new state replaces the whole file; a limited number of earlier states is kept, newest last."""
    with open_progress(tmp_path, clock=clock) as progress:
        assert progress.kept_design(LEVEL) is None
        for number in range(HISTORY + 5):
            progress.keep_design(LEVEL, f"# {number}\n")
            progress.keep_design(LEVEL, f"# {number}\n")
        assert progress.kept_design(LEVEL) == f"# {HISTORY + 4}\n"
        history = progress.design_history(LEVEL)
        assert [path.read_text() for path in history] == [f"# {number}\n" for number in range(4, HISTORY + 4)]
        assert progress.design_path(LEVEL) == tmp_path / "designs" / "first-light" / "first-event.toml"
        assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b/c", "", "a\0", "A", "a/"])
def test_designs_stay_in_their_folder(tmp_path: Path, name: str) -> None:
    """A name that isn't a level id is refused."""
    with open_progress(tmp_path) as progress, pytest.raises(InputError, match="isn't the id of a level"):
        progress.design_path(name)


def test_reset_forgets_and_keeps_the_designs_aside(tmp_path: Path) -> None:
    """A reset clears all progress and sets the designs aside, so that no work is lost."""
    with open_progress(tmp_path) as progress:
        progress.note_run(LEVEL, True, Stars(1, 1, 1))
        progress.answer(LEVEL, 1, True)
        progress.keep_design(LEVEL, "# mine\n")
        progress.reset()
        assert progress.standings() == {}
        assert progress.reviews() == ()
        assert progress.kept_design(LEVEL) is None
    (aside,) = tmp_path.glob("designs.before-*")
    assert (aside / f"{LEVEL}.toml").read_text() == "# mine\n"


def test_export_is_plain_data(tmp_path: Path, clock: Clock) -> None:
    """All progress can be exported as JSON."""
    with open_progress(tmp_path, clock=clock) as progress:
        progress.note_run(LEVEL, True, Stars(1, 2, 3), "", 0)
        progress.predict(LEVEL, 0, True)
        progress.answer(LEVEL, 1, False)
        progress.show_hint(LEVEL, "h")
        document = json.loads(json.dumps(progress.export(), allow_nan=False))
    assert document["levels"][LEVEL]["stars"] == {"cost": 1, "speed": 2, "simplicity": 3}
    assert document["attempts"][0]["at"] == clock.now
    assert document["answers"] == [{"level": LEVEL, "at": clock.now, "choice": 1, "right": False}]
    assert [len(document[name]) for name in ("predictions", "reviews", "hints")] == [1, 1, 1]


def test_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TUTOR_HOME says where progress is stored; without it, the platform's convention does."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "x"))
    assert home_folder() == tmp_path / "x"
    monkeypatch.setenv("TUTOR_HOME", "~/y")
    assert home_folder() == Path.home() / "y"
    monkeypatch.delenv("TUTOR_HOME")
    assert home_folder().name == "tutor"


def test_packs_have_their_own_progress(tmp_path: Path) -> None:
    """The progress of a level pack is separate from that of the course."""
    with open_progress(tmp_path, pack="/some/Where else") as pack, open_progress(tmp_path) as course:
        pack.note_run(LEVEL, True, Stars(1, 1, 1))
        assert not course.passed(LEVEL)
        assert isinstance(pack, Progress)
        assert pack.home == tmp_path / "packs" / "some-where-else"
