"""Scoring a design file without the screen."""

import json
import shutil
from pathlib import Path

import pytest

from tutor.catalog import level_by_id, level_folder
from tutor.check import check
from tutor.errors import InputError
from tutor.trial import run

FOLDER = level_folder("first-light/first-event")
SOLUTION = sorted((FOLDER / "solutions").glob("*.toml"))[0]
MISTAKE = FOLDER / "mistakes" / "retries.toml"


def test_a_solution_passes_with_exit_code_0() -> None:
    """A solution passes with its stars, and text and JSON agree."""
    checked = check(SOLUTION)
    assert checked.exit_code == 0
    text = "\n".join(checked.lines())
    assert "Passed on 5 seeds." in text
    assert "Stars:" in text
    document = json.loads(checked.render_json())
    assert document["passed"] is True
    assert document["level"] == "first-light/first-event"
    assert document["diagnosis"] == []
    assert set(document["stars"]) == {"cost", "speed", "simplicity"}


def test_a_mistake_fails_with_exit_code_1_and_says_why() -> None:
    """The document extends the report with goals and their worst seeds, and a diagnosis with evidence and a
    remedy.
    """
    checked = check(MISTAKE)
    assert checked.exit_code == 1
    document = json.loads(checked.render_json())
    assert {
        "schema",
        "complete",
        "client",
        "effect",
        "component",
        "design",
        "goals",
        "inconclusive",
        "diagnosis",
    } <= set(document)
    goal = next(goal for goal in document["goals"] if not goal["met"])
    assert {"say", "metric", "target", "value", "met", "seed"} <= set(goal)
    first = document["diagnosis"][0]
    assert {"id", "what", "evidence", "try"} <= set(first)
    assert "component" in first or "wire" in first
    assert "Why:" in "\n".join(checked.lines())


def test_a_goal_shows_its_worst_seed() -> None:
    """A goal's value is the worst over the seeds that were run, and its seed is one of them."""
    document = check(MISTAKE, seeds=(3, 7)).verdict.plain()
    assert [seed["seed"] for seed in document["seeds"]] == [3, 7]
    for place, goal in enumerate(document["goals"]):
        values = [seed["goals"][place]["value"] for seed in document["seeds"]]
        assert goal["value"] in values
        assert goal["value"] == max(values)
        assert goal["seed"] in (3, 7)


def test_what_is_inconclusive_is_said_once(tmp_path: Path) -> None:
    """A fault that strikes after the last request proves nothing: exit code 1, and one line with
    the reason.
    """
    copy = tmp_path / "first-light" / "first-event"
    shutil.copytree(FOLDER, copy)
    text = (copy / "level.toml").read_text("utf-8")
    assert "at_s = 15\n" in text
    (copy / "level.toml").write_text(
        text.replace("at_s = 15\n", "at_s = 115\n").replace("for_s = 20\n", "for_s = 1\n"), "utf-8"
    )
    checked = check(SOLUTION, root=tmp_path)
    assert checked.exit_code == 1
    assert "\n".join(checked.lines()).count(checked.verdict.inconclusive[0]) == 1


def test_a_design_without_a_level_needs_one(tmp_path: Path) -> None:
    """A design without a level, in its file or on the command line, is refused with one line that says what
    would be right.
    """
    path = tmp_path / "mine.toml"
    path.write_text(SOLUTION.read_text("utf-8").replace('level = "first-light/first-event"', ""), "utf-8")
    with pytest.raises(InputError, match="--level"):
        check(path)
    assert check(path, level_id="first-light/first-event", seeds=(1,)).exit_code == 0


def test_progress_is_told() -> None:
    """During a check the finished share is reported and never shrinks."""
    shares: list[float] = []
    check(
        level_folder("night-job/flash-sale") / "solutions" / "six-desks.toml",
        on_progress=lambda share, seed: shares.append(share),
    )
    assert shares
    assert shares == sorted(shares)


def test_what_a_learner_would_be_asked_and_told_is_in_the_document() -> None:
    """The document has the ladder of hints for the diagnosis, and the prediction with the start's
    true value.
    """
    level = level_by_id("say-it-twice/charged-twice")
    mistake = level_folder(level.id) / "mistakes" / "ack-first.toml"
    document = json.loads(check(mistake).render_json())
    assert [hint["step"] for hint in document["hints"]] == ["question", "concept", "lead"]
    texts = [hint.text for hint in level.hints if hint.diagnosis == document["diagnosis"][0]["id"]]
    assert [hint["text"] for hint in document["hints"]] == texts
    assert level.prediction is not None
    assert document["prediction"]["ask"] == level.prediction.text
    assert document["prediction"]["answer"] in level.prediction.labels
    assert document["prediction"]["value"] == run(level.scenario).report.value(level.prediction.metric)
    assert document["divergence"] is None
    passed = json.loads(check(SOLUTION).render_json())
    assert (passed["hints"], passed["prediction"]) == ([], None)


def test_where_a_run_parts_from_another(tmp_path: Path) -> None:
    """Against the start or another design, the document has the first event that fared differently on the
    worst seed.
    """
    checked = check(MISTAKE, against="start")
    document = json.loads(checked.render_json())["divergence"]
    assert {"at_s", "event", "what", "followed", "where"} <= set(document)
    text = "\n".join(checked.lines())
    assert "Where it diverges from the start:" in text
    assert document["what"] in text
    other = tmp_path / "other.toml"
    other.write_text(SOLUTION.read_text("utf-8"), "utf-8")
    assert "Where it diverges from " in "\n".join(check(MISTAKE, against=other).lines())
    same = check(MISTAKE, against=MISTAKE)
    assert same.divergence is None
    assert "don't diverge" in "\n".join(same.lines())


def test_two_runs_need_the_same_level(tmp_path: Path) -> None:
    """A design of another level can't be compared with: one line names file and key."""
    other = tmp_path / "other.toml"
    other.write_text('title = "x"\nlevel = "night-job/flash-sale"\n', "utf-8")
    with pytest.raises(InputError, match="two runs need the same level") as caught:
        check(MISTAKE, against=other)
    assert (caught.value.file, caught.value.line, caught.value.key) == (str(other), 2, "level")


def test_the_post_mortem_is_of_the_run_that_was_judged() -> None:
    """The post-mortem is of the worst seed's run, which isn't simulated a second time."""
    checked = check(MISTAKE)
    assert checked.outcome is not None
    assert checked.outcome.report.data["seed"] == checked.verdict.worst.seed
    assert f"- Run: seed {checked.verdict.worst.seed}," in checked.postmortem()
    assert check(SOLUTION).outcome is None
