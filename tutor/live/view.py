"""A live run for the game: the facts that its screen, or its lines, need."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.live.run import LiveRun
from tutor.live.telling import after, before
from tutor.model.level import Goal
from tutor.model.scenario import Scenario
from tutor.model.timeline import Timeline


class LiveRunView:
    """One live run with the goals that it is judged by; on the default broker unless a run is given."""

    def __init__(self, scenario: Scenario, goals: Sequence[Goal] = (), run: LiveRun | None = None) -> None:
        self._run = run if run is not None else LiveRun(scenario)
        self._goals = goals
        self.title = self._run.adapter.title
        self.scenario = self._run.scenario
        timeline = self._run.predicted.timeline
        assert timeline is not None
        self.predicted: Timeline = timeline

    @property
    def measured(self) -> Timeline:
        return self._run.measured.timeline

    def before(self) -> list[str]:
        return list(before(self._run))

    def start(self) -> None:
        self._run.start()

    def poll(self) -> tuple[str, float, float]:
        progress = self._run.poll()
        return progress.phase, progress.at_s, progress.of_s

    def after(self) -> list[str]:
        return list(after(self._run, self._run.report(), self._goals))

    def close(self) -> None:
        self._run.close()
