"""Designs that pass on most but not all of a level's own seeds: the failing run opens at the moment and the
event that broke the goal.
"""

import dataclasses
import functools
import json
from pathlib import Path

import pytest

from tutor.catalog import level_by_id, load_design_text
from tutor.check import Checked, check
from tutor.judge.goals import judge_goals
from tutor.plain import play
from tutor.session import Session

FULL_QUEUE = """
level = "night-job/flash-sale"
[components.orders]
kind = "queue"
max_length = 3060
[components.shop]
replicas = 6
[[wires]]
from = "fans"
to = "orders"
kind = "publish"
[[wires]]
from = "orders"
to = "shop"
kind = "subscribe"
"""
"""Almost enough room: on one seed of five the queue is full for a moment."""

BIG_MAILBOX = """
level = "who-gets-it/lights-out"
[components.accounting]
replicas = 2
[components.sales]
kind = "topic"
max_length = 3020
overflow = "drop-oldest"
[[wires]]
from = "tills"
to = "sales"
kind = "publish"
[[wires]]
from = "sales"
to = "accounting"
kind = "subscribe"
durable = true
"""
"""Almost enough room: on one seed of five there are more events to keep than there is room for."""


@dataclasses.dataclass(frozen=True)
class Flaky:
    """A level's design that fails on one seed."""

    text: str
    level: str
    seed: int
    metric: str
    diagnosis: str
    hop: str
    """The hop that happens to the event at the moment shown."""


CASES = (
    Flaky(FULL_QUEUE, "night-job/flash-sale", 3, "/client/fans/failed", "overflow", "sent"),
    Flaky(
        BIG_MAILBOX, "who-gets-it/lights-out", 3, "/effect/accounting/sale.made/lost", "overflow", "dropped"
    ),
)
BOTH = pytest.mark.parametrize("flaky", CASES, ids=[one.hop for one in CASES])


@functools.cache
def played(flaky: Flaky) -> Session:
    """A session that has run the design to its verdict."""
    level = level_by_id(flaky.level)
    learner = Session(level)
    learner.adopt(load_design_text(flaky.text, name="flaky", level=level))
    learner.start_run()
    while not learner.advance():
        pass
    return learner


@functools.cache
def checked(flaky: Flaky, path: Path) -> Checked:
    """The same design, scored from its file."""
    path.write_text(flaky.text)
    return check(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for design files."""
    return tmp_path_factory.mktemp("flaky")


@BOTH
def test_the_failing_run_opens_at_its_failing_moment(flaky: Flaky) -> None:
    """The counterexample is the failing seed; its run has the event, which breaks the goal at the moment
    shown.
    """
    learner = played(flaky)
    assert learner.run is not None
    assert learner.verdict is not None
    assert [seed.seed for seed in learner.verdict.seeds if not seed.passed] == [flaky.seed]
    example = learner.verdict.counterexample
    assert example is not None
    assert (example.seed, example.metric) == (flaky.seed, flaky.metric)
    outcome = learner.run.open_seed(example.seed)
    assert learner.level is not None
    assert [one.goal.metric for one in judge_goals(learner.level.goals, outcome.report) if not one.met] == [
        flaky.metric
    ]
    assert outcome.timeline is not None
    (journey,) = [one for one in outcome.timeline.journeys if one.event_id == example.event]
    assert [hop.at_s for hop in journey.hops if hop.what == flaky.hop][-1] == example.at_s
    assert learner.diagnosis[0].id == flaky.diagnosis


@BOTH
def test_the_event_shown_is_the_first_that_broke_the_goal(flaky: Flaky) -> None:
    """No followed event failed or was lost before the one shown."""
    learner = played(flaky)
    assert learner.run is not None
    assert learner.verdict is not None
    example = learner.verdict.counterexample
    assert example is not None
    assert example.at_s is not None
    timeline = learner.run.open_seed(flaky.seed).timeline
    assert timeline is not None
    bad = [
        hop.at_s
        for one in timeline.journeys
        if one.outcome in ("failed", "lost")
        for hop in one.hops
        if hop.what == flaky.hop
    ]
    assert bad
    assert min(bad) == example.at_s


@BOTH
def test_the_document_has_it(flaky: Flaky, folder: Path) -> None:
    """``check --json`` has seed, moment, event and goal, all of the seed that is reported."""
    result = checked(flaky, folder / f"{flaky.diagnosis}.toml")
    assert result.exit_code == 1
    document = json.loads(result.render_json())
    example = document["counterexample"]
    assert (example["seed"], example["metric"], document["seed"]) == (flaky.seed, flaky.metric, flaky.seed)
    assert example["event"]
    assert example["at_s"] > 0
    assert [seed["seed"] for seed in document["seeds"] if not seed["passed"]] == [flaky.seed]
    assert document["diagnosis"][0]["id"] == flaky.diagnosis
    assert any(
        f"The design passes on 4 other seeds and fails on seed {flaky.seed}" in line
        for line in result.lines()
    )


@BOTH
def test_the_plain_mode_opens_it(flaky: Flaky) -> None:
    """``seed`` without a number opens the failing run and shows the event's path."""
    learner = Session(level_by_id(flaky.level))
    learner.adopt(played(flaky).design)
    shown: list[str] = []
    play(learner, ["run", "seed", "quit"], shown.append)
    text = "\n".join(shown)
    example = played(flaky).verdict
    assert example is not None
    assert example.counterexample is not None
    assert f"Seed {flaky.seed} missed: " in text
    assert f"The design passes on 4 other seeds and fails on seed {flaky.seed}" in text
    assert f"{example.counterexample.event}: " in text
    assert f" {flaky.hop} at " in text


def test_half_of_the_seeds_is_no_exception(folder: Path) -> None:
    """A design that fails on as many seeds as it passes has no counterexample: it is simply wrong."""
    path = folder / "half.toml"
    path.write_text(FULL_QUEUE)
    assert check(path, seeds=(3, 5)).verdict.counterexample is None
    assert check(path, seeds=(3, 5, 2)).verdict.counterexample is not None


def test_a_design_that_always_fails_or_holds_has_none(folder: Path) -> None:
    """If all seeds agree, there is no counterexample."""
    path = folder / "agree.toml"
    path.write_text(FULL_QUEUE.replace("3060", "300"))
    assert check(path).verdict.counterexample is None
    path.write_text(BIG_MAILBOX.replace("3020", "3200"))
    verdict = check(path).verdict
    assert verdict.passed
    assert verdict.counterexample is None
