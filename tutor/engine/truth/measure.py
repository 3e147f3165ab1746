"""The way from counts to the report: windows, quantiles and the cost of a design.

Cumulative counts are taken at the boundaries of every window; a window's numbers are differences. Quantiles
are nearest rank. A count that does not apply is absent; a quantile of nothing is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tutor.engine.core.events import Event
from tutor.engine.core.part import Counts, WireRun, World
from tutor.engine.core.pieces import Pieces
from tutor.engine.core.quantiles import quantiles
from tutor.engine.services.clients import ClientPart
from tutor.engine.services.processing import ProcessingPart
from tutor.engine.truth.ledger import Held, Ledger
from tutor.model.clock import micros
from tutor.model.component import Service
from tutor.model.price import cost_per_hour
from tutor.model.report import SCHEMA

PEAKS = ("peak", "lag_peak")
"""Counts that are the highest since the last boundary."""


class Measure:
    """The measurement of a run: counts of all parts at the boundaries, and the report."""

    def __init__(self, world: World, ledger: Ledger, end: int) -> None:
        self.world = world
        self.ledger = ledger
        self.end = end
        run = world.scenario.run
        self.first, self.last = micros(run.warmup_s), micros(run.duration_s)
        self.windows = {
            window.id: (micros(window.from_s), micros(window.to_s)) for window in world.scenario.windows
        }
        edges = {0, self.first, self.last, *(edge for window in self.windows.values() for edge in window)}
        self.taken: dict[int, dict[str, Counts]] = {}
        for edge in sorted(edge for edge in edges if edge < end):
            world.kernel.at(edge, self._take)

    def _take(self, now: int, _: None) -> None:
        self.taken[now] = {id: part.counts(now) for id, part in self.world.parts.items()}

    def report(self, now: int, complete: bool, held: Held) -> Pieces[dict[str, Any]]:
        """Returns the numbers of the run so far, in pieces; ``now`` is its end, or where the budget stopped
        it.
        """
        world = self.world
        self._take(now, None)
        scenario = world.scenario
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "complete": complete,
            "seed": world.chance.seed,
            "duration_s": scenario.run.duration_s,
        }
        data.update((yield from self._part_of_run(self.first, self.last, held, now)))
        for id, part in world.parts.items():
            if id in data["component"]:
                self._whole_run(data["component"][id], part.totals(now), part.counts(now))
        if self.windows:
            data["window"] = {}
            for id, span in self.windows.items():
                data["window"][id] = yield from self._part_of_run(*span, held, now)
        data["design"] = {
            "cost_per_hour": cost_per_hour(scenario.design, scenario.prices, self._scaled(now)),
            "components": len(scenario.design.components),
            "wires": len(scenario.design.wires),
            "egress_kb_per_s": sum(part.get("egress_kb_per_s", 0.0) for part in data["component"].values()),
        }
        return data

    def _scaled(self, now: int) -> dict[str, float]:
        """Returns the average number of running replicas, paid for, of each service that scales itself."""
        begin, finish = self._nearest(self.first, now), self._nearest(self.last, now)
        scaled = [
            id
            for id, part in self.world.scenario.design.components.items()
            if isinstance(part, Service) and part.autoscale is not None
        ]
        span = max(1, finish - begin)
        return {
            id: (self.taken[finish][id]["replica_us"] - self.taken[begin][id]["replica_us"]) / span
            for id in scaled
        }

    def _whole_run(self, numbers: dict[str, Any], totals: dict[str, Any], counts: Counts) -> None:
        numbers.update(totals)
        if "queue" in numbers and "depth" in counts:
            numbers["queue"]["end"] = counts["depth"]

    def _part_of_run(self, first: int, last: int, held: Held, now: int) -> Pieces[dict[str, Any]]:
        world = self.world
        made_before = max(
            first, min(last, now + 1)
        )  # what a run that was stopped has not come to has not been asked for
        data: dict[str, Any] = {"client": {}, "effect": {}, "component": {}, "database": {}}
        for id, part in world.parts.items():
            if isinstance(part, ClientPart):
                seen = yield from part.judge(first, made_before)
                responses = seen.pop("responses")
                data["client"][id] = {**seen, "response_ms": quantiles(responses)}
                yield
        for entry in self.ledger.entries:
            counts = yield from self.ledger.judge(entry, first, made_before, held)
            delays = counts.pop("delays")
            data["effect"].setdefault(entry.effect.name, {})[entry.effect.event] = {
                **counts,
                "delay_ms": quantiles(delays),
            }
            yield
        for id, part in world.parts.items():
            if isinstance(part, ProcessingPart) and (judged := part.judge(first, made_before)) is not None:
                delays = judged.pop("delays")
                data.setdefault("pattern", {})[id] = {**judged, "delay_ms": quantiles(delays)}
        begin, finish = self._nearest(first, now), self._nearest(last, now)
        span = max(1, finish - begin)
        for id, part in world.parts.items():
            counts_first, counts_last = self.taken[begin].get(id, {}), dict(self.taken[finish].get(id, {}))
            for peak in PEAKS:
                if peak in counts_last:
                    between = [self.taken[edge][id][peak] for edge in self.taken if begin < edge <= finish]
                    counts_last[peak] = max(between, default=counts_last[peak])
            numbers = part.report(counts_first, counts_last, span)
            if part.kind == "database":
                data["database"][id] = numbers.pop("database", {})
            if numbers:
                data["component"][id] = {"kind": part.kind, **numbers}
        return data

    def _nearest(self, edge: int, now: int) -> int:
        return edge if edge in self.taken else now


def held_places(world: World) -> Iterator[tuple[str, Iterable[Event]]]:
    """Yields the places where events are held now: components, and the sender's end of a wire while they are
    on it or wait there.
    """
    for id, part in world.parts.items():
        yield id, part.held()
    for wire in world.wires.values():
        yield wire.spec.source, wire.items()
    on_wires: dict[str, list[Event]] = {}
    for act, item in world.kernel.timers():
        wire_run = getattr(act, "__self__", None)
        if isinstance(wire_run, WireRun):  # what a component works at is held there, or has died there
            on_wires.setdefault(wire_run.spec.source, []).extend(_events_in(item))
    yield from on_wires.items()


def _events_in(item: object) -> Iterator[Event]:
    """Returns the events in the item of a wire's timer."""
    for one in item if isinstance(item, tuple) else (item,):
        if isinstance(one, Event):
            yield one
        elif isinstance(event := getattr(one, "event", None), Event):
            yield event
