"""Every scenario measured on real brokers runs live on NATS JetStream and stays within the bands.

``pytest -m live tests/live`` runs them all, in about six minutes with ``-n 4``, since they mostly wait. Three
of them are in the default suite.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nats", reason="live runs need the extra: pip install 'eda-tutor[live]'")

from tests.brokers.test_measured import SET
from tutor.catalog import parse_scenario
from tutor.live.comparison import HOP_MS, SHARE
from tutor.live.run import LiveRun, measure
from tutor.model.report import pointer_tokens
from tutor.model.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "brokers"
SCENARIOS = sorted((FOLDER / "scenarios").glob("*.toml"), key=lambda path: path.stem)
BANDS: dict[str, dict[str, Any]] = json.loads((FOLDER / "measured.json").read_text())
DEFAULT = ("06-lease-short", "08-poison-limit-3", "14-lost-confirms")
"""In the default suite: a lease, a limit of deliveries, and lost confirms, each with exact counts."""

JETSTREAM: dict[tuple[str, str], tuple[float, float]] = {
    # the length of a stream counts the message in hand as well: 50 are 49 that wait, or 20 with a prefetch of
    # 30
    ("09-bounded-reject-prefetch-1", "/component/orders/queue/max"): (49, 50),
    ("09-bounded-reject-prefetch-30", "/component/orders/queue/max"): (20, 25),
    ("09-bounded-reject-prefetch-30", "/effect/billing/order.placed/refused"): (150, 160),
    # its age counts while it is in hand, and the server looks at it four times a second
    ("10-ttl", "/effect/billing/order.placed/delay_ms/max"): (2000, 2500),
    # pull consumers share the backlog more evenly than a push of 50 to each
    ("05-prefetch-50", "/effect/billing/order.placed/delay_ms/max"): (1900, 3600),
    # nobody dead-letters what expires
    ("22-ttl-dead-letter", "/effect/billing/order.placed/lost"): (70, 115),
    ("22-ttl-dead-letter", "/component/lost/queue/end"): (0, 0),
    # one limit for all subscriptions: refused for the healthy one too
    ("23-topic-reject", "/effect/quick/order.placed/applied"): (110, 125),
    # a consumer that hangs renews no lease, and loses its messages after 3 s
    ("19-hang-disconnect", "/effect/billing/order.placed/delay_ms/max"): (2900, 6000),
}
"""Where the bands were measured on another broker, or JetStream is known to differ: the band of JetStream."""
ANOTHER_PREDICTION = {
    "06-lease-short",
    "04-crash-ack-before-prefetch-5",
    "05-prefetch-50",
    "09-bounded-reject-prefetch-30",
    "13-hang-retry",
    "19-hang-disconnect",
    "26-late-ack",
    "credit",
}
"""Scenarios that JetStream runs differently from the design: the prediction is for another broker."""
CAPACITY = {
    "03-crash-ack-after-lease",
    "10-ttl-consumer-away",
    "11-durable",
    "12-broker-crash-durable",
    "13-confirm-retry",
}
"""Scenarios that work off a backlog: with 5 to 20 ms of work, a delivery of 3 to 6 ms lowers the capacity and
makes waits longer.
"""


def scenario(name: str) -> Scenario:
    """A scenario with the settings that the measured brokers had in addition to its file."""
    path = FOLDER / "scenarios" / f"{name}.toml"
    text = path.read_text()
    if name in SET:
        after, setting = SET[name]
        text = text.replace(after, f"{after}\n{setting}", 1)
    return parse_scenario(text, str(path))


def value(data: dict[str, Any], pointer: str) -> Any:
    """The value at a JSON Pointer."""
    found: Any = data
    for token in pointer_tokens(pointer):
        found = found[token]
    return found


def hold(name: str, data: dict[str, Any]) -> None:
    """Assert that a live report stays within the bands, that its books balance and that its delays are near
    the prediction.
    """
    for pointer, band in BANDS.get(name, {}).items():
        low, high = JETSTREAM.get((name, pointer), (band["at_least"], band["at_most"]))
        found = value(data, pointer)
        assert low <= found <= high, f"{name} {pointer}: measured {found}, the band is {low} to {high}"
    for place, events in data["effect"].items():
        for event, seen in events.items():
            known = data["predicted"]["effect"][place][event]
            assert seen["expected"] == known["expected"]
            counted = sum(seen[one] for one in ("applied", "refused", "lost", "pending"))
            assert seen["expected"] == counted
            if name in ANOTHER_PREDICTION or name in CAPACITY:
                continue
            mean, predicted = seen["delay_ms"]["mean"], known["delay_ms"]["mean"]
            assert mean == pytest.approx(predicted, rel=SHARE, abs=HOP_MS), (
                f"{name}: the mean delay at {place}"
            )


@pytest.mark.live
def test_three_scenarios_at_once() -> None:
    """A lease that is too short, a poison message and lost confirms give, to the message, what real brokers
    give.
    """
    runs = {name: LiveRun(scenario(name)) for name in DEFAULT}
    try:
        for run in runs.values():
            run.start()
        until = time.monotonic() + 180
        while any([run.poll().phase != "over" for run in runs.values()]):  # noqa: C419  # all of them have to be looked at
            assert time.monotonic() < until
            time.sleep(0.2)
        for name, run in runs.items():
            hold(name, dict(run.report().data))
    finally:
        for run in runs.values():
            run.close()


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: str(path.stem))
def test_a_measured_scenario(path: Path) -> None:
    """Counts, delays and books of a live run are within the bands measured on real brokers."""
    hold(path.stem, measure(LiveRun(scenario(path.stem)), pause_s=0.3))
