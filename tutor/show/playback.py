"""A finished run on show: its cursor, whether it moves, and the picture at the cursor.

The playback knows no screen: it draws on a :class:`RunView`, and the owner of a clock calls
:meth:`Playback.tick`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Protocol

from tutor.judge.diagnosis import Diagnosis
from tutor.judge.words import called
from tutor.model.component import Component
from tutor.model.level import Goal, Look
from tutor.model.note import Note
from tutor.model.timeline import Journey, Mark, Timeline
from tutor.model.wire import Wire
from tutor.show.braille import clock
from tutor.show.cards import Styled
from tutor.show.marks import ODD_HOPS, SIGNS, WRONG_HOPS, mark_words, minded, odd_hop, turning_point
from tutor.show.player import Player
from tutor.show.states import States
from tutor.show.styled import style_part, style_wire
from tutor.words import say
from tutor.words.happenings import detail_words, hop_words

SAME_MOMENT_S = 1e-6
"""Things that lie no further apart than this happen at one moment: simulated time is whole microseconds."""
MOST_FRAME_S = 0.25
"""The longest step of the cursor on the wall: after a frame that took longer, the run goes on
where it was.
"""


SOON = 1 / 60
"""From this share of a run on its picture shows something: before, hardly an event has arrived, and the clock
says 0:00.
"""
NEARLY = 0.9
"""A wait or a line counts as the longest from this share of it on: one that grows to the end of the run is
shown before that.
"""
QUIET = ("planned", "fault-over", "breaker-closed")
"""Marks at which nothing goes wrong."""


class RunView(Protocol):
    """The screen on which a run is shown."""

    def show_run(self, timeline: Timeline | None) -> None:
        """Shows this run, or none: the design at rest."""

    def show_cursor(self, *, now: bool) -> None:
        """Shows the run at its cursor; with ``now`` also the things that are otherwise refreshed a few times
        a second.
        """

    def show_playing(self, playing: bool) -> None:
        """Shows whether the run moves, and starts or stops the frames."""


class Playback:
    """The run on show, if there is one."""

    def __init__(self, view: RunView, speed: float = 1.0, goals: Sequence[Goal] = ()) -> None:
        self._view = view
        self._odd = minded(goals)
        self.speed = speed
        """How fast runs are played back, against the usual pace."""
        self.player: Player | None = None
        """The cursor of the run on show; None where there is no run."""
        self._states: States | None = None
        self.on_stage = False
        """Whether the run is drawn; after an edit the design is drawn without it until the cursor moves."""

    @property
    def timeline(self) -> Timeline | None:
        """The run on show."""
        return self.player.timeline if self.player is not None else None

    @property
    def playing(self) -> bool:
        """True if the cursor moves by itself."""
        return self.player is not None and self.player.playing

    @property
    def paused(self) -> bool:
        """True if the run is drawn and its cursor rests before the end."""
        return self.on_stage and self.player is not None and not self.player.playing and not self.player.over

    @property
    def over(self) -> bool:
        """True if the cursor is at the end."""
        return self.player is not None and self.player.over

    @property
    def when(self) -> str:
        """The moment of the cursor, in the form that suits the length of the run."""
        return clock(self.player.cursor_s, self.player.end_s) if self.player is not None else ""

    # the run

    def load(self, timeline: Timeline) -> None:
        """Loads a run, at its start."""
        self.stop()
        self.player = Player(timeline, speed=self.speed, odd=self._odd)
        self._states = States(timeline)
        self.on_stage = False
        self.seek(0.0)

    def unload(self) -> None:
        """Unloads the run."""
        self.stop()
        self.rest()
        self.player = self._states = None

    def rest(self) -> None:
        """Shows the design without the run; the run comes back with the next move of the cursor."""
        self.stop()
        if self.on_stage:
            self.on_stage = False
            self._view.show_run(None)

    # the cursor

    def play(self) -> None:
        """Plays on, from the start if the cursor was at the end."""
        if self.player is None:
            return
        if self.player.over:
            self.seek(0.0)
        self._enter()
        self.player.playing = True
        self._view.show_playing(True)

    def stop(self) -> None:
        """Stops the cursor where it is."""
        if self.player is not None:
            self.player.playing = False
        self._view.show_playing(False)

    def tick(self, wall_s: float) -> bool:
        """Moves the cursor by this much real time; returns True if that takes it to the end."""
        if self.player is None or not self.player.playing:
            return False
        over = self.player.advance(min(wall_s, MOST_FRAME_S))
        self._view.show_cursor(now=over)
        if over:
            self.stop()
        return over

    def seek(self, at_s: float) -> None:
        """Moves the cursor to a moment."""
        if self.player is not None:
            self.player.seek(at_s)
            self._enter()
            self._view.show_cursor(now=True)

    def to_end(self) -> None:
        """Moves the cursor to the end of the run."""
        if self.player is not None:
            self.stop()
            self.seek(self.player.end_s)

    def scrub(self, presses: int) -> None:
        """Moves the cursor by presses of a scrub key, back if negative."""
        if self.player is not None:
            self.player.scrub(presses)
            self.seek(self.player.cursor_s)

    def step(self) -> None:
        """Moves the cursor to the next event on the timeline."""
        if self.player is not None:
            self.stop()
            self.player.step()
            self.seek(self.player.cursor_s)

    def jump(self, kind: str) -> Mark | None:
        """Puts the cursor on the next mark of a kind, from the start again after the last; returns None if
        there is no such mark.
        """
        mark = self.player.next_mark(kind) if self.player is not None else None
        if mark is not None:
            self.stop()
            self.seek(mark.at_s)
        return mark

    def change_speed(self, by: int) -> float:
        """Changes the speed one step up or down; returns the new speed, which also applies to later runs."""
        if self.player is not None:
            self.speed = self.player.change_speed(by)
        return self.speed

    def _enter(self) -> None:
        if not self.on_stage and self.player is not None:
            self.on_stage = True
            self._view.show_run(self.player.timeline)

    # what is seen

    def state_of(self, part: Component | Wire | Note | None) -> Styled | None:
        """Returns the state of a part or wire at the cursor; None if no run is drawn."""
        if self.player is None or self._states is None or not self.on_stage:
            return None
        if part is None or isinstance(part, Note):
            return None
        at_s = self.player.cursor_s
        if isinstance(part, Wire):
            return style_wire(self._states.wire(part.ref, at_s), self.when)
        return style_part(self._states.part(part.id, at_s), self.when, part.kind)

    def moment(self, called: Mapping[str, str], part: Component | Wire | Note | None = None) -> str:
        """Describes what has just happened at the cursor; if nothing has, the state of ``part``, or of the
        clients.

        ``called`` has the titles of parts by id.
        """
        if self.player is None or self._states is None:
            return ""
        at_s = self.player.cursor_s
        lines = [
            mark_words(mark, self.player.end_s, called)
            for mark in self.player.marks
            if _same(mark.at_s, at_s)
        ]
        for journey in self.player.timeline.journeys:
            for hop in journey.hops:
                if _same(hop.at_s, at_s):
                    part_name = called.get(hop.where, hop.where)
                    if hop.detail:
                        line = say(
                            "playback.hop-detail",
                            when=self.when,
                            event=journey.event_id,
                            what=hop_words(hop.what),
                            part=part_name,
                            detail=detail_words(hop.detail),
                        )
                    else:
                        line = say(
                            "playback.hop",
                            when=self.when,
                            event=journey.event_id,
                            what=hop_words(hop.what),
                            part=part_name,
                        )
                    lines.append(line)
        if lines:
            return say("playback.more", first=lines[0], count=len(lines) - 1) if len(lines) > 1 else lines[0]
        state = self.state_of(part)
        if state is not None and part is not None and not isinstance(part, Wire):
            text = ", ".join(text.strip() for text, _ in state[1:] if text.strip())
            return say("playback.state", when=self.when, part=part.name, state=text)
        clients = [self._states.part(name, at_s) for name in self.player.timeline.clients]
        ok, failed = sum(one.ok_total for one in clients), sum(one.failed_total for one in clients)
        return say("playback.calm", when=self.when, ok=ok, failed=failed)


def _same(one_s: float, other_s: float) -> bool:
    return abs(one_s - other_s) < SAME_MOMENT_S


def followed(timeline: Timeline, look: Look | None) -> Journey | None:
    """Returns the event whose path shows what a level is about: the first in its time span with the outcome
    that it follows, if possible one that took effect at its place, or was there; None if there is none.
    """
    if look is None or not look.follow:
        return None
    ends = set(look.at.partition(":")[0].split("->"))

    def rank(journey: Journey) -> tuple[bool, bool, float]:
        here = [hop for hop in journey.hops if hop.where in ends]
        return not any(hop.what == "applied" for hop in here), not here, turning_point(journey)

    found = [
        one
        for one in timeline.journeys
        if one.outcome == look.follow and look.from_s <= turning_point(one) < look.to_s
    ]
    return min(found, key=rank, default=None)


def followed_words(journey: Journey, timeline: Timeline, names: Mapping[str, str]) -> str:
    """Describes in one sentence what went wrong with an event."""
    at_s, odd = turning_point(journey), odd_hop(journey)
    wrong = next((hop.where for hop in journey.hops if hop.at_s == at_s and hop.what in WRONG_HOPS), "")
    part = called(odd[1] if odd is not None else wrong or journey.hops[-1].where, names)
    done = [hop for hop in journey.hops if hop.what == "applied"]
    match journey.outcome:
        case "duplicate" if odd is not None:
            first = clock(next((hop.at_s for hop in done), at_s), timeline.end_s)
            again = clock(at_s, timeline.end_s)
            return say(
                "playback.followed.duplicate", event=journey.event_id, part=part, first=first, again=again
            )
        case "out-of-order" if (later := overtaken_by(journey, timeline.journeys)) is not None:
            return say(
                "playback.followed.out-of-order",
                version=journey.version,
                subject=journey.key,
                part=part,
                later=later.version,
            )
        case "failed" if done:
            parts = [called(one, names) for one in dict.fromkeys(hop.where for hop in done)]
            return say("playback.followed.half-done", event=journey.event_id, parts=parts, part=part)
        case "lost":
            return say("playback.followed.lost", event=journey.event_id, part=part)
        case _:
            return say("playback.followed.wrong", event=journey.event_id, part=part)


def moment_found(found: Diagnosis, look: Look | None) -> float | None:
    """Returns when to look for a reason: when it was measured; if that is the start or unknown, the level's
    own moment.
    """
    return found.at_s if look is None or found.at_s else look.from_s


def moment_to_show(timeline: Timeline, at_s: float | None, item: str, marks: tuple[Mark, ...]) -> float:
    """Returns the moment of a run at which the picture shows the finding.

    The moment that was measured where it lies inside the run; else, at ``item``, when a copy first differs,
    an event goes wrong or anything else is marked; then the first failure anywhere, and last the longest wait
    or line there: never the start, where the picture is empty, nor the end.
    """
    last_s = timeline.end_s - timeline.step_s
    if at_s is not None and timeline.step_s <= at_s < last_s:
        return at_s
    soon_s = max(timeline.step_s, SOON * timeline.end_s)
    ends = set(item.partition(":")[0].split("->")) if item else set()
    for moments in _telling(timeline, ends, marks):
        shown = min((moment for moment in moments if soon_s <= moment < last_s), default=None)
        if shown is not None:
            return shown
    return min(max(at_s or 0.0, soon_s), last_s)


def _telling(timeline: Timeline, ends: Set[str], marks: Sequence[Mark]) -> Iterator[Iterable[float]]:
    """Yields the moments at which something can be seen at these parts, the most telling kind first."""
    step_s = timeline.step_s
    for end in ends & timeline.components.keys():
        differ = timeline.components[end].extra.get("diverged_keys", ())
        yield ((step + 0.5) * step_s for step, keys in enumerate(differ) if keys)
    yield (
        turning_point(one)
        for one in timeline.journeys
        if one.outcome != "ok" and (not ends or any(hop.where in ends for hop in one.hops))
    )
    yield (
        mark.at_s
        for mark in marks
        if mark.kind in SIGNS and mark.kind not in QUIET and ends & set(mark.target.split("+"))
    )
    yield (mark.at_s for mark in marks if mark.kind == "first-failure")
    levels: list[Sequence[float | None]] = []
    levels += [timeline.clients[end].response_ms for end in ends & timeline.clients.keys()]
    levels += [
        track.delay_ms
        for name, track in timeline.effects.items()
        if ends & set(name.partition("/")[0].split("+"))
    ]
    for end in ends & timeline.components.keys():
        levels += [timeline.components[end].depth, timeline.components[end].busy]
    for values in levels:
        most = max((value for value in values if value is not None), default=0)
        yield (
            (step + 0.5) * step_s
            for step, value in enumerate(values)
            if value is not None and 0 < NEARLY * most <= value
        )


def in_order(journeys: Sequence[Journey]) -> list[Journey]:
    """Returns the journeys of a run in the order of their list: events that took effect wrongly first, then
    failures, then the rest.
    """
    return sorted(journeys, key=lambda one: one.outcome not in ODD_HOPS)


def overtaken_by(journey: Journey, journeys: Sequence[Journey]) -> Journey | None:
    """Returns the later event of the same subject that took effect before this one; None if the sample has no
    such event.
    """
    odd = odd_hop(journey)
    if journey.outcome != "out-of-order" or odd is None:
        return None
    at_s, where = odd
    rivals = [one for one in journeys if one.key == journey.key and one.version > journey.version]
    before = [
        one
        for one in rivals
        if any(hop.what == "applied" and hop.where == where and hop.at_s <= at_s for hop in one.hops)
    ]
    return min(before, key=lambda one: one.version, default=None)
