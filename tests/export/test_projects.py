"""An exported project installs, starts on a real broker, survives a SIGKILL without loss, and
stops cleanly.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("faststream", reason="exported projects need FastStream: pip install 'faststream[nats]'")
pytest.importorskip("nats", reason="live runs need the extra: pip install 'eda-tutor[live]'")

from tutor.catalog import join, level_by_id, load_design_file
from tutor.catalog.course import level_folder
from tutor.export.project import build, save
from tutor.live.brokers import Server
from tutor.live.brokers.nats import NATS

CASES = {
    ("first-light/first-event", "rail"): ("kitchen", ("kitchen",)),
    ("long-stories/rewind", "log-in-front"): ("points", ("points",)),
    ("say-it-twice/poison", "five-tries"): ("readers", ("readers",)),
    ("say-it-twice/charged-twice", "inbox-renew"): ("charger", ("charger",)),
    ("who-gets-it/in-order", "account-key"): ("accounts", ("accounts",)),
}
"""By level and solution: the service that is killed, and those in which every event has to have
its effect.
"""
SECONDS = 8


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A NATS server of the test's own."""
    own = NATS.server(tmp_path / "broker", None, tmp_path / "broker.log")
    own.start()
    yield own
    own.stop()


def install(folder: Path, target: Path) -> None:
    """Builds the project and installs it without its dependencies, which are there."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--disable-pip-version-check",
    ]
    subprocess.run(
        [*command, "--target", str(target), str(folder)], check=True, capture_output=True, timeout=120
    )


def handled(data: Path, service: str) -> list[str]:
    """The ids of the events whose effect a service has applied, repeats too."""
    path = data / f"{service}.db"
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as base:
        return [row[0] for row in base.execute("select event from effect")]


@pytest.mark.slow
@pytest.mark.parametrize(("level_id", "solution"), CASES, ids=lambda value: str(value).replace("/", "-"))
def test_a_project_survives_the_death_of_a_service(
    level_id: str, solution: str, tmp_path: Path, server: Server
) -> None:
    """What was confirmed has its effect, although a service was killed in the middle; idempotent ones have it
    once.
    """
    victim, complete = CASES[level_id, solution]
    level = level_by_id(level_id)
    design = join(load_design_file(level_folder(level_id) / "solutions" / f"{solution}.toml"), level)
    project, installed, data = tmp_path / "project", tmp_path / "installed", tmp_path / "data"
    found = build(design, level.title, "nats")
    # with a lease of 30 s the test would take a minute
    found["app/settings.py"] = re.sub(r"lease_s=[\d.]+", "lease_s=3.0", found["app/settings.py"])
    save(found, project, force=False)
    install(project, installed)
    shutil.rmtree(project)
    environment = {
        **os.environ,
        "NATS_URL": server.url,
        "DATA_DIR": str(data),
        "PYTHONPATH": str(installed),
        "NO_WORK": "1",
    }
    log = (tmp_path / "log").open("w")

    def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments], env=environment, cwd=tmp_path, stdout=log, stderr=log
        )

    names = sorted(
        {line.split("app.services.")[1] for line in found["Procfile"].splitlines() if "app.services." in line}
    )
    running = {name: start(f"app.services.{name}") for name in names}
    running["dead-letters"] = start("app.dead_letters", "watch")
    try:
        until = time.monotonic() + 60
        while not all((data / f"{name.replace('_', '-')}.db").exists() for name in names):
            assert time.monotonic() < until, (tmp_path / "log").read_text()[-2000:]
            time.sleep(0.2)
        time.sleep(3)
        command = [sys.executable, "-m", "app.load", "--seconds", str(SECONDS), "--seed", "3"]
        load = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        time.sleep(SECONDS / 2)
        running[victim].kill()
        running[victim].wait()
        time.sleep(1)
        running[victim] = start(f"app.services.{victim}")
        said = load.communicate(timeout=60)[0]
        confirmed = sum(json.loads(line)["confirmed"] for line in said.splitlines() if "confirmed" in line)
        assert confirmed > 5
        until = time.monotonic() + 60
        while any(len(set(handled(data, name))) < confirmed for name in complete):
            assert time.monotonic() < until, {
                name: (len(set(handled(data, name))), confirmed) for name in complete
            }
            time.sleep(0.5)
        if solution.startswith("inbox"):
            assert len(handled(data, victim)) == len(set(handled(data, victim)))
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        assert {name: process.wait(30) for name, process in running.items()} == dict.fromkeys(running, 0)
    finally:
        for process in running.values():
            process.kill()
        log.close()
