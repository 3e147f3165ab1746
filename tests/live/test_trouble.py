"""However a live run ends, it leaves no process, no port and no file behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("nats", reason="live runs need the extra: pip install 'eda-tutor[live]'")

from tutor.catalog import parse_scenario
from tutor.errors import InputError
from tutor.live.brokers import adapter
from tutor.live.run import LiveRun

SCENARIO = """
[run]
duration_s = 30
[components.shop]
kind = "client"
event = "order.placed"
rate_per_s = 5
[components.orders]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 20
replicas = 2
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[effects]]
event = "order.placed"
at = "billing"
"""


def processes_of(folder: Path) -> list[int]:
    """The processes with this folder in their command line, including forks of the stage."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command:
            found.append(int(entry.name))
    return found


def wait_until(holds: object, seconds: float = 20) -> None:
    """Wait until ``holds()`` is true."""
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def command(tmp_path: Path) -> subprocess.Popen[str]:
    """Start ``tutor live`` on the scenario with a temporary folder of its own."""
    (tmp_path / "scenario.toml").write_text(SCENARIO)
    return subprocess.Popen(
        [sys.executable, "-m", "tutor", "live", "scenario.toml"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def running(tmp_path: Path) -> bool:
    """Whether the run's clock has started."""
    return any(tmp_path.glob("tutor-live-*/start"))


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_nothing_is_left_when_the_command_ends(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """After Ctrl+C or SIGKILL of the command, no process and no folder of the run is left."""
    started = command(tmp_path)
    wait_until(lambda: running(tmp_path), 60)
    folder = next(tmp_path.glob("tutor-live-*"))
    assert len(processes_of(folder)) >= 6  # the stage, the server, mover, meter, client and two replicas
    started.send_signal(number)
    _, said = started.communicate(timeout=30)
    assert started.returncode == code
    assert "Traceback" not in said
    wait_until(lambda: not processes_of(folder))
    wait_until(lambda: not folder.exists())


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
def test_a_stage_that_is_killed_takes_everything_with_it() -> None:
    """When the stage is killed its processes and the server die, and the run ends with one line."""
    with LiveRun(parse_scenario(SCENARIO)) as run:
        run.start()
        wait_until(lambda: run.poll().phase == "running", 60)
        folder, stage = run._folder, run._stage
        assert folder is not None
        assert stage is not None
        stage.kill()
        with pytest.raises(InputError, match="ended before its time"):
            wait_until(lambda: run.poll().phase == "over")
        wait_until(lambda: not processes_of(folder))
    assert not folder.exists()


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
def test_a_server_that_dies_by_itself_is_reported() -> None:
    """A broker that dies unplanned ends the run with one line that says so; a second run beside it
    continues.
    """
    with LiveRun(parse_scenario(SCENARIO)) as run, LiveRun(parse_scenario(SCENARIO)) as other:
        run.start()
        other.start()
        wait_until(lambda: run.poll().phase == other.poll().phase == "running", 60)
        folder = run._folder
        assert folder is not None
        server = next(
            pid for pid in processes_of(folder) if b"nats-server" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(server, signal.SIGKILL)
        with pytest.raises(InputError, match="the NATS JetStream server ended by itself"):
            wait_until(lambda: run.poll().phase == "over")
        assert other.poll().phase == "running"


def test_no_server_at_a_url() -> None:
    """A URL where no server listens gives one line before any process is started."""
    with LiveRun(parse_scenario(SCENARIO), url="nats://127.0.0.1:1") as run:
        run.start()
        with pytest.raises(InputError, match=r"no NATS JetStream server answers at nats://127\.0\.0\.1:1"):
            wait_until(lambda: run.poll().phase == "over", 60)


def test_an_unknown_broker() -> None:
    """An unknown broker gives one line that lists the valid ones."""
    with pytest.raises(InputError, match="nats, rabbitmq, redis or kafka"):
        adapter("activemq")
