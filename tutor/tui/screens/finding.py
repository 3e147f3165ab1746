"""Finding out why, on the bench: the diagnosis with its evidence, one event's way, and two runs side by side."""

from __future__ import annotations

from textual.content import Content

from tutor.errors import InputError
from tutor.judge.diagnosis import Diagnosis
from tutor.model.report import Outcome
from tutor.model.timeline import Journey
from tutor.show.series import curves
from tutor.tui.commands import COMPARE, JOURNEY, POSTMORTEM, WHY, bindings
from tutor.tui.screens.running import Running

COMPARED = 70
"""Cells for the curves of two runs side by side."""


class Finding(Running):
    """A bench on which a run can be asked what happened in it."""

    BINDINGS = bindings(WHY, JOURNEY, COMPARE, POSTMORTEM)

    def action_why(self) -> None:
        """What was found, with the evidence."""
        from tutor.tui.screens.card import TextCard, Way
        from tutor.tui.telling import tell_diagnosis

        found = self.session.diagnosis
        self.advise(asked_why=True)
        if not found:
            fine = "Nothing is wrong with the last run." if self.session.run is not None else "Nothing has been run yet: press r."
            self.say(fine)
            return
        first = found[0]
        ways = [Way("show", "Show me", "puts the moment on the board", "s")]
        ways += [
            Way(f"other:{index}", f"Also: {one.title}", self.name_of(one.component or one.wire)) for index, one in enumerate(found[1:3], 1)
        ]
        ways.append(Way("", "Back to the board"))

        def chosen(way: str | None) -> None:
            if way == "show":
                self.show_found(first)
            elif way and way.startswith("other:"):
                other = found[int(way[6:])]
                self.app.push_screen(
                    TextCard(
                        other.title, tell_diagnosis(other), note="also found", ways=[Way("show", "Show me", key="s"), Way("", "Back")]
                    ),
                    lambda answer: self.show_found(other) if answer == "show" else None,
                )

        self.app.push_screen(TextCard(first.title, tell_diagnosis(first), note=self._stale_note(), ways=ways, word=first.concept), chosen)

    def show_found(self, found: Diagnosis) -> None:
        """Puts what was found on the board, in the run in which it was found: that of the seed that failed the worst."""
        run, verdict = self.session.run, self.session.verdict
        if run is not None and verdict is not None and self.player is not None and not self.computing:
            seed = verdict.worst.seed
            timeline = run.open_seed(seed).timeline  # kept since it was explained
            if timeline is not None and timeline is not self.player.timeline:
                self.stop_playing()
                self.load_timeline(timeline)
                self.show_moment(found.at_s, found.component or found.wire)
                self.say(f"seed {seed}, the worst one; space goes on, [ ] scrub, r runs all seeds again")
                return
        self.show_moment(found.at_s, found.component or found.wire)

    def _stale_note(self) -> str:
        return "" if self.session.is_current else "of the last run; the design has changed since"

    def action_journey(self) -> None:
        """Choose one event and read its way."""
        from tutor.tui.screens.journeys import Journeys

        if self.player is None:
            return
        timeline = self.player.timeline

        def chosen(answer: tuple[Journey, float] | None) -> None:
            if answer is not None:
                journey, at_s = answer
                self.board.trail = frozenset(name for hop in journey.hops for name in (hop.where, hop.wire) if name)
                where = next((hop.where for hop in journey.hops if hop.at_s == at_s), "")
                self.show_moment(at_s, where)

        self.stop_playing()
        self.app.push_screen(Journeys(timeline, self.item or ""), chosen)

    def action_compare(self) -> None:
        """The last two runs side by side."""
        from tutor.tui.screens.card import TextCard, Way
        from tutor.tui.telling import tell_comparison, tell_curves

        comparison = self.session.comparison()
        if comparison is None:
            self.say("there are not two runs to compare yet")
            return
        goals = self.session.level.goals if self.session.level is not None else ()
        timelines = [run.outcome.timeline for run in self.session.runs if run.outcome is not None and run.outcome.timeline is not None]
        parted = self.session.divergence()
        told = tell_comparison(comparison, parted)
        if len(timelines) > 1:
            before, after = (curves(timeline, goals) for timeline in timelines[-2:])
            told = Content.assemble(told, "\n", tell_curves(before, after, COMPARED))
        ways = [Way("", "Back to the board")]
        if parted is not None:
            ways.insert(0, Way("show", "Show me", "the moment where they part, in the later run", "s"))

        def chosen(way: str | None) -> None:
            if way == "show" and parted is not None:
                self.show_event(self.session.run.outcome if self.session.run is not None else None, parted.event, parted.at_s, parted.where)

        card = TextCard("Before and after", told, note="the last two runs, same traffic", ways=ways)
        self.app.push_screen(card, chosen)

    def show_event(self, outcome: Outcome | None, event: str, at_s: float | None, where: str = "") -> None:
        """Puts a run on the board at a moment, with the way that one event took."""
        if outcome is None or outcome.timeline is None:
            return
        self.stop_playing()
        if self.player is None or self.player.timeline is not outcome.timeline:
            self.load_timeline(outcome.timeline)
        journey = next((one for one in outcome.timeline.journeys if one.event_id == event), None)
        if journey is not None:
            self.board.trail = frozenset(name for hop in journey.hops for name in (hop.where, hop.wire) if name)
        self.show_moment(at_s, where)

    def action_postmortem(self) -> None:
        """The last run, told as an incident is told afterwards."""
        from tutor.tui.screens.card import MarkdownCard, Way

        try:
            told = self.session.postmortem()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        title, _, text = told.partition("\n")  # the card has the title
        note = "the last run, as an incident is told afterwards"
        self.app.push_screen(MarkdownCard(title.lstrip("# "), text, note=note, ways=[Way("", "Back to the board")]))
