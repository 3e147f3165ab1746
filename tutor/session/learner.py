"""The session: one learner in one level, or at a free board."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from tutor.catalog import load_design_text, render_design, render_scenario
from tutor.errors import InputError
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.divergence import Divergence
from tutor.judge.verdict import Verdict
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.edit import AddComponent, AddWire, Edit, PutNote
from tutor.model.fault import Fault
from tutor.model.level import Choice, Hint, Level, PaletteEntry, Solution
from tutor.model.note import Note
from tutor.model.report import Report
from tutor.model.scenario import Effect, Scenario, Window
from tutor.model.wire import Wire
from tutor.rules import WireEnd, apply_edit, runs_alike, why_locked, wire_ends
from tutor.session import afterwards, editing
from tutor.session.accusations import Accusation, accuse
from tutor.session.comparison import Comparison
from tutor.session.hints import choose_hint
from tutor.session.history import History
from tutor.session.memory import Memory, NoMemory
from tutor.session.predictions import PredictionResult, closest_choice
from tutor.session.runs import HERE, AnyRun, FreeRun, LevelRun, Trials
from tutor.trial import SLICE, Trial, seeds_of, with_other_luck
from tutor.words import say

FREE_BOARD = "sandbox"
"""The name under which the free board's design is kept."""


class Session:
    """One learner in one level.

    ``trials`` puts designs on trial, here in slices unless told otherwise. ``memory`` keeps what must not be
    lost; without one nothing is written. ``load_solutions`` gives the reference solutions, and is asked only
    when they are open. A free board has no level but a ``scenario``.
    """

    def __init__(
        self,
        level: Level | None = None,
        memory: Memory | None = None,
        *,
        scenario: Scenario | None = None,
        load_solutions: Callable[[], Sequence[Solution]] | None = None,
        trials: Trials = HERE,
    ) -> None:
        if level is None and scenario is None:
            raise ValueError("a session needs a level, or the scenario of a free board")
        self.memory: Memory = memory if memory is not None else NoMemory()
        passes = self.memory.passes(level.id) if level is not None else 0
        if level is not None and passes:
            level = with_other_luck(level, passes)
        self.level = level
        self._scenario = scenario if scenario is not None else level.scenario  # type: ignore[union-attr]
        self._load_solutions = load_solutions
        self._trials = trials
        self.notice = ""
        """One line for the learner about what was found at the opening; usually empty."""
        if level is not None:
            self.memory.note_opened(level.id)
        self._history = History(self._kept() or self._scenario.design)
        if level is not None and passes and not self.notice:
            seeds = seeds_of(level)
            self.notice = say("session.new-seeds", first=seeds[0], last=seeds[-1])
        self.runs: list[AnyRun] = []
        self._runs_made = 0
        self._noted: AnyRun | None = None
        self._answered: int | None = None
        self._judged = False
        self._found = False
        self._tries = 0
        self._start_report: Report | None = None
        self._start_trial: Trial | None = None

    # the design

    @property
    def design(self) -> Design:
        """The present design."""
        return self._history.design

    @property
    def start(self) -> Design:
        """The design that the level starts with."""
        return self._scenario.design

    @property
    def scenario(self) -> Scenario:
        """The scenario that a run of the present design would simulate."""
        return dataclasses.replace(self._scenario, design=self.design)

    def do(self, edit: Edit) -> Design:
        """Applies an edit and returns the design; raises :class:`InputError` with the reason if the level or
        the design does not allow it.
        """
        return self.adopt(apply_edit(edit, self.design, self.level))

    @property
    def can_undo(self) -> bool:
        """True if there is an edit to undo."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """True if there is an edit to redo."""
        return self._history.can_redo

    def undo(self) -> Design:
        """Undoes the last edit; raises :class:`InputError` if there is none."""
        self._history.undo()
        self._save()
        return self.design

    def redo(self) -> Design:
        """Redoes the edit that was undone last; raises :class:`InputError` if there is none."""
        self._history.redo()
        self._save()
        return self.design

    def reset(self) -> Design:
        """Goes back to the start of the level; can be undone like any edit."""
        return self.adopt(self.start)

    def adopt(self, design: Design) -> Design:
        """Replaces the present design by another, such as a reference solution; can be undone like any
        edit.
        """
        if self._history.push(design):
            self._save()
        return self.design

    def change_conditions(
        self,
        *,
        faults: tuple[Fault, ...] | None = None,
        effects: tuple[Effect, ...] | None = None,
        windows: tuple[Window, ...] | None = None,
    ) -> None:
        """Sets the faults, effects and windows of a free board; raises :class:`InputError` in a level, where
        they are given.
        """
        if self.level is not None:
            raise InputError(say("session.faults"))
        self._scenario = dataclasses.replace(
            self._scenario,
            faults=self._scenario.faults if faults is None else faults,
            effects=self._scenario.effects if effects is None else effects,
            windows=self._scenario.windows if windows is None else windows,
        )
        self._save()

    @property
    def text(self) -> str:
        """The board as a file's text: a design in a level, a scenario at a free board."""
        return (
            render_design(self.design, self.level)
            if self.level is not None
            else render_scenario(self.scenario)
        )

    def adopt_scenario(self, scenario: Scenario) -> Design:
        """Puts a whole scenario on a free board: its design can be undone like any edit, and its traffic and
        faults apply from now on.

        Raises :class:`InputError` in a level, whose conditions belong to it.
        """
        self.change_conditions(faults=scenario.faults, effects=scenario.effects)
        self._scenario = dataclasses.replace(scenario, design=self._scenario.design)
        self._history.push(scenario.design)
        self._save()
        return self.design

    def _save(self) -> None:
        self.memory.keep_design(self.level.id if self.level is not None else FREE_BOARD, self.text)

    def _kept(self) -> Design | None:
        """Returns the design in progress; if it no longer fits the level it is left alone and the notice says
        so.
        """
        if self.level is None:
            return None
        text = self.memory.kept_design(self.level.id)
        if text is None:
            return None
        try:
            return load_design_text(text, name=say("session.kept"), level=self.level)
        except InputError as error:
            self.notice = say("session.misfit", error=str(error))
            return None

    # edits from words

    def palette(self) -> list[tuple[PaletteEntry, int | None]]:
        """Returns the parts that can be added, each with how many are left; None for any number."""
        return editing.palette_of(self.level, self.design)

    def add(self, entry_id: str, at: tuple[int, int] | None = None) -> str:
        """Adds a part from the palette, in a slot or wherever there is room, and returns its id; raises
        :class:`InputError` if it cannot be added.
        """
        part = dataclasses.replace(editing.addition(self.level, self.design, entry_id).component, at=at)
        self.do(AddComponent(part))
        return part.id

    def note(self, text: str, at: tuple[int, int] | None = None) -> str:
        """Puts a note on the board, in a slot or wherever there is room, and returns its id; raises
        :class:`InputError` if it cannot be put there.
        """
        note = dataclasses.replace(editing.new_note(self.design, text), at=at)
        self.do(PutNote(note))
        return note.id

    def wire(self, source: str, target: str, kind: str = "") -> str:
        """Draws a wire and returns its ref; ``kind`` may be left out if only one fits. Raises
        :class:`InputError` with the reason.

        A wire that takes the place of one that was just removed lets the same events pass.
        """
        edit = editing.drawing(self.level, self.design, source, target, kind)
        events = editing.taken_over(self._history.past, edit.wire)
        if events and not edit.wire.events and not self.locked(edit.wire, "events"):
            edit = AddWire(dataclasses.replace(edit.wire, events=events))
        self.do(edit)
        return edit.wire.ref

    def remove(self, subject: str) -> None:
        """Removes a part with its wires, or a wire; raises :class:`InputError`."""
        self.do(editing.removal(self.design, subject))

    def set(self, subject: str, name: str, text: str) -> None:
        """Sets a setting of a part or wire from typed text; raises :class:`InputError` with what would be
        right.
        """
        self.do(editing.setting(self.level, self.design, subject, name, text))

    def find(self, subject: str) -> Component | Wire | Note:
        """Finds a part or note by its id, or a wire by its ref or its pair (``from->to``) if only one joins
        it; raises :class:`InputError`.
        """
        return editing.find(self.design, subject)

    def ends(self, source: str) -> list[WireEnd]:
        """Returns every other part as the end of a new wire from ``source``: the kinds that may go there, or
        the reason why none may.
        """
        return list(wire_ends(self.level, self.design, source).values())

    def locked(self, part: Component | Wire | Note, name: str) -> str:
        """Returns why a setting may not be changed here; an empty text if it may."""
        return why_locked(self.level, part, name)

    # runs

    def start_run(self) -> AnyRun:
        """Starts a run of the present design; :meth:`advance` takes it further. Raises :class:`InputError`
        for a design that cannot be run.
        """
        number = self._runs_made + 1
        made: AnyRun = (
            LevelRun(number, self.level, self.design, self._trials)
            if self.level is not None
            else FreeRun(number, self.scenario)
        )
        self._runs_made = number
        self.runs = [*[one for one in self.runs if one.over][-1:], made]
        return made

    def advance(self, max_events: int = SLICE) -> bool:
        """Takes the current run further; returns True when it is over, and so is the run that a prediction is
        compared with. The run is noted once.
        """
        current = self.run
        if current is None:
            return True
        if not current.over:
            current.advance(max_events)
        elif self._noted is not current and self._run_start(max_events):
            self._noted = current
            self._note(current)
        return self._noted is current

    @property
    def waiting(self) -> bool:
        """True if the run under way is done elsewhere, and there is nothing to do here but wait."""
        current = self.run
        return current is not None and not current.over and current.waiting

    def stop_run(self) -> None:
        """Drops a run that is under way; a finished run stays."""
        if self.run is not None and self.run is not self._noted:
            self.runs.pop()

    def _note(self, current: AnyRun) -> None:
        verdict = current.verdict
        if self.level is None or verdict is None:
            return
        first = verdict.diagnosis[0].id if verdict.diagnosis else ""
        self.memory.note_run(self.level.id, verdict.passed, verdict.stars, first, self.hints_used)
        result = self.prediction_result() if not self._judged else None
        if result is not None and result.right is not None:
            self._judged = True
            self.memory.predict(self.level.id, result.choice, result.right)

    @property
    def run(self) -> AnyRun | None:
        """The latest run, under way or over."""
        return self.runs[-1] if self.runs else None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the latest run, on the seeds that are over, without the reasons as long as the
        learner has to find the culprit; None before, and at a free board.
        """
        verdict = self.run.verdict if self.run is not None else None
        if verdict is not None and self.culprit_due:
            return dataclasses.replace(verdict, diagnosis=())
        return verdict

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """The diagnosis of the latest run, worst first; empty as long as the learner has to find the
        culprit.
        """
        return self.run.diagnosis if self.run is not None and not self.culprit_due else ()

    @property
    def explained(self) -> bool:
        """True if failures are explained, and answers and debriefs read out; not in an exam."""
        return self.level is None or self.level.explained

    @property
    def is_current(self) -> bool:
        """True if the latest run is of the present design; the places of parts make no difference."""
        return self.run is not None and runs_alike(self.run.design, self.design)

    def comparison(self) -> Comparison | None:
        """Compares the last two runs side by side, on the same seed; None before there are two."""
        return afterwards.side_by_side(self.runs, self.level.goals if self.level is not None else ())

    def divergence(self) -> Divergence | None:
        """Returns where the last two runs diverge: the first event that fared differently, and the
        consequences; None before there are two, in an exam, and as long as the learner has to find the
        culprit.
        """
        return afterwards.parting(self.runs) if self.explained and not self.culprit_due else None

    def postmortem(self) -> str:
        """Returns the post-mortem of the latest run, on its worst seed, in Markdown; raises
        :class:`InputError` before a run.
        """
        if self.culprit_due:
            raise InputError(say("culprit.first"))
        return afterwards.postmortem_of(self.run, self.level)

    # the prediction

    @property
    def prediction_due(self) -> bool:
        """True if it is time to ask for the prediction: once, before the first run."""
        if self.level is None or self.level.prediction is None or self._runs_made:
            return False
        return not self.memory.prediction(self.level.id)[0]

    def predict(self, choice: int | None) -> None:
        """Answers the prediction with the place of a choice, or skips it with None; raises
        :class:`InputError`.
        """
        asked = self.level.prediction if self.level is not None else None
        if self.level is None or asked is None:
            raise InputError(say("session.no-prediction"))
        if choice is not None and not 0 <= choice < len(asked.choices):
            raise InputError(say("session.choose", count=len(asked.choices)))
        self.memory.predict(self.level.id, choice, None)

    def prediction_result(self) -> PredictionResult | None:
        """Returns the prediction and the true value, once a run is over; None before, or if nothing was
        asked.
        """
        asked = self.level.prediction if self.level is not None else None
        if (
            self.level is None
            or asked is None
            or not self.runs
            or not any(one.outcome is not None for one in self.runs)
        ):
            return None
        dealt, choice = self.memory.prediction(self.level.id)
        if not dealt:
            return None
        truth = self._truth(asked.metric)
        answer = closest_choice(asked, truth)
        right = None if choice is None or answer is None else choice == answer
        return PredictionResult(asked, choice, truth, answer, right, self._scenario.run.seed)

    def _truth(self, metric: str) -> float | None:
        """Returns the metric in a run of the start: the question is about the design as it was found."""
        outcome = next(
            (one.outcome for one in self.runs if one.outcome is not None and one.design == self.start), None
        )
        if outcome is not None:
            self._start_report = outcome.report
        while self._start_report is None:
            self._run_start(SLICE)
        value = self._start_report.get(metric)
        return value if isinstance(value, int | float) else None

    def _run_start(self, max_events: int) -> bool:
        """Runs the start further if a prediction was made and no run shows the true value; returns True when
        nothing more is needed.
        """
        if (
            self.level is None
            or self.level.prediction is None
            or not self.memory.prediction(self.level.id)[0]
        ):
            return True
        if self._start_report is None and not any(
            one.outcome is not None and one.design == self.start for one in self.runs
        ):
            self._start_trial = self._start_trial or Trial(
                self.level, self.start, (self._scenario.run.seed,), why=False
            )
            if not self._start_trial.advance(max_events):
                return False
            self._start_report = self._start_trial.verdict().seeds[0].report
        return True

    # hints and solutions

    @property
    def hints_used(self) -> int:
        """The number of hints shown in this level."""
        return len(self.memory.shown_hints(self.level.id)) if self.level is not None else 0

    def hint(self) -> Hint | None:
        """Returns the next hint for what is wrong now, noted as shown; None if there is none (left)."""
        if self.level is None or (self.verdict is not None and self.verdict.passed and self.is_current):
            return None
        hint = choose_hint(self.level, self.diagnosis, self.memory.shown_hints(self.level.id))
        if hint is not None:
            self.memory.show_hint(self.level.id, hint.text)
        return hint

    @property
    def passed(self) -> bool:
        """True if the level has been passed, now or before."""
        return self.level is not None and self.memory.passes(self.level.id) > 0

    @property
    def solutions_open(self) -> bool:
        """True if the reference solutions may be seen: after passing, or after giving up."""
        return self.level is not None and (self.passed or self.memory.gave_up(self.level.id))

    def give_up(self, confirmed: bool) -> None:
        """Opens the solutions without passing; the level stays unpassed. Raises :class:`InputError` unless it
        is confirmed.
        """
        if self.level is None:
            raise InputError(say("session.sandbox-solutions"))
        if not self.explained:
            raise InputError(say("level.exam"))
        if not confirmed:
            raise InputError(say("session.confirm"))
        self.memory.give_up(self.level.id)

    def solutions(self) -> tuple[Solution, ...]:
        """Returns the reference solutions; raises :class:`InputError` while they are closed."""
        if not self.solutions_open:
            raise InputError(say("session.locked"))
        return tuple(self._load_solutions()) if self._load_solutions is not None else ()

    # the culprit

    @property
    def culprit_due(self) -> bool:
        """True if the latest run fails because of the part that the learner has to find, and hasn't named."""
        culprit = self.level.culprit if self.level is not None else None
        if self.level is None or culprit is None or self._found or self.run is None:
            return False
        if not self.explained or self.solutions_open:
            return False
        return any(one.component == culprit.at for one in self.run.diagnosis)

    def accuse(self, part: str) -> Accusation:
        """Names a part as the culprit, and returns what the run shows of it; a wrong one counts as a hint.
        Raises :class:`InputError`.
        """
        culprit = self.level.culprit if self.level is not None else None
        timeline = self.run.outcome.timeline if self.run is not None and self.run.outcome else None
        if self.level is None or culprit is None or self.run is None or timeline is None:
            raise InputError(say("culprit.none"))
        if not self.culprit_due:
            raise InputError(say("culprit.none"))
        if part not in culprit.among:
            raise InputError(say("culprit.unknown", word=part, parts=culprit.among))
        self._tries += 1
        accusation = accuse(part, culprit.at, self._tries, self.run.design, timeline)
        if accusation.right:
            self._found = True
        else:
            self.memory.show_hint(self.level.id, accusation.text)
        return accusation

    # the question

    @property
    def answered(self) -> int | None:
        """The place of the choice that was given last; None before."""
        return self._answered

    def answer(self, choice: int) -> Choice:
        """Answers the check question with the place of a choice, which is returned with its reason; raises
        :class:`InputError`.
        """
        question = self.level.question if self.level is not None else None
        if self.level is None or question is None:
            raise InputError(say("session.no-question"))
        if not 0 <= choice < len(question.choices):
            raise InputError(say("session.choose", count=len(question.choices)))
        self._answered = choice
        chosen = question.choices[choice]
        self.memory.answer(self.level.id, choice, chosen.right)
        return chosen
