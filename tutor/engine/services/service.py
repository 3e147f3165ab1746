"""Services: replicas with workers that answer calls and handle events.

A service is made of its replicas, the line in front of them, the outages that last, and its numbers; this
module handles one piece of work. It takes a worker, does its own work, applies its effect, goes along the
outgoing wires, and then answers or acks; the worker is held all that time (a thread per request, as in the
Java servlet model). Refusing costs a little (Google SRE book, "Handling Overload"); ``lifo`` and
``drop_expired`` follow "Addressing Cascading Failures".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappush
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event, Flow, Work
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Act
from tutor.engine.core.part import Counts, World
from tutor.engine.core.plans import Plan
from tutor.engine.core.replica import Replica
from tutor.engine.services.inboxes import Inbox
from tutor.engine.services.line import WaitingLine
from tutor.engine.services.mishaps import SWALLOWED, Mishaps
from tutor.engine.services.numbers import Numbers
from tutor.engine.services.outages import Outages
from tutor.engine.services.replicas import Replicas
from tutor.engine.services.scaling import Scaler
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.core.seams import Subscription


class ServicePart(Handler):
    """A service at run time."""

    spec: Service
    # what every piece of work touches stands in slots: an instance with many attributes is slow to reach
    # otherwise
    __slots__ = (
        "debt",
        "finish",
        "line",
        "numbers",
        "odd",
        "only",
        "outages",
        "plans",
        "replicas",
        "slowed",
        "start",
    )

    start: Callable[[int, Any, Replica], None]
    """A free worker of a replica begins: (now, work, replica)."""
    finish: Act
    """A worker has done its own work: (now, work)."""

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.replicas = Replicas(spec, self.kernel, absent=bool(self.joins))
        self.only = self.replicas.only
        self.line = WaitingLine(lifo=spec.discipline == "lifo", limit=spec.queue_limit)
        self.numbers = Numbers(self.replicas, self.line)
        self.outages = Outages(self)
        self.readers: list[Subscription] = []
        self.debt = 0.0
        """What refusals have cost and no work has paid for (µs)."""
        self.hails = False
        """Whether a channel wants to know when a worker takes what it has brought: it is
        acknowledged then.
        """
        self.slowed = False
        """Whether a piece of work may take longer than its draw says."""
        self.plans: dict[Flow, Plan] = {}
        self.finish = self._finisher()
        self.start = self._starter()
        self.mishaps = Mishaps(spec.failure_rate)
        self.inbox = Inbox(spec)
        self.careful = spec.idempotent or spec.ignore_stale
        self.odd = self.careful or bool(self.mishaps)
        """Whether the end of its own work needs a closer look."""

    def join_in(self, reader: Subscription) -> None:
        """Adds a subscription of this service."""
        self.readers.append(reader)

    def open(self) -> None:
        for replica in self.replicas:
            if replica.up:
                self.connect(0, replica)
        if self.spec.autoscale is not None:
            Scaler(self, self.spec.autoscale)

    def join(self, now: int) -> None:
        for replica in self.replicas:
            replica.downs -= 1
            if not replica.downs:
                self.replicas.start(replica)
                self.connect(now, replica)

    # -- replicas come and go ------------------------------------------------------------------------------

    def connect(self, now: int, replica: Replica) -> None:
        """Subscribes a replica to the channels that the service reads."""
        for reader in self.readers:
            reader.consumer_up(now, replica)
            if replica.hung:
                reader.consumer_paused(now, replica)

    def add_replica(self, now: int) -> None:
        """Adds a replica, which takes the work that waits."""
        replica = self.replicas.add()
        self.slowed = self.slowed or replica.factor != 1
        self.numbers.capacity_us -= now
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")
        self.connect(now, replica)
        self.next(now, replica)

    def remove_replica(self, now: int, replica: Replica) -> None:
        """Removes a replica for good; it has nothing in hand."""
        self.numbers.capacity_us += now
        self.replicas.remove(replica)
        for reader in self.readers:
            reader.consumer_down(now, replica, clean=True, leaves=True)
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")
        self.stopped(replica)

    def stopped(self, replica: Replica) -> None:
        """Forgets what a replica that has stopped knew."""

    # -- plans ---------------------------------------------------------------------------------------------

    def plan(self, flow: Flow) -> Plan:
        """Returns the plan for the events of this flow; made when the first of them comes."""
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

    # -- taking work ---------------------------------------------------------------------------------------

    def offer(self, now: int, work: Work) -> bool:
        """Takes a call; returns False if it is refused: no replica is up, or too many calls wait."""
        replica = self.only
        if replica is None or replica.hung or not replica.up or len(replica.hands) >= replica.workers:
            replica = (
                self.replicas.free(self.numbers.done + self.numbers.failed) if self.only is None else None
            )
            if replica is None:
                return self._line_up(now, work)
        self.start(now, work, replica)
        return True

    def _line_up(self, now: int, work: Work) -> bool:
        event = work.event
        if not self.replicas.up:
            self.outages.met()
            self.numbers.refused += 1
            if event.trace is not None:
                event.trace(now, event, self.id, "refused", "down", work.via.ref)
            return False
        if self.line.full():
            self.debt += self.spec.reject_cost * (self.plans.get(event.flow) or self.plan(event.flow)).mean
            self.slowed = True
            self.numbers.refused += 1
            if event.trace is not None:
                event.trace(now, event, self.id, "refused", "full", work.via.ref)
            return False
        self.outages.met()
        if event.trace is not None:
            event.trace(now, event, self.id, "waiting", "", work.via.ref)
        self.line.join(now, work)
        return True

    def take(self, now: int, work: Work, replica: Replica) -> None:
        """Takes a delivery that a channel hands to a replica."""
        if len(replica.hands) < replica.workers and not replica.hung:
            self.start(now, work, replica)
        else:
            self.outages.met()
            self.line.join_at(now, work, replica)

    def next(self, now: int, replica: Replica) -> None:
        """Gives the free workers of a replica the work that waits for them."""
        while self.line.waiting and replica.up and not replica.hung and len(replica.hands) < replica.workers:
            work = self.line.take(now, replica)
            if work is None:
                return
            if not work.open and self.spec.drop_expired:
                self._expired(now, work)
                continue
            self.start(now, work, replica)

    def _expired(self, now: int, work: Work) -> None:
        """Drops work whose caller has gone, before it is started."""
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "dropped", "nobody waits for it", work.via.ref)
        self.numbers.refused += 1
        work.via.answered(now, work, False)

    def _starter(self) -> Callable[[int, Work, Replica], None]:
        """Returns the function by which a free worker of a replica begins; a closure, since it runs for every
        piece of work.
        """
        plans, heap, serial, finish, numbers = (
            self.plans,
            self.kernel.heap,
            self.kernel.serial,
            self.finish,
            self.numbers,
        )

        def start(now: int, work: Work, replica: Replica) -> None:
            replica.hands[work] = None
            work.replica = replica
            if self.hails:
                work.via.begun(now, work)
            numbers.busy_us -= now
            event = work.event
            try:
                plan = plans[event.flow]
            except KeyError:
                plan = self.plan(event.flow)
            work.plan = plan
            number = event.number
            try:
                if work.turn or plan.tried[number]:
                    turn = work.turn = plan.fresh(number, work.turn)
                    length: Any = plan.times.at(number, turn)
                else:
                    plan.tried[number] = 1
                    length = plan.first[number]
            except IndexError:
                length = plan.reach(number)
            if self.slowed:
                length = self._slowed(length, replica)
            if event.trace is not None:
                event.trace(now, event, self.id, "started", "", work.via.ref)
            heappush(heap, (now + length, serial(), finish, work))

        return start

    def _slowed(self, length: int, replica: Replica) -> int:
        """Returns the time of a piece of work where a replica is slow, or refusals have to be paid for."""
        debt, self.debt = self.debt, 0.0
        self.slowed = self.replicas.slowed()
        return int(length * replica.factor + debt + 0.5)

    # -- the work ------------------------------------------------------------------------------------------

    def _finisher(self) -> Callable[[int, Work], None]:
        """Returns the function that continues when a worker has done its own work: effect, outgoing wires,
        answer; a closure as :meth:`_starter` is.
        """
        numbers, line = self.numbers, self.line

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
                if (
                    table[number] < 0 and newest[event.key] <= event.version
                ):  # first time, in order: as LedgerEntry.apply
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
            numbers.busy_us += now
            numbers.done += 1
            if not work.open:
                numbers.wasted += 1
            if line.waiting:
                self.next(now, replica)
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
        if self.careful and not self.inbox.commit(now, work, plan, self._apply):
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
        if (
            not ok
            or replica is None
            or replica.hung
            or self.odd
            or event.trace is not None
            or handling.step
            or handling.plan.only is None
        ):
            super().resume(now, handling, ok)
            return
        numbers = self.numbers
        del replica.hands[handling]
        numbers.busy_us += now
        numbers.done += 1
        if not handling.open:
            numbers.wasted += 1
        if self.line.waiting:
            self.next(now, replica)
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

    def close(self, now: int, work: Work, ok: bool | None) -> None:
        """Ends the handling: the worker is free for the next, and whoever waits for the answer gets it."""
        replica = work.replica
        assert replica is not None
        numbers = self.numbers
        del replica.hands[work]
        numbers.busy_us += now
        if ok:
            numbers.done += 1
            if self.careful:
                self.inbox.done(work.event, replica)
        else:
            numbers.failed += 1
        if not work.open:
            numbers.wasted += 1
        if self.line.waiting:
            self.next(now, replica)
        event = work.event
        if event.trace is not None:
            event.trace(now, event, self.id, "done" if ok else "failed", "", work.via.ref)
        ack = work.via.quick
        if ok and ack is not None and event.trace is None:
            ack(now, work)
        else:
            work.via.answered(now, work, ok)

    # -- while a replica hangs -----------------------------------------------------------------------------

    def standing(self, handling: Any, ok: bool | None) -> bool:
        replica: Replica = handling.replica
        if replica.hung:
            replica.frozen.hold(self._go_on, (handling, ok))
        return bool(replica.hung)

    def postpones(self, handling: Any, act: Act, item: object) -> bool:
        replica: Replica = handling.replica
        if replica.hung:
            replica.frozen.hold(act, item)
        return bool(replica.hung)

    def _go_on(self, now: int, held: tuple[Work, bool | None]) -> None:
        self.resume(now, *held)

    # -- faults --------------------------------------------------------------------------------------------

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        self.outages.crash(now, replica, fault)

    def recover(self, now: int, replica: int | None) -> None:
        self.outages.recover(now, replica)

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        self.outages.hang(now, replica, fault)

    def thaw(self, now: int, replica: int | None) -> None:
        self.outages.thaw(now, replica)

    def meet_faults(self) -> None:
        self.outages.look()

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        self.replicas.slow(factor, replica)
        self.slowed = bool(self.debt) or self.replicas.slowed()

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind == "schema-change":
            for wire in self.wires:
                if wire.form is not None:
                    wire.form.change(fault, active)
            return
        if fault.kind != "die-between":
            self.mishaps.change(fault, active)
        elif active:
            self.dying.append(fault)
        elif fault in self.dying:
            self.dying.remove(fault)
        self.odd = self.careful or bool(self.mishaps)

    def _struck(self, now: int, work: Work, plan: Plan) -> bool:
        """Returns whether the handling fails for reasons of its own, or by a fault; it is then over."""
        event = work.event
        if event.form is not None:
            event.form.met()
            if event.form.unreadable(self.spec.strict or work.via.strict):
                self._fails(now, work, "schema")
                return True
            work.event = event = event.copied(event.flow)  # what it publishes in turn is in a form of its own
        why = self.mishaps.reason(work, plan)
        if why == SWALLOWED:
            if event.trace is not None:
                event.trace(now, event, self.id, "skipped", why, "")
            self.close(now, work, True)
        elif why:
            self._fails(now, work, why)
        return bool(why)

    def _fails(self, now: int, work: Work, why: str) -> None:
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "failed", why, work.via.ref)
        self.fail(now, work, False)

    def dies_between(self, now: int, handling: Any, step: int) -> bool:
        work: Work = handling
        if not any(fault.strikes(work.event, work.turn * 64 + step) for fault in self.dying):
            return False
        replica = work.replica
        assert replica is not None
        del replica.hands[work]
        self.numbers.busy_us += now
        self.outages.die(now, work, "died between two wires")
        work.via.died(now, work)
        self.next(now, replica)
        return True

    # -- what is reported ----------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        for work in self.line.common:
            yield work.event
        for replica in self.replicas:
            for works in (replica.hands, replica.line):
                for work in works:
                    yield work.event

    def counts(self, now: int) -> Counts:
        return self.numbers.counts(now)

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        return self.numbers.report(first, last, span)

    def totals(self, now: int) -> dict[str, Any]:
        if not self.readers:
            return {}
        consumers = [consumer for reader in self.readers for consumer in reader.consumers.values()]
        return {
            "held": {"max": max((consumer.most for consumer in consumers), default=0)},
            "idle": sum(consumer.most == 0 for consumer in consumers),
        }

    def levels(self) -> tuple[int, int, int, float]:
        return self.numbers.levels()

    def flows(self) -> tuple[int, int]:
        return self.numbers.flows()

    def extra(self) -> dict[str, float]:
        return self.numbers.extra()
