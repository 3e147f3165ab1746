"""A sender's outgoing wires in a live run: each sends an event and knows the outcome.

``send`` returns True if the event was confirmed, False if the other end said no, None if the sender
never learned.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from tutor.engine.services.restraint import Breaker, Budget
from tutor.live.brokers import Confirm
from tutor.live.events import CloudEvent
from tutor.live.http import Caller
from tutor.live.site import Site
from tutor.model.component import Stream
from tutor.model.wire import Access, Call, Publish, Wire


class Sender:
    """The common base of outgoing wires; ``repeated(event)`` is called for each attempt after the first."""

    def __init__(self, site: Site, spec: Wire, repeated: Callable[[CloudEvent], None]) -> None:
        self.site = site
        self.spec = spec
        self.required: bool = getattr(spec, "required", True)
        self.after_failure = getattr(spec, "on", "success") == "failure"
        self.rescues: bool = getattr(spec, "rescues", False)
        self.repeated = repeated

    def fits(self, event: CloudEvent) -> bool:
        """Returns whether events of this type go along this wire."""
        return (not self.spec.events or event.type in self.spec.events) and not self.site.faults.removed(
            self.spec
        )

    async def send(self, event: CloudEvent, turn: int) -> bool | None:
        """Sends an event and waits for the outcome."""
        raise NotImplementedError

    async def latency(self) -> None:
        """Waits for one way over the wire."""
        if self.spec.latency_ms:
            await asyncio.sleep(self.spec.latency_ms / 1000)


class PublishSender(Sender):
    """A publish wire: retries, a buffer for the time the broker is away, confirms that get lost."""

    spec: Publish

    def __init__(self, site: Site, spec: Publish, repeated: Callable[[CloudEvent], None]) -> None:
        super().__init__(site, spec, repeated)
        self._channel = site.part(spec.target)
        self._buffer: deque[tuple[CloudEvent, int, asyncio.Future[bool | None] | None]] = deque()
        self._emptying: asyncio.Task[None] | None = None
        self._turn = 0
        timeout = getattr(spec, "timeout_ms", None)
        self._timeout_s = None if timeout is None else timeout / 1000
        self._from_client = site.part(spec.source).kind == "client"

    async def send(self, event: CloudEvent, turn: int) -> bool | None:
        event = self._dressed(event)
        if self.after_failure:
            self.site.step("offered", event.type, event.source, event.number)
        return await self._tries(event, turn, 0)

    def _dressed(self, event: CloudEvent) -> CloudEvent:
        spec = self.spec
        event = event.named(spec.event)
        if spec.payload == "state":
            event.state = True
        spreads = spec.schema_change != "none" and self.site.faults.spreading(spec.source)
        event.form = spec.schema_change if spreads else ""
        return event

    async def _tries(self, event: CloudEvent, turn: int, tries: int) -> bool | None:
        spec = self.spec
        while True:
            known = await self._attempt(event, turn, tries)
            if known:
                return True
            if len(self._buffer) < spec.buffer and not await self._there():
                return await self._keep(event, turn)
            if tries >= spec.retries:
                return False
            tries += 1
            await self.site.clock.sleep(spec.backoff_ms / 1000)
            self.repeated(event)

    async def _there(self) -> bool:
        """Returns whether the broker can be reached."""
        return not self.site.faults.cut(self.spec) and (await self.site.link(self.spec.target)).connected

    async def _attempt(self, event: CloudEvent, turn: int, tries: int) -> bool:
        spec, site = self.spec, self.site
        if site.faults.cut(spec):
            site.step("sent", spec.ref, False)
            return False
        await self.latency()
        link = await site.link(spec.target)
        place = self._place(event)
        if spec.acks == "none":
            await link.send(self._channel, event, turn, place=place)
            site.step("stored", spec.target, event.source, event.number)
            site.step("sent", spec.ref, True)
            return True
        name = f"{event.id}/{event.type}/{spec.ref}/{turn}" if spec.idempotent else ""
        outcome = await link.publish(
            self._channel, event, turn, place=place, id=name, timeout_s=self._timeout_s
        )
        await self.latency()
        ok = outcome is Confirm.CONFIRMED
        if ok:
            site.step("stored", spec.target, event.source, event.number)
            ok = not (site.faults.cut(spec) or site.faults.dropped("drop-acks", spec, event, turn + tries))
        elif outcome is Confirm.REFUSED:
            site.step("refused", spec.target, event.source, event.number)
        site.step("sent", spec.ref, ok)
        return ok

    def _place(self, event: CloudEvent) -> int:
        """Returns the partition of a stream that the event goes to."""
        if not isinstance(self._channel, Stream) or self._channel.partitions == 1:
            return 0
        if self.spec.key == "entity":
            return self.site.luck.partition(event.key, self._channel.partitions)
        if self.spec.key == "group":
            return self.site.luck.partition_of_group(event.group, self._channel.partitions)
        self._turn += 1
        return self._turn % self._channel.partitions

    async def _keep(self, event: CloudEvent, turn: int) -> bool | None:
        """Keeps an event until the broker is back; a client learns the outcome then, a service continues at
        once.
        """
        later = asyncio.get_running_loop().create_future() if self._from_client else None
        self._buffer.append((event, turn, later))
        if self._emptying is None or self._emptying.done():
            self._emptying = asyncio.ensure_future(self._empty())
        return True if later is None else await later

    async def _empty(self) -> None:
        while self._buffer:
            if not await self._there():
                await asyncio.sleep(0.05)
                continue
            event, turn, later = self._buffer[0]
            ok = await self._attempt(event, turn, 0)
            if not ok and not await self._there():
                continue
            self._buffer.popleft()
            if later is not None and not later.done():
                later.set_result(ok)


class CallSender(Sender):
    """A call wire: timeout, retries with backoff, budget, breaker, bulkhead."""

    spec: Call

    def __init__(
        self, site: Site, spec: Call, repeated: Callable[[CloudEvent], None], caller: Caller
    ) -> None:
        super().__init__(site, spec, repeated)
        self._caller = caller
        self._spread = spec.retries + 1
        self._under_way = 0
        self._breaker = (
            None
            if spec.breaker_failures is None
            else Breaker(spec.breaker_failures, int(spec.breaker_reset_s * 1e6))
        )
        self._budget = None if spec.retry_budget is None else Budget(spec.retry_budget)

    async def send(self, event: CloudEvent, turn: int) -> bool | None:
        spec, clock = self.spec, self.site.clock
        if spec.lookup and event.state:
            return True
        if self._budget is not None:
            self._budget.earn(clock.now_us())
        for tries in range(self._spread):
            full = spec.max_in_flight is not None and self._under_way >= spec.max_in_flight
            if full or (self._breaker is not None and not self._breaker.allows(clock.now_us())):
                self.site.step("sent", spec.ref, False)
                return False
            answer = await self._attempt(event, turn * self._spread + tries)
            if self._breaker is not None:
                self._breaker.note(clock.now_us(), bool(answer))
            self.site.step("sent", spec.ref, bool(answer))
            if answer:
                return True
            if tries + 1 == self._spread or (self._budget is not None and not self._budget.spend()):
                return None if answer is None else False
            wait = spec.backoff_ms / 1000 * spec.backoff_factor**tries
            if spec.jitter:
                wait *= self.site.luck.backoff(
                    spec.ref, event.source, event.number, turn * self._spread + tries
                )
            await clock.sleep(wait)
            self.repeated(event)
        return False

    async def _attempt(self, event: CloudEvent, turn: int) -> bool | None:
        spec = self.spec
        self._under_way += 1
        try:
            return await asyncio.wait_for(
                self._ask(event, turn), None if spec.timeout_ms is None else spec.timeout_ms / 1000
            )
        except TimeoutError:
            return None
        finally:
            self._under_way -= 1

    async def _ask(self, event: CloudEvent, turn: int) -> bool:
        spec, faults = self.spec, self.site.faults
        if faults.cut(spec):
            await asyncio.Event().wait()  # nobody will ever answer
        await self.latency()
        ok = await self._caller.ask(
            f"/{self.spec.target}", {"event": event.encode(turn).decode(), "timeout_ms": spec.timeout_ms}
        )
        await self.latency()
        if faults.cut(spec) or faults.dropped("drop-replies", spec, event, turn):
            await asyncio.Event().wait()
        return ok is not None and ok.get("ok") is True


class AccessSender(CallSender):
    """A read or a write: a call of a database, with no more policy than a timeout and retries."""

    def __init__(
        self, site: Site, spec: Access, repeated: Callable[[CloudEvent], None], caller: Caller
    ) -> None:
        policy = Call(
            source=spec.source,
            target=spec.target,
            id=spec.id,
            latency_ms=spec.latency_ms,
            events=spec.events,
            timeout_ms=spec.timeout_ms,
            retries=spec.retries,
            required=spec.required,
        )
        super().__init__(site, policy, repeated, caller)
        self._access = spec

    async def _ask(self, event: CloudEvent, turn: int) -> bool:
        spec, faults = self._access, self.site.faults
        if faults.cut(spec):
            await asyncio.Event().wait()
        await self.latency()
        body = {"event": event.encode(turn).decode(), "wire": spec.ref, "user": spec.source}
        ok = await self._caller.ask(f"/{spec.kind}", body)
        await self.latency()
        if faults.cut(spec) or faults.dropped("drop-replies", spec, event, turn):
            await asyncio.Event().wait()
        return ok is not None and ok.get("ok") is True


class Senders:
    """The outgoing wires of one client, service or job, in their order."""

    def __init__(self, site: Site, part: str, repeated: Callable[[CloudEvent], None] | None = None) -> None:
        repeated = repeated or _nobody_counts
        self._site = site
        self._wires: list[Sender] = []
        front = Caller(site.place.front)
        for spec in site.design.wires_from(part):
            match spec:
                case Publish():
                    self._wires.append(PublishSender(site, spec, repeated))
                case Call():
                    self._wires.append(CallSender(site, spec, repeated, front))
                case Access():
                    self._wires.append(
                        AccessSender(site, spec, repeated, Caller(site.place.stores[spec.target]))
                    )

    async def open(self) -> None:
        """Connects to the brokers that are published to."""
        for wire in self._wires:
            if isinstance(wire, PublishSender):
                await self._site.link(wire.spec.target)

    async def proceed(
        self, event: CloudEvent, turn: int, dies: Callable[[int], bool] | None = None
    ) -> bool | None:
        """Goes along the wires for a success; along those for a failure if a required one of them fails.

        ``dies(step)`` says whether the worker dies before this step, counted from 0; then :class:`WorkerDied`
        is raised.
        """
        wires = [wire for wire in self._wires if wire.fits(event) and not wire.after_failure]
        for step, wire in enumerate(wires):
            if step and dies is not None and dies(step):
                raise WorkerDied
            ok = await wire.send(event, turn)
            if not ok and wire.required:
                return await self.fail(event, turn, ok)
        return True

    async def fail(self, event: CloudEvent, turn: int, told: bool | None) -> bool | None:
        """Goes along the wires for a failure; returns True if one of them rescues the handling."""
        rescued = False
        for wire in self._wires:
            if wire.after_failure and wire.fits(event):
                ok = await wire.send(event, turn)
                rescued = rescued or (bool(ok) and wire.rescues)
        return True if rescued else told

    def goes_anywhere(self, event: CloudEvent) -> bool:
        """Returns whether any wire takes this event."""
        return any(wire.fits(event) and not wire.after_failure for wire in self._wires)


def _nobody_counts(event: CloudEvent) -> None:
    """Counts nothing: only the attempts of clients are counted."""


class WorkerDied(Exception):
    """The death of a worker between two outgoing wires."""
