"""The engine's predictions stay within the bands of real brokers: three live runs each, with the same draws
for each event.

The bands are facts: a difference is a mistake in the engine, or in the setting that says which product a
channel is like.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.report import Report

FOLDER = Path(__file__).parent
BANDS: dict[str, dict[str, Any]] = json.loads((FOLDER / "measured.json").read_text())
SEEDS = (1, 2, 3)
"""The seeds that the brokers were measured with."""

SET: dict[str, tuple[str, str]] = {
    "06-lease-short": ("visibility_timeout_s = 2", 'late_ack = "any"'),
    "13-hang-retry": ("retries = 60", "timeout_ms = 2000"),
    "19-hang-disconnect": ("prefetch = 10", "heartbeat_s = 5"),
}
"""Settings of the brokers that the scenario lacks: the line to insert after, and the setting."""

LIKE: list[tuple[str, str, str, str, float, float]] = [
    (
        "jetstream",
        "06-lease-short",
        "a late ack counts, whichever delivery it is of",
        "/component/orders/delivered",
        117,
        117,
    ),
    (
        "jetstream",
        "09-bounded-reject-prefetch-30",
        "its length counts what is in hand",
        "/effect/billing/order.placed/refused",
        145,
        160,
    ),
    ("jetstream", "22-ttl-dead-letter", "what expires is gone", "/component/lost/queue/end", 0, 0),
    ("jetstream", "22-ttl-dead-letter", "what expires is gone", "/effect/billing/order.placed/lost", 70, 115),
    (
        "jetstream",
        "23-topic-reject",
        "one log for all subscriptions",
        "/effect/quick/order.placed/applied",
        105,
        125,
    ),
    ("jetstream", "26-late-ack", "a late ack counts", "/effect/billing/order.placed/applied", 5, 5),
    (
        "rabbitmq-quorum",
        "08-poison-head-prefetch-1",
        "what comes back is given up after 20 more deliveries",
        "/effect/billing/order.placed/applied",
        197,
        197,
    ),
    (
        "rabbitmq",
        "22-ttl-dead-letter",
        "what expires goes to the dead letters",
        "/component/lost/queue/end",
        75,
        120,
    ),
    (
        "rabbitmq",
        "23-topic-reject",
        "the others keep their copies",
        "/effect/quick/order.placed/applied",
        299,
        299,
    ),
]
"""What a channel like a product does: (product, scenario, why, quantity, from, to), on seed 1."""


def text_of(name: str) -> str:
    """The text of a scenario, with the settings that the brokers ran it with."""
    text = (FOLDER / "scenarios" / f"{name}.toml").read_text()
    if name in SET:
        after, setting = SET[name]
        assert after in text
        text = text.replace(after, f"{after}\n{setting}")
    return text


@functools.cache
def report_of(text: str, seed: int) -> Report:
    """The report that the engine predicts; each scenario and seed runs only once."""
    return simulate(parse_scenario(text), seed).report


def title_of(name: str, pointer: str) -> str:
    """The scenario and the quantity; where the engine was once wrong, also the broker and the reason."""
    band = BANDS[name][pointer]
    reason = f" ({band['broker']}: {band['why']})" if "broker" in band else ""
    return f"{name} {pointer}{reason}"


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        pytest.param(name, pointer, id=title_of(name, pointer))
        for name, bands in BANDS.items()
        for pointer in bands
    ],
)
def test_a_prediction_stays_in_the_band_of_the_broker(name: str, pointer: str) -> None:
    """On each of three seeds, the predicted value lies in the band measured on the broker."""
    band = BANDS[name][pointer]
    for seed in SEEDS:
        value = report_of(text_of(name), seed).value(pointer)
        assert band["at_least"] <= value <= band["at_most"], f"seed {seed}: {value}"


@pytest.mark.parametrize(
    ("product", "name", "pointer", "low", "high"),
    [
        pytest.param(product, name, pointer, low, high, id=f"{product}: {why} ({name} {pointer})")
        for product, name, why, pointer, low, high in LIKE
    ],
)
def test_a_channel_is_like_its_product(
    product: str, name: str, pointer: str, low: float, high: float
) -> None:
    """Setting ``like`` alone sets everything that follows from it."""
    text = (FOLDER / "scenarios" / f"{name}.toml").read_text().replace('redeliver_on = "disconnect"\n', "")
    for kind in ("queue", "topic"):
        text = text.replace(f'kind = "{kind}"', f'kind = "{kind}"\nlike = "{product}"')
    assert low <= report_of(text, 1).value(pointer) <= high, report_of(text, 1).value(pointer)


def test_every_scenario_has_bands() -> None:
    """Every measured scenario has bands, except ``credit``, which is about even traffic under a wide
    prefetch.
    """
    assert {path.stem for path in (FOLDER / "scenarios").glob("*.toml")} - {"credit"} == set(BANDS)


def test_a_wide_prefetch_spreads_even_traffic() -> None:
    """Two consumers with a prefetch of 50 share even traffic at load 0.75: no message waits behind the other
    consumer's fifty (RabbitMQ).
    """
    assert report_of(text_of("credit"), 1).value("/effect/billing/order.placed/delay_ms/max") <= 400


def test_without_confirms_a_crash_takes_what_was_not_stored() -> None:
    """A durable queue under traffic loses its backlog when its only node is killed (RabbitMQ: 103 to 107
    messages), unless publishes are confirmed.
    """
    text = text_of("12-broker-crash-durable")
    heard = report_of(text, 1)
    unheard = report_of(text.replace('to = "orders"\n', 'to = "orders"\nacks = "none"\n', 1), 1)
    assert heard.value("/effect/billing/order.placed/lost") == 0
    assert 95 <= unheard.value("/effect/billing/order.placed/lost") <= 110
    assert unheard.value("/component/orders/dropped_by/not-stored") >= 95


@pytest.mark.parametrize("product", ['redeliver_on = "disconnect"', 'like = "jetstream"'])
def test_a_client_library_that_buffers_while_retries_go_on_publishes_everything_many_times(
    product: str,
) -> None:
    """During an outage of 18 s the library buffers every attempt of a producer that retries after 2 s: about
    1,040 duplicates of 799 events, and no loss (nats-py on JetStream).
    """
    text = text_of("13-confirm-retry").replace('redeliver_on = "disconnect"', product)
    own = 'kind = "publish"\ntimeout_ms = 2000\nbuffer = 5000\n'
    report = report_of(text.replace('kind = "publish"\n', own), 1)
    assert 1_000 <= report.value("/effect/billing/order.placed/duplicates") <= 1_080
    assert report.value("/effect/billing/order.placed/applied") == 799


def test_a_publish_that_was_refused_is_tried_again_with_a_timeout_of_its_own() -> None:
    """A refused publish is retried over a slow connection, and no event is lost."""
    text = text_of("13-confirm-retry").replace('redeliver_on = "disconnect"', 'like = "jetstream"')
    report = report_of(text.replace('kind = "publish"\n', 'kind = "publish"\ntimeout_ms = 2000\n'), 1)
    assert report.value("/effect/billing/order.placed/applied") == 799
