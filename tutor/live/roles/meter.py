"""The meter: declares the topology before a run, measures how full the channels are during it, and reads what
is left after it.
"""

from __future__ import annotations

import asyncio

from tutor.live.site import Site

EVERY_S = 0.25
"""How often the channels are looked at."""


async def declare_all(site: Site) -> None:
    """Creates all channels and subscriptions."""
    for link in await site.links():
        await link.declare()
    site.step("ready", "declare")


async def be_meter(site: Site) -> None:
    """Writes down how full each channel is, again and again."""
    links = await site.links()
    await site.ready("meter")
    await site.clock.until(0)
    while True:
        for link in links:
            if link.connected:
                for level in await link.levels():
                    site.step("depth", level.place, level.waiting, level.in_hand)
        await asyncio.sleep(EVERY_S)


async def read_rest(site: Site) -> None:
    """Writes down every event that is still held by a channel."""
    for link in await site.links():
        for left in await link.rest():
            site.step("held", left.place, left.source, left.number)
    site.step("ready", "rest")


async def clear_all(site: Site) -> None:
    """Removes all channels of the run from a server that was running before it."""
    for link in await site.links():
        await link.clear()
    site.step("ready", "clear")
