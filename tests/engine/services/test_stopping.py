"""Runs that are stopped before their end, by their event budget or by their backlog."""

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
    """Whether the numbers of a section of the report add up, for requests, effects and messages."""
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
    """Wherever the budget stops a run, every request is ok or failed, no event is lost, and the channel's
    books balance.
    """
    report = outcome(PILING_UP, budget=budget).report
    assert not report.complete
    assert report.value("/engine/events") == budget
    assert f"{budget:,} steps" in report.why_stopped or f"{budget} steps" in report.why_stopped
    assert report.value("/stopped/why") == "steps"
    assert consistent(report)


@pytest.mark.parametrize("size", [1, 333, 1_000_000])
def test_a_run_that_piles_up_too_much_is_stopped(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backlog has an upper limit: the run stops at the same event whatever its slices, and its report
    adds up.
    """
    module = importlib.import_module("tutor.engine.stops")
    monkeypatch.setattr(module, "ROOM", 100)
    monkeypatch.setattr(module, "LOOK", 250)
    monkeypatch.setattr(module, "LOOKS_AT_ROOM", 1)
    scenario = parse_scenario(PILING_UP.replace("<budget>", "1000000"))
    simulation = Simulation(scenario)
    while not simulation.advance(size):
        pass
    report = simulation.outcome().report
    assert not report.complete
    assert report.value("/stopped/why") == "room"
    assert "more waits than a run can hold" in report.why_stopped
    assert 100 < report.value("/component/topic/queue/end") < 150
    assert consistent(report)
    events = report.value("/engine/events")
    assert events % 250 == 0
    limited = dataclasses.replace(scenario, run=dataclasses.replace(scenario.run, max_events=events))
    without_clock = {name: value for name, value in report.data.items() if name not in ("engine", "stopped")}
    assert {
        name: value
        for name, value in simulate(limited).report.data.items()
        if name not in ("engine", "stopped")
    } == without_clock


SPINNING = """
[run]
duration_s = 60
[components.users]
kind = "client"
rate_per_s = 10
arrivals = "constant"
event = "a"
[components.outbox]
kind = "queue"
title = "Outbox"
[components.sender]
kind = "service"
title = "Sender"
workers = 2
[components.server]
kind = "service"
service_ms = 500
[[wires]]
from = "users"
to = "outbox"
[[wires]]
from = "outbox"
to = "sender"
retry_delay_s = <pause>
[[wires]]
from = "sender"
to = "server"
kind = "call"
max_in_flight = 1
"""


def test_a_delivery_that_fails_and_comes_back_in_no_time_stops_the_run() -> None:
    """A redelivery that takes no time is detected within 30,000 events, and the reason names both ends of the
    wire.
    """
    report = outcome(SPINNING, pause=0).report
    assert not report.complete
    assert report.stands_still
    assert report.value("/engine/events") < 30_000
    stopped = report.value("/stopped")
    assert (stopped["why"], stopped["wire"], stopped["channel"]["title"]) == (
        "redelivery",
        "outbox->sender:subscribe",
        "Outbox",
    )
    assert "Sender fails at once on what Outbox delivers" in report.why_stopped
    assert outcome(SPINNING, pause=5).report.complete


ROUND = """
[run]
duration_s = 600
[components.users]
kind = "client"
rate_per_s = 0.2
event = "a"
[components.news]
kind = "stream"
title = "News"
[components.editor]
kind = "service"
title = "Editor"
service_ms = 5
failure_rate = <failures>
[[wires]]
from = "users"
to = "news"
[[wires]]
from = "news"
to = "editor"
on_error = "drop"
[[wires]]
from = "editor"
to = "news"
on = "<on>"
"""


def test_events_that_go_round_a_loop_for_ever_stop_the_run() -> None:
    """A run that mostly sends the same events round a loop stops after 50,000 steps and names the loop; a
    retry loop for random failures may run.
    """
    report = outcome(ROUND, failures=0, on="success").report
    assert report.value("/engine/steps") == 50_000
    stopped = report.value("/stopped")
    assert (stopped["why"], stopped["wire"]) == ("loop", "editor->news:publish")
    assert "what Editor publishes to News comes back to Editor" in report.why_stopped
    assert outcome(ROUND, failures=0.9, on="failure").report.complete


BACKLOG = """
[run]
duration_s = 100
[components.users]
kind = "client"
profile = [[0, 1000], [30, 0]]
arrivals = "constant"
event = "a"
[components.inbox]
kind = "queue"
[components.worker]
kind = "service"
failure_rate = 0.5
[[wires]]
from = "users"
to = "inbox"
[[wires]]
from = "inbox"
to = "worker"
[[faults]]
kind = "crash"
target = "worker"
at_s = 0
for_s = 40
[[effects]]
event = "a"
at = "worker"
"""


def test_a_backlog_that_is_worked_off_in_no_time_stops_nothing() -> None:
    """30,000 messages for a worker that takes no time are all handled at one moment, including those that
    fail at random.
    """
    report = outcome(BACKLOG).report
    assert report.complete
    assert report.value("/effect/worker/a/applied") == 30_000
