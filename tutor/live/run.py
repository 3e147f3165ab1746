"""A live run, from the outside: started, looked at again and again, and ended, whatever happens in between.

:class:`LiveRun` has no thread and never waits: a command and a screen alike call :meth:`LiveRun.poll` as
often as they like.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from tutor.engine.luck import Luck
from tutor.errors import InputError, why_refused
from tutor.live.brokers import Adapter, adapter
from tutor.live.cut import cut
from tutor.live.honor import not_honored, refuse_impossible
from tutor.live.measure import Measurement
from tutor.live.plan import LivePlan
from tutor.live.records import FULL, Reader, Step
from tutor.model.report import Outcome, Report
from tutor.model.scenario import Scenario
from tutor.trial import run as simulate
from tutor.words import say

ROOM_BYTES = 100_000_000
"""What has to be free on the disk: records of a minute are a few MB, the broker's data as many."""
END_S = 10.0
"""How long the stage may take to end everything."""
LATE_MS = 100.0
"""Requests that are made later than this on average, at the 95th percentile, say that the machine is too
slow.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class LiveProgress:
    """The progress of a live run."""

    phase: str
    """``starting``, ``running``, ``over``."""
    at_s: float
    """How long it has been running."""
    of_s: float
    """How long it runs at most."""


class LiveRun:
    """One scenario on a real broker, beside its prediction.

    A context manager: when the block is left, whatever the reason, nothing of the run is left either. Raises
    :class:`InputError` for a broker that isn't installed and a design that cannot run live.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        broker: str = "nats",
        url: str | None = None,
        seconds: float | None = None,
        seed: int | None = None,
        spawn: bool = False,
    ) -> None:
        self.adapter: Adapter = adapter(broker)
        missing = self.adapter.missing()
        if missing and url is None:
            raise InputError(missing)
        self.scenario = cut(scenario, seconds, seed)
        refuse_impossible(self.scenario)
        self.not_honored: list[str] = not_honored(self.scenario, self.adapter, owned=url is None)
        """What the broker does differently, in sentences; to be told before the run."""
        self.predicted: Outcome = simulate(_in_seconds(self.scenario), timeline=True)
        """The engine's run of the same stretch on the same seed, with a timeline in seconds."""
        self.luck = Luck(self.scenario)
        self.measured = Measurement(self.scenario, self.luck)
        self.version = ""
        self._plan = LivePlan(
            self.scenario, self.luck.seed, broker, url, f"tutor-{secrets.token_hex(4)}", spawn
        )
        self._folder: Path | None = None
        self._stage: subprocess.Popen[bytes] | None = None
        self._reader: Reader | None = None
        self._begun: float | None = None
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the stage, and with it everything else."""
        try:
            folder = self._folder = Path(tempfile.mkdtemp(prefix="tutor-live-"))
        except OSError as error:
            raise InputError(say("live.error.no_folder", why=why_refused(error))) from None
        if shutil.disk_usage(folder).free < ROOM_BYTES:
            self.close()
            raise InputError(say("live.error.room", size=ROOM_BYTES // 1_000_000, folder=str(folder.parent)))
        (folder / "steps").mkdir()
        (folder / "plan").write_bytes(pickle.dumps(self._plan))
        self._reader = Reader(folder / "steps")
        with (folder / "stage.log").open("ab") as log:
            self._stage = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "tutor.live.stage", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def poll(self) -> LiveProgress:
        """Takes in the steps since the last call; raises :class:`InputError` if the run has failed."""
        assert self._reader is not None
        assert self._stage is not None
        ended = self._stage.poll()
        steps = self._reader.steps()
        for step in steps:
            self._look(step)
        self.measured.add(steps)
        if ended is not None and not self._over:
            raise InputError(say("live.error.full") if ended in FULL else self._last_words())
        run = self.scenario.run
        at = 0.0 if self._begun is None else max(0.0, time.monotonic() - self._begun)
        phase = "over" if self._over else "starting" if self._begun is None else "running"
        return LiveProgress(phase, at, run.duration_s + run.drain_s)

    def _look(self, step: Step) -> None:
        match step[1]:
            case "server":
                self.version = step[3]
            case "trouble":
                raise InputError(step[3])
            case "over" if len(step) == 2:  # clients say who is over
                self._over = True
        if self._begun is None and self._folder is not None:
            with contextlib.suppress(OSError, ValueError):
                self._begun = float((self._folder / "start").read_text())

    def report(self) -> Report:
        """Returns the report of the measurements, with ``live``, ``predicted`` and ``not_honored``
        beside it.
        """
        data = self.measured.report()
        run = self.scenario.run
        data["live"] = {
            "broker": self.adapter.name,
            "version": self.version,
            "seconds": run.duration_s,
            "lag_ms": self.measured.lag_ms,
        }
        data["predicted"] = dict(self.predicted.report.data)
        data["not_honored"] = list(self.not_honored)
        return Report(data)

    @property
    def too_slow(self) -> bool:
        """True if the machine could not keep the schedule."""
        late = self.measured.lag_ms["p95"]
        return late is not None and late > LATE_MS

    def close(self) -> None:
        """Ends everything and removes the run's folder."""
        if self._stage is not None:
            assert self._stage.stdin is not None
            with contextlib.suppress(OSError):
                self._stage.stdin.close()
            try:
                self._stage.wait(END_S)
            except subprocess.TimeoutExpired:
                self._stage.kill()
                self._stage.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._stage = self._folder = None

    def _last_words(self) -> str:
        assert self._folder is not None
        for name in ("trouble", "stage.log"):
            with contextlib.suppress(OSError):
                lines = (self._folder / name).read_text(errors="replace").strip().splitlines()
                if lines:
                    return say("live.ended-why", why=lines[-1][-300:])
        return say("live.ended")


def _in_seconds(scenario: Scenario) -> Scenario:
    """Returns the scenario with a timeline of a second a step."""
    return dataclasses.replace(scenario, run=dataclasses.replace(scenario.run, timeline_step_s=1.0))


def measure(run: LiveRun, pause_s: float = 0.1) -> dict[str, Any]:
    """Carries out a live run to its end, and returns the report's data; for tests and tables."""
    with run:
        run.start()
        while run.poll().phase != "over":
            time.sleep(pause_s)
        return dict(run.report().data)
