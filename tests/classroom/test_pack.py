"""A class pack: one file, opened within budgets, with the teacher's rules."""

import io
import zipfile
from pathlib import Path

import pytest

from tutor.classroom.pack import is_pack, open_pack, write_pack
from tutor.errors import InputError
from tutor.model.pack import PackRules


def course(folder: Path) -> Path:
    """A course of two levels in one chapter."""
    for name in ("one", "two"):
        level = folder / "chapter" / name
        (level / "solutions").mkdir(parents=True)
        (level / "level.toml").write_text("format = 1\n")
        (level / "briefing.md").write_text("Hello.")
        (level / "solutions" / "a.toml").write_text("")
    (folder / "chapter" / "chapter.toml").write_text('title = "Chapter"\n')
    (folder / "course.toml").write_text("")
    return folder


def zipped(path: Path, files: dict[str, str]) -> Path:
    """An archive with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_pack_carries_the_chosen_levels_and_rules(tmp_path: Path) -> None:
    """Order, title and rules come back; solutions stay with the teacher; the same choice gives the same bytes."""
    root = course(tmp_path / "levels")
    rules = PackRules('Week "1"', hints=False, solutions=False, order="open")
    write_pack(tmp_path / "week.pack", root, ["chapter/two", "chapter/one"], rules)
    write_pack(tmp_path / "again.pack", root, ["chapter/two", "chapter/one"], rules)
    assert (tmp_path / "week.pack").read_bytes() == (tmp_path / "again.pack").read_bytes()
    assert is_pack(tmp_path / "week.pack")
    opened = open_pack(tmp_path / "week.pack", tmp_path / "home")
    assert opened.rules == rules
    assert (opened.levels_root / "chapter" / "one" / "briefing.md").read_text() == "Hello."
    assert not (opened.levels_root / "chapter" / "one" / "solutions").exists()
    assert '["two", "one"]' in (opened.levels_root / "course.toml").read_text()
    assert open_pack(tmp_path / "week.pack", tmp_path / "home") == opened


def test_an_unknown_level_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt level is not packed silently."""
    with pytest.raises(InputError, match='did you mean "chapter/one"'):
        write_pack(tmp_path / "p", course(tmp_path / "levels"), ["chapter/ones"], PackRules("t", order="course"))


@pytest.mark.parametrize("name", ["../evil.toml", "/etc/evil.toml", "levels/../../evil.toml", "C:evil.toml", "levels\\..\\evil.toml"])
def test_no_path_in_a_pack_leaves_its_folder(tmp_path: Path, name: str) -> None:
    """A path that would leave the folder makes the whole pack refused, and nothing is written outside."""
    path = zipped(tmp_path / "evil.pack", {"pack.toml": "format = 1", "levels/course.toml": "", name: "x"})
    with pytest.raises(InputError, match="leaves its folder"):
        open_pack(path, tmp_path / "home")
    assert not list(tmp_path.rglob("evil.toml"))


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """What unpacks to more than the budget is not unpacked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("levels/bomb.toml", b"#" * 30_000_000)
    (tmp_path / "bomb.pack").write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="larger than"):
        open_pack(tmp_path / "bomb.pack", tmp_path / "home")


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04broken"])
def test_what_is_no_pack_is_said_so(tmp_path: Path, data: bytes) -> None:
    """A file of another kind is refused in one line."""
    (tmp_path / "x.pack").write_bytes(data)
    with pytest.raises(InputError, match="tutor class pack"):
        open_pack(tmp_path / "x.pack", tmp_path / "home")


def test_a_pack_without_course_or_with_other_rules_is_refused(tmp_path: Path) -> None:
    """Missing parts and values that do not fit are named."""
    with pytest.raises(InputError, match=r"course\.toml"):
        open_pack(zipped(tmp_path / "a.pack", {"pack.toml": "format = 1"}), tmp_path / "home")
    with pytest.raises(InputError, match="format"):
        open_pack(zipped(tmp_path / "b.pack", {"pack.toml": "format = 9", "levels/course.toml": ""}), tmp_path / "home")
    with pytest.raises(InputError, match="does not fit"):
        open_pack(zipped(tmp_path / "c.pack", {"pack.toml": "format = 1\nhints = 3", "levels/course.toml": ""}), tmp_path / "home")
