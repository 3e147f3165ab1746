"""Trials of a design: seeds in order, the first verdict first, and the same result to the last digit however
it is sliced.
"""

import dataclasses

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.trial import Trial, score, seeds_of, with_design


@pytest.fixture(scope="module")
def doorbell() -> Level:
    """The first level."""
    return level_by_id("first-light/first-event")


def solution(level: Level) -> Design:
    """A design that passes."""
    return load_solutions(level_folder(level.id), level)[0].design


def test_a_level_is_scored_on_five_seeds(doorbell: Level) -> None:
    """A level is scored on its own seed and the next four."""
    first = doorbell.scenario.run.seed
    assert seeds_of(doorbell) == (first, first + 1, first + 2, first + 3, first + 4)
    assert [seed.seed for seed in score(doorbell, solution(doorbell)).seeds] == list(seeds_of(doorbell))


def test_slices_change_nothing(doorbell: Level) -> None:
    """A trial in slices of seventeen timers gives the same document as an uninterrupted one."""
    design = doorbell.scenario.design
    trial = Trial(doorbell, design, (1, 2))
    while not trial.advance(17):
        assert 0 <= trial.progress <= 1
    apart, at_once = trial.verdict().plain(), score(doorbell, design, (1, 2)).plain()
    apart.pop("engine", None)
    at_once.pop("engine", None)
    assert apart == at_once


def test_the_first_seed_is_judged_first(doorbell: Level) -> None:
    """The first seed's verdict and playback are ready while the others still run."""
    trial = Trial(doorbell, doorbell.scenario.design, timeline=True)
    assert trial.first is None
    while trial.first is None:
        trial.advance(50)
    assert not trial.over
    assert len(trial.first.seeds) == 1
    assert trial.outcome() is not None
    assert trial.first.diagnosis


def test_the_start_fails_and_is_explained_and_earns_nothing(doorbell: Level) -> None:
    """A design that misses a goal has a diagnosis and no stars; one that passes has stars and no
    diagnosis.
    """
    failed = score(doorbell, doorbell.scenario.design)
    assert not failed.passed
    assert failed.exit_code == 1
    assert failed.diagnosis
    assert dataclasses.astuple(failed.stars) == (0, 0, 0)
    passed = score(doorbell, solution(doorbell))
    assert passed.passed
    assert passed.exit_code == 0
    assert passed.diagnosis == ()
    assert min(dataclasses.astuple(passed.stars)) >= 1


def test_attribution_changes_no_score(doorbell: Level) -> None:
    """Goals, stars and exit code are the same with and without the diagnosis."""
    for mistake in load_mistakes(level_folder(doorbell.id), doorbell):
        told, plain = score(doorbell, mistake.design), score(doorbell, mistake.design, why=False)
        assert [(goal.value, goal.met) for goal in told.goals] == [
            (goal.value, goal.met) for goal in plain.goals
        ]
        assert (told.stars, told.exit_code, told.changes) == (plain.stars, plain.exit_code, plain.changes)
        assert told.diagnosis
        assert plain.diagnosis == ()


def test_a_diagnosis_that_is_wrong_changes_no_score(doorbell: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the diagnosis claims, goals, stars, exit code and the seed shown stay the same."""
    mistake = load_mistakes(level_folder(doorbell.id), doorbell)[0]
    honest = score(doorbell, mistake.design)
    lie = dataclasses.replace(honest.diagnosis[0], id="all-is-well", metrics=(), weight=99.0)
    monkeypatch.setattr("tutor.trial.diagnose", lambda *_: (lie, lie))
    misled = score(doorbell, mistake.design)
    assert [one.id for one in misled.diagnosis] == ["all-is-well"] * 2
    without = [
        {key: value for key, value in verdict.plain().items() if key not in ("diagnosis", "engine")}
        for verdict in (honest, misled)
    ]
    assert without[0] == without[1]
    monkeypatch.setattr("tutor.trial.diagnose", lambda *_: ())
    assert score(doorbell, mistake.design).exit_code == honest.exit_code == 1
    assert score(doorbell, solution(doorbell)).passed


def test_too_little_traffic_decides_nothing(doorbell: Level) -> None:
    """A run with less traffic than the level requires is inconclusive, even if every goal is met."""
    verdict = score(dataclasses.replace(doorbell, min_traffic=10_000), solution(doorbell))
    assert not verdict.passed
    assert not verdict.missed
    assert "10,000" in verdict.inconclusive[0]


def test_a_fault_that_met_no_work_decides_nothing(doorbell: Level) -> None:
    """A scheduled fault after the traffic is inconclusive, unless the level says that it need not hit."""
    fault = dataclasses.replace(doorbell.scenario.faults[0], at_s=119.0, for_s=0.5)
    late = dataclasses.replace(doorbell, scenario=dataclasses.replace(doorbell.scenario, faults=(fault,)))
    assert any("hit nothing" in reason for reason in score(late, solution(doorbell)).inconclusive)
    assert score(dataclasses.replace(late, must_hit=False), solution(doorbell)).inconclusive == ()


def test_a_run_past_its_budget_ends_with_three(doorbell: Level) -> None:
    """A run stopped by its budget of simulated events is incomplete, inconclusive, and exits with 3."""
    run = dataclasses.replace(doorbell.scenario.run, max_events=50)
    small = dataclasses.replace(doorbell, scenario=dataclasses.replace(doorbell.scenario, run=run))
    verdict = score(small, solution(doorbell))
    assert verdict.exit_code == 3
    assert not verdict.complete
    assert len(verdict.seeds) == 1
    assert verdict.plain()["complete"] is False


def test_with_design_leaves_the_level_alone(doorbell: Level) -> None:
    """Replacing a level's design changes only the design."""
    tried = with_design(doorbell, solution(doorbell))
    assert tried.goals == doorbell.goals
    assert tried.scenario.design == solution(doorbell)
    assert doorbell.scenario.design != tried.scenario.design
