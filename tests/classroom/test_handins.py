"""Hand-ins are untrusted input: nothing outside the folder is read, sizes are limited, and no file is lost
silently.
"""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.classroom.handins import MAX_FILE_BYTES, find_hand_ins
from tutor.classroom.submit import LevelWork, render_hand_in
from tutor.errors import InputError
from tutor.progress.signature import Signature

DESIGN = 'level = "first-light/first-event"\n[components.orders]\nkind = "queue"\n'


def test_files_and_folders_are_both_hand_ins(tmp_path: Path) -> None:
    """A student hands in one file or a folder of files; other files are passed over."""
    (tmp_path / "ada.toml").write_text(DESIGN)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "grace").mkdir()
    (tmp_path / "grace" / "a.toml").write_text(DESIGN)
    (tmp_path / "grace" / "b.toml").write_text(DESIGN)
    assert [(one.student, one.file, one.broken) for one in find_hand_ins(tmp_path)] == [
        ("ada", "ada.toml", ""),
        ("grace", "grace/a.toml", ""),
        ("grace", "grace/b.toml", ""),
    ]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    """A link out of the folder gives a broken hand-in with the reason, and never the target's content."""
    secret = tmp_path / "secret.toml"
    secret.write_text(DESIGN)
    folder = tmp_path / "handed-in"
    (folder / "eve").mkdir(parents=True)
    (folder / "mallory.toml").symlink_to(secret)
    (folder / "eve" / "a.toml").symlink_to(secret)
    (folder / "trent").symlink_to(tmp_path, target_is_directory=True)
    found = find_hand_ins(folder)
    assert {one.student: "link" in one.broken for one in found} == {
        "eve": True,
        "mallory": True,
        "trent": True,
    }
    assert all(one.text == "" for one in found)


def test_a_broken_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    """A file that is too large, a file that isn't text and an empty folder are each reported; the valid
    hand-in is read.
    """
    (tmp_path / "big.toml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.toml").write_text(DESIGN)
    found = {one.student: one.broken for one in find_hand_ins(tmp_path)}
    assert "larger" in found["big"]
    assert "UTF-8" in found["binary"]
    assert "no .toml" in found["empty"]
    assert found["good"] == ""


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes as files on Windows")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe is reported as broken and never opened, since reading it could block forever."""
    os.mkfifo(tmp_path / "pipe.toml")
    assert "n't a file" in find_hand_ins(tmp_path)[0].broken


def test_a_missing_folder_is_an_error_of_the_call(tmp_path: Path) -> None:
    """A missing folder of hand-ins is refused."""
    with pytest.raises(InputError, match="can't be read"):
        find_hand_ins(tmp_path / "nowhere")


def test_a_bundle_gives_one_hand_in_a_design(tmp_path: Path) -> None:
    """A file from ``tutor class submit`` gives one hand-in for each design, with its claims."""
    works = [
        LevelWork("a/b", DESIGN, passed=True, stars=(3, 2, 1), tries=4, seconds=61.2, hints=1),
        LevelWork("a/c", "x = '''\n", passed=False),
    ]
    (tmp_path / "ada.toml").write_text(
        render_hand_in(Signature('Ada "Countess"', "ada@example.org"), "Week 1", works)
    )
    first, second = find_hand_ins(tmp_path)
    assert (first.level, first.text) == ("a/b", DESIGN)
    assert dict(first.claimed)["stars"] == (3, 2, 1)
    assert second.text == "x = '''\n"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_design_text_survives_the_bundle(text: str) -> None:
    """Quotes, backslashes and control characters in a design survive the bundle unchanged."""
    import tomllib

    parsed = tomllib.loads(render_hand_in(Signature("n"), "t", [LevelWork("a/b", text, passed=False)]))
    assert parsed["designs"][0]["design"].replace("\r\n", "\n") == text.replace("\r\n", "\n")


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.builds(
        "{}\n{} = {}\n".format,
        st.just(DESIGN),
        st.sampled_from(["a", "level", "passed", "stars"]),
        st.text(max_size=40),
    ),
    st.builds(
        lambda depth, key: f"[[designs]]\ndesign = 'x'\n{key}{'.a' * depth} = 1\n",
        st.integers(1, 5000),
        st.sampled_from(["claimed", "x"]),
    ),
    st.builds(lambda depth: "x = " + "[" * depth, st.integers(1, 5000)),
    st.builds(
        lambda digits: f"[[designs]]\ndesign = ''\n[designs.claimed]\ntries = 0x{'f' * digits}\n",
        st.integers(1, 9000),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=3))
def test_any_text_is_graded_or_named(texts: list[str]) -> None:
    """Any text in a file gives at least one hand-in that has a key, can be pickled, and gets a one-line
    reason.
    """
    import pickle
    import tempfile

    from tutor.classroom.grading import Limits, Task, grade_design

    with tempfile.TemporaryDirectory() as place:
        for number, text in enumerate(texts):
            (Path(place) / f"s{number}.toml").write_text(text, encoding="utf-8")
        found = find_hand_ins(Path(place))
    assert {one.student for one in found} == {f"s{number}" for number in range(len(texts))}
    for one in found:
        task = Task(one, None, (1,), Limits(), "")
        assert pickle.loads(pickle.dumps(task)).key() == task.key()
        grade = grade_design(task)
        assert grade.status == "broken"
        assert "\n" not in grade.reason


def test_a_student_has_one_budget(tmp_path: Path) -> None:
    """All files of a student share one size budget: those beyond it are named and not read."""
    (tmp_path / "eve").mkdir()
    for number in range(8):
        (tmp_path / "eve" / f"{number}.toml").write_text(
            "# " + "x" * 9_000 + ("\n# " + "x" * 9_000) * 88 + "\n"
        )
    found = find_hand_ins(tmp_path)
    assert len(found) < 8
    assert "too much" in found[-1].broken
