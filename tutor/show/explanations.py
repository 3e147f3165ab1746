"""Explanations of finished runs: the reasons, two of them side by side, and the post-mortem of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tutor.disk import refuse_target, write_text
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.divergence import Divergence
from tutor.judge.postmortem import heading
from tutor.model.level import Look
from tutor.model.timeline import Timeline
from tutor.session import Comparison, Session
from tutor.show.cards import BillLine, Card, Reply
from tutor.show.playback import moment_found
from tutor.show.series import curves
from tutor.show.styled import style_bill, style_comparison, style_curves, style_diagnosis
from tutor.words import say

COMPARED = 70
"""Cells for the curves of two runs side by side."""
ALSO = 2
"""How many further reasons a card offers: more than three reasons at once help nobody."""


ACCUSED = "accused:"
"""What the answer that names a part begins with; the part's id follows."""


class Explanations:
    """The explanations of one session's runs; ``name_of`` returns the learner's name for a part or wire."""

    def __init__(self, session: Session, name_of: Callable[[str | None], str]) -> None:
        self.session = session
        self._name_of = name_of

    @property
    def found(self) -> tuple[Diagnosis, ...]:
        """The reasons found in the latest run, worst first."""
        return self.session.diagnosis

    @property
    def look(self) -> Look | None:
        """The level's hint at what to look at, while the latest run is that of the design it starts with."""
        run, level = self.session.run, self.session.level
        return (
            level.look if level is not None and run is not None and run.design == self.session.start else None
        )

    def moment_of(self, found: Diagnosis) -> float | None:
        """Returns when to look for a reason: when it was measured, else the level's own moment."""
        return moment_found(found, self.look if found is self.found[0] else None)

    def why(self) -> Card | None:
        """Returns the first reason with its evidence, or the question that comes before it; None if nothing
        was found.
        """
        if self.session.culprit_due:
            return self.culprit()
        if not self.found:
            return None
        first = self.found[0]
        replies = [Reply("show", say("why.show"), say("why.show-note"), "s")]
        for index, one in enumerate(self.found[1 : 1 + ALSO], 1):
            note = self._name_of(one.component or one.wire)
            replies.append(Reply(f"also:{index}", say("why.also", title=one.title), note))
        replies.append(Reply("", say("why.back")))
        look = self.look
        note = say("why.older") if not self.session.is_current else "" if look is None else look.say
        return Card(
            first.title, style_diagnosis(first), note=note, replies=tuple(replies), word=first.concept
        )

    def culprit(self) -> Card:
        """Returns the question which part is behind the failure."""
        culprit = self.session.level.culprit if self.session.level is not None else None
        assert culprit is not None
        replies = [
            Reply(f"{ACCUSED}{part}", self._name_of(part), key=str(number))
            for number, part in enumerate(culprit.among, 1)
        ]
        text = [(f"{culprit.text}\n\n", "bold $text"), (culprit.clue, "$text")]
        replies.append(Reply("", say("why.back")))
        return Card(say("culprit.title"), text, note=say("culprit.note"), replies=tuple(replies))

    def accuse(self, part: str) -> Card:
        """Names a part as the culprit, and returns what the run shows of it."""
        accusation = self.session.accuse(part)
        title = say("culprit.found") if accusation.right else say("culprit.not-found")
        note = "" if accusation.right else say("culprit.counted")
        on = say("culprit.reason") if accusation.right else say("culprit.again")
        replies = (Reply("why", on, key="y"), Reply("", say("why.back")))
        return Card(title, [(accusation.text, "$text")], note=note, replies=replies)

    def why_not(self) -> str:
        """Returns why there is no reason to show."""
        if not self.session.explained:
            return say("level.exam")
        return say("why.nothing-wrong") if self.session.run is not None else say("why.not-run")

    def also(self, index: int) -> Card:
        """Returns another reason that was found, by its place."""
        found = self.found[index]
        replies = (Reply("show", say("why.show"), key="s"), Reply("", say("why.back-to-first")))
        return Card(
            found.title,
            style_diagnosis(found),
            note=say("why.also-note"),
            replies=replies,
            word=found.concept,
        )

    @property
    def timelines(self) -> list[Timeline]:
        """The runs that can be compared, the earlier first."""
        outcomes = [run.outcome for run in self.session.runs if run.outcome is not None]
        return [outcome.timeline for outcome in outcomes if outcome.timeline is not None]

    @property
    def comparable(self) -> bool:
        """True if there are two runs to compare."""
        return len(self.timelines) > 1

    def compare(self) -> Card | None:
        """Returns the last two runs side by side; None before there are two."""
        comparison = self.session.comparison()
        if comparison is None:
            return None
        note = say("compare.note", seed=comparison.seed)
        return self.side_by_side(comparison, self.session.divergence(), self.timelines, note)

    def side_by_side(
        self,
        comparison: Comparison,
        diverged: Divergence | None,
        timelines: Sequence[Timeline],
        note: str,
        sides: tuple[str, str] | None = None,
    ) -> Card:
        """Returns two runs side by side, with their curves if both have a timeline. ``sides`` names them
        where the second isn't a run of the board: then it can't be shown there.
        """
        text = style_comparison(comparison, diverged, sides)
        goals = self.session.level.goals if self.session.level is not None else ()
        if len(timelines) > 1:
            before, after = (curves(timeline, goals) for timeline in timelines[-2:])
            text = [*text, ("\n", ""), *style_curves(before, after, COMPARED, sides)]
        replies = [Reply("", say("why.back") if sides is None else say("level.back-to-solution"))]
        if diverged is not None and sides is None:
            replies.insert(0, Reply("show", say("why.show"), say("compare.show-note"), "s"))
        return Card(say("compare.title"), text, note=note, replies=tuple(replies))

    def postmortem(self) -> Card:
        """Returns the post-mortem of the latest run; raises :class:`InputError` before there is one."""
        title, _, text = self.session.postmortem().partition("\n")
        replies = (
            Reply("", say("why.back")),
            Reply("save", say("postmortem.save"), say("postmortem.save-note"), "s"),
        )
        return Card(title.lstrip("# "), markdown=text, note=say("postmortem.note"), replies=replies)

    def postmortem_file(self) -> tuple[str, str]:
        """Returns the name of the post-mortem's file, and its text."""
        name = self.session.level.id.replace("/", "-") if self.session.level is not None else "sandbox"
        return f"post-mortem-{name}.md", self.session.postmortem()

    def save_postmortem(self, folder: Path) -> Path:
        """Writes the post-mortem into a folder and returns its file; raises :class:`InputError` if it can't
        be written.
        """
        name, text = self.postmortem_file()
        path = folder / name
        refuse_target(path, begins=heading())
        write_text(path, text)
        return path

    def bill(self, lines: Sequence[BillLine], *, to_verdict: bool = False) -> Card:
        """Returns the price of each part per hour; ``to_verdict`` is whether it was opened from the
        verdict.
        """
        back = Reply("", say("bill.to-verdict") if to_verdict else say("why.back"))
        return Card(say("bill.title"), style_bill(lines), note=say("bill.note"), replies=(back,))
