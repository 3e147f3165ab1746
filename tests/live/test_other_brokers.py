"""RabbitMQ and Redis, where they are installed: the same scenarios, held to the bands; skipped, with how to
install them, elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.live.test_brokers import BANDS, FOLDER, value
from tutor.catalog import load_scenario
from tutor.errors import InputError
from tutor.live.brokers import adapter
from tutor.live.run import LiveRun, measure

CASES = {
    "rabbitmq": (
        "03-crash-ack-after",
        "04-crash-ack-before-prefetch-5",
        "05-prefetch-50",
        "07-dead-letters",
        "09-bounded-reject-prefetch-30",
        "14-lost-confirms",
        "22-ttl-dead-letter",
    ),
    "redis": (
        "03-crash-ack-after-lease",
        "06-lease-short",
        "07-dead-letters",
        "14-lost-confirms",
        "26-late-ack",
    ),
}
"""By broker: scenarios whose bands were measured on it."""
OWN = ("nats", *CASES)
"""The brokers that a run can start."""
OTHERWISE = {
    # fewer were in hand at the three kills than with a push: 19 in a run on a busy machine
    ("redis", "03-crash-ack-after-lease", "/component/orders/redelivered"): (15, 30),
}
"""Bands of one broker that are wider than those of all."""


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize(
    ("broker", "name"), [(broker, name) for broker, names in CASES.items() for name in names]
)
def test_a_measured_scenario_elsewhere(broker: str, name: str) -> None:
    """Counts and delays of a live run are in the bands that this broker stayed in."""
    missing = adapter(broker).missing()
    if missing:
        pytest.skip(missing)
    data = measure(LiveRun(load_scenario(FOLDER / "scenarios" / f"{name}.toml"), broker=broker), pause_s=0.3)
    for pointer, band in BANDS[name].items():
        found = value(data, pointer)
        low, high = OTHERWISE.get((broker, name, pointer), (band["at_least"], band["at_most"]))
        assert low <= found <= high, f"{name} {pointer}: measured {found}, the band is {low} to {high}"


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that isn't installed, or whose client isn't, is one line that says how to install it."""
    scenario = load_scenario(Path(FOLDER) / "scenarios" / "01-mm1.toml")
    for broker in OWN:
        known = adapter(broker)
        monkeypatch.setattr(
            "tutor.live.run.adapter", lambda _, known=known: replace(known, client="not_here")
        )
        with pytest.raises(InputError, match=re.escape(f"needs its Python client: {known.client_from}")):
            LiveRun(scenario, broker=broker)
        absent = replace(known, client="json", binary=lambda: None)
        monkeypatch.setattr("tutor.live.run.adapter", lambda _, absent=absent: absent)
        with pytest.raises(InputError, match=rf"install it \({known.server_from}\), or give --url"):
            LiveRun(scenario, broker=broker)
