"""The concepts behind the causes, for a learner to look up."""

import pytest

from tutor.catalog import load_glossary
from tutor.judge.causes.cause import Cause
from tutor.judge.diagnosis import CAUSES

TERMS = {term.id for term in load_glossary()}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_the_concept_is_in_the_glossary(cause: Cause) -> None:
    """Every cause has a glossary term that a screen can open."""
    assert cause.concept in TERMS


def test_causes_have_names_of_their_own() -> None:
    """No two causes share an id."""
    ids = [cause.id for cause in CAUSES]
    assert len(ids) == len(set(ids))
