"""The way from the steps that the processes wrote to a report of the same form as the engine's."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tutor.engine.core.quantiles import quantiles
from tutor.engine.luck import Luck
from tutor.live.records import Step
from tutor.live.timeline import MeasuredTimeline
from tutor.model.clock import SECOND, micros
from tutor.model.component import Channel, Client, Database, Job, Service, Stream
from tutor.model.scenario import Scenario
from tutor.model.timeline import Timeline


class Measurement:
    """The steps of one run, as far as they have come."""

    def __init__(self, scenario: Scenario, luck: Luck) -> None:
        self.scenario = scenario
        self._luck = luck
        self.steps: list[Step] = []
        self.lag_us: list[int] = []
        """For each request: how much later than planned it was made."""
        self._due = {(one.source, one.number): one.at_us for one in luck.requests()}
        self._tracks = MeasuredTimeline(scenario)

    def add(self, steps: list[Step]) -> None:
        """Takes in new steps."""
        for step in steps:
            self.steps.append(step)
            if step[0] >= 0:
                self._tracks.add(step)
                if step[1] == "asked":
                    self.lag_us.append(step[0] - self._due[step[3], step[4]])

    @property
    def timeline(self) -> Timeline:
        """The measurements so far, in steps of a second."""
        return self._tracks.timeline

    @property
    def lag_ms(self) -> dict[str, float | None]:
        """The delay of requests against the plan: how far the machine fell behind."""
        return quantiles(self.lag_us)

    def report(self) -> dict[str, Any]:
        """Returns the numbers of the run so far, in the form of the engine's report."""
        run = self.scenario.run
        first, last = micros(run.warmup_s), micros(run.duration_s)
        steps = sorted(self.steps, key=lambda step: step[0])
        truth = self._luck.truth()
        held: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for step in steps:
            at = max(0, step[0])
            match step[1]:
                case "answered":
                    truth.answered(step[2], step[3], at, step[4])
                case "tried":
                    truth.repeated(step[3], step[4])
                case "applied":
                    truth.applied(step[2], step[3], step[4], step[5], step[6], step[7], at)
                case "superseded":
                    truth.superseded(step[2], step[3], step[4], step[5])
                case "offered":
                    truth.offered(step[2], step[3], step[4])
                case "rolled-back":
                    truth.rolled_back(step[3], step[4])
                case "held":
                    held[step[2]].add((step[3], step[4]))
        head = truth.head(self._luck.seed)
        over = any(step[1] == "over" and len(step) == 2 for step in steps)
        data: dict[str, Any] = {**head, "complete": over, **truth.numbers(first, last, held)}
        data |= self._parts(steps, first, last, whole=True)
        if self.scenario.windows:
            data["window"] = {}
            for window in self.scenario.windows:
                begin, end = micros(window.from_s), micros(window.to_s)
                data["window"][window.id] = {
                    **truth.numbers(begin, end, held),
                    **self._parts(steps, begin, end, whole=False),
                }
        return data

    def _parts(self, steps: list[Step], first: int, last: int, *, whole: bool) -> dict[str, Any]:
        counted = Counts(steps, first, last, whole=whole)
        data: dict[str, Any] = {"component": {}, "database": {}}
        for id, part in self.scenario.design.components.items():
            match part:
                case Channel() | Stream():
                    data["component"][id] = {"kind": part.kind, **counted.channel(id)}
                case Service() | Job():
                    workers = part.replicas * part.workers if isinstance(part, Service) else 1
                    data["component"][id] = {"kind": part.kind, **counted.service(id, workers)}
                case Database():
                    data["component"][id] = {"kind": part.kind, **counted.queue(id)}
                    data["database"][id] = counted.database(id, part.copy_of)
                case Client():
                    pass
        return data


class Counts:
    """The counts of each part between two moments (µs); the books of a channel for the whole run if
    ``whole``.
    """

    def __init__(self, steps: list[Step], first: int, last: int, *, whole: bool) -> None:
        self.span = max(1, last - first)
        self.last = last
        self.first = first
        inside = [step for step in steps if first <= step[0] < last]
        self._inside = inside
        self._all = steps
        self._books = steps if whole else inside
        self.by_word: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for step in self._books:
            if len(step) > 2:
                self.by_word[step[1]][str(step[2])] += 1

    def queue(self, id: str) -> dict[str, Any]:
        """Returns how much waited, sampled."""
        samples = [step[3] for step in self._inside if step[1] == "depth" and step[2] == id]
        after = [step for step in self._all if step[1] == "depth" and step[2] == id]
        if not samples:
            return {}
        mean = sum(samples) / len(samples)
        return {"queue": {"mean": mean, "max": max(samples), "end": after[-1][3]}, "in_flight": after[-1][4]}

    def channel(self, id: str) -> dict[str, Any]:
        """Returns the numbers of a channel."""
        words = self.by_word
        acked = sum(step[1] == "acked" and step[2] == id for step in self._inside)
        redelivered = sum(step[1] == "delivered" and step[2] == id and step[6] > 1 for step in self._books)
        reasons = Counter(str(step[5]) for step in self._books if step[1] == "dropped" and step[2] == id)
        return {
            "throughput_per_s": acked * SECOND / self.span,
            "up": self.up(id),
            "queue": {"mean": 0.0, "max": 0, "end": 0},
            "in_flight": 0,
            **self.queue(id),
            "published": words["stored"][id],
            "delivered": words["delivered"][id],
            "redelivered": redelivered,
            "acked": words["acked"][id],
            "dead_lettered": words["dead"][id],
            "dropped": words["dropped"][id],
            "dropped_by": dict(sorted(reasons.items())),
            "refused": words["refused"][id],
        }

    def service(self, id: str, workers: int) -> dict[str, Any]:
        """Returns the numbers of a service or a job."""
        ended = [step for step in self._inside if step[1] == "ended" and step[2] == id]
        busy = sum(step[4] for step in ended)
        return {
            "utilization": busy / (self.span * workers),
            "throughput_per_s": sum(bool(step[3]) for step in ended) * SECOND / self.span,
            "up": self.up(id),
            "queue": {"mean": 0.0, "max": 0, "end": 0},
            **self.queue(id),
        }

    def up(self, id: str) -> float:
        """Returns the share of the time in which a part was up; for a part with replicas, until the first of
        them is down.
        """
        down, since, total = 0, self.first, 0
        for step in self._all:
            if step[1] not in ("down", "up") or step[2] != id:
                continue
            at = min(max(step[0], self.first), self.last)
            if step[1] == "down":
                since = at if not down else since
                down += 1
            elif down:
                down -= 1
                total += at - since if not down else 0
        if down:
            total += self.last - since
        return 1 - total / self.span

    def database(self, id: str, copy_of: str) -> dict[str, Any]:
        """Returns reads, writes, and how far a copy is behind."""
        data: dict[str, Any] = {
            "writes": self.by_word["wrote"][id],
            "reads": self.by_word["read"][id],
            "rolled_back": self.by_word["rolled-back"][id],
        }
        if not copy_of:
            return data
        ours, theirs = self._versions(id), self._versions(copy_of)
        return {
            **data,
            "diverged_keys": sum(ours.get(key) != theirs.get(key) for key in ours.keys() | theirs.keys()),
        } | {"staleness_ms": quantiles(self._staleness(id, copy_of))}

    def _versions(self, id: str) -> dict[int, int]:
        return {step[5]: step[6] for step in self._all if step[1] == "wrote" and step[2] == id}

    def _staleness(self, copy: str, original: str) -> list[int]:
        """Returns for each write of the original how long the copy did not have it."""
        waiting: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        ages = []
        end = self._all[-1][0] if self._all else 0
        for step in self._all:
            if step[1] != "wrote":
                continue
            if step[2] == original:
                waiting[step[5]].append((step[6], step[0]))
            elif step[2] == copy:
                known = [one for one in waiting[step[5]] if one[0] <= step[6]]
                waiting[step[5]] = [one for one in waiting[step[5]] if one[0] > step[6]]
                ages += [step[0] - since for _, since in known if self.first <= since < self.last]
        ages += [
            end - since for left in waiting.values() for _, since in left if self.first <= since < self.last
        ]
        return ages
