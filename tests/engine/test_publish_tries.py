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
