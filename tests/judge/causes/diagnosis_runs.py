"""Small scenarios for the causes: a design and its conditions, written as a scenario file and run once with a
timeline.
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
    """The scenario of this text, and its outcome."""
    scenario = parse_scenario(text)
    return scenario, run(scenario, seed, timeline=True)


def found_in(text: str, *goals: tuple[str, float], seed: int = 1) -> tuple[Diagnosis, ...]:
    """The diagnoses for the missed ones among the goals (a pointer and its upper limit; a negative limit is a
    lower one).
    """
    return rank_of(*outcome_of(text, seed), *goals)


def rank_of(scenario: Scenario, outcome: Outcome, *goals: tuple[str, float]) -> tuple[Diagnosis, ...]:
    """The diagnoses of an outcome for the missed ones among the goals."""
    wanted = [
        Goal(metric, metric, at_most=limit) if limit >= 0 else Goal(metric, metric, at_least=-limit)
        for metric, limit in goals
    ]
    symptoms: list[Symptom] = [
        symptom_of(result) for result in judge_goals(wanted, outcome.report) if not result.met
    ]
    return rank(RunEvidence(scenario, outcome), symptoms)


def ids(text: str, *goals: tuple[str, float]) -> list[str]:
    """The ids of the diagnoses, worst first."""
    return [found.id for found in found_in(text, *goals)]
