"""The surroundings of one process in a live run: the scenario, its luck, the clock, its records, and links to
the brokers.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutor.engine.luck import Luck
from tutor.live.brokers import Adapter, BrokerLink
from tutor.live.brokers.topology import Topology
from tutor.live.clock import Clock
from tutor.live.faults import FaultBehavior
from tutor.live.records import Records
from tutor.model.component import Component
from tutor.model.scenario import Scenario


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The addresses and folder of one run; the same for all its processes."""

    folder: Path
    """The run's own folder: records, databases, the servers' data."""
    urls: Mapping[str, str]
    """By channel: the server that it is on."""
    prefix: str
    """What names on the servers begin with."""
    front: int
    """The port of the front that calls go through; 0 where nothing is called."""
    stores: Mapping[str, int]
    """By database: its port."""

    @property
    def start(self) -> Path:
        """The file that appears when everybody is ready: it holds the start of the run on the monotonic
        clock.
        """
        return self.folder / "start"


BEFORE_S = 3600.0
"""Until the start is known it lies this far ahead: what is written down before has a negative time."""


class Site:
    """One process's surroundings."""

    def __init__(self, adapter: Adapter, scenario: Scenario, luck: Luck, place: Place, name: str) -> None:
        self.adapter = adapter
        self.scenario = scenario
        self.design = scenario.design
        self.luck = luck
        self.place = place
        self.clock = Clock(time.monotonic() + BEFORE_S)
        self.records = Records(place.folder / "steps", name, self.clock)
        self.faults = FaultBehavior(luck, self.clock)
        self._links: dict[str, BrokerLink] = {}

    def part(self, id: str) -> Component:
        """Returns the part of this id."""
        return self.design.components[id]

    async def link(self, channel: str) -> BrokerLink:
        """Returns the connection to the server that a channel is on; opened when it is first needed."""
        url = self.place.urls[channel]
        link = self._links.get(url)
        if link is None:
            here = frozenset(id for id, other in self.place.urls.items() if other == url)
            link = self._links[url] = self.adapter.link(url, Topology(self.scenario, here, self.place.prefix))
            await link.open()
        return link

    async def links(self) -> list[BrokerLink]:
        """Returns connections to all servers of the run."""
        for channel in self.place.urls:
            await self.link(channel)
        return list(self._links.values())

    async def close(self) -> None:
        """Disconnects from all servers."""
        for link in self._links.values():
            await link.close()

    async def ready(self, role: str) -> None:
        """Says that this process can begin, and waits until all can."""
        self.step("ready", role)
        while True:
            with contextlib.suppress(OSError, ValueError):
                self.clock.start = float(self.place.start.read_text())
                return
            await asyncio.sleep(0.01)

    def step(self, word: str, *values: Any) -> None:
        """Writes one step down; if that can't be done the process ends with the error's number, as its work
        could no longer be counted.
        """
        try:
            self.records.step(word, *values)
        except OSError as error:
            os._exit(error.errno or 1)
