"""A teacher's choices for a class pack: its title, and the levels a student may see and open."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Mapping, Sequence

from tutor.model.level import Level
from tutor.model.scenario import DEFAULT_MAX_EVENTS
from tutor.model.variant import Variant


@dataclasses.dataclass(frozen=True, slots=True)
class PackRules:
    """The rules of a pack; the course itself has the most open ones."""

    title: str = ""
    """The pack's title; empty for the course itself."""
    hints: bool = True
    """Whether hints show."""
    solutions: bool = True
    """Whether solutions open after passing."""
    order: str = "open"
    """``course``: a level opens when the one before is passed; ``open``: all are open."""
    deadline: str = ""
    """The moment (ISO 8601, UTC, to the second) after which a hand-in is late; empty where there is none."""
    report_to: str = ""
    """Where students' games leave signs of a lesson: a shared folder or an http address; empty where they
    leave none.
    """
    token: str = ""
    """What an address wants to see with each sign."""
    exam: bool = False
    """Whether it is an exam: no hints, no solutions, and a verdict that names the goals and no reasons; also
    no debrief, and nothing says whether an answer was right.
    """
    variants: Mapping[str, tuple[Variant, ...]] = dataclasses.field(default_factory=dict, hash=False)
    """Numbers of one's own, by level: which of these a student gets follows from the e-mail address. Each was
    proved when the pack was made.
    """
    student: str = ""
    """The e-mail address of the student who plays."""

    def for_student(self, email: str) -> PackRules:
        """Returns the rules for the student of this address; capitals and spaces make no difference."""
        return dataclasses.replace(self, student=email.strip().casefold())

    def variant_of(self, level_id: str) -> Variant | None:
        """Returns the numbers of the student who plays; None if the level is the same for all."""
        found = self.variants.get(level_id)
        if not found or not self.student:
            return None
        digest = hashlib.sha256(f"{self.title}\0{level_id}\0{self.student}".encode()).digest()
        return found[int.from_bytes(digest[:8]) % len(found)]

    def is_open(self, level_id: str, order: Sequence[str], passed: Collection[str]) -> bool:
        """Returns whether a level of ``order`` may be played when these are ``passed``."""
        if self.order == "open" or level_id not in order or level_id in passed:
            return True
        place = list(order).index(level_id)
        return place == 0 or order[place - 1] in passed

    def applied(self, level: Level) -> Level:
        """Returns the level as the student gets it: with the teacher's rules, and no run beyond the usual
        budget of events.
        """
        run = level.scenario.run
        if run.max_events > DEFAULT_MAX_EVENTS:
            run = dataclasses.replace(run, max_events=DEFAULT_MAX_EVENTS)
            level = dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, run=run))
        variant = self.variant_of(level.id)
        if variant is not None:
            level = variant.applied(level)
        if self.hints and not self.exam:
            return level
        return dataclasses.replace(level, hints=(), explained=not self.exam)
