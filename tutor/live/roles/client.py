"""A client: makes its requests when the scenario says, whatever the system does with them."""

from __future__ import annotations

import asyncio

from tutor.engine.core.events import GAVE_UP, OK, TOLD_NO
from tutor.engine.luck import PlannedRequest
from tutor.live.events import CloudEvent
from tutor.live.sending import Senders
from tutor.live.site import Site


async def be_client(site: Site, id: str) -> None:
    """Makes all requests of one client, each at its moment, and waits for their outcomes."""
    senders = Senders(site, id, lambda event: site.step("tried", id, event.source, event.number))
    await senders.open()
    requests = [request for request in site.luck.requests() if request.client == id]
    await site.ready(id)
    open_: set[asyncio.Task[None]] = set()
    for request in requests:
        await site.clock.until(request.at_us / 1e6)
        task = asyncio.ensure_future(_ask(site, senders, request))
        open_.add(task)
        task.add_done_callback(open_.discard)
    if open_:
        await asyncio.wait(open_)
    site.step("over", id)
    await asyncio.Event().wait()


async def _ask(site: Site, senders: Senders, request: PlannedRequest) -> None:
    event = CloudEvent(
        request.source,
        request.number,
        request.type,
        request.key,
        request.version,
        request.at_us,
        request.happened_us,
        request.group,
    )
    site.step("asked", request.client, request.source, request.number)
    if not senders.goes_anywhere(event):
        return  # nobody will ever answer
    ok = await senders.proceed(event, 0)
    ending = OK if ok else TOLD_NO if ok is False else GAVE_UP
    site.step("answered", request.source, request.number, ending)
