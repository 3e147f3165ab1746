"""A live run for the game's screen."""

from __future__ import annotations

from tutor.live.run import LiveRun
from tutor.live.telling import after, before, columns, predicted
from tutor.model.scenario import Scenario
from tutor.show.live import LiveRow
from tutor.words import say


class NatsView:
    """A live run on the default broker."""

    def __init__(self, scenario: Scenario) -> None:
        self._run = LiveRun(scenario)
        self._columns = columns(self._run)
        self.title = self._run.adapter.title

    def before(self) -> list[str]:
        return list(before(self._run))

    def start(self) -> None:
        self._run.start()

    def poll(self) -> tuple[str, float, float]:
        progress = self._run.poll()
        return progress.phase, progress.at_s, progress.of_s

    def rows(self) -> list[LiveRow]:
        run = self._run
        seconds = run.measured.seconds
        length = int(run.scenario.run.duration_s + run.scenario.run.drain_s)
        found = []
        for id, done in self._columns:
            part = run.scenario.design.components[id]
            name = say("live.run.done", part=part.name) if done else say("live.run.waits", part=part.name)
            total, measured = 0, []
            for second in seconds:
                total += second.applied[id]
                measured.append(total if done else second.waiting.get(id, 0))
            foretold = [predicted(run, id, place, done=done) for place in range(length)]
            found.append(LiveRow(name, measured, foretold, seconds[-1].up.get(id, 1.0)))
        return found

    def after(self) -> list[str]:
        return list(after(self._run, self._run.report()))

    def close(self) -> None:
        self._run.close()
