"""Recipes: each platform gets its files, and marks in the form that it documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tutor.catalog import find_levels_root
from tutor.classroom.pack import write_pack
from tutor.classroom.recipes import PLATFORMS
from tutor.classroom.submit import LevelWork, render_hand_in
from tutor.cli import run
from tutor.cli.classroom import PLATFORM_NAMES
from tutor.model.pack import PackRules
from tutor.progress.signature import Signature

LEVEL, OTHER = "first-light/first-event", "night-job/flash-sale"
SOLUTION = sorted((find_levels_root() / LEVEL / "solutions").glob("*.toml"))[0].read_text()
MISTAKE = sorted((find_levels_root() / LEVEL / "mistakes").glob("*.toml"))[0].read_text()

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
GRADESCOPE: dict[str, Any] = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "output": {"type": "string"},
        "visibility": VISIBILITY,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
                    "visibility": VISIBILITY,
                },
            },
        },
    },
}
"""The keys of results.json used here, as docs/specs.md of gradescope/autograder_samples lists them."""

TEXT = {"type": "string"}
CLASSROOM50: dict[str, Any] = {
    "type": "object",
    "required": [
        *("schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime"),
        *("score", "max-score", "tests"),
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": TEXT,
        "assignment": TEXT,
        "assignment_type": {"enum": ["individual", "group"]},
        "owner": TEXT,
        "submission": {"type": "string", "pattern": "^submit/"},
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "score": {"type": "integer"},
        "max-score": {"type": "integer"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": TEXT,
                    "passed": {"type": "boolean"},
                    "score": {"type": "integer"},
                    "max-score": {"type": "integer"},
                },
            },
        },
    },
}
"""The result contract, as "Advanced Autograding" in the wiki of foundation50/classroom50 states it."""

RUNNER = {
    "CLASSROOM": "cs",
    "ASSIGNMENT": "hello",
    "USERNAME": "alice",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/x/y/commit/abc",
    "RELEASE_URL": "https://github.com/x/y/releases/tag/z",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack of two levels, and a submission that solves one of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    write_pack(tmp_path / "week.pack", find_levels_root(), [LEVEL, OTHER], PackRules("Week", order="open"))
    (tmp_path / "in" / "deep").mkdir(parents=True)
    works = [LevelWork(LEVEL, SOLUTION, passed=True, stars=(9, 9, 9))]
    text = render_hand_in(Signature("Ada", "ada@x.org"), "Week", works)
    (tmp_path / "in" / "deep" / "hand-in.toml").write_text(text)


def marked(platform: str, *options: str, of: str = "in") -> int:
    """Mark a submission; the exit code."""
    return run(["class", "mark", platform, of, "--pack", "week.pack", "--out", "result", *options])


def test_the_names_are_those_of_the_declarations() -> None:
    """Every platform has a name on the command line."""
    assert tuple(one.name for one in PLATFORMS) == PLATFORM_NAMES


def test_gradescope_gets_its_results() -> None:
    """Each level is a test with points and a text, in the documented form; a false claim is named."""
    assert marked("gradescope") == 1
    result = json.loads(Path("result").read_text())
    jsonschema.validate(result, GRADESCOPE)
    assert [one["score"] for one in result["tests"]] == [100, 0]
    assert "claims something else" in result["tests"][0]["output"]
    assert result["tests"][1]["output"] == "not handed in"


def test_gradescope_gets_results_whatever_happens() -> None:
    """A broken pack, a missing submission and a hostile file each still give a valid results.json."""
    Path("bad.pack").write_bytes(b"PK nonsense")
    assert run(["class", "mark", "gradescope", "in", "--pack", "bad.pack", "--out", "result"]) == 2
    jsonschema.validate(json.loads(Path("result").read_text()), GRADESCOPE)
    Path("result").unlink()
    Path("empty").mkdir()
    assert marked("gradescope", of="empty") == 1
    jsonschema.validate(json.loads(Path("result").read_text()), GRADESCOPE)
    Path("in/deep/hand-in.toml").write_text("[" * 5000)
    assert marked("gradescope") == 1
    jsonschema.validate(json.loads(Path("result").read_text()), GRADESCOPE)


def test_the_autograder_runs_in_its_layout(tmp_path: Path) -> None:
    """run_autograder finds submission, metadata and pack below /autograder, and writes results.json even if
    tutor can't start.
    """
    root = tmp_path / "autograder"
    assert run(["class", "recipe", "gradescope", str(root / "source"), "--pack", "week.pack"]) == 0
    assert os.access(root / "source" / "setup.sh", os.X_OK)
    (tmp_path / "in").rename(root / "submission")
    users = {"users": [{"email": "eve@x.org", "id": 1, "name": "Eve"}]}
    (root / "submission_metadata.json").write_text(json.dumps(users))
    tutor = tmp_path / "tutor"
    tutor.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tutor "$@"\n')
    tutor.chmod(0o755)
    for program, score in ((str(tutor), 100), ("/nowhere/tutor", 0)):
        environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "TUTOR": program}
        subprocess.run([root / "source" / "run_autograder"], env=environment, check=True, capture_output=True)
        result = json.loads((root / "results" / "results.json").read_text())
        assert result["score"] == score
        if score:
            jsonschema.validate(result, GRADESCOPE)
            assert "signed by ada@x.org" in result["tests"][0]["output"]


def test_classroom_50_gets_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a checkout, the script writes a result that fulfills the contract."""
    assert run(["class", "recipe", "classroom50", "bundle", "--pack", "week.pack"]) == 0
    script = Path("bundle/autograder.py").resolve()
    environment = {**os.environ, **RUNNER, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, script], cwd="in", env=environment, check=True, capture_output=True)
    result = json.loads(Path("in/result.json").read_text())
    jsonschema.validate(result, CLASSROOM50)
    assert (result["owner"], result["score"], result["max-score"]) == ("alice", 100, 200)


def test_github_gets_a_step_for_each_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workflow has a grader for each level and a reporter; the exit code says whether a level passed."""
    assert run(["class", "recipe", "github", "starter", "--pack", "week.pack"]) == 0
    text = Path("starter/.github/workflows/classroom.yml").read_text()
    assert text.count("uses: classroom-resources/autograding-command-grader@v1") == 2
    assert "runners: first-light-first-event,night-job-flash-sale" in text
    assert 'NIGHT-JOB-FLASH-SALE_RESULTS: "${{steps.night-job-flash-sale.outputs.result}}"' in text
    assert "@" not in text.replace("@v", "")
    assert Path("starter/.tutor/lesson.pack").is_file()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert marked("github", "--level", LEVEL) == 0
    assert marked("github", "--level", OTHER) == 1
    assert "| The Flash Sale | 0 | 100 |" in Path("summary.md").read_text()


def test_vpl_gets_comments_and_a_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    """vpl_evaluate.sh creates vpl_execution, which prints closed comments and one grade within the range."""
    monkeypatch.setenv("VPL_GRADEMAX", "10")
    assert run(["class", "recipe", "vpl", "in", "--pack", "week.pack"]) == 0
    tutor = Path("tutor").resolve()
    tutor.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tutor "$@"\n')
    tutor.chmod(0o755)
    environment = {**os.environ, "TUTOR": str(tutor)}
    subprocess.run(["bash", "vpl_evaluate.sh"], cwd="in", env=environment, check=True)
    done = subprocess.run(["./vpl_execution"], cwd="in", env=environment, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert lines.count("<|--") == lines.count("--|>") == 2
    assert [line for line in lines if "Grade :=>>" in line] == ["Grade :=>>5.00"]
    assert "-The Doorbell (100/100)" in lines


def test_nbgrader_gets_cells_with_partial_credit() -> None:
    """Each level is a graded cell whose code, when run, ends with the level's points."""
    assert run(["class", "recipe", "nbgrader", "in", "--pack", "week.pack"]) == 0
    cells = [
        one for one in json.loads(Path("in/lesson.ipynb").read_text())["cells"] if one["cell_type"] == "code"
    ]
    meta = [one["metadata"]["nbgrader"] for one in cells]
    assert [(one["grade"], one["solution"], one["points"]) for one in meta] == [(True, False, 100)] * 2
    assert len({one["grade_id"] for one in meta}) == 2
    *code, last = "".join(cells[0]["source"]).splitlines()
    script = "\n".join([*code, f"print({last})"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd="in", env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "100"


def test_an_exam_is_marked_without_reasons() -> None:
    """An exam's result on a platform names goals and gives no reasons."""
    works = [LevelWork(LEVEL, MISTAKE, passed=False)]
    Path("in/deep/hand-in.toml").write_text(render_hand_in(Signature("Ada"), "Week", works))
    said = []
    for exam in (False, True):
        write_pack(Path("week.pack"), find_levels_root(), [LEVEL], PackRules("Week", exam=exam))
        assert marked("gradescope") == 1
        said.append(json.loads(Path("result").read_text())["tests"][0]["output"])
    assert said[0].startswith(said[1])
    assert len(said[0].splitlines()) == len(said[1].splitlines()) + 2
