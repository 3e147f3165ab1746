"""Closed forms that the engine must match: each case names its theorem, and its tolerance is in
``expected.json``.

The tolerances are about the half-width of a 95% confidence interval of the longest run of each case: queueing
times near saturation are correlated, so an interval from independent batches is far wider than the number of
requests suggests.
"""

import json
from pathlib import Path

import pytest

from tutor.catalog import load_scenario
from tutor.engine import simulate
from tutor.model.report import Report

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
THEOREMS = {
    "mm1-0.8": "M/M/1: W = 1 / (mu - lambda), Lq = rho^2 / (1 - rho)",
    "mm4-0.9": "M/M/4: Erlang C",
    "md1-0.8": "M/D/1: Pollaczek-Khinchine",
    "tandem": "D/D: latencies add, and the caller's worker is held",
    "queue-mm3": "M/M/3 behind a queue: Erlang C",
    "series-3": "availability in series: A^n",
    "acks-0.2": "deliveries under ack loss: 1 / (1 - p)",
    "poll-60": "polling delay: half the interval",
    "partition-cap": "partition cap: P * mu / ceil(P / min(P, C))",
}
SLOW = {"mm1-0.8", "mm4-0.9", "md1-0.8", "queue-mm3", "series-3"}


def duplicates_per_effect(report: Report) -> float:
    """Applications after the first, per applied event."""
    counts = report.value("/effect/worker/order.placed")
    return float(counts["duplicates"] / counts["applied"])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in EXPECTED]
)
def test_theory(name: str) -> None:
    """The engine matches this case's closed form within its tolerance."""
    report = simulate(load_scenario(HERE / f"{name}.toml")).report
    for pointer, want in EXPECTED[name].items():
        found = report.value(pointer) if pointer.startswith("/") else duplicates_per_effect(report)
        assert found == pytest.approx(want["value"], rel=want["relative_tolerance"], abs=1e-12), (
            f"{THEOREMS[name]}: {pointer}"
        )
