"""The evidence that causes look at: one finished run, with the questions that several causes ask of it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tutor.judge.evidence.downtime import Downtime
from tutor.judge.evidence.failures import Failures
from tutor.judge.evidence.paths import Paths, patience_ms
from tutor.judge.evidence.series import at
from tutor.judge.evidence.symptom import Symptom
from tutor.judge.evidence.waits import Waits
from tutor.judge.words import names_of
from tutor.model.clock import SECOND, micros
from tutor.model.component import Channel, Component, Database, Service, Stream
from tutor.model.fault import Fault, scheduled
from tutor.model.report import Outcome
from tutor.model.scenario import Effect, Scenario
from tutor.model.timeline import ComponentTrack, Journey, WireTrack
from tutor.model.wire import DeadLetter, Subscribe, Wire, Write
from tutor.words import say

Span = tuple[float, float]
"""From and to, in simulated seconds."""


class RunEvidence:
    """One run under examination. Nothing here changes anything; costly answers are worked out once."""

    def __init__(self, scenario: Scenario, outcome: Outcome) -> None:
        self.scenario = scenario
        self.design = scenario.design
        self.outcome = outcome
        self.report = outcome.report
        self.timeline = outcome.timeline
        self.paths = Paths(scenario.design, (place for effect in scenario.effects for place in effect.at))
        self.end_s = scenario.run.duration_s + scenario.run.drain_s

    @functools.cached_property
    def waits(self) -> Waits:
        """The places where work waited, and the reasons."""
        return Waits(self)

    @functools.cached_property
    def failures(self) -> Failures:
        """The failures that clients saw, and their reasons."""
        return Failures(self)

    # numbers

    def number(self, pointer: str, default: float = 0.0) -> float:
        """Returns the number at a pointer, or ``default`` if there is none."""
        value = self.report.get(pointer)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def count(self, component: str, *path: str) -> float:
        """Returns a number of a component's part of the report; 0 if it is absent."""
        found: Any = self.report.data.get("component", {}).get(component, {})
        for token in path:
            found = found.get(token) if isinstance(found, dict) else None
        return float(found) if isinstance(found, int | float) else 0.0

    def effect_count(self, symptom: Symptom, name: str) -> float:
        """Returns a count of the symptom's effect; 0 if it is about none."""
        value = self._effect_part(symptom).get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    def _effect_part(self, symptom: Symptom) -> dict[str, Any]:
        """Returns the report's numbers of an effect, in the symptom's window."""
        data = (
            self.report.data.get("window", {}).get(symptom.window, {}) if symptom.window else self.report.data
        )
        found: dict[str, Any] = data.get("effect", {}).get(symptom.place, {}).get(symptom.event, {})
        return found

    def client_count(self, symptom: Symptom, client: str, name: str) -> float:
        """Returns a number of a client, in the symptom's window."""
        return self.number(
            f"/window/{symptom.window}/client/{client}/{name}"
            if symptom.window
            else f"/client/{client}/{name}"
        )

    def requests(self) -> float:
        """The number of requests that all clients made."""
        return sum(float(client.get("requests", 0)) for client in self.report.data.get("client", {}).values())

    # parts

    def part(self, name: str) -> Component | None:
        """Returns a component of the design by its id."""
        return self.design.components.get(name)

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """The screen's name of each component, by id."""
        return names_of(self.design)

    def name(self, name: str) -> str:
        """Returns the screen's name of a component; its id if it has no title."""
        part = self.part(name)
        return part.name if part else name

    def ends(self, wire: Wire) -> str:
        """Returns the screen's name of a wire: the names of its two ends."""
        return say("names.wire", source=self.name(wire.source), target=self.name(wire.target))

    def kind(self, name: str) -> str:
        """Returns the kind of a component; an empty text if the design does not have it."""
        part = self.part(name)
        return part.kind if part else ""

    def service(self, name: str) -> Service | None:
        """Returns a service of the design by its id; None for anything else."""
        part = self.part(name)
        return part if isinstance(part, Service) else None

    def buffer(self, name: str) -> Channel | None:
        """Returns a queue or topic of the design by its id; None for anything else."""
        part = self.part(name)
        return part if isinstance(part, Channel) else None

    def stream(self, name: str) -> Stream | None:
        """Returns a stream of the design by its id; None for anything else."""
        part = self.part(name)
        return part if isinstance(part, Stream) else None

    def replicas(self, name: str) -> int:
        """Returns the copies or nodes of a component; 1 if it has none."""
        part = self.part(name)
        return part.replicas if isinstance(part, Service | Database | Channel | Stream) else 1

    def hands(self, name: str) -> int:
        """Returns how many pieces of work a component does at once: the workers of all replicas, or its
        connections.
        """
        part = self.part(name)
        if isinstance(part, Service):
            return part.replicas * part.workers
        return part.connections if isinstance(part, Database) else 1

    def work_ms(self, name: str) -> float:
        """Returns the time of a service's own work for one piece (ms), on average, for the kind of event that
        takes it longest.
        """
        part = self.service(name)
        if part is None:
            return 0.0
        return (
            max((ms for _, ms in part.service_ms), default=0.0)
            if isinstance(part.service_ms, tuple)
            else part.service_ms
        )

    def joins_s(self, name: str) -> float:
        """Returns when a component joins the run (s)."""
        part = self.part(name)
        return part.from_s if part else 0.0

    def original(self, name: str) -> str:
        """Returns the database that a database copies; an empty text if it is not a copy."""
        part = self.part(name)
        return part.copy_of if isinstance(part, Database) else ""

    def history(self, name: str) -> int:
        """Returns the number of records that a stream has at the start."""
        stream = self.stream(name)
        return stream.history if stream else 0

    def of_kind(self, *kinds: str) -> list[str]:
        """Returns the ids of all components of these kinds, in the design's order."""
        return [name for name, part in self.design.components.items() if part.kind in kinds]

    def places(self, symptom: Symptom) -> list[str]:
        """Returns the components a symptom shows at: an effect's place may name several."""
        return [name for name in symptom.place.split("+") if name in self.design.components]

    def unfed(self, symptom: Symptom) -> bool:
        """Returns whether a symptom shows at a copy to which nothing was ever written: then only the parts
        that lead there can be the cause.
        """
        copies = [name for name in self.places(symptom) if self.original(name)]
        return bool(copies) and all(self.number(f"/database/{name}/writes") == 0 for name in copies)

    def effect(self, symptom: Symptom) -> Effect | None:
        """Returns the required effect that a symptom is about."""
        return next(
            (
                one
                for one in self.scenario.effects
                if one.name == symptom.place and one.event == symptom.event
            ),
            None,
        )

    @functools.cached_property
    def _near(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {}

    def near(self, symptom: Symptom) -> tuple[str, ...]:
        """Returns the components that can have a hand in a symptom, nearest first.

        For an effect: where it happens, what leads there, and all that these wait for. For a client: all that
        it waits for. For a component: itself, what leads there and what it waits for, and for a channel its
        readers. Else: everything.
        """
        key = (symptom.kind, symptom.place)
        if key not in self._near:
            self._near[key] = tuple(self._find_near(symptom))
        return self._near[key]

    def _find_near(self, symptom: Symptom) -> Iterable[str]:
        places = self.places(symptom)
        if not places:
            return list(self.design.components)
        found: dict[str, None] = {}
        for place in places:
            if self.kind(place) == "client":
                found |= dict.fromkeys(self.paths.answering(place))
                continue
            way = [place, *self.paths.upstream(place)]
            if self.paths.is_channel(place):
                way += dict.fromkeys(wire.target for wire in self.paths.subscribers(place))
            if self.kind(place) == "database":
                for wire in self.paths.into(place, Write):
                    way += [wire.source, *self.paths.upstream(wire.source)]
            found |= dict.fromkeys(way)
            for name in way:
                if self.kind(name) != "client":
                    found |= dict.fromkeys(self.paths.answering(name))
        return [name for name in found if self.kind(name) != "client"]

    @functools.cached_property
    def _clients_of(self) -> dict[str, list[str]]:
        return {}

    def clients_of(self, symptom: Symptom) -> list[str]:
        """Returns the clients whose requests can lead to the symptom's place."""
        if symptom.place not in self._clients_of:
            self._clients_of[symptom.place] = self._find_clients(symptom)
        return self._clients_of[symptom.place]

    def _find_clients(self, symptom: Symptom) -> list[str]:
        found: dict[str, None] = {}
        for place in self.places(symptom):
            names = [place] if self.kind(place) == "client" else self.paths.upstream(place)
            found |= {name: None for name in names if self.kind(name) == "client"}
        return list(found) or self.of_kind("client")

    def can_matter(self, symptom: Symptom, component: str, wire: str, at_s: float | None) -> bool:
        """Returns whether a component or wire, from a moment on, can have a hand in a symptom.

        It has to lie where the symptom's events come by, or where those wait that they come by; and a
        client's request of a window is over, one way or the other, when the longest patience on its path is.
        """
        if not self.places(symptom):
            return True
        if not any(
            self.paths.upstream(place) for place in self.places(symptom) if self.kind(place) != "client"
        ):
            return True  # nothing leads there: what is missing can be anywhere
        near = {*self.near(symptom), *self.places(symptom), *self.clients_of(symptom)}
        near |= {dead.target for name in list(near) for dead in self.paths.out(name, DeadLetter)}
        joined = self.design.wire(wire) if wire else None
        ends = [component] if component else []
        ends += [joined.source, joined.target] if joined is not None else []
        if ends and not near & set(ends):
            return False
        window = next((one for one in self.scenario.windows if one.id == symptom.window), None)
        if window is None or at_s is None or self.kind(symptom.place) != "client":
            return True
        patience = max((patience_ms(one) or 0.0 for one in self.design.wires), default=0.0) / 1000
        return at_s <= window.to_s + patience

    # time

    def track(self, name: str) -> ComponentTrack | None:
        """Returns the track of a component on the timeline."""
        return self.timeline.components.get(name) if self.timeline else None

    def wire_track(self, ref: str) -> WireTrack | None:
        """Returns the track of a wire on the timeline."""
        return self.timeline.wires.get(ref) if self.timeline else None

    @property
    def step_s(self) -> float:
        """The length of one step of the timeline; 1 if there is none."""
        return self.timeline.step_s if self.timeline else 1.0

    def steps(self, symptom: Symptom, after_s: float | None = None) -> range:
        """Returns the steps that a symptom was measured in: its window and ``after_s`` more, or to the end of
        the drain if that is None.
        """
        if not self.timeline:
            return range(0)
        start, end = 0.0, self.timeline.end_s
        window = next((one for one in self.scenario.windows if one.id == symptom.window), None)
        if window is not None:
            start = window.from_s
            end = end if after_s is None else min(end, window.to_s + after_s)
        first = min(int(start / self.timeline.step_s), self.timeline.steps)
        return range(first, min(self.timeline.steps, int(end / self.timeline.step_s) + 1))

    def moment(self, step: int) -> float:
        """Returns when a step begins, in seconds."""
        return step * self.step_s

    def step_at(self, at_s: float) -> int:
        """Returns the step that a moment lies in."""
        return int(at_s / self.step_s)

    # faults

    def spans(self, fault: Fault) -> list[Span]:
        """Returns when a scheduled fault is active; a random one has no schedule and gives none."""
        spans = scheduled(fault, self.design.components.get(fault.target), micros(self.end_s))
        return [(start / SECOND, over / SECOND) for start, over in spans]

    def faults_of(self, target: str, *kinds: str) -> list[Fault]:
        """Returns the faults of these kinds (or all) aimed at a component, or a wire by its pair or ref, that
        met work.
        """
        unhit = set(self.outcome.unhit_faults)
        return [
            fault
            for place, fault in enumerate(self.scenario.faults)
            if place not in unhit and fault.target == target and (not kinds or fault.kind in kinds)
        ]

    def faulted(self, name: str, *kinds: str) -> list[Span]:
        """Returns when faults of these kinds are active at a component, in order."""
        return sorted(span for fault in self.faults_of(name, *kinds) for span in self.spans(fault))

    def hangs_whole(self, name: str) -> bool:
        """Returns whether a fault made every node or replica of a part hang at once."""
        return any(fault.replica is None for fault in self.faults_of(name, "hang"))

    def cuts(self, wire: Wire) -> list[Span]:
        """Returns when a wire was cut by a fault aimed at it, or at all the wires into its target."""
        targets = (wire.ref, wire.pair, wire.target)
        cutting = [
            fault for fault in self.scenario.faults if fault.kind == "partition" and fault.target in targets
        ]
        return sorted(span for fault in cutting for span in self.spans(fault))

    def removed_at(self, wire: Wire) -> float | None:
        """Returns when a fault removed a wire for good; None if it stayed."""
        targets = (wire.ref, wire.pair, wire.target)
        return min((one.at_s for target in targets for one in self.faults_of(target, "remove")), default=None)

    def piled_before(self, line: str, taker: str, step: int) -> int:
        """Returns how much waited at a line, and with the part that takes from it or brings to it, just
        before a step: the messages in a consumer's hands when it goes down are back in its channel, or in its
        line, when it is up again.
        """
        beside = [taker] if taker != line else [wire.source for wire in self.paths.into(taker, Subscribe)]
        lines = dict.fromkeys([line, *beside])
        tracks = [track for name in lines if (track := self.track(name)) is not None]
        return max(sum(at(track.depth, one, 0) for track in tracks) for one in (max(0, step - 1), step))

    @functools.cached_property
    def _downtime(self) -> Downtime:
        return Downtime(self)

    def down(self, name: str) -> list[bool]:
        """Returns for each step whether a component is down: none of it is up, or it hangs."""
        return self._downtime.down(name)

    def outages(self, name: str) -> list[Span]:
        """Returns when a component was down, by the timeline and its marks."""
        return self._downtime.outages(name)

    # journeys

    def journeys(self, symptom: Symptom, *outcomes: str) -> list[Journey]:
        """Returns the sampled events with one of these outcomes that come from where the symptom's events
        come from.
        """
        if not self.timeline:
            return []
        clients = set(self.clients_of(symptom))
        return [
            journey
            for journey in self.timeline.journeys
            if journey.outcome in outcomes and journey.client in clients
        ]

    @functools.cached_property
    def returned(self) -> dict[tuple[str, ...], Counter[str]]:
        """The known states of returns to channels (:mod:`tutor.judge.evidence.returns`)."""
        return {}

    def followed_through(self, name: str, *whats: str) -> list[Journey]:
        """Returns the followed events to which one of these things happened at a component."""
        journeys = self.timeline.journeys if self.timeline else []
        # one comprehension and no call for each hop: there are tens of thousands
        places = {
            place
            for place, journey in enumerate(journeys)
            for hop in journey.hops
            if hop.where == name and hop.what in whats
        }
        return [journeys[place] for place in sorted(places)]

    def first_mark(self, kind: str, target: str = "") -> float | None:
        """Returns the time of the first mark of a kind (at a target) on the timeline."""
        for mark in self.timeline.marks if self.timeline else ():
            if mark.kind == kind and (not target or mark.target == target):
                return mark.at_s
        return None
