"""Views of finished runs: two of them side by side, where they diverge, and the post-mortem of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from tutor.errors import InputError
from tutor.judge.divergence import Divergence, find_divergence
from tutor.judge.postmortem import write_postmortem
from tutor.judge.words import names_of
from tutor.model.level import Goal, Level
from tutor.model.report import Outcome
from tutor.session.comparison import Comparison, compare
from tutor.session.runs import AnyRun
from tutor.words import say


def side_by_side(runs: Sequence[AnyRun], goals: Iterable[Goal]) -> Comparison | None:
    """Compares the last two runs on the same seed; None before there are two."""
    pair = _last_two(runs)
    if pair is None:
        return None
    (before, old), (after, new) = pair
    return compare((before.scenario, old), (after.scenario, new), goals)


def parting(runs: Sequence[AnyRun]) -> Divergence | None:
    """Returns the first event of the last two runs that fared differently, and the consequences; None before
    there are two, or if no event did.
    """
    pair = _last_two(runs)
    if pair is None:
        return None
    (before, old), (after, new) = pair
    return find_divergence(old, new, names_of(before.design, after.design))


def _last_two(runs: Sequence[AnyRun]) -> tuple[tuple[AnyRun, Outcome], tuple[AnyRun, Outcome]] | None:
    done = [(one, one.outcome) for one in runs if one.outcome is not None]
    return (done[-2], done[-1]) if len(done) > 1 else None


def postmortem_of(run: AnyRun | None, level: Level | None) -> str:
    """Returns the post-mortem of a run, in a level on its worst seed, in Markdown; raises :class:`InputError`
    without a run.
    """
    if run is None or not run.over or run.outcome is None:
        raise InputError(say("session.run-first"))
    if level is not None and not level.explained:
        raise InputError(say("level.exam"))
    verdict = run.verdict
    if level is None or verdict is None:
        return write_postmortem(run.scenario, run.outcome, run.diagnosis)
    tried = dataclasses.replace(level, scenario=run.scenario)
    outcome = run.open_seed(verdict.worst.seed)
    return write_postmortem(tried, outcome, verdict.diagnosis, verdict=verdict.headline)
