"""Class packs: one file with the teacher's rules, opened within budgets."""

import contextlib
import datetime
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.catalog import load_glossary
from tutor.classroom.pack import is_pack, open_pack, parse_deadline, write_pack
from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.model.pack import PackRules
from tutor.progress import open_progress


def course(folder: Path) -> Path:
    """A course of two levels in one chapter."""
    for name in ("one", "two"):
        level = folder / "chapter" / name
        (level / "solutions").mkdir(parents=True)
        (level / "level.toml").write_text("format = 1\n")
        (level / "briefing.md").write_text("Hello.")
        (level / "solutions" / "a.toml").write_text("")
    (folder / "chapter" / "chapter.toml").write_text('title = "Chapter"\n')
    (folder / "course.toml").write_text(
        'title = "Course"\nchapters = [{id = "chapter", levels = ["one", "two"]}]\n'
    )
    return folder


def zipped(path: Path, files: dict[str, str]) -> Path:
    """A zip archive with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_pack_carries_the_chosen_levels_and_rules(tmp_path: Path) -> None:
    """A pack keeps order, title and rules and leaves out the solutions; the same choice gives the
    same bytes.
    """
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
    """A misspelled level is refused with the nearest match."""
    with pytest.raises(InputError, match='did you mean "chapter/one"'):
        write_pack(
            tmp_path / "p", course(tmp_path / "levels"), ["chapter/ones"], PackRules("t", order="course")
        )


@pytest.mark.parametrize(
    "name",
    ["../evil.toml", "/etc/evil.toml", "levels/../../evil.toml", "C:evil.toml", "levels\\..\\evil.toml"],
)
def test_no_path_in_a_pack_leaves_its_folder(tmp_path: Path, name: str) -> None:
    """A path that leads out of the folder makes the whole pack invalid, and nothing is written outside."""
    path = zipped(tmp_path / "evil.pack", {"pack.toml": "format = 1", "levels/course.toml": "", name: "x"})
    with pytest.raises(InputError, match="leaves its folder"):
        open_pack(path, tmp_path / "home")
    assert not list(tmp_path.rglob("evil.toml"))


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """A pack that would unpack to more than the budget is refused."""
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
    """Missing parts and invalid values are named."""
    with pytest.raises(InputError, match=r"course\.toml"):
        open_pack(zipped(tmp_path / "a.pack", {"pack.toml": "format = 1"}), tmp_path / "home")
    with pytest.raises(InputError, match="format"):
        open_pack(
            zipped(tmp_path / "b.pack", {"pack.toml": "format = 9", "levels/course.toml": ""}),
            tmp_path / "home",
        )
    with pytest.raises(InputError, match="isn't valid"):
        open_pack(
            zipped(tmp_path / "c.pack", {"pack.toml": "format = 1\nhints = 3", "levels/course.toml": ""}),
            tmp_path / "home",
        )


def test_links_in_a_pack_become_plain_files(tmp_path: Path) -> None:
    """An archive member marked as a link is written as a plain file with its text."""
    write_pack(tmp_path / "good.pack", course(tmp_path / "levels"), ["chapter/one"], PackRules("t"))
    link = zipfile.ZipInfo("levels/secret.toml")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "good.pack", "a") as archive:
        archive.writestr(link, "/etc/passwd")
    opened = open_pack(tmp_path / "good.pack", tmp_path / "home")
    assert not (opened.levels_root / "secret.toml").is_symlink()
    assert (opened.levels_root / "secret.toml").read_text() == "/etc/passwd"


@pytest.mark.parametrize(
    "names",
    [
        ["levels/a.toml", "levels/a.toml/b.toml"],
        ["levels/a.toml/b.toml", "levels/a.toml"],
        ["levels/" + "x" * 300 + ".toml"],
    ],
)
def test_paths_that_no_disk_takes_are_one_line(tmp_path: Path, names: list[str]) -> None:
    """A file in place of a folder and a name that is too long are refused, and nothing is left behind."""
    path = zipped(tmp_path / "odd.pack", {"pack.toml": "format = 1", **dict.fromkeys(names, "x")})
    with pytest.raises(InputError, match="can't be unpacked"):
        open_pack(path, tmp_path / "home")
    assert not list((tmp_path / "home").rglob("*.toml"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_pack_is_refused_or_read(data: st.DataObject) -> None:
    """A pack with any bytes changed is either opened or refused with an InputError."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_pack(folder / "p.pack", course(folder / "levels"), ["chapter/one"], PackRules("t"))
        raw = bytearray((folder / "p.pack").read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        (folder / "p.pack").write_bytes(bytes(raw))
        with contextlib.suppress(InputError):
            assert open_pack(folder / "p.pack", folder / "home").levels_root.is_dir()


def test_a_pack_with_a_nameless_file_is_refused(tmp_path: Path) -> None:
    """An archive with a file name that begins with a zero byte isn't a class pack."""
    pack = tmp_path / "p.pack"
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("pack.toml", "")
    pack.write_bytes(pack.read_bytes().replace(b"pack.toml", b"\0ack.toml"))
    with pytest.raises(InputError, match="isn't a class pack"):
        open_pack(pack, tmp_path / "home")


def test_a_title_is_data(tmp_path: Path) -> None:
    """A title can't contain escape codes; direction marks and markup are shown as text or removed."""
    root = course(tmp_path / "levels")
    write_pack(tmp_path / "t.pack", root, ["chapter/one"], PackRules("[red]\x1b[31m\u202eWeek" + "k" * 500))
    title = open_pack(tmp_path / "t.pack", tmp_path / "home").rules.title
    assert title.startswith("[red] [31m Week")
    assert len(title) <= 100


def test_a_level_in_a_pack_has_the_usual_budget() -> None:
    """A huge event budget in a pack's level is cut to the usual one."""
    import dataclasses

    from tutor.catalog import level_by_id
    from tutor.model.scenario import DEFAULT_MAX_EVENTS

    level = level_by_id("first-light/first-event")
    run = dataclasses.replace(level.scenario.run, max_events=10**15)
    huge = dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, run=run))
    assert PackRules("t").applied(huge).scenario.run.max_events == DEFAULT_MAX_EVENTS
    assert PackRules("t").applied(level) is level
    assert PackRules("t", hints=False).applied(level).hints == ()


def test_a_pack_issued_again_keeps_what_did_not_change(tmp_path: Path) -> None:
    """A new pack of the same title keeps progress and designs of unchanged levels; changed levels
    start over.
    """
    root = course(tmp_path / "levels")
    rules = PackRules("Week 1", order="open")
    write_pack(tmp_path / "week.pack", root, ["chapter/one", "chapter/two"], rules)
    first = open_pack(tmp_path / "week.pack", tmp_path / "home")
    with open_progress(first.home) as progress:
        for level in ("chapter/one", "chapter/two"):
            progress.note_run(level, True, Stars(3, 2, 1))
            progress.keep_design(level, f"# {level}")
    (root / "chapter" / "two" / "level.toml").write_text("format = 1\n# harder\n")
    write_pack(tmp_path / "week.pack", root, ["chapter/one", "chapter/two"], rules)
    second = open_pack(tmp_path / "week.pack", tmp_path / "home")
    assert second.home != first.home
    with open_progress(second.home) as progress:
        assert progress.passed("chapter/one")
        assert progress.standing("chapter/one").stars == Stars(3, 2, 1)
        assert progress.kept_design("chapter/one") == "# chapter/one"
        assert not progress.passed("chapter/two")
        assert progress.kept_design("chapter/two") is None


def test_own_levels_mix_with_the_games(tmp_path: Path) -> None:
    """A level comes from the first folder that has it. The game's terms follow the teacher's, and the
    teacher's may refer to them.
    """
    own, game = course(tmp_path / "own"), course(tmp_path / "game")
    term = '[[term]]\nid = "{0}"\ntitle = "{0}"\ndefinition = "{1}"\nsee = [{2}]\n'
    (game / "glossary.toml").write_text(term.format("event", "ours", "") + term.format("queue", "ours", ""))
    (own / "glossary.toml").write_text(term.format("event", "mine", '"queue"'))
    (own / "chapter" / "one" / "briefing.md").write_text("Mine.")
    (game / "chapter" / "three").mkdir()
    (game / "chapter" / "three" / "level.toml").write_text("format = 1\n")
    write_pack(tmp_path / "p.pack", [own, game], ["chapter/one", "chapter/three"], PackRules("P"))
    opened = open_pack(tmp_path / "p.pack", tmp_path / "home")
    assert (opened.levels_root / "chapter" / "one" / "briefing.md").read_text() == "Mine."
    assert (opened.levels_root / "chapter" / "three" / "level.toml").exists()
    terms = {one.id: one for one in load_glossary(opened.levels_root)}
    assert [terms["event"].definition, terms["queue"].definition] == ["mine", "ours"]
    assert terms["event"].see == ("queue",)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-01T18:00+01:00", "2026-12-01T17:00:00Z"),
        ("2026-12-01T18:00:30Z", "2026-12-01T18:00:30Z"),
    ],
)
def test_a_deadline_is_a_moment_in_utc(typed: str, moment: str) -> None:
    """A typed deadline is stored as one moment in UTC."""
    assert parse_deadline(typed) == moment


def test_a_day_as_a_deadline_ends_with_the_day() -> None:
    """A date without a time means the end of that day in the teacher's time zone."""
    end = datetime.datetime(2026, 12, 1, 23, 59, 59).astimezone(datetime.UTC)
    assert parse_deadline("2026-12-01") == end.strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(InputError, match="isn't a date"):
        parse_deadline("next week")
