"""Clients: open-loop traffic, the same whatever the design does with it.

Arrivals are a Poisson process, or evenly spaced, of a rate that may change in steps; the moments belong to
the seed and the client alone. Open loop follows the k6 and wrk2 documentation on coordinated omission: people
do not slow down because the system does.
"""

from __future__ import annotations

import dataclasses
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from math import floor, log
from typing import Any

from tutor.engine.core.events import GAVE_UP, OK, TOLD_NO, Event, Flow, Source
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Act, Timer
from tutor.engine.core.luck import FULL, packed
from tutor.engine.core.part import Counts, World
from tutor.engine.core.pieces import Pieces, pieces
from tutor.engine.services.sequences import Script
from tutor.model.clock import SECOND, micros
from tutor.model.component import Client

BLOCK = 1024
"""Arrivals made at once."""


class Request:
    """One request of a client that goes along more than one wire."""

    __slots__ = ("event", "replica", "step", "turn")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.turn = 0
        self.step = 0
        self.replica = self


class ClientPart(Handler):
    """A client at run time."""

    spec: Client

    def __init__(self, spec: Client, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.source = world.source(spec.id)
        self.flow = Flow(self.source, spec.event)
        self.until = micros(world.scenario.run.duration_s)
        self.bursts: list[tuple[int, int, float]] = []
        self.keys = world.chance.keys(spec.id, spec.keys, spec.key_skew)
        self._group = _group_table(spec)
        self._block = 0
        self._late = world.chance.uniforms(spec.id, "late", spec.id) if spec.late_share else None
        self.scripts = [Script(self, sequence) for sequence in spec.sequences if sequence.steps]
        self._reached = 0.0
        self.tracing: Callable[[int, Event], int] | None = None
        """Looks at a request and may follow it; gives the time from which it wants to look again."""
        self.look_at = 0
        """From when on requests are looked at; a failure is a reason to look at the next."""

    def burst(self, start: int, end: int, factor: float) -> None:
        """Multiplies the traffic by ``factor`` from ``start`` to ``end`` (µs); called before the part is
        opened.
        """
        self.bursts.append((start, end, factor))

    def open(self) -> None:
        self._rates = Rates(self.spec, self.joins, self.until, self.bursts)
        self._way = self.ways(self.flow)
        only = self.wires[0] if len(self.wires) == 1 and not self._way[1] and self._way[0] else None
        self._send = None if only is None else only.send
        for script in self.scripts:
            spec = dataclasses.replace(self.spec, rate_per_s=script.spec.rate_per_s, profile=())
            script.open(Rates(spec, self.joins, self.until, self.bursts), self.until)
        made = self.more()
        if made:
            self.kernel.at(made[0], self._arrivals(), 0)

    def more(self) -> array[int]:
        """Enters the next arrivals in the source's columns, and returns them; empty when the traffic is
        over.
        """
        source = self.source
        rates, until = self._rates, self.until
        scale = rates.gap  # where there is one rate throughout, the way from traffic to time is short
        if self.spec.arrivals == "poisson":
            drawn = self.world.chance.words(
                f"{self.world.chance.seed}/{self.id}/arrivals/{self._block}", BLOCK
            )
            mean = scale or 1.0
            longest = FULL * mean
            gaps = [longest - log(word + 0.5) * mean for word in drawn]
        else:
            gaps, scale = [1.0] * BLOCK, None
        gaps[0] += self._reached
        reached = list(accumulate(gaps))
        self._reached = reached[-1]
        self._block += 1
        made = rates.moments(reached) if scale is None else array("q", packed(list(map(floor, reached))))
        while made and made[-1] >= until:
            made.pop()
        source.grow(made)
        if made:
            self.keys.reach(len(source.made) - 1)
        return made

    def _arrivals(self) -> Act:
        """Returns the act of one arrival: the client makes its request of this number, and the timer of the
        next is set.
        """
        made, answered, keys, flow = self.source.made, self.source.answered, self.keys.first, self.flow
        versions, serial = self.world.versions, self.kernel.serial
        rich = self._group is not None or self._late is not None
        tracing = self.tracing
        special = rich or tracing is not None

        def arrive(now: int, number: int) -> Timer | None:
            following = number + 1
            try:
                timer: Timer | None = (made[following], serial(), arrive, following)
            except IndexError:
                timer = (made[following], serial(), arrive, following) if self.more() else None
            key: int = keys[number]  # type: ignore[assignment]
            version = versions[key] = versions[key] + 1
            event = Event()
            event.flow = flow
            event.number = number
            event.key = key
            event.version = version
            event.made = event.happened = now
            event.group = ""
            event.state = False
            event.form = event.trace = None
            if special:
                if rich:
                    self._dress(now, event)
                if tracing is not None and now >= self.look_at:
                    self.look_at = tracing(now, event)
            send = self._send
            if send is None:
                self.proceed(now, Request(event), 0)
                return timer
            ok = send(now, event, 0, event)
            if ok:
                answered[number] = now << 2
            elif ok is not None:
                answered[number] = now << 2 | TOLD_NO
                self.look_at = now
            return timer

        return arrive

    def _dress(self, now: int, event: Event) -> None:
        """Adds what only some clients' events have: a group, a time of their own."""
        if self._group is not None:
            event.group = self.group_of(event.key)
        if self._late is not None:
            event.happened = self.happened(event.number, event.made)

    def group_of(self, key: int) -> str:
        """Returns the coarser key that this one belongs to; empty if the client has none."""
        return "" if self._group is None else self._group[key % len(self._group)]

    def sources(self) -> list[Source]:
        """Returns the sources of the client's events: its ordinary traffic, and its scripts."""
        return [self.source, *(flow.source for script in self.scripts for flow in script.flows.values())]

    def request(self, now: int, event: Event) -> None:
        """Makes a request that a script asks for."""
        self.proceed(now, Request(event), 0)

    def happened(self, number: int, made: int) -> int:
        """Returns when the event of this number happened (µs), which may be before it was made."""
        luck = 1.0 if self._late is None else self._late.at(number)
        if luck >= self.spec.late_share:
            return made
        return max(0, made - int(luck / self.spec.late_share * self.spec.late_s * SECOND))

    def resume(self, now: int, handling: Any, ok: bool | None) -> None:
        if type(handling) is not Event:
            super().resume(now, handling, ok)
            return
        if ok:
            handling.flow.source.answered[handling.number] = now << 2 | OK
        else:
            handling.flow.source.answered[handling.number] = now << 2 | (TOLD_NO if ok is False else GAVE_UP)
            self.look_at = now
        if handling.trace is not None:
            handling.trace(now, handling, self.id, "answered" if ok else "failed", "", "")

    def proceed(self, now: int, handling: Any, step: int) -> None:
        if step or self.ways(handling.event.flow)[0]:
            super().proceed(now, handling, step)
        else:
            self.close(now, handling, None)  # it goes nowhere: nobody will ever answer

    def close(self, now: int, handling: Any, ok: bool | None) -> None:
        self.resume(now, handling.event, ok)

    def gone(self, handling: Any) -> bool:
        return False

    def forget_ways(self) -> None:
        super().forget_ways()
        self._send = None

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        return {}

    def judge(self, first: int, last: int) -> Pieces[dict[str, Any]]:
        """Reports, in pieces, what the client saw of its requests made from ``first`` to before ``last``
        (µs).
        """
        requests = repeats = 0
        responses: list[int] = []
        for source in self.sources():
            low, high = bisect_left(source.made, first), bisect_left(source.made, last)
            made, answered = source.made, source.answered
            requests += high - low
            for piece in pieces(low, high):
                start, end = piece.start, piece.stop
                responses += [
                    (code >> 2) - born
                    for born, code in zip(made[start:end], answered[start:end], strict=True)
                    if code >= 0 and code & 3 == OK
                ]
                yield
            repeats += sum(low <= number < high for number in source.repeats)
        return {
            "requests": requests,
            "ok": len(responses),
            "failed": requests - len(responses),
            "availability": len(responses) / requests if requests else None,
            "attempts_per_request": (requests + repeats) / requests if requests else None,
            "responses": responses,
        }

    def failures(self, first: int, last: int) -> int:
        """Returns how many requests made from ``first`` to before ``last`` (µs) have failed so far."""
        return sum(
            code >= 0 and code & 3 != OK
            for source in self.sources()
            for code in source.answered[bisect_left(source.made, first) : bisect_left(source.made, last)]
        )


class Rates:
    """A rate in steps, and its integral backwards: the time at which the n-th unit of traffic has come."""

    def __init__(self, spec: Client, start: int, until: int, bursts: list[tuple[int, int, float]]) -> None:
        steps = [(micros(at_s), rate) for at_s, rate in sorted(spec.profile)] or [(0, spec.rate_per_s)]
        if steps[0][0] > 0:
            steps.insert(0, (0, spec.rate_per_s))
        edges = sorted(
            {start, until, *(at for at, _ in steps), *(edge for burst in bursts for edge in burst[:2])}
        )
        self.times: list[int] = []
        self.rates: list[float] = []
        self.reached: list[float] = []
        total = 0.0
        for edge, following in zip(edges, [*edges[1:], until], strict=True):
            rate = (
                next((rate for at, rate in reversed(steps) if at <= edge), 0.0)
                if start <= edge < until
                else 0.0
            )
            for begin, end, factor in bursts:
                rate *= factor if begin <= edge < end else 1.0
            self.times.append(edge)
            self.rates.append(rate)
            self.reached.append(total)
            total += rate * max(0, following - edge) / SECOND
        self.total = total
        # a rate below one in a thousand million seconds brings nothing in any run, and its moments fit into
        # no clock
        throughout = edges == [0, until] and self.rates[0] > 1e-9
        self.gap = SECOND / self.rates[0] if throughout else None
        """The mean time between two requests (µs) where the rate is one and the same from 0 on; else None."""

    def moments(self, reached: list[float]) -> array[int]:
        """Returns when the traffic has come to each of these (µs), as far as it ever does; they ascend."""
        found: array[int] = array("q")
        last = len(self.times) - 1
        place = max(0, bisect_left(self.reached, reached[0]) - 1)
        begin = 0
        while begin < len(reached):
            edge = self.reached[place + 1] if place < last else self.total
            end = bisect_right(reached, edge, begin)
            start, rate, before = self.times[place], self.rates[place], self.reached[place]
            if rate > 0:
                # by division, not by a scale: the n-th even arrival is at n / rate to the last digit
                shift = start + 0.5 - before * SECOND / rate
                found.fromlist([int(one * 1e6 / rate + shift) for one in reached[begin:end]])
            begin = end
            if place == last:
                break
            place += 1
        return found


def _group_table(spec: Client) -> list[str] | None:
    """Returns the groups by key, in the proportions of their shares; 1000 places."""
    if not spec.groups:
        return None
    total = sum(share for _, share in spec.groups)
    edges: list[float] = []
    for _, share in spec.groups:
        edges.append((edges[-1] if edges else 0.0) + share / total)
    # 618 is near 1000 / the golden ratio and has no factor in common with 997: neighbours in key do not share
    # a group
    return [
        spec.groups[min(bisect_right(edges, place * 618 % 997 / 997), len(edges) - 1)][0]
        for place in range(997)
    ]
