"""Services: replicas with workers that answer calls and handle events.

All requests stand in one line per service, so ``client -> service`` is exactly M/M/c. A piece of work takes a worker, does its own work,
applies its effect, goes along the outgoing wires, and then answers or acks; the worker is held all that time (a thread per request, as in
the Java servlet model). Refusing costs a little (Google SRE book, "Handling Overload"); ``lifo`` and ``drop_expired`` follow "Addressing
Cascading Failures". An idempotent consumer commits its mark together with the effect (the transactional inbox of microservices.io).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappush
from typing import TYPE_CHECKING, Any

from tutor.engine.calls import CallWire
from tutor.engine.chance import Draws
from tutor.engine.events import Event, Flow, Source, Work
from tutor.engine.handling import Handler
from tutor.engine.kernel import SECOND, Act, micros
from tutor.engine.part import Counts, WireRun, World
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.faults import ActiveFault
    from tutor.engine.ledger import Entry
    from tutor.engine.schemas import Form
    from tutor.engine.subscriptions import SubscribeWire


class Replica:
    """One copy of a service: its workers' hands, and the deliveries that it holds and has not started."""

    __slots__ = ("downs", "factor", "frozen", "hands", "hung", "index", "line", "seen", "up", "workers")

    def __init__(self, index: int, workers: int) -> None:
        self.index = index
        self.workers = workers
        self.hands: dict[Work, None] = {}
        self.line: deque[Work] = deque()
        self.up = True
        self.downs = 0
        self.hung = 0
        self.factor = 1.0
        self.frozen: list[tuple[int, Act, Any]] = []
        """What goes on when it thaws: (remaining µs, act, item)."""
        self.seen: dict[tuple[int, int, str], tuple[int, bool]] = {}
        """What this replica remembers to have handled: when, and whether to the end."""

    def messages(self, reader: SubscribeWire) -> list[Any]:
        """The deliveries of one subscription that it has in hand."""
        return [work for works in (self.hands, self.line) for work in works if work.via is reader]


class Plan:
    """What a service does for the events of one flow."""

    __slots__ = ("acts", "effects", "failing", "first", "mean", "newest", "only", "source", "table", "times", "undoes", "wired")

    def __init__(self, source: Source, times: Draws, mean: float, effects: list[Entry], undoes: list[Entry], failing: Draws) -> None:
        self.source = source
        self.times = times
        self.first = times.first
        self.mean = mean
        self.effects = effects
        self.acts = bool(effects or undoes)
        self.undoes = undoes
        self.failing = failing

    def go(self, wires: list[WireRun]) -> None:
        """The outgoing wires are these, from now on."""
        simple = len(self.effects) == 1 and not self.undoes and not wires
        self.table = self.effects[0].tables[self.source.index] if simple else None
        """Where there is one effect and no outgoing wire: when it was applied, by event number."""
        self.newest = self.effects[0].newest if simple else {}
        self.wired = bool(wires)
        self.only = wires[0] if len(wires) == 1 else None


class ServicePart(Handler):
    """A service at run time."""

    spec: Service
    # what every piece of work touches stands in slots: an instance with many attributes is slow to reach otherwise
    __slots__ = (
        "busy_us",
        "debt",
        "done",
        "finish",
        "line",
        "odd",
        "only",
        "plans",
        "slowed",
        "slowness",
        "start",
        "wait_us",
        "waiting",
        "wasted",
    )

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        count = spec.replicas if spec.autoscale is None else max(spec.autoscale.min, min(spec.replicas, spec.autoscale.max))
        self.replicas = [Replica(index, spec.workers) for index in range(count)]
        self.only = self.replicas[0] if count == 1 and spec.autoscale is None else None
        self.line: deque[Work] = deque()
        self.readers: list[SubscribeWire] = []
        self.plans: dict[Flow, Plan] = {}
        self.finish = self._finisher()
        """A worker has done its own work: (now, work)."""
        self.start = self._starter()
        """A free worker of a replica begins: (now, work, replica)."""
        self.faults: list[ActiveFault] = []
        self.offered_before = 0
        self.strikes: list[ActiveFault] = []
        self.turn = 0
        self.debt = 0.0
        self.slowed = False
        self.slowness: dict[int | None, float] = {}
        """How many times slower: by replica (from 0), and (None) all of them."""
        self.busy_us = self.wait_us = self.down_us = self.capacity_us = 0
        self.done = self.failed = self.refused = self.wasted = self.waiting = self.peak = 0
        self.seen: dict[tuple[int, int, str], tuple[int, bool]] = {}
        self.newest: dict[tuple[str, int], int] = {}
        self.window = None if spec.dedup_window_s is None else micros(spec.dedup_window_s)
        self.careful = spec.idempotent or spec.ignore_stale
        self.odd = self.careful or spec.failure_rate > 0
        """Whether the end of its own work needs a closer look."""
        self.lifo = spec.discipline == "lifo"
        self.starting = 0
        self.idle_since = 0
        if self.joins:
            for replica in self.replicas:
                replica.up, replica.downs = False, 1

    def join_in(self, reader: SubscribeWire) -> None:
        """A subscription of this service."""
        self.readers.append(reader)

    def open(self) -> None:
        for replica in self.replicas:
            if replica.up:
                self._connect(0, replica)
        if self.spec.autoscale is not None:
            self.kernel.at(SECOND, self._scale)

    def join(self, now: int) -> None:
        for replica in self.replicas:
            replica.downs -= 1
            if not replica.downs:
                replica.up = True
                self._connect(now, replica)

    def _connect(self, now: int, replica: Replica) -> None:
        for reader in self.readers:
            reader.consumer_up(now, replica)
            if replica.hung:
                reader.consumer_paused(now, replica)

    def plan(self, flow: Flow) -> Plan:
        """What is done for the events of this flow; made when the first of them comes."""
        spec, chance, source = self.spec, self.world.chance, flow.source.id
        times = spec.service_ms
        mean = 1000 * (times if isinstance(times, int | float) else dict(times).get(flow.type, 0.0))
        ledger = self.world.ledger
        # work for an event under another name is other work, with luck of its own
        luck = "" if flow.own else f"/{flow.type}"
        plan = self.plans[flow] = Plan(
            flow.source,
            chance.times(self.id, f"service{luck}", source, mean, spec.distribution),
            mean,
            ledger.effects_at(self.id, flow.type),
            ledger.undone_at(self.id, flow.type),
            chance.uniforms(self.id, f"failure{luck}", source),
        )
        plan.go(self.ways(flow)[0])
        return plan

    def forget_ways(self) -> None:
        super().forget_ways()
        for flow, plan in self.plans.items():
            plan.go(self.ways(flow)[0])

    # -- taking work ---------------------------------------------------------------------------------------------------------------

    def offer(self, now: int, work: Work) -> bool:
        """A call arrives; False where it is refused: nobody is up, or too many wait."""
        replica = self.only
        if replica is None or replica.hung or not replica.up or len(replica.hands) >= replica.workers:
            replica = self._free() if self.only is None else None
            if replica is None:
                return self._line_up(now, work)
        self.start(now, work, replica)
        return True

    def _free(self) -> Replica | None:
        replicas = self.replicas
        count, turn = len(replicas), self.turn
        for step in range(count):
            replica = replicas[(turn + step) % count]
            if len(replica.hands) < replica.workers and replica.up and not replica.hung:
                self.turn = turn + step + 1
                return replica
        return None

    def _line_up(self, now: int, work: Work) -> bool:
        event = work.event
        if not any(replica.up for replica in self.replicas):
            for fault in self.faults:
                fault.hit = True
            self.refused += 1
            if event.trace is not None:
                event.trace(now, event, self.id, "refused", "down", work.via.ref)
            return False
        limit = self.spec.queue_limit
        if limit is not None and len(self.line) >= limit:
            self.debt += self.spec.reject_cost * (self.plans.get(event.flow) or self.plan(event.flow)).mean
            self.slowed = True
            self.refused += 1
            if event.trace is not None:
                event.trace(now, event, self.id, "refused", "full", work.via.ref)
            return False
        for fault in self.faults:
            fault.hit = True
        if event.trace is not None:
            event.trace(now, event, self.id, "waiting", "", work.via.ref)
        self.line.append(work)
        self._waits(now, work)
        return True

    def _waits(self, now: int, work: Work) -> None:
        work.since = now
        self.wait_us -= now
        waiting = self.waiting = self.waiting + 1
        if waiting > self.peak:
            self.peak = waiting

    def take(self, now: int, work: Work, replica: Replica) -> None:
        """A channel hands a delivery to a replica."""
        if len(replica.hands) < replica.workers and not replica.hung:
            self.start(now, work, replica)
        else:
            for fault in self.faults:
                fault.hit = True
            replica.line.append(work)
            self._waits(now, work)

    def _starter(self) -> Callable[[int, Work, Replica], None]:
        """How a free worker of a replica begins; a closure, since this runs for every piece of work."""
        plans, heap, serial, finish = self.plans, self.kernel.heap, self.kernel.serial, self.finish

        def start(now: int, work: Work, replica: Replica) -> None:
            replica.hands[work] = None
            work.replica = replica
            self.busy_us -= now
            event = work.event
            try:
                plan = plans[event.flow]
            except KeyError:
                plan = self.plan(event.flow)
            work.plan = plan
            if work.turn:
                length: Any = plan.times.at(event.number, work.turn)
            else:
                try:
                    length = plan.first[event.number]
                except IndexError:
                    length = plan.times.reach(event.number)
            if self.slowed:
                length = self._slowed(length, replica)
            if event.trace is not None:
                event.trace(now, event, self.id, "started", "", work.via.ref)
            heappush(heap, (now + length, serial(), finish, work))

        return start

    def _slowed(self, length: int, replica: Replica) -> int:
        """The time of a piece of work where a replica is slow, or refusals have to be paid for."""
        debt, self.debt = self.debt, 0.0
        self.slowed = any(one.factor != 1 for one in self.replicas)
        return int(length * replica.factor + debt + 0.5)

    # -- the work ------------------------------------------------------------------------------------------------------------------

    def _finisher(self) -> Callable[[int, Work], None]:
        """What follows when a worker has done its own work: effect, outgoing wires, answer; a closure as :meth:`_starter` is."""

        def finish(now: int, work: Work) -> None:
            replica = work.replica
            if replica is None:
                return
            event = work.event
            plan = work.plan
            if self.odd or event.trace is not None or event.form is not None:
                self._finish_with_care(now, work, plan)
                return
            table = plan.table
            if table is not None:
                number = event.number
                newest = plan.newest
                if table[number] < 0 and newest[event.key] <= event.version:  # for the first time, and in order: as Entry.apply does it
                    table[number] = now
                    newest[event.key] = event.version
                else:
                    plan.effects[0].apply(now, event)
            else:
                if plan.acts:
                    self._apply(now, event, plan)
                wire = plan.only
                if wire is not None:
                    work.step = 0
                    send = wire.send
                    ok = send(now, event, work.turn, work)
                    if ok is None:
                        return
                    if not ok and wire.required:
                        self.fail(now, work, False)
                        return
                elif plan.wired:
                    self.proceed(now, work, 0)
                    return
            del replica.hands[work]
            self.busy_us += now
            self.done += 1
            if not work.open:
                self.wasted += 1
            if self.waiting:
                self._next(now, replica)
            via = work.via
            ack = via.quick
            if ack is None:
                via.answered(now, work, True)
            else:
                ack(now, work)

        return finish

    def _finish_with_care(self, now: int, work: Work, plan: Plan) -> None:
        if self._struck(now, work, plan):
            return
        if self.careful and not self._commit(now, work, plan):
            self.close(now, work, True)
            return
        if not self.careful:
            self._apply(now, work.event, plan)
        event = work.event
        if event.trace is not None and plan.effects:
            event.trace(now, event, self.id, "applied", "", "")
        if plan.wired:
            self.proceed(now, work, 0)
        else:
            self.close(now, work, True)

    def resume(self, now: int, handling: Any, ok: bool | None) -> None:
        replica = handling.replica
        event = handling.event
        if not ok or replica is None or replica.hung or self.odd or event.trace is not None or handling.step or handling.plan.only is None:
            super().resume(now, handling, ok)
            return
        del replica.hands[handling]
        self.busy_us += now
        self.done += 1
        if not handling.open:
            self.wasted += 1
        if self.waiting:
            self._next(now, replica)
        ack = handling.via.quick
        if ack is None:
            handling.via.answered(now, handling, True)
        else:
            ack(now, handling)

    def _apply(self, now: int, event: Event, plan: Plan) -> None:
        for entry in plan.effects:
            entry.apply(now, event)
        for entry in plan.undoes:
            entry.undo(event)

    def _commit(self, now: int, work: Work, plan: Plan) -> bool:
        """Check and effect in one step; False where the event is known already and done, or older than what is known."""
        event, spec = work.event, self.spec
        assert work.replica is not None
        mark = (event.flow.source.index, event.number, event.flow.type)
        seen = self.seen if spec.dedup_scope == "shared" else work.replica.seen
        if spec.idempotent:
            known = seen.get(mark)
            if known is not None and (self.window is None or now - known[0] < self.window):
                if event.trace is not None:
                    event.trace(now, event, self.id, "skipped", "known already", "")
                return not known[1]
        if spec.ignore_stale:
            place = (event.flow.type, event.key)
            if event.version < self.newest.get(place, 0):
                for entry in plan.effects:
                    entry.supersede(event)
                if event.trace is not None:
                    event.trace(now, event, self.id, "skipped", "older than what is known", "")
                return False
            self.newest[place] = event.version
        if spec.idempotent:
            seen[mark] = (now, not plan.wired)
        self._apply(now, event, plan)
        return True

    def _struck(self, now: int, work: Work, plan: Plan) -> bool:
        """Whether the handling fails for reasons of its own, or by a fault; it is then over."""
        event = work.event
        if event.form is not None:
            if event.form.unreadable(getattr(work.via.spec, "schema", "tolerant")):
                self._fails(now, work, "schema")
                return True
            work.event = event = event.copied(event.flow)  # what it publishes in turn is in a form of its own
        for fault in self.strikes:
            if fault.kind == "swallow" and fault.strikes(event, work.turn):
                if event.trace is not None:
                    event.trace(now, event, self.id, "skipped", "swallowed", "")
                self.close(now, work, True)
                return True
            if fault.kind == "poison" and fault.made_in(event) and fault.strikes(event, 0):
                self._fails(now, work, "poison")
                return True
        if self.spec.failure_rate and plan.failing.at(event.number, work.turn) < self.spec.failure_rate:
            self._fails(now, work, "failure")
            return True
        return False

    def _fails(self, now: int, work: Work, why: str) -> None:
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "failed", why, work.via.ref)
        self.fail(now, work, False)

    def close(self, now: int, work: Work, ok: bool | None) -> None:
        """The handling is over: the worker is free for the next, and who waits for the answer is told."""
        replica = work.replica
        assert replica is not None
        del replica.hands[work]
        self.busy_us += now
        if ok:
            self.done += 1
            if self.careful and self.spec.idempotent:
                self._mark_done(now, work, replica)
        else:
            self.failed += 1
        if not work.open:
            self.wasted += 1
        if self.waiting:
            self._next(now, replica)
        event = work.event
        if event.trace is not None:
            event.trace(now, event, self.id, "done" if ok else "failed", "", work.via.ref)
        ack = work.via.quick
        if ok and ack is not None and event.trace is None:
            ack(now, work)
        else:
            work.via.answered(now, work, ok)

    def _mark_done(self, now: int, work: Work, replica: Replica) -> None:
        seen = self.seen if self.spec.dedup_scope == "shared" else replica.seen
        mark = (work.event.flow.source.index, work.event.number, work.event.flow.type)
        known = seen.get(mark)
        if known is not None and not known[1]:
            seen[mark] = (known[0], True)

    def _next(self, now: int, replica: Replica) -> None:
        """Gives the free workers of a replica what waits: the oldest of its own deliveries and of the common line."""
        while self.waiting and replica.up and not replica.hung and len(replica.hands) < replica.workers:
            own, common = replica.line, self.line
            if own and (not common or own[0].since <= common[0].since):
                work = own.popleft()
            elif common:
                work = common.pop() if self.lifo else common.popleft()
            else:
                return
            self.waiting -= 1
            self.wait_us += now
            if not work.open and self.spec.drop_expired:
                self._expired(now, work)
                continue
            self.start(now, work, replica)

    def _expired(self, now: int, work: Work) -> None:
        """Work whose caller has gone is dropped unstarted."""
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "dropped", "nobody waits for it", work.via.ref)
        self.refused += 1
        work.via.answered(now, work, False)

    # -- faults --------------------------------------------------------------------------------------------------------------------

    def _of(self, replica: int | None) -> list[Replica]:
        return [one for one in self.replicas if replica is None or one.index == replica]

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if not self._of(replica):
            return  # it is not running now
        if fault is not None:
            if not self.faults:
                self.offered_before = self._offered()
            self.faults.append(fault)
            if any(reader.backlog() for reader in self.readers):
                fault.hit = True
        for one in self._of(replica):
            one.downs += 1
            if one.up:
                self._stop(now, one, fault)
        if not any(one.up for one in self.replicas):
            self._fail_line(now)
            for wire in self.wires:
                forget = getattr(wire, "forget", None)
                if forget is not None:
                    forget()

    def _offered(self) -> int:
        """Messages that have come for it in its channels so far, whoever took them."""
        return sum(reader.offered() for reader in self.readers)

    def _stop(self, now: int, replica: Replica, fault: ActiveFault | None) -> None:
        replica.up = False
        self.down_us -= now
        for reader in self.readers:
            reader.consumer_down(now, replica, clean=fault is not None and fault.kind == "deploy")
        works = [*replica.hands, *replica.line]
        if works and fault is not None:
            fault.hit = True
        self.busy_us += now * len(replica.hands)
        self.waiting -= len(replica.line)
        self.wait_us += now * len(replica.line)
        replica.hands.clear()
        replica.line.clear()
        replica.frozen.clear()
        replica.seen.clear()
        for work in works:
            self._die(now, work)
        for wire in self.wires:
            if isinstance(wire, CallWire):
                wire.callers_died()

    def _die(self, now: int, work: Work, why: str = "crash") -> None:
        work.replica = None
        self.failed += 1
        event = work.event
        if event.trace is not None:
            event.trace(now, event, self.id, "failed", why, work.via.ref)
        work.via.abandoned(now, work)

    def _fail_line(self, now: int) -> None:
        line, self.line = self.line, deque()
        self.waiting -= len(line)
        self.wait_us += now * len(line)
        for work in line:
            self._die(now, work)

    def recover(self, now: int, replica: int | None) -> None:
        if self._offered() > self.offered_before:
            for fault in self.faults:  # messages came that it could have taken
                fault.hit = True
        self.faults = [fault for fault in self.faults if fault.active]
        for one in self._of(replica):
            if not one.downs:
                continue  # it was started while the others were down
            one.downs -= 1
            if one.downs == 0 and not one.up:
                one.up = True
                self.down_us += now
                self._connect(now, one)
                self._next(now, one)

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        for one in self._of(replica):
            one.hung += 1
            if one.hung == 1:
                for reader in self.readers:
                    reader.consumer_paused(now, one)
                taken = self.kernel.withdraw(lambda act, item, one=one: act == self.finish and item.replica is one)  # type: ignore[misc]
                one.frozen.extend((due - now, act, item) for due, act, item in taken)
            if fault is not None and one.hands:
                fault.hit = True
        if fault is not None:
            fault.hit = fault.hit or bool(self.waiting)
            self.faults.append(fault)

    def thaw(self, now: int, replica: int | None) -> None:
        if self.waiting or any(one.hands for one in self._of(replica)) or any(reader.backlog() for reader in self.readers):
            # what came while it stood still has waited for it
            for fault in self.faults:
                fault.hit = fault.hit or fault.kind == "hang"
        self.faults = [fault for fault in self.faults if fault.active]
        for one in self._of(replica):
            if not one.hung:
                continue  # it was started while the others stood still
            one.hung -= 1
            if one.hung == 0 and one.up:
                for reader in self.readers:
                    reader.consumer_resumed(now, one)
                frozen, one.frozen = one.frozen, []
                for remaining, act, item in frozen:
                    self.kernel.at(now + remaining, act, item)
                self._next(now, one)

    def standing(self, handling: Any, ok: bool | None) -> bool:
        replica: Replica = handling.replica
        if not replica.hung:
            return False
        replica.frozen.append((0, self._go_on, (handling, ok)))
        return True

    def postpones(self, handling: Any, act: Act, item: Any) -> bool:
        replica: Replica = handling.replica
        if replica.hung:
            replica.frozen.append((0, act, item))
        return bool(replica.hung)

    def _go_on(self, now: int, held: tuple[Work, bool | None]) -> None:
        self.resume(now, *held)

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        self.slowness[replica] = round(self.slowness.get(replica, 1.0) * factor, 9)
        for one in self.replicas:
            one.factor = self._factor_of(one)
        self.slowed = bool(self.debt) or any(one.factor != 1 for one in self.replicas)

    def _factor_of(self, replica: Replica) -> float:
        slowness = self.slowness
        return slowness.get(None, 1.0) * slowness.get(replica.index, 1.0)

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind == "schema-change":
            for wire in self.wires:
                form: Form | None = getattr(wire, "form", None)
                if form is not None:
                    form.change(fault, active)
            return
        faults = self.dying if fault.kind == "die-between" else self.strikes
        if active:
            faults.append(fault)
        elif fault in faults and fault.kind != "poison":
            faults.remove(fault)
        self.odd = self.careful or self.spec.failure_rate > 0 or bool(self.strikes)

    def dies_between(self, now: int, handling: Any, step: int) -> bool:
        work: Work = handling
        if not any(fault.strikes(work.event, work.turn * 64 + step) for fault in self.dying):
            return False
        replica = work.replica
        assert replica is not None
        del replica.hands[work]
        self.busy_us += now
        self._die(now, work, "died between two wires")
        died = getattr(work.via, "died", None)
        if died is not None:
            died(now, work)
        self._next(now, replica)
        return True

    # -- scaling -------------------------------------------------------------------------------------------------------------------

    def _scale(self, now: int, _: None) -> None:
        """Every second: one replica more where too much waits for each, one less where nothing does (Kubernetes HPA; KEDA)."""
        scale = self.spec.autoscale
        assert scale is not None
        waiting = self.waiting + sum(reader.backlog() for reader in self.readers)
        count = len(self.replicas) + self.starting
        if waiting > scale.depth * count and count < scale.max:
            self.starting += 1
            self.kernel.at(now + micros(max(scale.start_s, self.spec.boot_s)), self._add_replica)
        if waiting or self.busy() >= (len(self.replicas) - 1) * self.spec.workers:
            self.idle_since = now
        elif len(self.replicas) > scale.min and now - self.idle_since >= 10 * SECOND:
            leaving = next((one for one in reversed(self.replicas) if one.up and not one.hung and not one.hands and not one.line), None)
            if leaving is not None:
                self.idle_since = now
                self._remove_replica(now, leaving)
        self.kernel.at(now + SECOND, self._scale)

    def _add_replica(self, now: int, _: None) -> None:
        self.starting -= 1
        used = {one.index for one in self.replicas}
        replica = Replica(next(index for index in range(len(used) + 1) if index not in used), self.spec.workers)
        replica.factor = self._factor_of(replica)
        self.slowed = self.slowed or replica.factor != 1
        self.capacity_us += len(self.replicas) * now - (len(self.replicas) + 1) * now
        self.replicas.append(replica)
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")
        self._connect(now, replica)
        self._next(now, replica)

    def _remove_replica(self, now: int, replica: Replica) -> None:
        self.capacity_us += now
        self.replicas.remove(replica)
        replica.up = False
        for reader in self.readers:
            reader.consumer_down(now, replica, clean=True, leaves=True)
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")

    def busy(self) -> int:
        """How many workers have work in hand."""
        return sum(len(one.hands) for one in self.replicas)

    # -- what is told --------------------------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        for work in self.line:
            yield work.event
        for replica in self.replicas:
            for works in (replica.hands, replica.line):
                for work in works:
                    yield work.event

    def counts(self, now: int) -> Counts:
        peak, self.peak = max(self.peak, self.waiting), self.waiting
        down = sum(not one.up for one in self.replicas)
        return {
            "busy_us": self.busy_us + self.busy() * now,
            "wait_us": self.wait_us + self.waiting * now,
            "down_us": self.down_us + down * now,
            "replica_us": self.capacity_us + len(self.replicas) * now,
            "done": self.done,
            "failed": self.failed,
            "refused": self.refused,
            "wasted": self.wasted,
            "depth": self.waiting,
            "peak": peak,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        def grown(name: str) -> int:
            return last[name] - first.get(name, 0)

        ended = grown("done") + grown("failed")
        replica_us = grown("replica_us") or 1
        return {
            "utilization": grown("busy_us") / (replica_us * self.spec.workers),
            "throughput_per_s": grown("done") * SECOND / span,
            "up": 1 - grown("down_us") / replica_us,
            "queue": {"mean": grown("wait_us") / span, "max": last["peak"], "end": last["depth"]},
            "wasted_work": grown("wasted") / ended if ended else 0.0,
            "done": grown("done"),
            "failed": grown("failed"),
            "refused": grown("refused"),
            "replicas": {"mean": replica_us / span},
        }

    def totals(self, now: int) -> dict[str, Any]:
        if not self.readers:
            return {}
        consumers = [consumer for reader in self.readers for consumer in reader.consumers.values()]
        return {
            "held": {"max": max((consumer.most for consumer in consumers), default=0)},
            "idle": sum(consumer.most == 0 for consumer in consumers),
        }

    def levels(self) -> tuple[int, int, int, float]:
        up = sum(one.up for one in self.replicas)
        return self.waiting, self.busy(), up * self.spec.workers, up / len(self.replicas)

    def flows(self) -> tuple[int, int]:
        return self.done, self.failed + self.refused

    def extra(self) -> dict[str, float]:
        return {
            "replicas": float(len(self.replicas)),
            "hung": float(any(one.hung for one in self.replicas)),
            "wasted": float(self.wasted),
        }
