"""A service as a group of readers of a stream: the work of one replica with the records of its partitions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from tutor.live.brokers import BrokerDelivery, GroupPlace
from tutor.live.sending import WorkerDied
from tutor.model.component import Stream
from tutor.model.wire import Subscribe

if TYPE_CHECKING:
    from tutor.live.roles.service import ServiceWorker


class GroupMember:
    """One replica's end of one subscription of a stream; its workers are the members of the group."""

    def __init__(self, worker: ServiceWorker, wire: Subscribe) -> None:
        self.worker = worker
        self.site = worker.site
        self.wire = wire
        self.stream = cast("Stream", self.site.part(wire.source))
        self._membership: GroupPlace

    async def start(self) -> None:
        """Joins the group."""
        link = await self.site.link(self.wire.source)
        self._membership = await link.join(
            self.wire, self.worker.replica, self.worker.spec.workers, self._handle
        )

    async def leave(self) -> None:
        """Leaves the group in good order."""
        await self._membership.leave()

    async def _handle(self, delivery: BrokerDelivery) -> None:
        """Handles one record to its end: again and again if it fails, since those behind it have to wait."""
        wire, site, event = self.wire, self.site, delivery.event
        from tutor.live.roles.service import give_up

        turn, tries = delivery.turn, 0
        while True:
            site.step(
                "delivered", wire.source, wire.target, event.source, event.number, delivery.count + tries
            )
            try:
                async with self.worker.free:
                    ok = await self.worker.handle(event, turn + tries, wire.schema)
            except WorkerDied:
                ok = False
            if ok:
                site.step("acked", wire.source, wire.target, event.source, event.number)
                return
            if wire.on_error == "drop":
                site.step("dropped", wire.source, event.source, event.number, "error")
                return
            if wire.on_error == "dead-letter":
                delivery.turn = turn + tries
                await give_up(site, wire.source, delivery, "error")
                return
            tries += 1
            await asyncio.sleep(wire.retry_delay_s or 0.001)
