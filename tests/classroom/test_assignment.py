"""Grading from beginning to end: the results don't depend on how they were computed, and nothing is left
without a result.
"""

import csv
import dataclasses
import html
import io
import re
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_level, render_design
from tutor.classroom import feedback, grading, insight, page, tables, work
from tutor.classroom.assignment import Assignment, Grading, Shelf, grade_folder, load_seeds
from tutor.classroom.grading import Grade, Limits, Task, grade_design
from tutor.classroom.handins import find_hand_ins
from tutor.classroom.journal import Journal
from tutor.classroom.scheme import Scheme
from tutor.errors import InputError

LEVEL = "first-light/first-event"


def quiet(_done: int, _of: int) -> None:
    """Ignore progress reports."""


def threads() -> Executor:
    """An executor in this process."""
    return ThreadPoolExecutor(max_workers=1)


@pytest.fixture
def hand_ins(tmp_path: Path) -> Path:
    """A class of four: one passes, one is wrong, one has a broken file, and one makes a false claim."""
    folder = tmp_path / "hand-ins"
    level = find_levels_root() / LEVEL
    solution = sorted((level / "solutions").glob("*.toml"))[0].read_text()
    mistake = sorted((level / "mistakes").glob("*.toml"))[0].read_text()
    for name, text in {
        "ada": solution,
        "eve": mistake,
        "bob": f'level = "{LEVEL}"\n[components',
        "mal": "passed = true\n" + mistake,
    }.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "design.toml").write_text(text)
    (tmp_path / "students.csv").write_text(
        "name,email\n" + "".join(f"{name},{name}@x.org\n" for name in ("ada", "eve", "bob", "mal", "zoe"))
    )
    return folder


def graded(
    folder: Path, journal: Path, make: Callable[[], Executor] = threads, *, beside_a_pass: bool = False
) -> Grading:
    """The class's hand-ins, graded on one seed."""
    seeds = folder.parent / "seeds.txt"
    seeds.write_text("11 # hidden\n")
    assignment = Assignment(
        folder,
        folder.parent / "students.csv",
        levels=(LEVEL,),
        seeds=seeds,
        beside_a_pass=beside_a_pass,
    )
    return grade_folder(assignment, journal, make, quiet)


def test_every_student_has_a_result(hand_ins: Path, tmp_path: Path) -> None:
    """Each student has one row: passed, failed with a diagnosis, broken with a reason, or missing; a false
    claim doesn't count as a pass.
    """
    entries = {entry.name: entry.grade for entry in graded(hand_ins, tmp_path / "j.jsonl").entries}
    assert {name: grade.status for name, grade in entries.items()} == {
        "ada": "passed",
        "eve": "failed",
        "bob": "broken",
        "mal": "broken" if "passed" in entries["mal"].reason else "failed",
        "zoe": "missing",
    }
    assert entries["eve"].diagnosis
    assert "bob/design.toml:2" in entries["bob"].reason


def test_a_claim_that_does_not_hold_is_reported(hand_ins: Path, tmp_path: Path) -> None:
    """A hand-in's claimed score doesn't change its grade, and any difference is reported."""
    text = (hand_ins / "eve" / "design.toml").read_text()
    from tutor.classroom.submit import LevelWork, render_hand_in
    from tutor.progress.signature import Signature

    (hand_ins / "mal" / "design.toml").write_text(
        render_hand_in(
            Signature("Mal", "mal@x.org"), "", [LevelWork(LEVEL, text, passed=True, stars=(3, 3, 3))]
        )
    )
    entries = {entry.name: entry.grade for entry in graded(hand_ins, tmp_path / "j.jsonl").entries}
    assert entries["mal"].status == "failed"
    assert "claims passed" in entries["mal"].difference
    assert dict(entries["mal"].told) == {"tries": 0, "seconds": 0, "hints": 0}


def test_processes_and_this_process_agree_to_the_last_digit(hand_ins: Path, tmp_path: Path) -> None:
    """Results don't depend on the executor."""
    here = graded(hand_ins, tmp_path / "a.jsonl")
    there = graded(hand_ins, tmp_path / "b.jsonl", work.process_pool(2))
    assert here == there


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning")
def test_a_cluster_agrees_to_the_last_digit(hand_ins: Path, tmp_path: Path) -> None:
    """A Dask cluster on one machine gives the same results."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there = graded(hand_ins, tmp_path / "b.jsonl", work.dask_pool(cluster.scheduler_address))
    assert graded(hand_ins, tmp_path / "a.jsonl") == there


class Interrupted(ThreadPoolExecutor):
    """An executor whose second task is interrupted by the teacher."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.tasks = 0

    def submit(self, fn, /, *args, **kwargs) -> Future:  # type: ignore[no-untyped-def, type-arg]
        """Submit a task, unless it is the interrupted one."""
        self.tasks += 1
        if self.tasks == 3:
            raise KeyboardInterrupt
        future = super().submit(fn, *args, **kwargs)
        future.result()
        return future


def test_an_interrupted_grading_goes_on_where_it_stopped(hand_ins: Path, tmp_path: Path) -> None:
    """Finished results are in the journal, a torn last line does no harm, and the outcome equals an
    uninterrupted grading.
    """
    whole = graded(hand_ins, tmp_path / "whole.jsonl")
    journal = tmp_path / "part.jsonl"
    task = Task(find_hand_ins(hand_ins)[0], None, (1,), Limits(), "")
    with Journal(journal) as kept:
        kept.add(task.key(), Grade("x", "y", "z", "failed"))
    with pytest.raises(KeyboardInterrupt):
        graded(hand_ins, journal, Interrupted)
    with journal.open("a") as file:
        file.write('{"key": "torn')
    assert graded(hand_ins, journal) == whole
    computed: list[int] = []
    assignment = Assignment(
        hand_ins, hand_ins.parent / "students.csv", levels=(LEVEL,), seeds=hand_ins.parent / "seeds.txt"
    )
    grade_folder(assignment, journal, threads, lambda done, _of: computed.append(done))
    assert computed == [4]


def test_a_submission_has_a_budget_of_events_and_of_time(hand_ins: Path) -> None:
    """A submission that runs too long is stopped, and its grade says so."""
    shelf = Shelf(None, (LEVEL,))
    found = shelf.find(LEVEL)
    assert found is not None
    hand_in = find_hand_ins(hand_ins)[0]
    few = grade_design(Task(hand_in, found[0], (1,), Limits(max_events=50), found[1]))
    assert few.status == "stopped"
    assert "50 steps" in few.reason


def test_time_is_looked_at_between_slices(hand_ins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission that would hold up the rest is stopped by the wall clock."""
    shelf = Shelf(None, (LEVEL,))
    found = shelf.find(LEVEL)
    assert found is not None
    monkeypatch.setattr(grading, "SLICE", 10)
    slow = grade_design(Task(find_hand_ins(hand_ins)[0], found[0], (1,), Limits(seconds=0.0), found[1]))
    assert (slow.status, slow.reason) == ("stopped", "stopped after 0 seconds")


def die(_task: Task) -> Grade:
    """Kill the process, as running out of memory would."""
    import os

    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_submission_that_kills_its_process_does_not_stop_the_rest(
    hand_ins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash each submission in progress runs in a process of its own; one that crashes again is
    graded as stopped.
    """
    if not hasattr(signal, "SIGKILL"):
        pytest.skip("no such signal here")
    monkeypatch.setattr(work, "grade_design", die)
    grades = graded(hand_ins, tmp_path / "j.jsonl", work.process_pool(1)).grades
    assert {grade.status for grade in grades} == {"stopped"}
    assert len(grades) == 4


def test_reports_show_the_class(hand_ins: Path, tmp_path: Path) -> None:
    """Table, page and CSV name the most frequent first diagnosis with an example, and can leave out names."""
    found = graded(hand_ins, tmp_path / "j.jsonl")
    (level,) = insight.gather(found.entries, found.grades)
    assert (level.passed, level.handed_in) == (1, 4)
    assert level.diagnosis
    assert level.example is not None
    shown = page.render_report("Class", found, [level], anonymous=True)
    assert level.example.why[0].title in html.unescape(shown)
    assert "ada@x.org" not in shown
    signed = {name: f"# by Ada\ntitle = 'Ada'\n{text} # Ada" for name, text in found.texts.items()}
    anonymous = page.render_report("Class", dataclasses.replace(found, texts=signed), [level], anonymous=True)
    assert "Ada" not in anonymous
    assert ">ada<" not in shown
    rows = list(csv.reader(io.StringIO(insight.render_csv(found.entries, anonymous=True))))
    assert rows[1][0] == "student 1"
    grades = page.render_grades("t", found, Scheme())
    assert [link for link in (' src="', ' href="h', "url(") if link in grades] == []
    assert (
        tables.render_text(found.entries).count("\n") == 11
    )  # a head, and for each of five a row and a total
    assert level.example.why[0].title in tables.render_text(found.entries)
    assert level.example.why[0].title in insight.render_text([level])
    assert tables.rows_of(found.entries)[0]["total"] == 100


def test_each_student_gets_a_page_with_the_reason(hand_ins: Path, tmp_path: Path) -> None:
    """Each student's feedback page names the missed goals, the reason with its evidence, and where
    to look.
    """
    found = graded(hand_ins, tmp_path / "j.jsonl")
    assert feedback.write_pages(tmp_path / "feedback", found) == 5
    eve = html.unescape((tmp_path / "feedback" / "eve@x.org.html").read_text(encoding="utf-8"))
    grade = next(entry.grade for entry in found.entries if entry.name == "eve")
    assert grade.missed
    assert all(
        text in eve
        for text in (*grade.missed, grade.why[0].what, grade.why[0].look, grade.why[0].evidence[0][0])
    )


def test_feedback_says_where_a_failed_run_parts_from_one_that_passes(hand_ins: Path, tmp_path: Path) -> None:
    """A failed student's page shows the first event that fared differently in a passing design; without
    feedback no comparison is run.
    """
    found = graded(hand_ins, tmp_path / "j.jsonl", beside_a_pass=True)
    parted = {entry.name: entry.grade.parted for entry in found.entries}
    assert parted["ada"] == ()
    assert re.search(r"till/\d+", " ".join(parted["eve"])), parted["eve"]
    feedback.write_pages(tmp_path / "feedback", found)
    page_of_eve = html.unescape((tmp_path / "feedback" / "eve@x.org.html").read_text(encoding="utf-8"))
    assert all(line.strip() in page_of_eve for line in parted["eve"])
    plain = graded(hand_ins, tmp_path / "k.jsonl")
    assert all(entry.grade.parted == () for entry in plain.entries)


def test_equal_designs_are_pointed_out_and_the_start_is_nobodys_work(hand_ins: Path, tmp_path: Path) -> None:
    """Students with the same parts and wires are each named on the other's grade, however the file is
    written; the untouched start doesn't count.
    """
    text = (hand_ins / "ada" / "design.toml").read_text()
    (hand_ins / "bob" / "design.toml").write_text("# my own work\n" + text)
    level = load_level(find_levels_root() / LEVEL)
    for name in ("eve", "mal"):
        (hand_ins / name / "design.toml").write_text(render_design(level.scenario.design, level))
    same = {grade.student: grade.same_as for grade in graded(hand_ins, tmp_path / "j.jsonl").grades}
    assert same == {"ada": ("bob",), "bob": ("ada",), "eve": (), "mal": ()}


def test_files_that_are_no_hand_ins_are_named(hand_ins: Path, tmp_path: Path) -> None:
    """A PDF or a picture beside the designs is listed as passed over and gets no grade."""
    (hand_ins / "ada" / "essay.pdf").write_text("x")
    (hand_ins / "photo.jpg").write_text("x")
    found = graded(hand_ins, tmp_path / "j.jsonl")
    assert found.passed_over == ("ada/essay.pdf", "photo.jpg")
    assert len(found.grades) == 4


def test_the_front_has_no_design_that_another_beats() -> None:
    """A design that costs more and is slower is not on the Pareto front."""
    grades = [
        Grade("s", name, LEVEL, "passed", cost_per_hour=cost, speed=speed, changes=1)
        for name, cost, speed in (("a", 1.0, 9.0), ("b", 5.0, 2.0), ("c", 6.0, 9.5))
    ]
    one = insight.LevelInsight(LEVEL, 3, 3, "", 0, None, tuple(grades))
    assert [grade.file for grade in one.front()] == ["a", "b"]


def test_seeds_are_read_from_any_list(tmp_path: Path) -> None:
    """Comments are skipped and duplicates count once; a value that isn't a whole number, or an empty list, is
    an error with its line.
    """
    (tmp_path / "s").write_text("# 5\n7, 8\n 7")
    assert load_seeds(tmp_path / "s") == (7, 8)
    for text in ("7\n8.5", "7\n-8", "7\neight"):
        (tmp_path / "s").write_text(text)
        with pytest.raises(InputError, match=r"s:2: .*whole number"):
            load_seeds(tmp_path / "s")
    (tmp_path / "s").write_text("# none")
    with pytest.raises(InputError, match="no seeds"):
        load_seeds(tmp_path / "s")


def test_a_level_that_is_not_graded_is_named(hand_ins: Path, tmp_path: Path) -> None:
    """A design for an unknown level gets a reason that names the level; one for another level is "not asked
    for".
    """
    text = (hand_ins / "ada" / "design.toml").read_text().replace(LEVEL, "nowhere/at-all")
    (hand_ins / "ada" / "design.toml").write_text(text)
    entries = graded(hand_ins, tmp_path / "j.jsonl").grades
    assert "nowhere/at-all" in next(grade.reason for grade in entries if grade.student == "ada")
    other = (hand_ins / "ada" / "design.toml").read_text().replace("nowhere/at-all", "night-job/flash-sale")
    (hand_ins / "ada" / "design.toml").write_text(other)
    entries = graded(hand_ins, tmp_path / "j.jsonl").grades
    assert next(grade.status for grade in entries if grade.student == "ada") == "not asked for"
