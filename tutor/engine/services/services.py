"""Services: replicas with workers that answer calls and handle events.

All requests stand in one line per service, so ``client -> service`` is exactly M/M/c. A piece of work takes a worker, does its own work,
applies its effect, goes along the outgoing wires, and then answers or acks; the worker is held all that time (a thread per request, as in
the Java servlet model). Refusing costs a little (Google SRE book, "Handling Overload"); ``lifo`` and ``drop_expired`` follow "Addressing
Cascading Failures".
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event, Flow, Work
from tutor.engine.core.part import World
from tutor.engine.services.inboxes import Inbox
from tutor.engine.services.outages import BreakablePart
from tutor.engine.services.plans import Plan
from tutor.engine.services.replicas import Replica
from tutor.engine.services.scaling import Scaler
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.core.schemas import Form
    from tutor.engine.faults.schedule import ActiveFault


class ServicePart(BreakablePart):
    """A service at run time."""

    __slots__ = ("odd", "plans")

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.plans: dict[Flow, Plan] = {}
        self.finish = self._finisher()
        self.start = self._starter()
        self.strikes: list[ActiveFault] = []
        self.inbox = Inbox(spec)
        self.careful = spec.idempotent or spec.ignore_stale
        self.odd = self.careful or spec.failure_rate > 0
        """Whether the end of its own work needs a closer look."""

    def open(self) -> None:
        super().open()
        if self.spec.autoscale is not None:
            Scaler(self, self.spec.autoscale)

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

    def close(self, now: int, work: Work, ok: bool | None) -> None:
        """The handling is over: the worker is free for the next, and who waits for the answer is told."""
        replica = work.replica
        assert replica is not None
        del replica.hands[work]
        self.busy_us += now
        if ok:
            self.done += 1
            if self.careful:
                self.inbox.done(work.event, replica)
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

    # -- what goes wrong with it ---------------------------------------------------------------------------------------------------

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
