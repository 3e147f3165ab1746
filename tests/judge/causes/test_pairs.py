"""Each cause comes first in the design that has it and is missing from its near neighbor's diagnosis, and
every diagnosis is readable.
"""

import re

import pytest

from tests.judge.causes.diagnosis_loop_pairs import LOOP_PAIRS
from tests.judge.causes.diagnosis_more_pairs import MORE_PAIRS
from tests.judge.causes.diagnosis_pairs import PAIRS as FIRST_PAIRS
from tests.judge.causes.diagnosis_pairs import Pair
from tests.judge.causes.diagnosis_runs import found_in, ids, outcome_of
from tests.judge.causes.diagnosis_wait_pairs import WAIT_PAIRS
from tutor.judge.diagnosis import CAUSES, diagnose
from tutor.judge.evidence.symptom import KINDS

PAIRS = [*FIRST_PAIRS, *MORE_PAIRS, *LOOP_PAIRS, *WAIT_PAIRS]
CASES = pytest.mark.parametrize("pair", PAIRS, ids=[pair.cause for pair in PAIRS])


@CASES
def test_a_cause_is_named_first_where_it_is(pair: Pair) -> None:
    """A design that has the cause gets it as its first diagnosis."""
    assert ids(pair.has, *pair.goals)[:1] == [pair.cause]


@CASES
def test_a_near_neighbour_is_not_accused(pair: Pair) -> None:
    """A near neighbor, which differs in just that one thing, doesn't get the diagnosis."""
    assert pair.cause not in ids(pair.lacks, *pair.goals)


@CASES
def test_what_is_found_does_not_hang_on_names(pair: Pair) -> None:
    """Renaming all parts of a design doesn't change its diagnosis."""
    names = re.findall(r"^\[components\.([a-z-]+)\]", pair.has, flags=re.MULTILINE)
    text, goals = pair.has, pair.goals
    for name in names:
        text = re.sub(rf'(?<=["\.]){name}(?=["\]])|(?<="){name}(?=->)|(?<=->){name}(?=")', f"x{name}x", text)
        goals = tuple(
            (re.sub(rf"(?<=[/+]){name}(?=[/+])", f"x{name}x", metric), limit) for metric, limit in goals
        )
    assert ids(text, *goals)[:1] == [pair.cause]


@CASES
def test_what_is_said_can_be_read(pair: Pair) -> None:
    """A diagnosis has about two sentences, evidence with values, a place and a remedy, and no unfilled
    placeholder; only the name of an event, which is written as it is, begins one without a capital letter.
    """
    found = found_in(pair.has, *pair.goals)[0]
    assert 40 < len(found.what) < 600
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", found.what + found.try_)
    assert found.what[0] == found.what[0].upper() or re.match(r"[a-z]+\.[a-z]", found.what)
    assert found.what.endswith((".", "?"))
    assert found.evidence
    assert all(what and value for what, value in found.evidence)
    assert found.component or found.wire
    assert found.plain()["try"]


ELSEWHERE = {"diverged", "stuck-saga", "uneven-partitions", "unknown"}
"""Causes tested with and without in modules of their own: test_copies, test_stories, test_uneven,
test_reasons.
"""


def test_every_cause_is_tried() -> None:
    """Every cause is tested, at least fifty of them on a pair; ids are unique, and all symptoms are of known
    kinds.
    """
    names = [cause.id for cause in CAUSES]
    assert len(names) == len(set(names))
    assert {pair.cause for pair in PAIRS} | ELSEWHERE == set(names)
    assert len({pair.cause for pair in PAIRS}) >= 50
    assert all(cause.explains <= set(KINDS) for cause in CAUSES)


def test_a_healthy_run_needs_no_explanation() -> None:
    """A run that meets its goals and looks healthy has no diagnosis."""
    scenario, outcome = outcome_of(PAIRS[0].lacks)
    assert diagnose(scenario, outcome) == ()


def test_a_free_board_is_explained_without_goals() -> None:
    """A scenario without a level gets diagnoses for losses, failures and long waits."""
    lost = next(pair for pair in PAIRS if pair.cause == "expired")
    scenario, outcome = outcome_of(lost.has)
    assert "expired" in [found.id for found in diagnose(scenario, outcome)]


def test_diagnosis_is_pure() -> None:
    """The same outcome gives the same diagnosis, to the last word."""
    pair = PAIRS[0]
    assert found_in(pair.has, *pair.goals) == found_in(pair.has, *pair.goals)
