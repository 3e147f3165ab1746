"""Recipes for the platforms that courses are run on: the files each of them wants, and marks in its form.

A platform is one declaration. Its files call ``tutor class mark``, which always gives a result, also when
everything fails: no platform tells "no result" from "the machine is broken".
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tutor.classroom.marking import LevelScore
from tutor.words import say

PACK = "lesson.pack"
"""What the pack is called beside them."""
SEEDS = "seeds.txt"
"""What the hidden seeds are called beside them."""

Render = Callable[[Sequence[LevelScore], Mapping[str, str]], str]
"""Marks in the form of a platform; the second is the environment."""


@dataclasses.dataclass(frozen=True, slots=True)
class Platform:
    """One platform."""

    name: str
    """How it is named on the command line."""
    title: str
    """What it is called."""
    files: Mapping[str, str]
    """The files that it wants, by path."""
    render: Render
    """Its form of results."""
    repeated: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    """What takes the place of a word of the files, once for each level, and what is between two of them; it
    has ``@ID@``, ``@SLUG@``, ``@UPPER@``, ``@TITLE@`` and ``@POINTS@``.
    """


def write_recipe(
    folder: Path, platform: Platform, levels: Sequence[tuple[str, str]], possible: int
) -> list[str]:
    """Writes the files of a platform for these levels (id and title) into a folder and returns their paths;
    scripts are executable. Raises ``OSError``.
    """
    for name, text in platform.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for word, (piece, between) in platform.repeated.items():
            pieces = (_filled(piece, level, title, possible) for level, title in levels)
            text = text.replace(word, between.join(pieces))
        path.write_text(text, "utf-8", newline="\n")
        if text.startswith("#!"):
            path.chmod(0o755)
    return list(platform.files)


def _filled(piece: str, level: str, title: str, possible: int) -> str:
    slug = level.replace("/", "-")
    values = {
        "@ID@": level,
        "@SLUG@": slug,
        "@UPPER@": slug.upper(),
        "@TITLE@": json.dumps(title, ensure_ascii=False)[1:-1],
        "@POINTS@": str(possible),
    }
    for word, value in values.items():
        piece = piece.replace(word, value)
    return piece


# Gradescope (gradescope-autograders.readthedocs.io/en/latest/specs): a zip with setup.sh and run_autograder
# at its root. The submission is in /autograder/submission, who submitted is in
# /autograder/submission_metadata.json, and /autograder/results/results.json has to be there at the end.

_GRADESCOPE_SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Python 3.11 or newer is needed: choose Ubuntu 24.04.
set -e
apt-get update
apt-get install -y python3 python3-venv
python3 -m venv /autograder/tutor-env
/autograder/tutor-env/bin/pip install --no-index --find-links /autograder/source/wheels eda-tutor
"""

_GRADESCOPE_RUN = """\
#!/usr/bin/env bash
# Runs for each submission. A result is there from the start, so that there is one whatever happens.
root="${AUTOGRADER_ROOT:-/autograder}"
tutor="${TUTOR:-$root/tutor-env/bin/tutor}"
mkdir -p "$root/results"
echo '{"score": 0, "output": "The grading did not finish. Tell your teacher."}' > "$root/results/results.json"
seeds=()
[ -f "$root/source/seeds.txt" ] && seeds=(--seeds "$root/source/seeds.txt")
export TUTOR_HOME="$root/tutor-home"
"$tutor" class mark gradescope "$root/submission" --pack "$root/source/lesson.pack" "${seeds[@]}" \\
    --metadata "$root/submission_metadata.json" --out "$root/results/results.json"
exit 0
"""


def _gradescope(marks: Sequence[LevelScore], _environment: Mapping[str, str]) -> str:
    tests = [
        {
            "name": mark.title,
            "score": mark.points,
            "max_score": mark.possible,
            "status": "passed" if mark.passed else "failed",
            "output": "\n".join(mark.lines),
            "output_format": "text",
            "visibility": "visible",
        }
        for mark in marks
    ]
    return _json({"score": sum(mark.points for mark in marks), "output": _summary(marks), "tests": tests})


# Classroom 50 (github.com/foundation50/classroom50, wiki "Advanced Autograding"): autograder.py runs in the
# student's checkout with what identifies the submission in its environment, and has to leave result.json.

_CLASSROOM50 = '''\
#!/usr/bin/env python3
"""Marks the hand-in in a student's repository.

Beside this file: lesson.pack, the folder wheels, and seeds.txt if there are hidden seeds.
"""

import os
import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
place = here / "tutor-packages"
if (here / "wheels").is_dir() and not place.is_dir():
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--target", str(place)]
    subprocess.run([*install, "--find-links", str(here / "wheels"), "eda-tutor"], check=True)
paths = [str(place)] if place.is_dir() else []
environment = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]),
    "TUTOR_HOME": str(here / "tutor-home"),
}
command = [sys.executable, "-m", "tutor", "class", "mark", "classroom50", "."]
command += ["--pack", str(here / "lesson.pack"), "--out", "result.json"]
if (here / "seeds.txt").is_file():
    command += ["--seeds", str(here / "seeds.txt")]
sys.exit(0 if subprocess.run(command, env=environment).returncode in (0, 1) else 1)
'''


def _classroom50(marks: Sequence[LevelScore], environment: Mapping[str, str]) -> str:
    commit = environment.get("COMMIT_URL", "")
    return _json(
        {
            "schema": "classroom50/result/v1",
            "classroom": environment.get("CLASSROOM", ""),
            "assignment": environment.get("ASSIGNMENT", ""),
            "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
            "owner": environment.get("OWNER") or environment.get("USERNAME", ""),
            "submission": environment.get("SUBMISSION_TAG", ""),
            "commit": commit,
            "release": environment.get("RELEASE_URL", ""),
            "review": environment.get("REVIEW_URL") or commit,
            "datetime": environment.get("TUTOR_NOW", ""),
            "score": sum(mark.points for mark in marks),
            "max-score": sum(mark.possible for mark in marks),
            "tests": [
                {
                    "test-name": mark.level,
                    "passed": mark.passed,
                    "score": mark.points,
                    "max-score": mark.possible,
                    "output": "\n".join(mark.lines),
                }
                for mark in marks
            ],
        }
    )


# GitHub Actions and GitHub Classroom (github.com/classroom-resources/autograding-command-grader): a step for
# each level, which passes with exit code 0, and a reporter that adds them up.

_GITHUB = """\
# Marks the hand-in in this repository at each push.
# In .tutor: lesson.pack, the folder wheels, and seeds.txt if there are hidden seeds.
name: Autograding Tests
on:
  - push
  - workflow_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - name: Checkout code
        uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install tutor
        run: pip install --no-index --find-links .tutor/wheels eda-tutor
@LEVELS@      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
@RESULTS@        with:
          runners: @RUNNERS@
"""

_GITHUB_LEVEL = """\
      - name: "@TITLE@"
        id: @SLUG@
        uses: classroom-resources/autograding-command-grader@v1
        with:
          test-name: "@TITLE@"
          setup-command: ""
          command: tutor class mark github . --pack .tutor/lesson.pack --level @ID@
          timeout: 10
          max-score: @POINTS@
"""


def _github(marks: Sequence[LevelScore], _environment: Mapping[str, str]) -> str:
    rows = [f"| {_cell(mark.title)} | {mark.points} | {mark.possible} |" for mark in marks]
    heads = [say(f"class.points-table.{name}") for name in ("level", "points", "of")]
    parts = [_summary(marks), "", f"| {' | '.join(heads)} |", "| --- | ---: | ---: |", *rows, ""]
    for mark in marks:
        parts += [f"### {_cell(mark.title)}", "", *(_cell(line) + "  " for line in mark.lines), ""]
    return "\n".join(parts)


# Moodle's Virtual Programming Lab (github.com/jcrodriguez-dis/moodle-mod_vpl): vpl_evaluate.sh makes
# vpl_execution, whose output has comments between "<|--" and "--|>", and the grade after "Grade :=>>".

_VPL = """\
#!/bin/bash
# Makes the program that evaluates a submission. Execution files: this one, and lesson.pack (and seeds.txt).
# tutor has to be installed on the execution server; or add the folder of wheels and install it here.
[ -f vpl_environment.sh ] && . ./vpl_environment.sh
cat > vpl_execution <<END
#!/bin/bash
export TUTOR_HOME="\\$PWD/.tutor-home"
export VPL_GRADEMIN="${VPL_GRADEMIN:-0}" VPL_GRADEMAX="${VPL_GRADEMAX:-100}"
seeds=()
[ -f seeds.txt ] && seeds=(--seeds seeds.txt)
"${TUTOR:-tutor}" class mark vpl . --pack lesson.pack "\\${seeds[@]}" || true
END
chmod +x vpl_execution
"""


def _vpl(marks: Sequence[LevelScore], environment: Mapping[str, str]) -> str:
    low, high = _number(environment, "VPL_GRADEMIN", 0.0), _number(environment, "VPL_GRADEMAX", 100.0)
    possible = sum(mark.possible for mark in marks) or 1
    grade = low + (high - low) * sum(mark.points for mark in marks) / possible
    parts = []
    for mark in marks:
        title = f"-{mark.title} ({mark.points}/{mark.possible})"
        # A line of a text from outside never ends the comment, and never gives a grade.
        lines = [line.replace("--|>", "").replace(":=>>", ":") for line in (title, *mark.lines)]
        parts += ["<|--", *lines, "--|>"]
    return "\n".join([*parts, "", f"Grade :=>>{grade:.2f}", ""])


# nbgrader (nbgrader.readthedocs.io, "Creating and grading assignments"): an autograded cell with partial
# credit gives a number at its end. The hand-in lies beside the notebook.

_NOTEBOOK_TOP = """\
{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "about",
   "metadata": {},
   "source": ["Play lesson.pack, make the hand-in (key H), and put the file beside this notebook."]
  },
@LEVELS@
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""

_NOTEBOOK_CELL = """\
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "@SLUG@",
   "metadata": {
    "nbgrader": {
     "cell_type": "code", "grade": true, "grade_id": "@SLUG@", "locked": true, "points": @POINTS@,
     "schema_version": 3, "solution": false, "task": false
    }
   },
   "outputs": [],
   "source": [
    "# @TITLE@\\n",
    "import json, subprocess, sys\\n",
    "command = [sys.executable, \\"-m\\", \\"tutor\\", \\"class\\", \\"mark\\", \\"nbgrader\\", \\".\\"]\\n",
    "command += [\\"--pack\\", \\"lesson.pack\\", \\"--level\\", \\"@ID@\\"]\\n",
    "marked = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)\\n",
    "print(marked[\\"feedback\\"])\\n",
    "marked[\\"score\\"]"
   ]
  }"""


def _nbgrader(marks: Sequence[LevelScore], _environment: Mapping[str, str]) -> str:
    lines = [line for mark in marks for line in (mark.title, *mark.lines)]
    return _json(
        {
            "score": sum(mark.points for mark in marks),
            "max_score": sum(mark.possible for mark in marks),
            "feedback": "\n".join(lines),
        }
    )


PLATFORMS = (
    Platform(
        "gradescope",
        "Gradescope",
        {"setup.sh": _GRADESCOPE_SETUP, "run_autograder": _GRADESCOPE_RUN},
        _gradescope,
    ),
    Platform("classroom50", "Classroom 50", {"autograder.py": _CLASSROOM50}, _classroom50),
    Platform(
        "github",
        "GitHub Actions and GitHub Classroom",
        {".github/workflows/classroom.yml": _GITHUB},
        _github,
        {
            "@LEVELS@": (_GITHUB_LEVEL, ""),
            "@RESULTS@": ('          @UPPER@_RESULTS: "${{steps.@SLUG@.outputs.result}}"\n', ""),
            "@RUNNERS@": ("@SLUG@", ","),
        },
    ),
    Platform("vpl", "Moodle VPL", {"vpl_evaluate.sh": _VPL}, _vpl),
    Platform(
        "nbgrader",
        "nbgrader",
        {"lesson.ipynb": _NOTEBOOK_TOP},
        _nbgrader,
        {"@LEVELS@": (_NOTEBOOK_CELL, ",\n")},
    ),
)
"""Every platform."""


def platform_of(name: str) -> Platform:
    """Returns a platform by its name; raises ``KeyError``."""
    return {one.name: one for one in PLATFORMS}[name]


def _summary(marks: Sequence[LevelScore]) -> str:
    return say("class.marked", passed=sum(mark.passed for mark in marks), count=len(marks))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _cell(text: str) -> str:
    """Escapes a text for Markdown: no table, link or HTML of its own."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|#" else char for char in text)


def _number(environment: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        return float(environment.get(name, ""))
    except ValueError:
        return otherwise
