"""The teacher's commands refuse bad input before the long work, and never overwrite what they read."""

from pathlib import Path

import pytest

from tutor.catalog import find_levels_root
from tutor.cli import run

Captured = pytest.CaptureFixture[str]
LEVEL = "first-light/first-event"
ROSTER = "name,email\nAda,ada@example.org\n"


@pytest.fixture(autouse=True)
def _class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of one with a roster, hidden seeds and a hand-in, in a folder and a home of its own."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER)
    (tmp_path / "seeds.txt").write_text("11\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "in" / "ada.toml").write_text(
        (find_levels_root() / LEVEL / "solutions" / "rail.toml").read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ["grade", "in", "--roster", "roster.csv", "--csv", "roster.csv"],
            "roster.csv: can't be written: it is read here",
        ),
        (
            ["grade", "in", "--roster", "roster.csv", "--journal", "roster.csv", "--fresh"],
            "roster.csv: can't be written",
        ),
        (["grade", "in", "--seeds", "seeds.txt", "--html", "seeds.txt"], "seeds.txt: can't be written"),
        (["grade", "in", "--csv", "a.csv", "--html", "a.csv"], "a.csv: can't be written"),
        (["grade", "in", "--csv", "no/where.csv"], "the folder no doesn't exist"),
        (["grade", "in", "--csv", "empty"], "this is a folder"),
        (["grade", "in", "--seconds", "nan"], "--seconds: give a number of seconds from 1 to 86,400"),
        (["grade", "in", "--seconds", "0"], "--seconds"),
        (["grade", "in", "--level", "first-light/first-evnt"], f'did you mean "{LEVEL}"'),
        (["grade", "in", "--seeds", "empty"], "empty: this is a folder"),
        (["grade", "empty"], "empty: nothing was handed in"),
        (["class", "report", "empty"], "empty: nothing was handed in"),
        (
            ["class", "report", "in", "--roster", "roster.csv", "--html", "roster.csv"],
            "roster.csv: can't be written",
        ),
        (["class", "pack", "empty", LEVEL], "empty: can't be written: this is a folder"),
        (
            ["class", "submit", "roster.csv", "--pack", "roster.csv"],
            "roster.csv: can't be written: it is read here",
        ),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, list) else "",
)
def test_refused_before_the_work(args: list[str], words: str, capsys: Captured) -> None:
    """A refusal is exit code 2 and one line; the input files stay unchanged, and no journal is begun."""
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err
    assert Path("roster.csv").read_text() == ROSTER
    assert not list(Path("home").glob("grading/*"))


def test_a_class_without_hand_ins_is_graded() -> None:
    """With a roster every student has a row, even if nobody has handed in."""
    assert run(["grade", "empty", "--roster", "roster.csv", "--level", LEVEL, "--csv", "grades.csv"]) == 0
    assert "Ada" in Path("grades.csv").read_text("utf-8")


def test_a_pack_of_levels_without_chapter_files(tmp_path: Path) -> None:
    """A pack made from levels without chapter.toml gets one."""
    assert run(["new-level", "my/first", "--levels", "mine"]) == 0
    (tmp_path / "mine" / "my" / "chapter.toml").unlink()
    assert run(["class", "pack", "week.pack", "my/first", "--levels", "mine"]) == 0
    assert Path("week.pack").stat().st_size > 0
    from tutor.classroom.pack import open_pack

    opened = open_pack(Path("week.pack"), tmp_path / "home")
    assert (opened.levels_root / "my" / "chapter.toml").read_text("utf-8") == 'title = "My"\n'
