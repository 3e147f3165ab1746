"""Small scenarios for the causes: what a design and its conditions are, in the words of a scenario file, run
once with a timeline.
"""

import functools

from tutor.catalog import parse_scenario
from tutor.judge.diagnosis import Diagnosis, rank
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import Symptom, symptom_of
from tutor.judge.goals import judge_goals
from tutor.model.level import Goal
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario
from tutor.trial import run


@functools.cache
def outcome_of(text: str, seed: int = 1) -> tuple[Scenario, Outcome]:
    """The scenario of this text, and what comes of it."""
    scenario = parse_scenario(text)
    return scenario, run(scenario, seed, timeline=True)


def found_in(text: str, *goals: tuple[str, float], seed: int = 1) -> tuple[Diagnosis, ...]:
    """What is found for those of the goals (a pointer and its upper limit; a negative limit is a lower one)
    that are missed.
    """
    return rank_of(*outcome_of(text, seed), *goals)


def rank_of(scenario: Scenario, outcome: Outcome, *goals: tuple[str, float]) -> tuple[Diagnosis, ...]:
    """What is found in an outcome for those of the goals that are missed."""
    wanted = [
        Goal(metric, metric, at_most=limit) if limit >= 0 else Goal(metric, metric, at_least=-limit)
        for metric, limit in goals
    ]
    symptoms: list[Symptom] = [
        symptom_of(result) for result in judge_goals(wanted, outcome.report) if not result.met
    ]
    return rank(RunEvidence(scenario, outcome), symptoms)


def ids(text: str, *goals: tuple[str, float]) -> list[str]:
    """The ids of what is found, worst first."""
    return [found.id for found in found_in(text, *goals)]
