"""A session's memory on disk: the learner's progress, and the designs in progress as design files beside it."""

from __future__ import annotations

from tutor.catalog import load_design_text, render_design
from tutor.errors import InputError
from tutor.model.design import Design
from tutor.model.level import Level, Stars
from tutor.progress import Progress


class Notebook:
    """The :class:`~tutor.session.memory.Memory` of a learner whose progress is kept."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        """What is written to."""

    def saved_design(self, level: Level) -> Design | None:
        """The design in progress; None where there is none, or where the level has changed so that it does not fit any more."""
        text = self.progress.kept_design(level.id)
        if text is None:
            return None
        try:
            return load_design_text(text, name=str(self.progress.design_path(level.id)), level=level)
        except InputError:
            return None

    def save_design(self, level: Level, design: Design) -> None:
        """Keeps the design in progress, with its history."""
        self.progress.keep_design(level.id, render_design(design, level))

    def shown_hints(self, level_id: str) -> tuple[str, ...]:
        """The texts of the hints that were shown in a level, in order."""
        return self.progress.shown_hints(level_id)

    def show_hint(self, level_id: str, text: str) -> None:
        """Notes that a hint was shown."""
        self.progress.show_hint(level_id, text)

    def prediction(self, level_id: str) -> tuple[bool, int | None]:
        """Whether the prediction was dealt with, and the place of the choice; None where it was skipped."""
        return self.progress.prediction(level_id)

    def predict(self, level_id: str, choice: int | None, right: bool | None) -> None:
        """Notes the answer to a prediction (None: skipped) and, once it is known, whether it was right."""
        self.progress.predict(level_id, choice, right)

    def answer(self, level_id: str, choice: int, right: bool) -> None:
        """Notes the answer to the check question."""
        self.progress.answer(level_id, choice, right)

    def note_run(self, level_id: str, passed: bool, stars: Stars, diagnosis: str, hints: int) -> None:
        """Notes a run that is over: what came of it, the first diagnosis (empty: none) and how many hints were used so far."""
        self.progress.note_run(level_id, passed, stars, diagnosis, hints)

    def gave_up(self, level_id: str) -> bool:
        """Whether the learner has given up on a level before and seen its solutions."""
        return self.progress.gave_up(level_id)

    def give_up(self, level_id: str) -> None:
        """Notes a confirmed give-up."""
        self.progress.give_up(level_id)

    def passed(self, level_id: str) -> bool:
        """Whether the level has been passed."""
        return self.progress.passed(level_id)
