"""The phenomenon that a level tells the learner to look at in the first run."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_level
from tutor.errors import InputError
from tutor.lint.proofs import look_fault
from tutor.model.level import Look
from tutor.trial import Trial, seeds_of

AT = "kitchen"
GOOD = f'[look]\nsay = "The line grows."\nat = "{AT}"\nfrom_s = 5\nto_s = 20\n'


def test_it_is_read(folder: Path, level_text: str) -> None:
    """A look has a sentence, a part and a time span; a level may have none."""
    assert load_level(folder).look is None
    (folder / "level.toml").write_text(level_text + GOOD)
    assert load_level(folder).look == Look("The line grows.", AT, 5, 20)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (f'at = "{AT}"', 'at = "cellar"', "the start has no"),
        ("to_s = 20", "to_s = 5", "to_s has to come after from_s"),
        ('say = "The line grows."\n', "", '"say" is missing'),
        ("from_s", "since_s", "since_s"),
    ],
)
def test_one_that_cannot_be_used_is_refused(
    refuse: Callable[[str, str], None], old: str, new: str, words: str
) -> None:
    """An unknown part, an empty time span and an unknown key are refused with file and line."""
    refuse(GOOD.replace(old, new), words)


def test_it_may_follow_an_event(folder: Path, level_text: str) -> None:
    """A look may name the outcome of the event to follow; one that no event can have is refused."""
    (folder / "level.toml").write_text(level_text + GOOD + 'follow = "lost"\n')
    look = load_level(folder).look
    assert look is not None
    assert look.follow == "lost"
    (folder / "level.toml").write_text(level_text + GOOD + 'follow = "lots"\n')
    with pytest.raises(InputError, match='did you mean "lost"'):
        load_level(folder)


def test_show_me_has_to_lead_there() -> None:
    """A look is a fault if "Show me" leads to another part or another time."""
    level = load_level(find_levels_root() / "first-light" / "first-event")
    trial = Trial(level, level.scenario.design, seeds_of(level)[:1], timeline=True)
    while not trial.advance():
        pass
    verdict, outcome = trial.verdict(), trial.outcome()
    assert outcome is not None
    look = level.look
    assert look is not None
    assert look_fault(look, verdict, outcome.timeline) == ""
    failed, nobody = (dataclasses.replace(look, follow=one) for one in ("failed", "out-of-order"))
    assert look_fault(failed, verdict, outcome.timeline) == ""
    assert 'no event whose outcome is "out-of-order"' in look_fault(nobody, verdict, outcome.timeline)
    for wrong in (Look(look.say, "till", look.from_s, look.to_s), Look(look.say, look.at, 0, 1)):
        assert "leads to kitchen" in look_fault(wrong, verdict, outcome.timeline)
