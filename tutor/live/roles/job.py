"""A job: wakes up by the clock, asks its databases for new rows and handles them one by one."""

from __future__ import annotations

import asyncio
from typing import cast

from tutor.live.events import decode
from tutor.live.http import Caller
from tutor.live.sending import Senders, WorkerDied
from tutor.live.site import Site
from tutor.model.component import Job
from tutor.model.wire import Poll


async def be_job(site: Site, id: str, begin_s: float) -> None:
    """Runs every interval until it is told to stop; a run that is late skips the ticks it missed."""
    spec = cast("Job", site.part(id))
    polls = [wire for wire in site.design.wires_to(id) if isinstance(wire, Poll)]
    stores = {wire.ref: Caller(site.place.stores[wire.source]) for wire in polls}
    senders = Senders(site, id)
    await senders.open()
    watching = asyncio.ensure_future(site.clock.watch())
    await site.ready(id)
    start = max(begin_s, spec.from_s)
    tick = spec.interval_s
    while tick < start:
        tick += spec.interval_s
    tries: dict[tuple[str, str], int] = {}
    while not watching.done():
        await site.clock.until(tick)
        for wire in polls:
            if not site.faults.cut(wire):
                await _run(site, spec, wire, stores[wire.ref], senders, tries)
        while tick <= site.clock.now_s():
            tick += spec.interval_s


async def _run(
    site: Site, spec: Job, wire: Poll, store: Caller, senders: Senders, tries: dict[tuple[str, str], int]
) -> None:
    """Runs one query, and handles the rows that it found."""
    asked = {
        "job": spec.id,
        "types": list(wire.events),
        "scan_ms": spec.scan_ms,
        "scan_ms_per_1000_rows": spec.scan_ms_per_1000_rows,
    }
    found = await store.ask("/scan", asked)
    acts = {effect.event for effect in site.scenario.effects if spec.id in effect.at}
    for body in (found or {}).get("rows", [])[: spec.batch]:
        event, _ = decode(body.encode())
        turn = tries[event.id, event.type] = tries.get((event.id, event.type), -1) + 1
        site.step("began", spec.id)
        began = site.clock.now_us()
        await site.clock.sleep(spec.row_ms / 1000 * site.faults.slowness(spec.id, 0))
        try:
            ok = await senders.proceed(event, turn)
        except WorkerDied:
            ok = False
        if ok:
            await store.ask("/done", {"job": spec.id, "event": event.id, "type": event.type})
            if event.type in acts:
                site.step(
                    "applied", spec.id, event.type, event.source, event.number, event.key, event.version
                )
        site.step("ended", spec.id, bool(ok), site.clock.now_us() - began)
