"""The search for the cheapest pass reports designs that pass without the lesson, and nothing else."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_level, load_solutions
from tutor.catalog.template import write_new_level
from tutor.cli import run
from tutor.judge.stars import count_changes
from tutor.lint import find_shortest
from tutor.lint.hope import run_hopeful
from tutor.lint.neighbors import at_most_capacity, detours_of, edits_of, left_behind, matters, pieces_of
from tutor.lint.shortest import Search
from tutor.lint.words import lost_without_pending
from tutor.model.edit import SetComponent, SetWire
from tutor.rules import apply_edit, may_set
from tutor.trial import score

FIRST = find_levels_root() / "first-light" / "first-event"


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """The level that ``tutor new-level`` writes: a queue between a till and a kitchen that is down for a
    while.
    """
    return write_new_level(tmp_path / "levels", "my/bakery")


def test_the_written_level_holds(bakery: Path) -> None:
    """A new level has no pass that is shorter than its lesson, and no solution with an idle piece."""
    found = find_shortest(bakery, 60_000)
    assert found.faults == []
    assert found.edits is not None
    assert found.edits >= 3
    assert found.tried > 30
    assert 'kind = "queue"' in found.design or 'kind = "topic"' in found.design


def test_a_pass_shorter_than_the_lesson_is_a_fault(bakery: Path) -> None:
    """A level that asks for more edits than a pass needs gets that pass as a fault."""
    file = bakery / "level.toml"
    file.write_text(file.read_text().replace("lesson_edits = 3", "lesson_edits = 9"))
    found = find_shortest(bakery, 60_000)
    assert any("its lesson needs 9" in fault and fault.startswith(str(file)) for fault in found.faults)


def test_a_level_that_does_not_say_is_told_to(bakery: Path) -> None:
    """A missing ``lesson_edits`` is a fault: without it no pass counts as too short."""
    file = bakery / "level.toml"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "lesson_edits" not in line))
    assert any("lesson_edits is missing" in fault for fault in find_shortest(bakery, 20_000).faults)


def test_a_setting_without_weight_is_a_fault_unless_the_solution_says_so(bakery: Path) -> None:
    """A prefetch that changes nothing is a fault of the solution, unless ``spare`` names it."""
    path = min((bakery / "solutions").glob("*.toml"))
    text = path.read_text()
    head = text.partition("[components")[0]
    (wire,) = [line for line in text.splitlines() if line.startswith("from = ") and "till" not in line]
    idle = text.replace(wire, wire + "\nprefetch = 2")
    path.write_text(idle)
    piece = next(
        one.name
        for one in pieces_of(load_level(bakery), _solution(bakery, path))
        if one.name.endswith(".prefetch")
    )
    assert any(f'passes as well without "{piece}"' in fault for fault in find_shortest(bakery, 20_000).faults)
    path.write_text(idle.replace(head, head + f'spare = ["{piece}"]\n', 1))
    assert find_shortest(bakery, 20_000).faults == []
    path.write_text(idle.replace(head, head + f'spare = ["{piece}", "ghost"]\n', 1))
    assert any('"ghost"' in fault for fault in find_shortest(bakery, 20_000).faults)


def _solution(folder: Path, path: Path):  # type: ignore[no-untyped-def]
    level = load_level(folder)
    return next(one.design for one in load_solutions(folder, level) if one.name == path.stem)


def test_a_pass_for_nobody_is_a_fault(bakery: Path) -> None:
    """If no goal asks for the work to be done, a design that never does it passes and is reported."""
    file = bakery / "level.toml"
    goals = file.read_text().split("[[goals]]\n")
    last, _, tail = goals[-1].partition("\n[par]")
    kept = [goals[0], *(one for one in goals[1:-1] if "pending" not in one)]
    text = "[[goals]]\n".join([*kept, *([] if "pending" in last else [last])]) + ("\n[par]" + tail)
    file.write_text(text.replace("lesson_edits", "must_hit = false\nlesson_edits", 1))
    assert list(lost_without_pending(load_level(bakery))) == ["/effect/kitchen/order.placed/lost"]
    search = Search(bakery, 20_000)
    solution = search.solutions[0].design
    (wire,) = [one for one in solution.wires if one.kind == "subscribe"]
    idle = apply_edit(SetWire(wire.ref, "max_rate_per_s", 0.001), solution, search.level)
    assert search.attempt(idle).passed
    assert any("serves nobody" in fault for fault in search.found.faults)


def test_every_edit_that_is_tried_is_allowed_and_changes_something() -> None:
    """The search tries only edits that a learner may make: no locked setting, and no value that changes
    nothing.
    """
    level = load_level(FIRST)
    design = level.scenario.design
    count = 0
    for edit in edits_of(level, design):
        count += 1
        assert apply_edit(edit, design, level) != design
        if isinstance(edit, SetWire | SetComponent):
            part = design.wire(edit.ref) if isinstance(edit, SetWire) else design.components[edit.id]
            assert part is not None
            assert may_set(level, part, edit.name)
            assert matters(design, part, edit.name)
    assert count > 10
    assert sum(1 for edit in detours_of(level, design)) > 0


def test_every_changed_piece_of_a_solution_is_weighed() -> None:
    """Each added wire and part, and each changed setting, is taken out once."""
    level = load_level(FIRST)
    for solution in load_solutions(FIRST, level):
        pieces = {piece.name: piece.without for piece in pieces_of(level, solution.design)}
        free = {wire.ref for wire in solution.design.wires} - level.fixed
        assert free <= set(pieces)
        assert all(design != solution.design for design in pieces.values())


def test_what_a_solution_did_without_may_stay_where_it_was() -> None:
    """In Three Teams the old queue may keep its readers beside the new topic: seven edits instead of the
    eleven that clear it away.
    """
    folder = find_levels_root() / "who-gets-it" / "three-teams"
    level = load_level(folder)
    topic = next(one.design for one in load_solutions(folder, level) if one.name == "topic")
    assert count_changes(level, topic) == 11
    assert [count_changes(level, lazy) for lazy in left_behind(level, topic)] == [7, 6]


def test_a_design_gets_as_much_capacity_as_the_bill_allows() -> None:
    """In The Bottomless Queue four and three times the hands are over budget, so that twice is tried."""
    search = Search(find_levels_root() / "when-it-breaks" / "bottomless-queue", 0)
    assert [times for times, _ in search._strengths(search.level.scenario.design)] == [4.0, 3.0, 2.0, None]


def test_more_capacity_is_more_of_everything_that_may_be_changed() -> None:
    """Capacities grow where the level allows it, and nothing else changes."""
    level = load_level(find_levels_root() / "night-job" / "flash-sale")
    solution = load_solutions(find_levels_root() / "night-job" / "flash-sale", level)[0].design
    strong = at_most_capacity(level, solution, 4.0)
    assert strong != solution
    assert {part.id for part in strong.components.values()} == {
        part.id for part in solution.components.values()
    }
    assert all(
        may_set(level, part, "replicas")
        for name, part in strong.components.items()
        if part != solution.components[name]
    )


def test_a_hopeful_run_agrees_with_the_score() -> None:
    """A quick first run gives the same goals as scoring its seed; one that exceeds its budget is given up."""
    level = load_level(FIRST)
    for solution in load_solutions(FIRST, level):
        hope = run_hopeful(level, solution.design, 10**9)
        verdict = score(level, solution.design, [level.scenario.run.seed], why=False)
        assert hope.passed
        assert hope.result.goals == verdict.seeds[0].goals
        assert hope.steps == verdict.seeds[0].report.data["engine"]["events"]
    storm = load_level(find_levels_root() / "when-it-breaks" / "retry-storm")
    assert not run_hopeful(storm, storm.scenario.design, 1000).complete


def test_a_level_with_a_hole_is_told_of_it() -> None:
    """Without its goal on the bill, Charged Twice passes by hardware and patience alone, and the search
    reports that; with the goal it reports nothing.
    """
    folder = find_levels_root() / "say-it-twice" / "charged-twice"
    for goals, holed in (("kept", False), ("cut", True)):
        search = Search(folder, 200_000)
        if goals == "cut":
            kept = tuple(goal for goal in search.level.goals if "cost_per_hour" not in goal.metric)
            assert len(kept) == len(search.level.goals) - 1
            search.level = dataclasses.replace(search.level, goals=kept)
        search._weigh_solutions()
        search._throw_hardware()
        assert any("Brute force" in fault for fault in search.found.faults) == holed


def test_the_command_prints_one_document(bakery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``lint --shortest --json`` has an entry for each level; its exit code says whether a fault
    was found.
    """
    twin = bakery.parent / "twin"
    shutil.copytree(bakery, twin)
    for path in (twin / "solutions").glob("*.toml"):
        path.write_text(path.read_text().replace("my/bakery", "my/twin"))
    for path in (twin / "mistakes").glob("*.toml"):
        path.write_text(path.read_text().replace("my/bakery", "my/twin"))
    code = run(["lint", "--shortest", "--json", "--budget", "100000", "--jobs", "2", str(bakery), str(twin)])
    found = json.loads(capsys.readouterr().out)
    assert code == 0, found
    assert [one["level"] for one in found] == ["my/bakery", "my/twin"]
    assert all(set(one) == {"level", "edits", "design", "tried", "depth", "faults"} for one in found)
    assert run(["lint", "--json", str(bakery)]) == 2
