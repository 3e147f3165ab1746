"""A publish that may be tried again is tried again, also where the broker's refusal comes long after the send."""

from __future__ import annotations

from tutor.catalog.scenarios import parse_scenario
from tutor.engine.simulate import simulate

LOG = """
[run]
duration_s = 100
drain_s = 60
[components.traders]
kind = "client"
rate_per_s = 20
[components.trades]
kind = "stream"
replicas = 3
failover_s = 5
replication_lag_ms = 500
[components.books]
kind = "service"
[[wires]]
from = "traders"
to = "trades"
retries = {0}
backoff_ms = 1000
[[wires]]
from = "trades"
to = "books"
[[faults]]
kind = "crash"
target = "trades"
replica = 1
at_s = 50
for_s = 20
[[effects]]
event = "request.made"
at = "books"
"""


def test_records_that_were_not_yet_spread_when_the_leader_went_are_sent_again() -> None:
    """Those in the half second before the crash are refused after their send; with tries left every one is confirmed, and settled once."""
    report = simulate(parse_scenario(LOG.format(20)), 1).report
    assert report.value("/client/traders/failed") == 0
    assert report.value("/effect/books/request.made/lost") == 0
    assert report.value("/effect/books/request.made/duplicates") == 0


def test_without_tries_left_they_are_refused() -> None:
    """About half a second of traffic before the crash and five seconds of take-over after it."""
    report = simulate(parse_scenario(LOG.format(0)), 1).report
    assert 70 < report.value("/client/traders/failed") < 160


def test_a_confirm_that_was_waited_for_comes_in_the_moment_it_is_given() -> None:
    """A request made just when its broker goes on finds the one before it confirmed, whether the run is watched or not."""
    text = """
[run]
duration_s = 20
[components.users]
kind = "client"
rate_per_s = 25
arrivals = "constant"
[components.api]
kind = "service"
[components.inbox]
kind = "queue"
[[wires]]
from = "users"
to = "api"
max_in_flight = 1
[[wires]]
from = "api"
to = "inbox"
[[faults]]
kind = "hang"
target = "inbox"
at_s = 12
for_s = 2
"""
    plain, watched = (simulate(parse_scenario(text), 1, timeline=timeline).report.value("/client/users") for timeline in (False, True))
    assert plain == watched
    assert plain["failed"] == 49  # from 12.04 to 13.96 s
