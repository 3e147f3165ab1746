"""Scripted sequences: stories that a client's traffic tells now and then, each about one key.

A sequence starts at random moments (Poisson) and takes its key, the times between its steps and its delays
from streams of chance of its own, so that the client's other traffic is the same with and without it. The
times of a script are *event time*: a late event arrives after it happened, and may then be overtaken by the
next step.
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from math import log
from typing import TYPE_CHECKING

from tutor.engine.core.events import Event, Flow, make_event
from tutor.model.clock import micros
from tutor.model.path import source_id
from tutor.model.records import Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tutor.engine.services.clients import ClientPart, Rates

FOLLOWED = 60
"""About how many stories of one script a timeline follows."""
LOT = 256
"""Starts made at once: 30,757 take 117 ms one by one, 20 ms in lots of 16, 15 ms in lots of 64 or more."""


class Script:
    """One kind of sequence of one client, with sources of events of its own, made at the start of the run."""

    def __init__(self, client: ClientPart, spec: Sequence) -> None:
        self.client = client
        self.spec = spec
        self.id = f"{client.id}/{spec.name}"
        self.flows: dict[str, Flow] = {}
        """By type: its events; each type has a source of its own, because an effect expects all events of a
        source.
        """
        for step in spec.steps:
            if step.event not in self.flows:
                source = client.world.source(source_id(client.id, spec.name, step.event))
                source.place = client.id
                self.flows[step.event] = Flow(source, step.event)
        self.entries: list[tuple[int, int, int, int]] = []
        """In the order of their arrival: (arrives, story, step, happened)."""
        self.endings: dict[tuple[int, int], int] = {}
        """(source index, number) of the event that ends a complete story, and which story that is."""
        self.spans: dict[int, tuple[int, int]] = {}
        """By complete story: when the first and the last of its events arrive."""
        self.follow: Callable[[int, Event], None] | None = None
        """Called for the events of some stories, to follow them."""

    def open(self, rates: Rates, until: int) -> None:
        """Makes all events of the run: stories begin at the moments of ``rates``, and nothing arrives from
        ``until`` (µs) on.
        """
        starts = self._starts(rates, until)
        client, name, chance = self.client.spec, self.id, self.client.world.chance
        steps = self.spec.steps
        gaps, lates = chance.uniforms(name, "gap", name), chance.uniforms(name, "late", name)
        found = []
        for story, start in enumerate(starts):
            happened = start
            for step, spec in enumerate(steps):
                place = story * len(steps) + step
                stretch = 1.0 if spec.exact else -log(1.0 - gaps.at(place))
                happened += micros(spec.after_s * stretch)
                luck = lates.at(place)
                late = luck / client.late_share * client.late_s if luck < client.late_share else 0.0
                found.append((happened + micros(late), story, step, happened))
        self.entries = sorted(entry for entry in found if entry[0] < until)
        self.keys = chance.keys(name, client.keys, client.key_skew)
        self._enter(len(starts))
        if self.entries:
            self.client.kernel.at(self.entries[0][0], self._arrive, 0)

    def _enter(self, stories: int) -> None:
        """Enters the events in the columns of their sources, and finds the stories that run to their end."""
        steps = self.spec.steps
        arrivals: list[list[int]] = [[] for _ in range(stories)]
        endings: dict[int, tuple[int, int]] = {}
        for arrives, story, step, _ in self.entries:
            source = self.flows[steps[step].event].source
            if step == len(steps) - 1:
                endings[story] = source.index, len(source.made)
            source.grow(array("q", [arrives]))
            arrivals[story].append(arrives)
        for story, times in enumerate(arrivals):
            if len(times) == len(steps):
                self.spans[story] = min(times), max(times)
                self.endings[endings[story]] = story
        self.numbers = dict.fromkeys(self.flows, 0)

    def _starts(self, rates: Rates, until: int) -> list[int]:
        unit = self.client.world.chance.uniform(self.id, "starts")
        starts: list[int] = []
        reached = 0.0
        while True:
            lot = list(accumulate((-log(1.0 - unit()) for _ in range(LOT)), initial=reached))[1:]
            reached = lot[-1]
            moments = rates.moments(lot)
            starts.extend(moment for moment in moments if moment < until)
            if len(moments) < len(lot):
                return starts

    def _arrive(self, now: int, place: int) -> None:
        client = self.client
        if place + 1 < len(self.entries):
            client.kernel.at(self.entries[place + 1][0], self._arrive, place + 1)
        _, story, step, happened = self.entries[place]
        key = int(self.keys.at(story))
        versions = client.world.versions
        version = versions[key] = versions[key] + 1
        flow = self.flows[self.spec.steps[step].event]
        event = make_event(flow, self.numbers[flow.type], key, version, now)
        self.numbers[flow.type] += 1
        event.group = self.spec.steps[step].group or client.group_of(key)
        event.happened = happened
        if self.follow is not None and story % max(1, len(self.spans) // FOLLOWED) == 0:
            self.follow(now, event)
        client.request(now, event)

    def complete(self, first: int, last: int) -> set[int]:
        """Returns the stories all of whose events were made from ``first`` to before ``last`` (µs)."""
        return {story for story, (begin, end) in self.spans.items() if first <= begin and end < last}
