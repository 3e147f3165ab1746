"""The fast track: a chapter's hard level, passed without help, counts for the whole chapter."""

import json
from pathlib import Path

import pytest

from tutor.catalog import load_course
from tutor.cli import run
from tutor.lint import lint
from tutor.model.level import Chapter, Course, Stars
from tutor.progress import open_progress
from tutor.progress.fast_track import is_tested_out, level_after, level_to_play, skipped_levels

ONE = Chapter("one", "One", "", ("one/a", "one/b", "one/c"), "one/b")
TWO = Chapter("two", "Two", "", ("two/a",))
COURSE = Course("C", (ONE, TWO))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a learner of its own."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_one_hard_level_stands_for_its_chapter() -> None:
    """The chapter's other levels can be skipped, and the game continues with the next chapter."""
    assert is_tested_out(ONE, {"one/b"})
    assert not is_tested_out(ONE, {"one/a", "one/c"})
    assert not is_tested_out(TWO, {"two/a"})
    assert skipped_levels(COURSE, {"one/b"}, {"one/b"}) == {"one/a", "one/c"}
    assert level_to_play(COURSE, {"one/b"}, {"one/b"}, latest="one/b") == "two/a"
    assert level_after(COURSE, "one/b", {"one/b"}, {"one/b"}) == "two/a"


def test_who_comes_to_it_in_order_goes_on_in_order() -> None:
    """If the level before the hard one is passed, the one after it comes next, and none is skipped."""
    passed = {"one/a", "one/b"}
    assert skipped_levels(COURSE, passed, passed) == set()
    assert level_after(COURSE, "one/b", passed, passed) == "one/c"
    assert level_to_play(COURSE, passed, passed, latest="one/b") == "one/c"
    course = load_course()
    order = [level for chapter in course.chapters for level in chapter.levels]
    for place in range(1, len(order)):
        done = frozenset(order[:place])
        assert level_to_play(course, done, done, order[place - 1]) == order[place]
        assert level_after(course, order[place - 1], done, done) == order[place]


def test_with_help_it_is_a_level_like_any_other() -> None:
    """If it is passed after a hint, the hard level skips nothing."""
    assert skipped_levels(COURSE, {"one/b"}, set()) == set()
    assert level_to_play(COURSE, {"one/b"}, set(), latest="one/b") == "one/a"
    assert level_after(COURSE, "one/b", {"one/b"}, set()) == "one/c"


def test_a_skipped_level_may_be_played_all_the_same() -> None:
    """A skipped level that was opened is continued, and followed by the one after it; after the last there is
    none.
    """
    assert level_to_play(COURSE, {"one/b"}, {"one/b"}, latest="one/a") == "one/a"
    assert level_after(COURSE, "one/a", {"one/b"}, {"one/b"}) == "one/b"
    assert level_after(COURSE, "two/a", set(), set()) == ""
    assert level_to_play(COURSE, {"one/b", "two/a"}, {"one/b"}) == "two/a"


def test_who_passed_unaided_is_told_by_the_attempts() -> None:
    """A hint or opened solutions before passing count as help, even if the level is passed again; a hint
    after passing doesn't.
    """
    with open_progress() as progress:
        progress.note_run("c/later-hint", True, Stars(1, 1, 1))
        progress.show_hint("c/later-hint", "one")
        progress.note_run("c/later-hint", True, Stars(2, 2, 2), hints=1)
        progress.note_run("c/hint", False, Stars())
        progress.show_hint("c/hint", "one")
        progress.note_run("c/hint", True, Stars(1, 1, 1), hints=1)
        progress.give_up("c/gave-up")
        progress.note_run("c/gave-up", True, Stars(3, 3, 3))
        progress.note_run("c/failed", False, Stars())
        assert {level for level, standing in progress.standings().items() if standing.unaided} == {
            "c/later-hint"
        }


def test_every_chapter_with_a_choice_has_a_test() -> None:
    """Each chapter with more than one level names one of them as its hard level."""
    chapters = load_course().chapters
    assert [
        chapter.id for chapter in chapters if len(chapter.levels) > 1 and chapter.test not in chapter.levels
    ] == []


def test_the_list_and_progress_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The list, as text and JSON, and progress show which chapter is tested out and which levels
    that skips.
    """
    chapter = load_course().chapters[1]
    with open_progress() as progress:
        progress.note_run(chapter.test, True, Stars(1, 2, 3))
    assert run(["levels", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in listed if one["tested_out"]] == [chapter.id]
    spared = {level["id"] for one in listed for level in one["levels"] if level["tested_out"]}
    assert spared == set(chapter.levels) - {chapter.test}
    assert run(["levels"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("tested out" in line for line in lines) == len(chapter.levels)
    assert run(["progress"]) == 0
    assert f"tested out: {chapter.title}" in capsys.readouterr().out


def test_a_test_that_is_no_level_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """Lint suggests the nearest level; the course can still be read, since a pack may leave the level out."""
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    chapter = Path("pack/my/chapter.toml")
    chapter.write_text(chapter.read_text("utf-8") + 'test = "frist"\n', "utf-8")
    assert load_course("pack").chapters[0].test == ""
    (fault,) = lint([Path("pack")], run=False).faults
    assert "chapter.toml: test: " in fault
    assert 'did you mean "first"' in fault
