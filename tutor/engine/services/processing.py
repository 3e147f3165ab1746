"""Stream processing: services that keep state by key and derive new events from several that came.

Event time and watermarks follow the Dataflow model (Akidau et al., 2015) and Flink: the watermark is the
latest event time seen less ``watermark_s``, so events are put in order again as far as they are that late,
and later ones are dropped. Where nothing has come for as long as that and nothing waits, the watermark
advances with the clock (Flink's ``withIdleness``).

Where the state lives decides what a pattern can see. Behind a stream whose records have a key, each partition
has a state of its own, which moves with it from member to member (as a task of Kafka Streams with its
changelog). Else each replica has its own, in its memory: it sees what it is given, and a crash ends it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import OK, Event, Flow, Work, make_event
from tutor.engine.core.handling import Ways
from tutor.engine.core.kernel import Act
from tutor.engine.core.part import Counts, World
from tutor.engine.core.plans import Plan
from tutor.engine.core.replica import Replica
from tutor.engine.services.clients import ClientPart
from tutor.engine.services.patterns import Matcher
from tutor.engine.services.sequences import Script
from tutor.engine.services.service import ServicePart
from tutor.engine.services.windows import Windows
from tutor.engine.streams.claims import Record
from tutor.engine.streams.groups import GroupWire
from tutor.model.clock import SECOND, micros
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault

Place = Replica | tuple[str, int]
"""Where a state lives: a replica, or (wire, partition)."""


class Emission:
    """A derived event on its way along the publish wires; nobody waits for it."""

    __slots__ = ("event", "replica", "step", "turn")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.turn = 0
        self.step = 0
        self.replica = self


class State:
    """The state at one place: how far event time has come there, and the events that wait for their turn."""

    def __init__(self, part: ProcessingPart, place: Place) -> None:
        self.part = part
        self.place = place
        self.lag = micros(part.spec.watermark_s)
        self.front: int | None = None
        """The latest event time seen."""
        self.seen = 0
        """When anything came last."""
        self.waiting: list[tuple[int, int, Event]] = []
        """Events that are put in order until the watermark has passed them."""
        self.serial = count().__next__
        self.gap = max(self.lag, SECOND)
        self.timed = False
        pattern = bool(part.spec.pattern)
        self.operator: Matcher | Windows = (
            Matcher(part.spec, part.derive) if pattern else Windows(part.spec.window_s or 1.0, part.derive)
        )
        self.types = self.operator.types if isinstance(self.operator, Matcher) else None

    def too_late(self, event: Event) -> bool:
        """Returns whether the watermark has passed this event, or the window it belongs to."""
        if self.front is None or (self.types is not None and event.flow.type not in self.types):
            return False
        if isinstance(self.operator, Windows):
            return self.operator.end_of(event) <= self.front - self.lag
        return self.lag > 0 and event.happened < self.front - self.lag

    def take(self, now: int, event: Event) -> None:
        """Takes the next event that arrives here."""
        self.seen = now
        if self.front is None or event.happened > self.front:
            self.front = event.happened
        if self.types is None or event.flow.type in self.types:
            if self.lag and self.types is not None:
                heappush(self.waiting, (event.happened, self.serial(), event))
            else:
                self.operator.take(now, event)
        self.pass_time(now)

    def pass_time(self, now: int) -> None:
        """Advances event time to the front: the events that are due take their turn, in the order in which
        they happened.
        """
        assert self.front is not None
        watermark, waiting, operator = self.front - self.lag, self.waiting, self.operator
        while waiting and waiting[0][0] <= watermark:
            happened, _, event = heappop(waiting)
            operator.pass_time(now, happened)
            operator.take(now, event)
        operator.pass_time(now, watermark)
        if not self.timed and (waiting or operator.pending()):
            self.timed = True
            self.part.kernel.at(now + self.gap, self._tick)

    def _tick(self, now: int, _: None) -> None:
        """Lets event time pass, even if nothing has come for a while."""
        self.timed = False
        if not self.part.alive(self):
            return
        assert self.front is not None
        if now - self.seen >= self.gap and self.part.is_idle(self.place):
            self.front += now - self.seen
            self.seen = now
        self.pass_time(now)

    def held(self) -> Iterator[Event]:
        """Yields the events that wait here for time to pass."""
        for _, _, event in self.waiting:
            yield event
        if isinstance(self.operator, Windows):
            yield from self.operator.held()


class ProcessingPart(ServicePart):
    """A service with a window or a pattern at run time."""

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.odd = True
        self.states: dict[Place, State] = {}
        self.source = world.source(spec.id)
        self.source.derived = True
        self.flow = Flow(self.source, "derived")
        self.versions: Counter[int] = Counter()
        self.alarms: list[tuple[int, int, list[tuple[int, int]], int]] = []
        """Per derived event: (made, when the event that completed it was made, the events in it that may end
        a story, delay).
        """
        self.late_dropped = 0
        self.late: list[int] = []
        """When each event that was dropped as late was made."""
        self.keyed: dict[str, bool] = {}
        self._scripts: list[Script] | None = None
        self._check()

    def _check(self) -> None:
        if self.spec.pattern:
            Matcher(self.spec, self.derive)

    # -- what goes where -----------------------------------------------------------------------------------

    def ways(self, flow: Flow) -> Ways:
        """Returns the publish wires for derived events, and the other wires for events that came in."""
        known = self._ways.get(flow)
        if known is None:
            success, failure = super().ways(flow)
            derived = flow is self.flow
            known = [wire for wire in success if (wire.kind == "publish") == derived], failure
            self._ways[flow] = known
        return known

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        super().strike(now, fault, active)
        self.odd = True

    def _place(self, work: Work) -> Place:
        if isinstance(work, Record) and self._has_keys(work.via):
            return work.via.ref, work.number
        assert work.replica is not None
        return work.replica

    def _has_keys(self, wire: GroupWire) -> bool:
        """Returns whether all events that come on this subscription were given to their partitions by
        a key.
        """
        known = self.keyed.get(wire.ref)
        if known is None:
            known = self.keyed[wire.ref] = all(inlet.key != "none" for inlet in wire.log.inlets)
        return known

    def alive(self, state: State) -> bool:
        """Returns whether this state is still there."""
        return self.states.get(state.place) is state

    def is_idle(self, place: Place) -> bool:
        """Returns whether nothing waits that this state could be given."""
        if isinstance(place, tuple):
            wire = self.world.wires[place[0]]
            return isinstance(wire, GroupWire) and wire.positions.lag_of(place[1]) == 0
        return not (place.hands or place.line or place.hung) and not any(
            reader.backlog() for reader in self.readers
        )

    # -- the work ------------------------------------------------------------------------------------------

    def _finish_with_care(self, now: int, work: Work, plan: Plan) -> None:
        if self._struck(now, work, plan):
            return
        event = work.event
        place = self._place(work)
        state = self.states.get(place)
        if state is None:
            state = self.states[place] = State(self, place)
        if state.too_late(event):
            self.late_dropped += 1
            self.late.append(event.made)
            if event.trace is not None:
                event.trace(now, event, self.id, "dropped", "late", "")
            self.close(now, work, True)
            return
        if self.careful and not self.inbox.commit(now, work, plan, self._apply):
            self.close(now, work, True)
            return
        if not self.careful:
            self._apply(now, event, plan)
        if event.trace is not None and plan.effects:
            event.trace(now, event, self.id, "applied", "", "")
        state.take(now, event)
        if plan.wired:
            self.proceed(now, work, 0)
        else:
            self.close(now, work, True)

    def derive(self, now: int, events: list[Event]) -> None:
        """Derives a new event from these events of one key, and publishes it."""
        last = max(events, key=lambda event: event.happened) if not self.spec.pattern else events[-1]
        number = len(self.source.made)
        self.source.grow(array("q", [now]))
        self.versions[last.key] += 1
        event = make_event(self.flow, number, last.key, self.versions[last.key], now)
        event.happened, event.group = last.happened, last.group
        endings = [events[-1]] if self.spec.pattern else events
        self.alarms.append(
            (now, last.made, [(one.flow.source.index, one.number) for one in endings], now - last.happened)
        )
        if last.trace is not None:
            last.trace(
                now,
                last,
                self.id,
                "published",
                "completes a pattern" if self.spec.pattern else "ends a window",
                "",
            )
        self.proceed(now, Emission(event), 0)

    # -- derived events on their way -----------------------------------------------------------------------

    def resume(self, now: int, handling: Any, ok: bool | None) -> None:
        if type(handling) is Emission:
            super(ServicePart, self).resume(now, handling, ok)
        else:
            super().resume(now, handling, ok)

    def standing(self, handling: Any, ok: bool | None) -> bool:
        return type(handling) is not Emission and super().standing(handling, ok)

    def postpones(self, handling: Any, act: Act, item: object) -> bool:
        return type(handling) is not Emission and super().postpones(handling, act, item)

    def dies_between(self, now: int, handling: Any, step: int) -> bool:
        return type(handling) is not Emission and super().dies_between(now, handling, step)

    def close(self, now: int, work: Any, ok: bool | None) -> None:
        if type(work) is not Emission:
            super().close(now, work, ok)
        elif ok:
            self.source.answered[work.event.number] = now << 2 | OK

    # -- where state ends ----------------------------------------------------------------------------------

    def stopped(self, replica: Replica) -> None:
        self.states.pop(replica, None)

    # -- reports -------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        yield from super().held()
        for state in self.states.values():
            yield from state.held()

    def counts(self, now: int) -> Counts:
        return {**super().counts(now), "emitted": len(self.alarms), "late_dropped": self.late_dropped}

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        grown = {name: last[name] - first.get(name, 0) for name in ("emitted", "late_dropped")}
        return {**super().report(first, last, span), **grown}

    def extra(self) -> dict[str, float]:
        return {**super().extra(), "state": float(sum(len(state.waiting) for state in self.states.values()))}

    def judge(self, first: int, last: int) -> dict[str, Any] | None:
        """Judges its alarms against the scripted sequences, for events made from ``first`` to before ``last``
        (µs).

        None if there is nothing to judge by: windows over traffic without sequences.
        """
        scripts = self._stories()
        if not scripts and not self.spec.pattern:
            return None
        wanted = {script.id: script.complete(first, last) for script in scripts}
        endings = {event: (script.id, story) for script in scripts for event, story in script.endings.items()}
        found = set()
        true = false = 0
        delays = []
        for _, completed, events, delay in self.alarms:
            if not first <= completed < last:
                continue
            ended = [endings[event] for event in events if event in endings]
            found.update(ended)
            true += bool(ended)
            false += not ended
            if ended:
                delays.append(delay)
        expected = sum(len(stories) for stories in wanted.values())
        caught = sum(story in wanted[id] for id, story in found)
        return {
            "alarms": true + false,
            "true": true,
            "false": false,
            "missed": expected - caught,
            "recall": caught / expected if expected else None,
            "precision": true / (true + false) if true + false else None,
            "late_dropped": sum(first <= made < last for made in self.late),
            "delays": delays,
        }

    def _stories(self) -> list[Script]:
        """Returns the sequences that are to be found: those of several steps; one event alone is ordinary
        traffic, where there are others.
        """
        if self._scripts is None:
            clients = [part for part in self.world.parts.values() if isinstance(part, ClientPart)]
            scripts = [script for client in clients for script in client.scripts]
            self._scripts = [script for script in scripts if len(script.spec.steps) > 1] or scripts
        return self._scripts


def make_service(spec: Service, world: World) -> ServicePart:
    """Creates a service at run time, of the class that it needs."""
    return (
        ProcessingPart(spec, world) if spec.pattern or spec.window_s is not None else ServicePart(spec, world)
    )
