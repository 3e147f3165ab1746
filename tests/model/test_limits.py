"""Combinations of settings: each in range, and together too much."""

import pytest

from tutor.model.component import Client, Component, Queue, Service, most_replicas
from tutor.model.design import make_design
from tutor.model.limits import misfits
from tutor.model.records import Autoscale, PatternStep
from tutor.model.wire import Subscribe


@pytest.mark.parametrize(
    ("part", "setting", "words"),
    [
        (Client(id="a", keys=2_000_000, key_skew=0.5), "keys", "at most 1,000,000"),
        (Service(id="a", replicas=1000, workers=10_000), "workers", "give at most 100"),
        (Service(id="a", workers=10_000, autoscale=Autoscale(1, 1000, 1, 1.0)), "workers", "1000 replicas"),
        (
            Service(id="a", pattern=(PatternStep("x", absent=True, within_s=1.0),)),
            "pattern",
            "begins with an event that stays away",
        ),
        (
            Service(id="a", pattern=(PatternStep("x"), PatternStep("y", absent=True))),
            "pattern",
            "but for how long",
        ),
    ],
)
def test_a_part_that_no_run_can_hold(part: Component, setting: str, words: str) -> None:
    """The error names the setting to change and what would be right."""
    (misfit,) = misfits(make_design([part]))
    assert (misfit.subject, misfit.setting) == ("a", setting)
    assert words in misfit.what


def test_too_much_in_hand() -> None:
    """Prefetch counts for each worker of each replica."""
    parts = (Queue(id="q"), Service(id="a", replicas=100, workers=100))
    wire = Subscribe(source="q", target="a", prefetch=101)
    (misfit,) = misfits(make_design(parts, [wire]))
    assert (misfit.subject, misfit.setting) == (wire.ref, "prefetch")
    assert "at most 100" in misfit.what
    assert not list(misfits(make_design(parts, [Subscribe(source="q", target="a", prefetch=100)])))
    assert not list(misfits(make_design(parts, [Subscribe(source="q", target="a", prefetch=0)])))


def test_what_fits() -> None:
    """Many keys without a skew, and an absence with a time limit, are accepted."""
    steps = (PatternStep("x"), PatternStep("y", absent=True))
    parts = [Client(id="a", keys=1_000_000_000), Service(id="b", pattern=steps, window_s=5.0)]
    assert not list(misfits(make_design(parts)))


def test_the_most_replicas() -> None:
    """A service has at most as many replicas as its autoscaling allows, or without autoscaling as it starts
    with.
    """
    assert most_replicas(Service(id="a", replicas=3)) == 3
    assert most_replicas(Service(id="a", replicas=3, autoscale=Autoscale(1, 8, 1, 1.0))) == 8
    assert (
        most_replicas(Service(id="a", replicas=9, autoscale=Autoscale(1, 8, 1, 1.0))) == 8
    )  # it starts with no more than it scales to
