"""New levels: copies of levels, and levels drafted from a design."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from tutor.catalog import find_levels_root, load_level, load_solutions
from tutor.cli import run
from tutor.lint import lint
from tutor.trial import score

OWN = """
[run]
duration_s = 60
drain_s = 30
[components.shop]
kind = "client"
title = "Shop"
event = "order.placed"
[components.orders]
kind = "queue"
title = "Orders"
[components.billing]
kind = "service"
title = "Billing"
service_ms = 100
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[effects]]
event = "order.placed"
at = "billing"
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_copy_of_a_level_is_as_good_as_its_original() -> None:
    """A copy's designs answer the copy, and its solutions pass."""
    assert run(["new-level", "my/bell", "--from", "first-light/first-event", "--levels", "mine"]) == 0
    level = load_level(Path("mine/my/bell"))
    assert level.title == load_level(find_levels_root() / "first-light" / "first-event").title
    solutions = load_solutions(Path("mine/my/bell"), level)
    assert len(solutions) >= 2
    assert score(level, solutions[0].design, why=False).stars == solutions[0].stars


def test_a_design_becomes_a_level_and_its_first_solution() -> None:
    """The start lacks channels and wires and fails; the author's design passes with the stars it claims."""
    Path("own.toml").write_text(OWN)
    assert run(["new-level", "my/own", "--design", "own.toml", "--levels", "mine"]) == 0
    level = load_level(Path("mine/my/own"))
    assert [entry.id for entry in level.palette] == ["orders"]
    assert not score(level, level.scenario.design, why=False).passed
    (solution,) = load_solutions(Path("mine/my/own"), level)
    verdict = score(level, solution.design, why=False)
    assert verdict.passed
    assert verdict.stars == solution.stars


def test_an_answer_to_a_level_becomes_a_solution_of_its_copy(capfd: pytest.CaptureFixture[str]) -> None:
    """A passing design becomes the copy's first solution; a failing one is refused, and nothing is left
    behind.
    """
    folder = find_levels_root() / "first-light" / "first-event"
    good = sorted((folder / "solutions").glob("*.toml"))[0]
    bad = sorted((folder / "mistakes").glob("*.toml"))[0]
    assert run(["new-level", "my/good", "--design", str(good), "--levels", "mine"]) == 0
    names = [one.name for one in load_solutions(Path("mine/my/good"), load_level(Path("mine/my/good")))]
    assert "first" in names
    assert run(["new-level", "my/bad", "--design", str(bad), "--levels", "mine"]) == 2
    assert "doesn't pass its level" in capfd.readouterr().err
    assert not Path("mine/my/bad").exists()


def test_a_design_that_is_no_system_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    """A design without a client or without wires is refused, and so is drafting from two sources at once."""
    Path("no.toml").write_text('[components.q]\nkind = "queue"\n')
    assert run(["new-level", "my/no", "--design", "no.toml", "--levels", "mine"]) == 2
    assert "no client" in capfd.readouterr().err
    Path("loose.toml").write_text('[components.c]\nkind = "client"\n')
    assert run(["new-level", "my/no", "--design", "loose.toml", "--levels", "mine"]) == 2
    assert "no wires" in capfd.readouterr().err
    assert run(["new-level", "my/no", "--design", "no.toml", "--from", "x/y"]) == 2
    assert run(["new-level", "my/no", "--from", "first-light/first-evnt", "--levels", "mine"]) == 2
    assert "did you mean" in capfd.readouterr().err


def test_a_new_level_is_proved_as_it_is() -> None:
    """A newly created level has no fault: its start fails, its solutions pass, and its mistakes get their
    diagnosis.
    """
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    report = lint([Path("pack")])
    assert report.lines()[:-1] == []
    assert {result.case.kind for result in report.results} == {"start", "solution", "mistake", "without"}


def test_a_new_level_names_schemas_that_are_there() -> None:
    """Each file's first line points editors to a schema in the pack, and the file validates against it."""
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    files = sorted(Path("pack/my/first").rglob("*.toml"))
    assert len(files) == 5
    for path in files:
        text = path.read_text("utf-8")
        schema = path.parent / text.splitlines()[0].removeprefix("#:schema ")
        jsonschema.validate(tomllib.loads(text), json.loads(schema.read_text("utf-8")))
