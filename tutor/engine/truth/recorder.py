"""The timeline of a run: tracks by polling every step, and the journeys of a bounded sample of events.

Levels are read and cumulative counts differenced at the end of each step; what a client saw and when effects
took place is read off the ledger's columns after the run. Journeys are written only for sampled events: some
spread evenly over the run, more from the times of scheduled faults, and those that follow a failure, so that
most failures a learner asks about have their path. All of it is bounded, whatever the run's length.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence, Set
from itertools import pairwise

from tutor.engine.core.events import OK, TOLD_NO, Event, Source
from tutor.engine.core.part import World
from tutor.engine.core.pieces import Pieces, pieces
from tutor.engine.services.clients import ClientPart
from tutor.engine.truth.ledger import Held, Ledger, LedgerEntry
from tutor.model.clock import SECOND, micros
from tutor.model.timeline import (
    OUTCOMES,
    ClientTrack,
    ComponentTrack,
    EffectTrack,
    Fates,
    Hop,
    Journey,
    Mark,
    Timeline,
    WireTrack,
)

STEPS = 600
"""Steps of a timeline where the scenario does not say how long one is: three for each column of a chart on a
terminal of 200. Six runs of 1.2 s take 1.4 s with 150, 1.9 s with 600 and 3 s with 2,400.
"""
EVEN, IN_FAULTS, AFTER_FAILURES = 300, 300, 300
"""How many events are sampled: evenly, from the times of faults, and after failures. A run of the course has
89 to 780 (half have 485 or fewer), from which :data:`JOURNEYS` are chosen. Six runs of 1.2 s take 1.5 s with
100 of each, 1.9 s with 300 and 2.2 s with 900.
"""
LEAD = 4
"""Events are sampled for a fault from this part of its length before it."""
MOST_STEPS = 20_000
"""No timeline has more steps than this: with so many, a run of six parts takes 1.9 s instead of 0.6 s."""
MOST_HOPS = 200
"""Hops kept for one event. In the course half of the runs have none longer than 16, and the longest that ends
has 182: a longer one goes round in a loop.
"""
JOURNEYS = 200
"""Journeys in a timeline: fewer than half of those sampled in a usual run of the course, so that there is a
choice for every outcome.
"""
EARLIEST = 3
"""How many events of each effect the ledger alone shows out of order, the earliest first: where few are, none
of them may have been sampled.
"""
RANK = tuple(OUTCOMES.values())
"""Which journeys come first."""


class Recorder:
    """Records a run from outside."""

    def __init__(self, world: World, ledger: Ledger, end: int) -> None:
        self.world = world
        self.ledger = ledger
        self.end = end
        step_s = world.scenario.run.timeline_step_s
        step = micros(step_s) if step_s else -(-end // STEPS)
        self.step = max(1, step, -(-end // MOST_STEPS))
        self.steps = 0
        self.hops: dict[tuple[int, int], list[Hop]] = {}
        self.events: dict[tuple[int, int], Event] = {}
        self._before: dict[str, tuple[int, int]] = {}
        self._wires_before: dict[str, tuple[int, int]] = {}
        self.line = Timeline(self.step / SECOND, 0, world.scenario.run.duration_s, end / SECOND)
        for id, part in world.parts.items():
            if isinstance(part, ClientPart):
                part.tracing = _Sampler(self, part)
                for script in part.scripts:
                    script.follow = self.sample
            else:
                self.line.components[id] = ComponentTrack(part.kind)
        for ref, wire in world.wires.items():
            self.line.wires[ref] = WireTrack(wire.kind)
        world.kernel.at(min(self.step, end), self._look)

    def _look(self, now: int, _: None) -> None:
        world = self.world
        world.kernel.now = now
        for id, track in self.line.components.items():
            part = world.parts[id]
            depth, busy, capacity, up = part.levels()
            track.depth.append(depth)
            track.busy.append(busy)
            track.capacity.append(capacity)
            track.up.append(up)
            done, failed = part.flows()
            done_before, failed_before = self._before.get(id, (0, 0))
            self._before[id] = done, failed
            track.done.append(done - done_before)
            track.failed.append(failed - failed_before)
            for name, level in part.extra().items():
                values = track.extra.setdefault(name, [])
                values.extend([0.0] * (self.steps - len(values)))
                values.append(level)
        for ref, wire_track in self.line.wires.items():
            wire = world.wires[ref]
            sent, wrong = wire.flows()
            sent_before, wrong_before = self._wires_before.get(ref, (0, 0))
            self._wires_before[ref] = sent, wrong
            wire_track.sent.append(sent - sent_before)
            wire_track.failed.append(wrong - wrong_before)
            wire_track.waiting.append(wire.waiting())
            state = wire.breaker_state()
            if state is not None:
                wire_track.breaker.append(state)
        self.steps += 1
        if now < self.end:
            world.kernel.at(min(now + self.step, self.end), self._look)

    # -- journeys ------------------------------------------------------------------------------------------

    def trace(self, now: int, event: Event, where: str, what: str, detail: str = "", wire: str = "") -> None:
        """Writes one hop of a sampled event."""
        flow = event.flow
        hops = self.hops[flow.source.index, event.number]
        if len(hops) < MOST_HOPS:
            hops.append(Hop(now / SECOND, where, what, detail, wire, "" if flow.own else flow.type))

    def sample(self, now: int, event: Event) -> None:
        """Records this event's hops from now on."""
        place = event.flow.source.index, event.number
        self.hops[place] = [Hop(now / SECOND, event.flow.source.place, "requested")]
        self.events[place] = event
        event.trace = self.trace

    # -- after the run -------------------------------------------------------------------------------------

    def timeline(self, held: Held) -> Pieces[Timeline]:
        """Returns the finished timeline, in pieces; ``held`` has what is still held where."""
        line, world = self.line, self.world
        line.steps = self.steps
        for id, part in world.parts.items():
            if isinstance(part, ClientPart):
                line.clients[id] = yield from self._client(part)
        for entry in self.ledger.entries:
            line.effects[f"{entry.effect.name}/{entry.effect.event}"] = yield from self._effect(entry)
        line.marks = [
            Mark(at / SECOND, kind, target, what)
            for at, kind, target, what in sorted(world.marks or (), key=lambda m: m[0])
        ]
        line.journeys = yield from self._journeys(held)
        line.fates = yield from self._fates(held)
        return line

    def _place(self, time: int) -> int:
        return min(time // self.step, self.steps - 1)

    def _client(self, part: ClientPart) -> Pieces[ClientTrack]:
        count = self.steps
        track = ClientTrack([0] * count, [0] * count, [0] * count, [None] * count, [0] * count)
        if not count:
            return track
        spent = [0] * count
        for source in part.sources():
            yield from self._client_source(source, track, spent)
        track.response_ms = [us / ok / 1000 if ok else None for us, ok in zip(spent, track.ok, strict=True)]
        return track

    def _births(self, source: Source) -> list[int]:
        """Counts the events of a source made in each step; those cut off by the end of the run count for the
        last.
        """
        made, step = source.made, self.step
        edges = [bisect_left(made, step * place) for place in range(1, self.steps)]
        edges.append(bisect_right(made, self.world.kernel.now))
        return [after - before for before, after in pairwise((0, *edges))]

    def _client_source(self, source: Source, track: ClientTrack, spent: list[int]) -> Pieces[None]:
        births = self._births(source)
        track.requests = [one + other for one, other in zip(track.requests, births, strict=True)]
        track.attempts = [one + other for one, other in zip(track.attempts, births, strict=True)]
        step, last, ok, failed = self.step, self.steps - 1, track.ok, track.failed
        for piece in pieces(0, len(source.made)):
            start, end = piece.start, piece.stop
            for born, code in zip(source.made[start:end], source.answered[start:end], strict=True):
                if code >= 0:
                    time = code >> 2
                    place = time // step
                    if place > last:
                        place = last
                    if code & 3 == OK:
                        ok[place] += 1
                        spent[place] += time - born
                    else:
                        failed[place] += 1
            yield
        for number in source.repeats:
            track.attempts[self._place(source.made[number])] += 1

    def _effect(self, entry: LedgerEntry) -> Pieces[EffectTrack]:
        count = self.steps
        track = EffectTrack([0] * count, [0] * count, [None] * count, [0] * count)
        if not count:
            return track
        spent, change, done = [0] * count, [0] * count, track.applied
        step, last = self.step, count - 1
        for source in self.ledger.sources:
            table = entry.tables[source.index]
            if table is None:
                continue
            change = [level + births for level, births in zip(change, self._births(source), strict=True)]
            for piece in pieces(0, len(table)):
                start, end = piece.start, piece.stop
                for born, applied, code in zip(
                    source.made[start:end], table[start:end], source.answered[start:end], strict=True
                ):
                    if applied >= 0:
                        place = applied // step
                        if place > last:
                            place = last
                        change[place] -= 1
                        done[place] += 1
                        spent[place] += applied - born
                    elif code >= 0 and code & 3 == TOLD_NO:
                        change[self._place(code >> 2)] -= 1
                yield
        for _, _, time in entry.repeats:
            track.duplicates[self._place(time)] += 1
        track.delay_ms = [
            us / done / 1000 if done else None for us, done in zip(spent, track.applied, strict=True)
        ]
        level = 0
        for step, by in enumerate(change):
            level += by
            track.outstanding[step] = level
        return track

    def _journeys(self, held: Held) -> Pieces[list[Journey]]:
        found = []
        seen = [_Seen(entry) for entry in self.ledger.entries]
        again = self._again()
        yield
        for place, event in self.events.items():
            source = event.flow.source
            outcome = self._outcome(source, event.number, held, seen)
            found.append(
                Journey(
                    f"{source.id}/{event.number}",
                    event.flow.type,
                    str(event.key),
                    source.id,
                    event.version,
                    outcome,
                    _with_repeats(self.hops[place], again.get(place, frozenset())),
                )
            )
        yield
        found.sort(key=_rank)
        chosen = _varied(found)
        yield
        late = {one.event_id for one in chosen if one.outcome == "out-of-order"}
        crossing = [
            place for place, event in self.events.items() if f"{event.flow.source.id}/{event.number}" in late
        ]
        first = [place for entry in self.ledger.entries for place in entry.disorder[:EARLIEST]]
        whole = {journey.event_id: journey for journey in found}
        pairs = yield from self._crossings([*dict.fromkeys([*crossing, *first])], held, seen)
        partners = {one.event_id: whole.get(one.event_id, one) for one in pairs}
        rest = [one for one in chosen if one.event_id not in partners]
        return sorted([*rest[: JOURNEYS - len(partners)], *partners.values()], key=_rank)

    def _again(self) -> dict[tuple[int, int], set[tuple[str, float]]]:
        """Returns by sampled event where and when it took effect again: only the ledger knows that for places
        that share an effect.
        """
        found: dict[tuple[int, int], set[tuple[str, float]]] = {}
        for entry in self.ledger.entries:
            for index, number, time in entry.repeats:
                if (index, number) in self.events:
                    times = found.setdefault((index, number), set())
                    times.update((where, time / SECOND) for where in entry.effect.at)
        return found

    def _crossings(
        self, places: Sequence[tuple[int, int]], held: Held, seen: list[_Seen]
    ) -> Pieces[list[Journey]]:
        """Finds for each event out of order the newest event of its key that took effect before it, as far as
        the ledger knows it: its start and its effect. An event that was not sampled comes along in the same
        way.

        Only the traffic's keys are kept by number, so there is none where a script makes events, too.
        """
        clients = {
            part.source.index: part for part in self.world.parts.values() if isinstance(part, ClientPart)
        }
        places = [place for place in places if place[0] in clients]
        if not places or any(part.scripts for part in clients.values()):
            return []
        keys = {place: int(clients[place[0]].keys.first[place[1]]) for place in places}
        made: dict[int, list[tuple[int, int, int]]] = {key: [] for key in keys.values()}
        for part in clients.values():
            for piece in pieces(0, len(part.source.made)):
                for number in piece:
                    if (key := int(part.keys.first[number])) in made:
                        made[key].append((part.source.made[number], part.source.index, number))
                yield
        found = []
        for place in places:
            entry = next((one.entry for one in seen if place in one.disordered), None)
            table = entry.tables[place[0]] if entry is not None else None
            if entry is None or table is None:
                continue
            hops = self.hops.get(place, [])
            where = next((hop.where for hop in reversed(hops) if hop.what == "applied"), entry.effect.at[0])
            family = sorted(made[keys[place]])
            mine = family.index((clients[place[0]].source.made[place[1]], *place))
            for later in range(len(family) - 1, mine, -1):
                _, index, number = family[later]
                other = entry.tables[index]
                if other is not None and 0 <= other[number] <= table[place[1]]:
                    for rank in (mine, later) if place not in self.events else (later,):
                        _, index, number = family[rank]
                        source = clients[index].source
                        outcome = self._outcome(source, number, held, seen)
                        found.append(_outline(entry, source, number, (keys[place], rank), where, outcome))
                    break
        return found

    def _fates(self, held: Held) -> Pieces[dict[str, Fates]]:
        """Counts how every event of every client ended."""
        found: dict[str, Fates] = {}
        seen = [_Seen(entry) for entry in self.ledger.entries]
        letters = {outcome: letter for letter, outcome in OUTCOMES.items()}
        for source in self.ledger.sources:
            ended: list[str] = []
            for piece in pieces(0, len(source.made)):
                ended += [
                    letters[self._outcome(source, number, held, seen)]
                    for number in range(piece.start, piece.stop)
                ]
                yield
            found[source.id] = Fates(tuple(made / SECOND for made in source.made), "".join(ended))
        return found

    def _outcome(self, source: Source, number: int, held: Held, effects: list[_Seen]) -> str:
        code = source.answered[number]
        place = source.index, number
        types = self.ledger.reach.made.get(source.id, frozenset())
        outcomes = {"ok"} if code >= 0 and code & 3 == OK else {"failed" if code >= 0 else "unanswered"}
        for seen in effects:
            entry = seen.entry
            table = entry.tables[place[0]]
            if (
                table is None
                or source.made[number] < entry.since
                or (entry.effect.event not in types and table[number] < 0)
            ):
                continue
            if table[number] < 0:
                fate = self.ledger.fate(entry, source, number, held)
                outcomes.add({"refused": "failed", "superseded": "ok"}.get(fate, fate))
            else:
                if place in self.ledger.rolled_back:
                    outcomes.add("ghost")
                if place in seen.repeated:
                    outcomes.add("duplicate")
                if place in seen.disordered:
                    outcomes.add("out-of-order")
                limit = entry.effect.deadline_s
                if limit is not None and table[number] - source.made[number] > limit * SECOND:
                    outcomes.add("late")
        return min(outcomes, key=RANK.index)


def _with_repeats(hops: Sequence[Hop], again: Set[tuple[str, float]]) -> tuple[Hop, ...]:
    """Returns the hops of an event, with those that took effect ``again`` (where, when) as such."""
    if not again:
        return tuple(hops)
    return tuple(
        dataclasses.replace(hop, what="repeated")
        if hop.what == "applied" and (hop.where, hop.at_s) in again
        else hop
        for hop in hops
    )


class _Seen:
    """One required effect, ready to ask what happened to single events."""

    __slots__ = ("disordered", "entry", "repeated")

    def __init__(self, entry: LedgerEntry) -> None:
        self.entry = entry
        self.repeated = {(index, number) for index, number, _ in entry.repeats}
        self.disordered = set(entry.disorder)


def _outline(
    entry: LedgerEntry, source: Source, number: int, key: tuple[int, int], where: str, outcome: str
) -> Journey:
    """Returns the journey of an event as the ledger knows it: its start, and its effect ``where`` it took
    place. ``key`` is the event's key and its place, from 0, among the events of that key.
    """
    table = entry.tables[source.index]
    assert table is not None
    hops = (
        Hop(source.made[number] / SECOND, source.place, "requested"),
        Hop(table[number] / SECOND, where, "applied"),
    )
    name, version = f"{source.id}/{number}", key[1] + 1
    return Journey(name, entry.effect.event, str(key[0]), source.id, version, outcome, hops)


def _varied(found: list[Journey]) -> list[Journey]:
    """Returns at most ``JOURNEYS`` of them, failures first, with room left for every outcome there is."""
    by_outcome: dict[str, list[Journey]] = {}
    for journey in found:
        by_outcome.setdefault(journey.outcome, []).append(journey)
    share = JOURNEYS // max(1, len(by_outcome))
    chosen = [journey for journeys in by_outcome.values() for journey in _spread(journeys, share)]
    if len(chosen) < JOURNEYS:
        known = {journey.event_id for journey in chosen}
        chosen += [journey for journey in found if journey.event_id not in known][: JOURNEYS - len(chosen)]
    return sorted(chosen, key=_rank)


def _rank(journey: Journey) -> tuple[int, float, str]:
    """Returns the rank of a journey in the list: by how it ended, worst first, then by its start."""
    return RANK.index(journey.outcome), journey.hops[0].at_s, journey.event_id


def _spread(journeys: list[Journey], count: int) -> list[Journey]:
    if len(journeys) <= count:
        return journeys
    return [journeys[place * len(journeys) // count] for place in range(count)]


class _Sampler:
    """A sampler of the events of one client that are followed."""

    def __init__(self, recorder: Recorder, client: ClientPart) -> None:
        self.recorder = recorder
        self.source = client.source
        clients = sum(isinstance(part, ClientPart) for part in recorder.world.parts.values())
        run = recorder.world.scenario.run
        self.gap = max(1, int(micros(run.duration_s) * clients / EVEN))
        self.next_even = 0
        spans = list(_fault_spans(recorder))
        self.spans = spans
        covered = sum(end - start for start, end in spans)
        self.fault_gap = max(1, int(covered * clients / IN_FAULTS))
        self.next_fault = 0
        self.left = AFTER_FAILURES // max(1, clients)

    def __call__(self, now: int, event: Event) -> int:
        if now >= self.next_even:
            self.next_even = now + self.gap
            self.recorder.sample(now, event)
        elif self.spans and now >= self.next_fault and self._in_fault(now):
            self.next_fault = now + self.fault_gap
            self.recorder.sample(now, event)
        elif self.left and self._failing(event.number):
            self.left -= 1
            self.recorder.sample(now, event)
        if self.left and self._failing(event.number):
            return now
        return min(self.next_even, self._next_in_fault(now))

    def _in_fault(self, now: int) -> bool:
        return any(start <= now < end for start, end in self.spans)

    def _next_in_fault(self, now: int) -> int:
        after = max(now, self.next_fault)
        return min((max(start, after) for start, end in self.spans if after < end), default=self.next_even)

    def _failing(self, number: int) -> bool:
        """Returns whether one of the latest requests has failed: then the ones after it may, too."""
        answered = self.source.answered
        return any(
            answered[latest] >= 0 and answered[latest] & 3 != OK
            for latest in range(max(0, number - 4), number)
        )


def _fault_spans(recorder: Recorder) -> Iterable[tuple[int, int]]:
    end = micros(recorder.world.scenario.run.duration_s)
    for fault in recorder.world.scenario.faults:
        if (
            fault.mtbf_s is None
            and (fault.for_s is None or fault.for_s * SECOND < end / 2)
            and fault.kind != "burst"
        ):
            start, length = micros(fault.at_s), micros(fault.for_s or 5.0)
            # what a fault hits first was asked for before it began
            yield max(0, start - max(SECOND, length // LEAD)), min(end, start + length + SECOND)
