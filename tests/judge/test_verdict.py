"""The verdict on several seeds: which seed is explained, and that the numbers shown are that seed's."""

import re

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes
from tutor.judge.goals import judge_goal, worst_of
from tutor.judge.verdict import SeedResult, Verdict
from tutor.model.level import Goal, Stars
from tutor.model.report import Report
from tutor.trial import score, seeds_of

FAILED = Goal("/client/till/failed", "none fails", at_most=0)
SLOW = Goal("/client/till/response_ms/p95", "quick", at_most=100)


def verdict(*seeds: tuple[int, float]) -> Verdict:
    """A verdict on seeds 1, 2, ... with these failures and times."""
    results = []
    for seed, (failed, slow) in enumerate(seeds, 1):
        report = Report(
            {
                "complete": True,
                "seed": seed,
                "client": {"till": {"failed": failed, "response_ms": {"p95": slow}}},
            }
        )
        results.append(
            SeedResult(seed, tuple(judge_goal(goal, report) for goal in (FAILED, SLOW)), (), report)
        )
    goals = tuple(worst_of(shown) for shown in zip(*(result.goals for result in results), strict=True))
    return Verdict("a/b", tuple(results), goals, Stars(), 0)


@pytest.mark.parametrize(
    ("seeds", "worst"),
    [
        (((0, 50), (0, 50)), 1),
        (((3, 50), (9, 50)), 2),
        (((3, 150), (9, 50)), 1),
        (((3, 150), (2, 900)), 2),
        (((3, 150), (3, 150)), 1),
    ],
    ids=[
        "all hold: the first",
        "the value that is shown",
        "most goals missed",
        "as many shown: furthest off",
        "all alike: the first",
    ],
)
def test_the_seed_to_look_at(seeds: tuple[tuple[int, float], ...], worst: int) -> None:
    """The worst seed misses the most goals, then has the most of the values shown, then the greatest total
    miss, then the lowest number.
    """
    assert verdict(*seeds).worst.seed == worst


def test_a_diagnosis_names_the_seed_of_its_number() -> None:
    """A diagnosis has the value of the explained seed and names that seed."""
    level = level_by_id("first-light/first-event")
    for mistake in load_mistakes(level_folder(level.id), level):
        told = score(level, mistake.design)
        own = {goal.goal.metric: goal.value for goal in told.worst.goals}
        for found in told.diagnosis:
            assert f"(seed {told.worst.seed})" in found.what
            assert set(found.metrics) <= {metric for metric, value in own.items() if value is not None}
        shown = {goal.goal.metric: goal.value for goal in told.goals if not goal.met}
        assert any(own[metric] == shown[metric] for metric in told.diagnosis[0].metrics)


def test_the_document_has_the_report_of_the_seed_that_is_explained() -> None:
    """``check --json`` begins with the worst seed's report, and each goal names the seed of its value."""
    told = verdict((3, 150), (2, 900))
    document = told.plain()
    assert document["seed"] == told.worst.seed == 2
    assert [(goal["value"], goal["seed"]) for goal in document["goals"]] == [(3, 1), (900, 2)]


@pytest.mark.parametrize("level_id", ["first-light/first-event", "night-job/flash-sale"])
def test_every_number_of_a_verdict_names_its_seed(level_id: str) -> None:
    """For the start and every mistake, a goal's value is that of the seed it names, and the report and the
    reasons are of the worst seed and name it.
    """
    level = level_by_id(level_id)
    mistakes = load_mistakes(level_folder(level_id), level)
    for design in (level.scenario.design, *(one.design for one in mistakes)):
        verdict = score(level, design, seeds_of(level)[:2])
        document = verdict.plain()
        by_seed = {one["seed"]: one["goals"] for one in document["seeds"]}
        for place, goal in enumerate(document["goals"]):
            assert goal["value"] == by_seed[goal["seed"]][place]["value"]
        assert document["seed"] == verdict.worst.seed
        of_worst = {goal["metric"]: goal for goal in by_seed[verdict.worst.seed]}
        for reason in document["diagnosis"]:
            assert set(re.findall(r"\(seed (\d+)", reason["what"])) == {str(verdict.worst.seed)}
            assert not any(of_worst[metric]["met"] for metric in reason["explains"])
