"""A relay: publishes the writes to a database, in the order of the commits and at least once, from an
outbox.
"""

from __future__ import annotations

import asyncio

from tutor.live.brokers import Confirm
from tutor.live.events import CloudEvent, decode
from tutor.live.http import Caller
from tutor.live.site import Site
from tutor.model.component import Stream
from tutor.model.wire import Capture

LOOK_S = 0.02
"""How often the outbox is looked at."""
RETRY_S = 0.1
"""How long the relay waits when the broker does not take something."""


async def be_relay(site: Site, ref: str, begin_s: float) -> None:
    """Publishes until it is told to stop, from its last checkpoint on."""
    wire = next(wire for wire in site.design.wires if wire.ref == ref)
    assert isinstance(wire, Capture)
    store = Caller(site.place.stores[wire.source])
    link = await site.link(wire.target)
    await site.ready(ref)
    await site.clock.until(begin_s)
    place: int | None = None
    noted = 0
    next_note = site.clock.now_s() + wire.checkpoint_s
    turn = 0
    while True:
        found = await store.ask("/outbox", {"after": place or 0, "wire": ref})
        if found is None:
            place = None  # the database is away, and the relay starts over when it is back
            await asyncio.sleep(RETRY_S)
            continue
        if place is None:
            place = noted = int(found["start"])
            continue
        for at, committed_us, body in found["changes"]:
            event, _ = decode(body.encode())
            await site.clock.until(committed_us / 1e6 + wire.lag_ms / 1000)
            if not wire.events or event.type in wire.events:
                while not await _publish(site, wire, event, turn):
                    await asyncio.sleep(RETRY_S)
            turn += 1
            place = at
            if site.clock.now_s() >= next_note:
                break
        if site.clock.now_s() >= next_note:
            next_note = site.clock.now_s() + wire.checkpoint_s
            if place != noted and await store.ask("/checkpoint", {"wire": ref, "place": place}):
                noted = place
        if not found["changes"]:
            await asyncio.sleep(LOOK_S)
    await link.close()


async def _publish(site: Site, wire: Capture, event: CloudEvent, turn: int) -> bool:
    """Makes one attempt; returns whether the broker has confirmed, as far as the relay knows."""
    if site.faults.cut(wire):
        return False
    channel = site.part(wire.target)
    event = event.named(wire.event)
    event.state = event.state or wire.payload == "state"
    spreads = wire.schema_change != "none" and site.faults.spreading(wire.source)
    event.form = wire.schema_change if spreads else ""
    partitions = channel.partitions if isinstance(channel, Stream) else 1
    place = turn % partitions if wire.key == "none" else site.luck.partition(event.key, partitions)
    if wire.key == "group":
        place = site.luck.partition_of_group(event.group, partitions)
    link = await site.link(wire.target)
    outcome = await link.publish(channel, event, 0, place=place, id="", timeout_s=None)
    ok = outcome is Confirm.CONFIRMED
    if ok:
        site.step("stored", wire.target, event.source, event.number)
        ok = not site.faults.dropped("drop-acks", wire, event, 0)
    site.step("sent", wire.ref, ok)
    return ok
