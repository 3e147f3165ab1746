"""The ``call`` wire: synchronous request and response, with the policies a caller can put on it.

Timeouts, retries with exponential backoff and full jitter (AWS Architecture Blog, "Exponential Backoff And
Jitter"), retry budgets (the gRPC retry throttling and Finagle's RetryBudget), circuit breakers (resilience4j:
a count-based sliding window, closed / open / half-open) and bulkheads (resilience4j's semaphore bulkhead). A
caller that gives up tells nobody: the callee continues with work that no one waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from tutor.engine.core.events import Attempt, Event, fill_attempt
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Countdown
from tutor.engine.core.part import Part, Send, WireRun, World
from tutor.engine.services.restraint import OPEN, Breaker, Budget
from tutor.model.clock import micros
from tutor.model.wire import Call

if TYPE_CHECKING:
    from tutor.engine.core.events import Source
    from tutor.engine.core.luck import Draws
    from tutor.engine.core.replica import Replica


class CallWire(WireRun):
    """A call wire at run time."""

    __slots__ = (
        "breaker",
        "direct",
        "make",
        "offer",
        "plain",
        "resume",
        "spread",
        "target",
        "timeout",
        "under",
    )

    spec: Call

    def __init__(self, spec: Call, world: World) -> None:
        super().__init__(spec, world)
        self.required = spec.required
        self.lookup = spec.lookup
        self.spread = spec.retries + 1
        self.under: dict[Attempt, None] = {}
        """The attempts that are under way, in their order."""
        wait = spec.timeout_ms
        self.timeout = (
            None if wait is None else Countdown(self.kernel, micros(wait / 1000), self._timed_out, self.under)
        )
        self.breaker = (
            None
            if spec.breaker_failures is None
            else Breaker(spec.breaker_failures, micros(spec.breaker_reset_s))
        )
        self.budget = None if spec.retry_budget is None else Budget(spec.retry_budget)
        self._waits: dict[Source, Draws] = {}
        self.make: Callable[[Event, int, Any, Any], Attempt] | None = None
        """Makes the work of one attempt, where it is more than an attempt: (event, turn, this wire,
        handling).
        """

    def join(self, source: Part, target: Part) -> None:
        assert isinstance(source, Handler)
        self.source = source
        self.resume = source.resume
        self.target = cast("Any", target)
        self.offer = self.target.offer
        self.send = self._sender()
        self._answer = self._answerer()
        self.changed(0)

    def changed(self, now: int) -> None:
        spec = self.spec
        self.plain = not (
            spec.lookup or self.breaker or self.budget or spec.max_in_flight or self.latency or self.cuts
        )
        self.direct = not (self.breaker or self.latency or self.cuts or self.drops)
        self.quick = self._answer if self.direct else None

    def _sender(self) -> Send:
        """Returns the function that sends an attempt; a closure, since it runs for every one."""
        near: Any = self.target if self.target.kind == "service" else None
        only: Replica | None = None if near is None else near.only
        start = None if near is None else near.start
        under, timeout, make, offer, spread = self.under, self.timeout, self.make, self.offer, self.spread
        delay, serial = 0 if timeout is None else timeout.delay, self.kernel.serial

        def send(now: int, event: Event, turn: int, handling: Any) -> bool | None:
            if not self.plain or event.trace is not None:
                return self._send_with_care(now, event, turn, handling)
            self.sent += 1
            if make is None:
                work = Attempt()
                work.event = event
                work.turn = turn and turn * spread
                work.via = self
                work.asker = handling
                work.open = True
                work.replica = None
            else:
                work = make(event, turn * spread, self, handling)
            work.tries = 0
            # the short way to a free worker of a service's only replica
            if (
                start is not None
                and only is not None
                and only.up
                and not only.hung
                and len(only.hands) < only.workers
            ):
                start(now, work, only)
            elif not offer(now, work):
                work.open = False
                return self._failed(now, work, False)
            under[work] = None
            if timeout is None:
                work.due = None
            else:
                work.due = now + delay
                work.serial = serial()
                if not timeout.armed:
                    timeout.arm()
            return None

        return send

    def _send_with_care(self, now: int, event: Event, turn: int, handling: Any) -> bool | None:
        if self.lookup and event.state:
            return True
        if self.budget is not None:
            self.budget.earn(now)
        return self._attempt(now, event, turn * self.spread, handling, 0)

    def _attempt(self, now: int, event: Event, turn: int, handling: Any, tries: int) -> bool | None:
        spec = self.spec
        if (self.breaker is not None and not self.breaker.allows(now)) or (
            spec.max_in_flight is not None and len(self.under) >= spec.max_in_flight
        ):
            self.failed += 1
            if event.trace is not None:
                event.trace(
                    now,
                    event,
                    self.source.id,
                    "refused",
                    "breaker open" if self.breaker else "bulkhead full",
                    self.ref,
                )
            return False
        self.sent += 1
        work = self._make(event, turn, handling)
        work.tries = tries
        if event.trace is not None:
            event.trace(now, event, self.source.id, "sent", f"attempt {tries + 1}", self.ref)
        if self.cuts:
            self.cuts[0].hit = True
        elif self.latency:
            self.kernel.at(now + self.latency, self._arrive, work)
        elif not self.offer(now, work):
            work.open = False
            return self._failed(now, work, False)
        self.under[work] = work.due = None
        if self.timeout is not None:
            self.timeout.start(now, work)
        return None

    def _make(self, event: Event, turn: int, handling: Any) -> Attempt:
        if self.make is not None:
            return self.make(event, turn, self, handling)
        work = Attempt()
        fill_attempt(work, event, turn, self, handling)
        return work

    def _arrive(self, now: int, work: Attempt) -> None:
        if self.cuts:
            self.cuts[0].hit = True
        elif not self.offer(now, work):
            self.answered(now, work, False)

    def answered(self, now: int, work: Attempt, ok: bool | None) -> None:
        """Sends the answer back: the callee has finished."""
        if self.direct:
            if work.open:
                work.open = False
                del self.under[work]
                if ok:
                    self.resume(now, work.asker, True)
                else:
                    self._told(now, work, ok)
        elif self.latency:
            self.kernel.at(now + self.latency, self._back, (work, ok))
        else:
            self._back(now, (work, ok))

    def _answerer(self) -> Callable[[int, Attempt], None]:
        """Returns the function that sends a good answer back while nothing disturbs the wire; a closure,
        since it runs for every one.
        """
        under, resume = self.under, self.resume

        def answer(now: int, work: Attempt) -> None:
            if work.open:
                work.open = False
                del under[work]
                resume(now, work.asker, True)

        return answer

    def abandoned(self, now: int, work: Attempt) -> None:
        """Fails the attempt that the callee had in hand when it died: its connection drops, which the caller
        sees.
        """
        self.answered(now, work, False)

    def _back(self, now: int, answer: tuple[Attempt, bool | None]) -> None:
        work, ok = answer
        if not work.open:
            return
        if self.cuts:
            self.cuts[0].hit = True
            return
        if self.drops and self.dropped("drop-replies", work.event, work.turn):
            return
        work.open = False
        del self.under[work]
        self._told(now, work, ok)

    def callers_died(self) -> None:
        """Closes the attempts of callers that have crashed: nobody waits for the answers, as with a timeout;
        the callee does not know.
        """
        for work in [work for work in self.under if self.source.gone(work.asker)]:
            work.open = False
            del self.under[work]
            self.failed += 1
            if self.breaker is not None:
                self.breaker.probing = False  # should it have been the probe, another one may go

    def _told(self, now: int, work: Attempt, ok: bool | None) -> None:
        if ok:
            if self.breaker is not None:
                self._note(now, True)
            self.resume(now, work.asker, True)
        elif (known := self._failed(now, work, False)) is not None:
            self.resume(now, work.asker, known)

    def _timed_out(self, now: int, work: Attempt) -> None:
        work.open = False
        self.under.pop(work, None)
        if work.event.trace is not None:
            work.event.trace(
                now, work.event, self.source.id, "timed-out", f"attempt {work.tries + 1}", self.ref
            )
        if self._failed(now, work, None) is False:
            self.resume(now, work.asker, None)

    def _failed(self, now: int, work: Attempt, told: bool | None) -> bool | None:
        """Fails an attempt; returns None if another one follows, else False."""
        self.failed += 1
        if self.breaker is not None:
            self._note(now, False)
        tries = work.tries + 1
        if tries > self.spec.retries or (told is not False and self.source.gone(work.asker)):
            return False
        if self.budget is not None and not self.budget.spend():
            return False
        wait = self.spec.backoff_ms * 1000 * self.spec.backoff_factor ** (tries - 1)
        if self.spec.jitter:
            wait *= self._wait_draws(work.event).at(work.event.number, work.turn)
        self.kernel.at(now + int(min(wait, 1e15) + 0.5), self._again, work)
        return None

    def _wait_draws(self, event: Event) -> Draws:
        source = event.flow.source
        draws = self._waits.get(source)
        if draws is None:
            draws = self._waits[source] = self.world.chance.uniforms(self.ref, "backoff", source.id)
        return draws

    def _again(self, now: int, work: Attempt) -> None:
        if self.source.gone(work.asker) or self.source.postpones(work.asker, self._again, work):
            return
        source = self.world.parts[self.spec.source]
        if source.kind == "client":
            work.event.flow.source.repeats.append(work.event.number)
        if self._attempt(now, work.event, work.turn + 1, work.asker, work.tries + 1) is False:
            self.resume(now, work.asker, False)

    def _note(self, now: int, ok: bool) -> None:
        assert self.breaker is not None
        before = self.breaker.state
        self.breaker.note(now, ok)
        after = self.breaker.state
        if before != after:
            self.world.mark(
                now, "breaker-open" if after == OPEN else "breaker-closed", self.ref, "circuit breaker"
            )

    def items(self) -> Iterable[Event]:
        """Returns the events of callers that will try again when their patience is over."""
        if self.timeout is None:
            return ()
        return (work.event for work in self.under if work.open and work.tries < self.spec.retries)

    def waiting(self) -> int:
        return len(self.under)

    def breaker_state(self) -> int | None:
        return None if self.breaker is None else self.breaker.state
