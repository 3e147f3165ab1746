"""The way from the processes' steps to a timeline of the same form as the engine's, second by second, so that
a board can play a real run as it plays a simulated one.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from tutor.live.records import Step
from tutor.model.clock import SECOND
from tutor.model.component import Client, Database, Job, Service
from tutor.model.scenario import Scenario
from tutor.model.timeline import ClientTrack, ComponentTrack, EffectTrack, Timeline, WireTrack
from tutor.model.wire import Subscribe

Event = tuple[str, int]
"""An event by its source and number."""


class MeasuredTimeline:
    """The timeline of a live run, as far as it has come: steps of a second."""

    def __init__(self, scenario: Scenario) -> None:
        run = scenario.run
        self._scenario = scenario
        design = scenario.design
        self.timeline = Timeline(1.0, 0, run.duration_s, run.duration_s + run.drain_s)
        for id, part in design.components.items():
            if isinstance(part, Client):
                self.timeline.clients[id] = ClientTrack()
            else:
                self.timeline.components[id] = ComponentTrack(part.kind)
        for wire in design.wires:
            self.timeline.wires[wire.ref] = WireTrack(wire.kind)
        for effect in scenario.effects:
            self.timeline.effects[f"{effect.name}/{effect.event}"] = EffectTrack()
        self._subscribed = {
            (wire.source, wire.target): wire.ref for wire in design.wires if isinstance(wire, Subscribe)
        }
        self._asked: dict[Event, int] = {}
        self._client_of: dict[str, str] = {}
        """By source of events: the client that makes them."""
        self._applied: defaultdict[str, set[Event]] = defaultdict(set)
        self._times: defaultdict[str, list[int]] = defaultdict(list)
        """By client or effect: the times (µs) of this second, for their mean."""
        self._busy: Counter[str] = Counter()
        self._down: defaultdict[str, set[int | None]] = defaultdict(set)
        self._unread: Counter[tuple[str, str]] = Counter()
        """By stream and reader: records that the reader has not done."""
        self._streams = {id: part for id, part in design.components.items() if part.kind == "stream"}
        self._next()

    def add(self, step: Step) -> None:
        """Takes in one step; steps come in order of time, except for those that processes write at one
        moment.
        """
        while step[0] >= self.timeline.steps * SECOND:
            self._next()
        word, known = step[1], self.timeline
        match word:
            case "asked":
                known.clients[step[2]].requests[-1] += 1
                self._asked[step[3], step[4]] = step[0]
                self._client_of[step[3]] = step[2]
            case "answered":
                self._answered(step)
            case "sent" if step[2] in known.wires:
                wire = known.wires[step[2]]
                (wire.sent if step[3] else wire.failed)[-1] += 1
            case "stored" | "acked" | "dropped" | "dead":
                self._of_channel(step)
            case "delivered":
                ref = self._subscribed.get((step[2], step[3]))
                if ref is not None:
                    known.wires[ref].sent[-1] += 1
            case "began" | "ended":
                self._worked(step)
            case "applied":
                self._took_effect(step)
            case "wrote" | "read":
                known.components[step[2]].done[-1] += 1
            case "rolled-back":
                known.components[step[2]].failed[-1] += 1
            case "depth" if step[2] in known.components:
                known.components[step[2]].depth[-1] = step[3]
                if step[2] not in self._busy:
                    known.components[step[2]].busy[-1] = step[4]
            case "down" | "up" if step[2] in known.components:
                self._moved(step)

    def _next(self) -> None:
        """Begins the next second: levels stay, flows begin at nothing."""
        known = self.timeline
        known.steps += 1
        for id, track in known.components.items():
            for level in (track.depth, track.busy):
                level.append(level[-1] if level else 0)
            track.up.append(track.up[-1] if track.up else 1.0)
            track.capacity.append(round(self._capacity(id) * track.up[-1]))
            for flow in (track.done, track.failed):
                flow.append(0)
        for wire in known.wires.values():
            for flow in (wire.sent, wire.failed, wire.waiting):
                flow.append(0)
        for client in known.clients.values():
            for flow in (client.requests, client.ok, client.failed, client.attempts):
                flow.append(0)
            client.response_ms.append(None)
        for effect in known.effects.values():
            for flow in (effect.applied, effect.duplicates, effect.outstanding):
                flow.append(0)
            effect.delay_ms.append(None)
        self._times.clear()

    def _capacity(self, id: str) -> int:
        match self._scenario.design.components[id]:
            case Service() as part:
                return part.replicas * part.workers
            case Database() as part:
                return part.connections
            case Job():
                return 1
        return 0

    def _answered(self, step: Step) -> None:
        client = self._client_of.get(step[2])
        if client is None:
            return
        track = self.timeline.clients[client]
        if step[4] != 0:
            track.failed[-1] += 1
            return
        track.ok[-1] += 1
        track.response_ms[-1] = self._mean(f"client {client}", step[0] - self._asked[step[2], step[3]])

    def _mean(self, name: str, time_us: int) -> float:
        times = self._times[name]
        times.append(max(0, time_us))
        return sum(times) / len(times) / 1000

    def _of_channel(self, step: Step) -> None:
        word, id = step[1], step[2]
        track = self.timeline.components[id]
        if word == "acked":
            track.done[-1] += 1
        elif word in ("dropped", "dead"):
            track.failed[-1] += 1
        if id in self._streams:
            for source, reader in self._subscribed:
                if source == id:
                    stored = word == "stored"
                    mine = word == "acked" and step[3] == reader
                    self._unread[id, reader] += stored - mine
            unread = [count for (stream, _), count in self._unread.items() if stream == id]
            track.depth[-1] = max(0, sum(unread))

    def _worked(self, step: Step) -> None:
        id = step[2]
        track = self.timeline.components[id]
        if step[1] == "began":
            self._busy[id] += 1
        else:
            self._busy[id] -= 1
            (track.done if step[3] else track.failed)[-1] += 1
        track.busy[-1] = max(0, self._busy[id])

    def _took_effect(self, step: Step) -> None:
        part, type, event = step[2], step[3], (step[4], step[5])
        for effect in self._scenario.effects:
            if effect.event != type or part not in effect.at:
                continue
            name = f"{effect.name}/{effect.event}"
            track, known = self.timeline.effects[name], self._applied[name]
            if event in known:
                track.duplicates[-1] += 1
                continue
            known.add(event)
            track.applied[-1] += 1
            asked = self._asked.get(event)
            if asked is not None:
                track.delay_ms[-1] = self._mean(f"effect {name}", step[0] - asked)

    def _moved(self, step: Step) -> None:
        """Notes that a part, or one of its replicas, went down or came back; its work in hand is gone."""
        id = step[2]
        track, down = self.timeline.components[id], self._down[id]
        before = track.up[-1]
        if step[1] == "up":
            down.discard(step[3])
        else:
            down.add(step[3])
        replicas = max(1, int(getattr(self._scenario.design.components[id], "replicas", 1)))
        track.up[-1] = 0.0 if None in down else max(0.0, 1 - len(down) / replicas)
        track.capacity[-1] = round(self._capacity(id) * track.up[-1])
        if before and track.up[-1] < before and id in self._busy:
            self._busy[id] = round(self._busy[id] * track.up[-1] / before)
            track.busy[-1] = self._busy[id]
