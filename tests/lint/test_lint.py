"""Lint checks level folders by their texts and by running them, and reports each fault in one line."""

import dataclasses
import shutil
from copy import deepcopy as copy_of
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_level, load_mistakes, load_solutions
from tutor.errors import InputError
from tutor.lint import Case, cases_of, lint, prove, word_faults
from tutor.lint.bench import bench_of
from tutor.lint.ideas import take_out
from tutor.lint.proofs import CaseResult, tight_goals
from tutor.lint.report import LintReport
from tutor.lint.words import prediction_fault, words_agree
from tutor.model.level import Choice, Goal, Hint, Level, Prediction, Question, Stars, Without
from tutor.model.report import Report
from tutor.trial import score

FOLDER = find_levels_root() / "first-light" / "first-event"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the first level to break."""
    folder = tmp_path / "pack" / "first-light" / "first-event"
    shutil.copytree(FOLDER, folder)
    return folder


def faults(level: Level, folder: Path = FOLDER) -> str:
    """The faults in a level's texts, joined."""
    good = load_level(FOLDER)
    return "\n".join(
        word_faults(level, folder, load_solutions(FOLDER, good), load_mistakes(FOLDER, good), ())
    )


def test_a_shipped_level_is_proved_quickly_and_counted() -> None:
    """The first level has no fault, and its cases are counted: start, solutions, mistakes, and solutions
    without the idea.
    """
    report = lint([FOLDER], quick=True)
    assert report.lines()[:-1] == []
    assert report.exit_code == 0
    kinds = [result.case.kind for result in report.results]
    assert kinds.count("start") == 1
    assert kinds.count("solution") >= 2
    assert kinds.count("mistake") >= 2
    assert kinds.count("without") >= 2
    assert f"{len(kinds)} cases run" in report.lines()[-1]


def test_processes_give_the_same_results() -> None:
    """Cases split between two processes give the same results in the same order."""
    assert lint([FOLDER], quick=True, jobs=2).results == lint([FOLDER], quick=True).results


def test_a_wrong_diagnosis_is_a_fault(copy: Path) -> None:
    """A mistake whose stated diagnosis differs from the one found is a fault that quotes what a learner would
    read.
    """
    path = copy / "mistakes" / "retries.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('diagnosis = "', 'diagnosis = "expired"\n# "', 1), "utf-8")
    report = lint([copy], quick=True)
    assert report.exit_code == 1
    assert any("retries.toml" in line and "the file says expired" in line for line in report.faults)


def test_a_solution_must_pass_and_earn_its_stars(copy: Path) -> None:
    """A solution that doesn't pass is a fault."""
    solution = sorted((copy / "solutions").glob("*.toml"))[0]
    mistake = (copy / "mistakes" / "longer-timeout.toml").read_text("utf-8")
    stars = "stars = {cost = 3, speed = 3, simplicity = 3}"
    lines = [line for line in mistake.splitlines() if not line.startswith("diagnosis")]
    solution.write_text("\n".join([lines[0], stars, *lines[1:]]), "utf-8")
    assert any("it doesn't pass" in line for line in lint([copy], quick=True).faults)


@pytest.mark.parametrize("claim", [0, 1])
def test_a_solution_earns_just_what_it_claims(copy: Path, claim: int) -> None:
    """Stars that differ from those earned are a fault, even if they claim too little: learners read them as
    this solution's par.
    """
    solution = copy / "solutions" / "rail.toml"
    text = solution.read_text("utf-8")
    earned = load_solutions(copy, load_level(copy))[0].stars
    assert earned is not None
    assert f"cost = {earned.cost}" in text
    solution.write_text(text.replace(f"cost = {earned.cost}", f"cost = {claim}", 1), "utf-8")
    (fault,) = lint([copy], quick=True).faults
    assert f"rail.toml: stars: it earns cost {earned.cost} instead of {claim}" in fault


def test_a_start_that_passes_is_a_fault(copy: Path) -> None:
    """A start that misses no goal is a fault: there would be nothing to do."""
    path = copy / "level.toml"
    path.write_text(path.read_text("utf-8").replace("for_s = 20", "for_s = 0.01"), "utf-8")
    assert any("misses no goal" in line for line in lint([copy], quick=True).faults)


def test_an_unreadable_level_is_two(copy: Path) -> None:
    """A missing file or broken TOML exits with 2 and one line each; a folder without levels is refused."""
    (copy / "briefing.md").unlink()
    report = lint([copy], quick=True)
    assert report.exit_code == 2
    assert len(report.unusable) == 1
    assert "briefing.md: this file is missing: every level has a briefing.md" in report.unusable[0]
    with pytest.raises(InputError, match="isn't a level or a folder of levels"):
        lint([copy / "mistakes"])


def test_words_are_counted_and_links_are_followed() -> None:
    """Long texts, unknown terms and causes, missing hints and questions without reasons are reported."""
    level = load_level(FOLDER)
    assert faults(level) == ""
    assert "160 words" in faults(dataclasses.replace(level, briefing="word " * 160))
    assert "debrief.md: 300 words" in faults(dataclasses.replace(level, debrief="word " * 300))
    assert 'unknown cause "gremlins"' in faults(
        dataclasses.replace(level, hints=(*level.hints, Hint("x", "lead", "gremlins")))
    )
    assert "these steps are missing: lead" in faults(
        dataclasses.replace(level, hints=(Hint("q", "question"), Hint("c", "concept")))
    )
    assert "gives a solution away" in faults(
        dataclasses.replace(
            level, hints=(Hint("wire till->rail", "question"), Hint("c", "concept"), Hint("l", "lead"))
        )
    )
    assert "is missing" in faults(dataclasses.replace(level, question=None))
    both = Question("?", (Choice("a", "", True), Choice("b", "because", True)))
    assert "2 of 2 choices are right" in faults(dataclasses.replace(level, question=both))
    assert "has no reason" in faults(dataclasses.replace(level, question=both))


@pytest.mark.parametrize(
    ("say", "limit", "agrees"),
    [
        ("95 of 100 orders are confirmed within 25 seconds", 25_000, True),
        ("95 of 100 orders are confirmed within 20 seconds", 25_000, False),
        ("99.9% are answered", 0.999, True),
        ("999 of 1,000 are answered", 0.999, True),
        ("99% are answered", 0.999, False),
        ("nobody is turned away", 0, True),
        ("done within a minute", 60_000, True),
        ("within 2 seconds (usually 1)", 2000, True),
    ],
)
def test_the_words_of_a_goal_have_the_number_of_its_check(say: str, limit: float, agrees: bool) -> None:
    """Seconds, percentages and "20 of 89" in a goal's words are read; a number that differs from the check's
    is a fault.
    """
    goal = Goal("/x", say, at_least=limit) if limit < 1 and limit else Goal("/x", say, at_most=limit)
    assert words_agree(goal) is agrees


def test_a_prediction_has_one_answer() -> None:
    """On every seed, the truth must be measured and closer to one choice than to any other."""
    level = load_level(FOLDER)
    asked = dataclasses.replace(level, prediction=Prediction("?", "/a", (1.0, 0.5), ("all", "half")))

    def truths(*values: float | None) -> list[Report]:
        return [Report({"complete": True, "a": value}) for value in values]

    assert prediction_fault(level, []) == ""
    assert prediction_fault(asked, truths(0.98, 0.96)) == ""
    assert "between two choices" in prediction_fault(asked, truths(0.76))
    assert "different choices" in prediction_fault(asked, truths(1.0, 0.5))
    assert "measures nothing" in prediction_fault(asked, truths(None))


def test_an_idea_is_taken_out_of_a_solution() -> None:
    """The edit removes, wires and sets; one that changes nothing is refused."""
    level = load_level(FOLDER)
    design = load_solutions(FOLDER, level)[0].design
    without = Without(
        remove=("till->rail:publish",),
        wires=({"from": "till", "to": "kitchen", "kind": "call", "timeout_ms": 500},),
    )
    changed = take_out(without, design)
    wire = changed.wire("till->kitchen:call")
    assert wire is not None
    assert getattr(wire, "timeout_ms", None) == 500
    assert changed.wire("till->rail:publish") is None
    with pytest.raises(InputError, match="nothing to change"):
        take_out(Without(remove=("ghost",)), design)
    assert take_out(Without(set={"kitchen": {"replicas": 2}}), design).components["kitchen"].replicas == 2  # type: ignore[attr-defined]


def test_what_fails_in_a_proof_is_remembered() -> None:
    """After the proofs of a level the search knows each mistake, and each solution without the idea, as a
    design that misses a goal; no solution is among them.
    """
    lint([FOLDER], quick=True)
    bench = bench_of(FOLDER)
    assert all(bench.failed(mistake.design) for mistake in bench.mistakes)
    assert not any(bench.failed(solution.design) for solution in bench.solutions)
    without = take_out(bench.level.idea.without[0], bench.solutions[0].design)
    assert bench.failed(without) is not None


def test_an_idle_idea_is_a_fault(copy: Path) -> None:
    """A solution that still passes without the idea is a fault: the idea is idle."""
    path = copy / "level.toml"
    text = path.read_text("utf-8")
    start = text.index("[[idea.without]]")
    path.write_text(text[:start] + "[[idea.without]]\nset = {kitchen = {title = 'Galley'}}\n", "utf-8")
    cases = [case for case in cases_of(copy, quick=True) if case.kind == "without"]
    assert cases
    assert all("passes without it" in prove(case).fault for case in cases)


def test_a_case_says_what_it_proves() -> None:
    """A case's label names the level, the kind and the design."""
    assert Case(str(FOLDER), "mistake", "retries").label == "first-light/first-event mistake retries"


@pytest.mark.parametrize(
    ("load", "limit", "tight"), [(0.95, 1.2, True), (0.95, 2.0, False), (0.5, 1.2, False)]
)
def test_a_threshold_keeps_its_distance_near_saturation(load: float, limit: float, tight: bool) -> None:
    """A time limit within a quarter of the measured value is a fault only if a part is nearly saturated."""
    level = load_level(FOLDER)
    solution = load_solutions(FOLDER, level)[0]
    good = score(level, solution.design, (1,), why=False)
    result = next(goal for goal in good.goals if "delay_ms" in goal.goal.metric)
    assert result.value is not None
    near = dataclasses.replace(result, goal=dataclasses.replace(result.goal, at_most=result.value * limit))
    data = copy_of(good.seeds[0].report.data)
    data["component"]["kitchen"]["utilization"] = load
    seed = dataclasses.replace(good.seeds[0], goals=(near,), report=Report(data))
    told = tight_goals(dataclasses.replace(good, goals=(near,), seeds=(seed,)))
    assert bool(told) is tight
    assert ("kitchen is busy 95% of the time" in told) is tight


def test_a_solution_that_earns_everything_is_noted() -> None:
    """A design with all nine stars is noted, since par then shows no trade-off; one with eight isn't."""
    case = cases_of(FOLDER, quick=True)[1]
    assert any(
        "all nine" in note for note in LintReport(results=[CaseResult(case, stars=Stars(3, 3, 3))]).notes
    )
    assert LintReport(results=[CaseResult(case, stars=Stars(3, 3, 2))]).notes == []


def test_slips_of_an_author_are_named(copy: Path) -> None:
    """A par metric missing from the report, an unknown term and a link that isn't https are reported, each
    with what would be right.
    """
    path = copy / "level.toml"
    text = path.read_text("utf-8").replace("[par]", "[par] # ").replace('terms = ["', 'terms = ["evnt", "')
    par = text.index("[par]")
    path.write_text(text[:par] + text[par:].replace("delay_ms/p95", "dely_ms/p95", 1), "utf-8")
    with (copy / "debrief.md").open("a", encoding="utf-8") as debrief:
        debrief.write("[bad](javascript:alert) <ftp://example.org> [good](https://example.org)\n")
    found = "\n".join(lint([copy], quick=True).faults)
    assert 'no "evnt"' in found
    assert 'did you mean "event"' in found
    assert 'par: speed: the report has nothing at "dely_ms"' in found
    assert found.count("a link starts with https://") == 2
    assert "example.org," not in found.replace("ftp://example.org,", "")
