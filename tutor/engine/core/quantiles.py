"""Quantiles of times, by nearest rank."""

from __future__ import annotations

from math import ceil


def quantiles(times: list[int]) -> dict[str, float | None]:
    """Returns mean, p50, p95, p99 and max in milliseconds, by nearest rank, of times in microseconds."""
    if not times:
        return dict.fromkeys(("mean", "p50", "p95", "p99", "max"))
    ranked = sorted(times)
    count = len(ranked)

    def rank(percent: int) -> float:
        return ranked[ceil(percent * count / 100) - 1] / 1000

    return {
        "mean": sum(ranked) / count / 1000,
        "p50": rank(50),
        "p95": rank(95),
        "p99": rank(99),
        "max": ranked[-1] / 1000,
    }
