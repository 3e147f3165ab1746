"""Runs that are stopped before their end: by their budget of events, or by what waits."""

import dataclasses
import importlib

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import Simulation, simulate
from tutor.model.report import Report

from ..channels.test_queues import books_balance
from ..scenes import outcome

PILING_UP = """
[run]
duration_s = 1000
max_events = <budget>
[components.users]
kind = "client"
rate_per_s = 20
event = "a"
[components.front]
kind = "service"
workers = 4
service_ms = 20
[components.topic]
kind = "topic"
[components.quick]
kind = "service"
service_ms = 10
[components.slow]
kind = "service"
service_ms = 200
[[wires]]
from = "users"
to = "front"
timeout_ms = 500
[[wires]]
from = "front"
to = "topic"
latency_ms = 5
[[wires]]
from = "topic"
to = "quick"
latency_ms = 3
[[wires]]
from = "topic"
to = "slow"
[[effects]]
event = "a"
at = "quick"
[[effects]]
event = "a"
at = "slow"
"""


def consistent(report: Report) -> bool:
    """Whether the numbers of a part of a run add up, for requests, effects and messages."""
    users, topic = report.value("/client/users"), report.value("/component/topic")
    effects = [report.value(f"/effect/{at}/a") for at in ("quick", "slow")]
    return (
        users["requests"] == users["ok"] + users["failed"]
        and all(one["expected"] == users["requests"] == one["applied"] + one["pending"] for one in effects)
        and books_balance(topic)
        and all(books_balance(one) for one in topic["subscriptions"].values())
    )


@pytest.mark.parametrize("budget", [1, 2, 3, *range(5, 200, 13), 2001, 5003])
def test_the_report_of_a_stopped_run_adds_up(budget: int) -> None:
    """Wherever the budget stops it: every request is ok or failed, no event is lost, and the books of the channel balance."""
    report = outcome(PILING_UP, budget=budget).report
    assert not report.complete
    assert report.value("/engine/events") == budget
    assert f"budget of {budget:,} simulated events" in report.why_stopped
    assert consistent(report)


@pytest.mark.parametrize("size", [1, 333, 1_000_000])
def test_a_run_that_piles_up_too_much_is_stopped(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits has an upper end; the run stops at the same event in whatever slices it goes on, and its report adds up."""
    module = importlib.import_module("tutor.engine.simulate")  # the package has a function of this name
    monkeypatch.setattr(module, "ROOM", 100)
    monkeypatch.setattr(module, "LOOK", 250)
    scenario = parse_scenario(PILING_UP.replace("<budget>", "1000000"))
    simulation = Simulation(scenario)
    while not simulation.advance(size):
        pass
    report = simulation.outcome().report
    assert not report.complete
    assert "too much waits" in report.why_stopped
    assert 100 < report.value("/component/topic/queue/end") < 150
    assert consistent(report)
    events = report.value("/engine/events")
    assert events % 250 == 0
    limited = dataclasses.replace(scenario, run=dataclasses.replace(scenario.run, max_events=events))
    without_clock = {name: value for name, value in report.data.items() if name != "engine"}
    assert {name: value for name, value in simulate(limited).report.data.items() if name != "engine"} == without_clock
