"""The mover: takes messages that have used up their deliveries out of their channel, to the dead letters if
there are any.

It also coordinates the groups that read streams, where a broker leaves that to somebody.
"""

from __future__ import annotations

import asyncio

from tutor.live.events import CloudEvent
from tutor.live.roles.service import REPEAT, dead_letters
from tutor.live.site import Site
from tutor.model.component import Channel


async def be_mover(site: Site) -> None:
    """Moves messages until it is told to stop; only for brokers that leave this to others."""

    async def move(channel: Channel, event: CloudEvent, turn: int) -> None:
        target = dead_letters(site, channel.id)
        if target is not None:
            link = await site.link(target)
            name = f"{channel.id}/{event.id}/{event.type}/dead"
            await link.publish(site.part(target), event, turn + REPEAT, place=0, id=name, timeout_s=5)
            site.step("dead", channel.id, target, event.source, event.number, "max-deliveries")
            site.step("stored", target, event.source, event.number)
        else:
            site.step("dropped", channel.id, event.source, event.number, "max-deliveries")

    for link in await site.links():
        await link.assist(move)
    await site.ready("mover")
    await asyncio.Event().wait()
