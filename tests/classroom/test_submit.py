"""A hand-in has the work that a student has done, with what it earned."""

from pathlib import Path

from tutor.catalog import find_levels_root, level_by_id
from tutor.classroom.handins import find_hand_ins
from tutor.classroom.submit import gather_works, render_hand_in
from tutor.model.level import Stars
from tutor.progress import open_progress
from tutor.progress.signature import Signature

LEVEL = "first-light/first-event"


def test_the_best_of_what_passed_is_handed_in(tmp_path: Path) -> None:
    """A later experiment that fails doesn't replace a pass. Tries, hints and stars are included; levels
    without a design are left out.
    """
    level = find_levels_root() / LEVEL
    solution = sorted((level / "solutions").glob("*.toml"))[0].read_text()
    mistake = sorted((level / "mistakes").glob("*.toml"))[0].read_text()
    with open_progress(tmp_path / "home") as progress:
        progress.keep_design(LEVEL, solution)
        progress.note_run(LEVEL, True, Stars(1, 1, 1))
        progress.keep_design(LEVEL, mistake)
        progress.note_run(LEVEL, False, Stars(), "blocked-callers")
        progress.show_hint(LEVEL, "Where does the caller wait?")
        (work,) = gather_works(progress, [LEVEL, "night-job/flash-sale"], level_by_id)
    assert (work.level, work.passed, work.tries, work.hints) == (LEVEL, True, 2, 1)
    assert work.design == solution
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.toml").write_text(
        render_hand_in(Signature("Ada", "ada@x.org"), "", [work]), encoding="utf-8"
    )
    (found,) = find_hand_ins(tmp_path / "in")
    assert dict(found.claimed) == {
        "passed": True,
        "stars": work.stars,
        "tries": 2,
        "seconds": 0,
        "hints": 1,
        "reasons": ("blocked-callers",),
    }


def test_what_never_passed_is_handed_in_as_it_stands(tmp_path: Path) -> None:
    """A level that never passed is handed in with its current design and no claims."""
    with open_progress(tmp_path / "home") as progress:
        progress.keep_design(LEVEL, "level = 'x'\n")
        (work,) = gather_works(progress, [LEVEL], level_by_id)
    assert (work.design, work.passed, work.stars) == ("level = 'x'\n", False, (0, 0, 0))
