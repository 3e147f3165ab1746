"""The counters of a service, and the numbers reported of it."""

from __future__ import annotations

from typing import Any

from tutor.engine.core.part import Counts
from tutor.engine.services.line import WaitingLine
from tutor.engine.services.replicas import Replicas
from tutor.model.clock import SECOND


class Numbers:
    """The counters of one service. Times are in microseconds, less the present moment for what is still in
    progress.
    """

    __slots__ = (
        "_line",
        "_replicas",
        "busy_us",
        "capacity_us",
        "done",
        "down_us",
        "failed",
        "refused",
        "wasted",
    )

    def __init__(self, replicas: Replicas, line: WaitingLine) -> None:
        self._replicas = replicas
        self._line = line
        self.busy_us = 0
        """Workers' time with work in hand."""
        self.down_us = 0
        """Replicas' time down."""
        self.capacity_us = 0
        """Replicas' time there, less that of those that are there now."""
        self.done = self.failed = self.refused = 0
        self.wasted = 0
        """Work that was finished when nobody waited for it any more."""

    def counts(self, now: int) -> Counts:
        """Returns cumulative numbers up to now; the peak is the one since the last call."""
        line, replicas = self._line, self._replicas
        peak, line.peak = max(line.peak, line.waiting), line.waiting
        return {
            "busy_us": self.busy_us + replicas.busy() * now,
            "wait_us": line.wait_us + line.waiting * now,
            "down_us": self.down_us + (len(replicas) - replicas.up) * now,
            "replica_us": self.capacity_us + len(replicas) * now,
            "done": self.done,
            "failed": self.failed,
            "refused": self.refused,
            "wasted": self.wasted,
            "depth": line.waiting,
            "peak": peak,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        """Returns the numbers between two counts, ``span`` microseconds apart."""

        def grown(name: str) -> int:
            return last[name] - first.get(name, 0)

        ended = grown("done") + grown("failed")
        replica_us = grown("replica_us") or 1
        return {
            "utilization": grown("busy_us") / (replica_us * self._replicas.workers),
            "throughput_per_s": grown("done") * SECOND / span,
            "up": 1 - grown("down_us") / replica_us,
            "queue": {"mean": grown("wait_us") / span, "max": last["peak"], "end": last["depth"]},
            "wasted_work": grown("wasted") / ended if ended else 0.0,
            "done": grown("done"),
            "failed": grown("failed"),
            "refused": grown("refused"),
            "replicas": {"mean": replica_us / span},
        }

    def levels(self) -> tuple[int, int, int, float]:
        """Returns the present levels: waiting, busy, capacity, and the share of replicas that are up."""
        up = self._replicas.up
        return (
            self._line.waiting,
            self._replicas.busy(),
            up * self._replicas.workers,
            up / len(self._replicas),
        )

    def flows(self) -> tuple[int, int]:
        """Returns cumulative counts: pieces of work done, and failed or refused."""
        return self.done, self.failed + self.refused

    def extra(self) -> dict[str, float]:
        """Returns further levels for the timeline, by name."""
        return {
            "replicas": float(len(self._replicas)),
            "hung": sum(1 for one in self._replicas if one.hung and one.up) / len(self._replicas),
            "wasted": float(self.wasted),
        }
