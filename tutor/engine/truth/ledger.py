"""The truth: what should have happened, and what did, by event id and not by anybody's counters.

For each required effect the ledger has one column of times for each source of events. Whether something was
lost is decided once, after the drain, by looking at the events still held anywhere; that costs nothing during
the run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tutor.engine.core.events import TOLD_NO, Event, Source
from tutor.engine.core.pieces import PIECE, Pieces, pieces
from tutor.model.clock import SECOND, micros
from tutor.model.path import Reach
from tutor.model.scenario import Effect, Scenario


class LedgerEntry:
    """One required effect, with the time at which it was applied for each event."""

    __slots__ = (
        "by_offer",
        "disorder",
        "effect",
        "newest",
        "offered",
        "repeats",
        "since",
        "superseded",
        "tables",
        "undone",
        "upstream",
    )

    def __init__(self, effect: Effect, reach: Reach) -> None:
        self.effect = effect
        self.since = micros(effect.from_s)
        self.tables: list[array[int] | None] = []
        """By source index: when it was applied for each event number, -1 for never; None where the source's
        events cannot come here.
        """
        self.newest: defaultdict[int, int] = defaultdict(int)
        self.repeats: list[tuple[int, int, int]] = []
        """(source index, number, time) of each application after the first."""
        self.disorder: list[tuple[int, int]] = []
        """(source index, number) applied after a later version of its key."""
        self.undone: set[tuple[int, int]] = set()
        self.superseded: set[tuple[int, int]] = set()
        """Skipped because a later version of the key had been applied already."""
        self.offered: set[tuple[int, int]] = set()
        """Where events come here by failure wires alone: those that were sent on."""
        self.by_offer = {
            source for source, sure in reach.sources_of(effect.event, effect.at).items() if not sure
        }
        self.upstream = reach.upstream(effect.at)

    def apply(self, now: int, event: Event) -> None:
        """Applies the effect for this event; the service does in place what is done here for the first time
        and in order.
        """
        number, index = event.number, event.flow.source.index
        table = self.tables[index]
        if table is None:
            return
        if table[number] < 0:
            table[number] = now
            key, version = event.key, event.version
            if self.newest[key] <= version:
                self.newest[key] = version
            else:
                self.disorder.append((index, number))
        elif (index, number) in self.undone:
            self.undone.remove((index, number))
        else:
            self.repeats.append((index, number, now))

    def supersede(self, event: Event) -> None:
        """Notes that the event is older than the one applied for its key: its effect is contained in the
        later one.
        """
        self.superseded.add((event.flow.source.index, event.number))

    def stands(self, index: int, number: int) -> bool:
        """Returns whether the effect has taken place for this event of this source, and was not taken
        back.
        """
        table = self.tables[index]
        return table is not None and table[number] >= 0 and (index, number) not in self.undone

    def undo(self, event: Event) -> None:
        """Takes the effect back, as a compensation."""
        place = event.flow.source.index, event.number
        table = self.tables[place[0]]
        if table is not None and table[event.number] >= 0:
            self.undone.add(place)


class Ledger:
    """All required effects of a scenario."""

    def __init__(self, scenario: Scenario, reach: Reach) -> None:
        self.reach = reach
        self.until = micros(scenario.run.duration_s)
        self.entries = [LedgerEntry(effect, reach) for effect in scenario.effects]
        self.sources: list[Source] = []
        self.rolled_back: dict[tuple[int, int], set[str]] = {}
        """(source index, number) of events whose transaction was rolled back and did not commit since, with
        the parts where: effects of them are ghosts.
        """
        self._committed: set[tuple[int, int, str]] = set()
        """(source index, number, database) of events that did commit where some are rolled back."""

    def opened(self, source: Source) -> None:
        """Registers a new source of events, with columns for the effects that its events can have."""
        self.sources.append(source)
        for entry in self.entries:
            possible = source.id in self.reach.sources_of(entry.effect.event, entry.effect.at)
            entry.tables.append(source.column() if possible else None)

    def effects_at(self, service: str, type: str) -> list[LedgerEntry]:
        """Returns the effects that a service applies when it has done its work for an event of this type."""
        return [entry for entry in self.entries if service in entry.effect.at and entry.effect.event == type]

    def undone_at(self, service: str, type: str) -> list[LedgerEntry]:
        """Returns the effects that a service takes back when it has done its work for an event of this
        type.
        """
        return [
            entry for entry in self.entries if service in entry.effect.at and entry.effect.undone_by == type
        ]

    def offer(self, event: Event, type: str) -> None:
        """Notes that an event was sent on because something failed: from here on its effects are expected."""
        for entry in self.entries:
            if entry.effect.event == type:
                entry.offered.add((event.flow.source.index, event.number))

    def roll_back(self, event: Event, where: str) -> None:
        """Notes that the transaction this event reports did not commit at a database, or that a stream has
        lost it; if an earlier try did commit, nothing is taken back.
        """
        place = event.flow.source.index, event.number
        if (*place, where) not in self._committed:
            self.rolled_back.setdefault(place, set()).add(where)

    def commit(self, event: Event, where: str) -> None:
        """Notes that the transaction committed, perhaps after tries that did not, at a database where some
        are rolled back.
        """
        place = event.flow.source.index, event.number
        self._committed.add((*place, where))
        left = self.rolled_back.get(place)
        if left is not None:
            left.discard(where)
            if not left:
                del self.rolled_back[place]

    def judge(self, entry: LedgerEntry, first: int, last: int, held: Held) -> Pieces[dict[str, Any]]:
        """Counts one effect for requests made from ``first`` to before ``last`` (µs), in pieces."""
        counts = Counter[str]()
        delays: list[int] = []
        limit = None if entry.effect.deadline_s is None else int(entry.effect.deadline_s * SECOND)
        spans: dict[int, tuple[int, int]] = {}
        for source in self.sources:
            table = entry.tables[source.index]
            if table is None:
                continue
            low, high = bisect_left(source.made, max(first, entry.since)), bisect_left(source.made, last)
            if source.derived and last >= self.until:
                high = len(source.made)
            spans[source.index] = low, high
            for piece in pieces(low, high):
                self._count(entry, source, piece, held, counts, delays)
                yield
        counts["applied"] = len(delays)
        counts["expected"] = sum(
            counts[name] for name in ("applied", "undone", "superseded", "refused", "lost", "pending")
        )
        inside = _Inside(spans)
        counts["late"] = 0 if limit is None else sum(delay > limit for delay in delays)
        counts["duplicates"] = sum(inside(index, number) for index, number, _ in entry.repeats)
        counts["out_of_order"] = sum(inside(index, number) for index, number in entry.disorder)
        counts["ghosts"] = sum(
            inside(index, number)
            for index, number in self.rolled_back
            if (table := entry.tables[index]) is not None and table[number] >= 0
        )
        names = ["expected", "applied", "refused", "lost", "pending", "duplicates", "out_of_order", "ghosts"]
        names += ["late"] if limit is not None else []
        names += ["superseded"] if entry.superseded else []
        if entry.effect.undone_by:
            counts["orphans"] = self._orphans(entry, spans)
            names += ["undone", "orphans"]
        return {**{name: counts[name] for name in names}, "delays": delays}

    def _orphans(self, entry: LedgerEntry, spans: dict[int, tuple[int, int]]) -> int:
        """Counts the effects that are in place although their story failed, and that nobody has taken back.

        A story fails where the client was told no, or where another effect of the same event did not take
        place or was taken back.
        """
        others = [
            other for other in self.entries if other is not entry and other.effect.event == entry.effect.event
        ]
        return sum(
            entry.stands(index, number)
            and (
                _told_no(self.sources[index], number)
                or not all(other.stands(index, number) for other in others)
            )
            for index, (low, high) in spans.items()
            for number in range(low, high)
        )

    def _count(
        self,
        entry: LedgerEntry,
        source: Source,
        numbers: range,
        held: Held,
        counts: Counter[str],
        delays: list[int],
    ) -> None:
        index, made = source.index, source.made
        table = entry.tables[index]
        assert table is not None
        by_offer = source.id in entry.by_offer
        for number in numbers:
            applied = table[number]
            if applied >= 0 and not entry.undone:
                delays.append(applied - made[number])
                continue
            if by_offer and applied < 0 and (index, number) not in entry.offered:
                continue
            if applied >= 0:
                if (index, number) in entry.undone:
                    counts["undone"] += 1
                else:
                    delays.append(applied - made[number])
            else:
                counts[self.fate(entry, source, number, held)] += 1

    def fate(self, entry: LedgerEntry, source: Source, number: int, held: Held) -> str:
        """Returns the fate of an event whose effect was not applied: ``pending``, ``refused`` or ``lost``."""
        if (source.index, number) in entry.superseded:
            return "superseded"
        places = held.get(source.index, {}).get(number)
        if places is not None and not entry.upstream.isdisjoint(places):
            return "pending"
        end = source.answered[number]
        return "refused" if end >= 0 and end & 3 == TOLD_NO else "lost"


Held = dict[int, dict[int, frozenset[str]]]
"""Where each event is still held, by source index and number: ids of components; what is held in the same
places shares one set.
"""


def find_held(places: Iterable[tuple[str, Iterable[Event]]]) -> Pieces[Held]:
    """Finds which events are held where, for :meth:`Ledger.judge`; in pieces."""
    held: Held = {}
    for place, events in places:
        here = frozenset((place,))
        also: dict[frozenset[str], frozenset[str]] = {}
        for count, event in enumerate(events, 1):
            numbers = held.setdefault(event.flow.source.index, {})
            known = numbers.get(event.number)
            if known is None:
                numbers[event.number] = here
            elif place not in known:
                numbers[event.number] = also.setdefault(known, known | here)
            if count % PIECE == 0:
                yield
        yield
    return held


class _Inside:
    """A filter for events whose numbers lie in the measured part of their source."""

    def __init__(self, spans: dict[int, tuple[int, int]]) -> None:
        self.spans = spans

    def __call__(self, index: int, number: int) -> bool:
        span = self.spans.get(index)
        return span is not None and span[0] <= number < span[1]


def _told_no(source: Source, number: int) -> bool:
    end = source.answered[number]
    return end >= 0 and end & 3 == TOLD_NO
