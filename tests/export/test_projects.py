"""An exported project installs, starts on a real broker, survives a SIGKILL without loss and stops
cleanly.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("faststream", reason="exported projects need FastStream: pip install 'faststream[nats]'")
pytest.importorskip("nats", reason="live runs need the extra: pip install 'eda-tutor[live]'")

from tutor.catalog import join, level_by_id, load_design_file, load_scenario
from tutor.catalog.course import level_folder
from tutor.export.project import build, save
from tutor.live.brokers import Server, adapter

CASES = {
    ("first-light/first-event", "rail"): ("kitchen", ("kitchen",)),
    ("long-stories/rewind", "log-in-front"): ("points", ("points",)),
    ("say-it-twice/poison", "five-tries"): ("readers", ("readers",)),
    ("say-it-twice/charged-twice", "inbox-renew"): ("charger", ("charger",)),
}
"""By level and solution: the service that is killed, and those in which every event must have its effect."""
ELSEWHERE = [
    (broker, *case)
    for broker in ("rabbitmq", "redis", "kafka")
    for case in (("first-light/first-event", "rail"), ("say-it-twice/poison", "five-tries"))
]
"""For the other brokers, where they are installed: a queue, and one with retries and dead letters."""
VARIABLES = {"nats": "NATS_URL", "rabbitmq": "RABBITMQ_URL", "redis": "REDIS_URL", "kafka": "KAFKA_URL"}
SECONDS = 8


@contextlib.contextmanager
def serving(broker: str, tmp_path: Path) -> Iterator[Server]:
    """Run a broker for this test alone."""
    tmp_path.mkdir(exist_ok=True)
    own = adapter(broker).server(tmp_path / "broker", None, tmp_path / "broker.log")
    try:
        own.start()
        yield own
    finally:
        own.stop()


def install(folder: Path, target: Path) -> None:
    """Build the project and install it without its dependencies, which are already there."""
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
    """The ids of the events whose effect a service has applied, including repeats."""
    path = data / f"{service}.db"
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as base:
        return [row[0] for row in base.execute("select event from effect")]


@pytest.mark.slow
def test_projects_survive_the_death_of_a_service(tmp_path: Path) -> None:
    """Although a service is killed during the run, confirmed events have their effect; with idempotent
    services, once. Four levels run in parallel.
    """
    with ThreadPoolExecutor(len(CASES)) as pool:
        started = {case: pool.submit(survive, "nats", *case, tmp_path / case[1]) for case in CASES}
    for case, ran in started.items():
        assert ran.exception() is None, case


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize(("broker", "level_id", "solution"), ELSEWHERE)
def test_a_project_survives_the_death_of_a_service_elsewhere(
    broker: str, level_id: str, solution: str, tmp_path: Path
) -> None:
    """A project survives the death of a service on the other brokers as well."""
    missing = adapter(broker).missing()
    if missing:
        pytest.skip(missing)
    survive(broker, level_id, solution, tmp_path)


def survive(broker: str, level_id: str, solution: str, tmp_path: Path) -> None:
    """Export, install and start a level's solution, kill a service during the run, and stop everything."""
    with serving(broker, tmp_path) as server:
        _survive(broker, server.url.removeprefix("kafka://"), level_id, solution, tmp_path)


def _survive(broker: str, url: str, level_id: str, solution: str, tmp_path: Path) -> None:
    victim, complete = CASES[level_id, solution]
    level = level_by_id(level_id)
    design = join(load_design_file(level_folder(level_id) / "solutions" / f"{solution}.toml"), level)
    project, installed, data = tmp_path / "project", tmp_path / "installed", tmp_path / "data"
    found = build(design, level.title, broker)
    # with a lease of 30 s, and sessions of 45 s, the test would take a minute
    shorter = re.sub(r"lease_s=[\d.]+", "lease_s=3.0", found["app/settings.py"])
    found["app/settings.py"] = re.sub(r"session_timeout_s=[\d.]+", "session_timeout_s=6.0", shorter)
    save(found, project, force=False)
    if (level_id, solution) == next(iter(CASES)):  # one is installed, the others run from their folders
        install(project, installed)
        shutil.rmtree(project)
    else:
        installed = project
    environment = {
        **os.environ,
        VARIABLES[broker]: url,
        "DATA_DIR": str(data),
        "PYTHONPATH": str(installed),
        "NO_WORK": "1",
        "KAFKA_IDEMPOTENCE": "0",  # Tansu has no idempotent producers
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


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("broker", VARIABLES)
def test_dead_letters_are_sent_back_once(broker: str, tmp_path: Path) -> None:
    """With half of all tries failing, one command resends each dead letter once. Every log line is JSON, and
    the processes exit cleanly.
    """
    missing = adapter(broker).missing()
    if missing:
        pytest.skip(missing)
    scenario = load_scenario(Path(__file__).parents[1] / "brokers" / "scenarios" / "07-dead-letters.toml")
    found = build(scenario.design, "dead letters", broker)
    shorter = re.sub(r"lease_s=[\d.]+", "lease_s=2.0", found["app/settings.py"])
    found["app/settings.py"] = re.sub(r"session_timeout_s=[\d.]+", "session_timeout_s=6.0", shorter)
    save(found, tmp_path / "project", force=False)
    data = tmp_path / "data"

    def done() -> int:
        return len(set(handled(data, "billing")))

    with serving(broker, tmp_path) as server, (tmp_path / "log").open("w") as log:
        environment = {
            **os.environ,
            VARIABLES[broker]: server.url.removeprefix("kafka://"),
            "DATA_DIR": str(data),
            "PYTHONPATH": str(tmp_path / "project"),
            "NO_WORK": "1",
            "KAFKA_IDEMPOTENCE": "0",
        }

        def ask(*words: str) -> dict[str, Any]:
            command = [sys.executable, "-m", *words]
            ran = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            return dict(json.loads(ran.stdout.splitlines()[-1]))

        running = [
            subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=log, stderr=log)
            for words in (["app.services.billing"], ["app.dead_letters", "watch"])
        ]
        try:
            until = time.monotonic() + 60
            while not (data / "billing.db").exists():
                assert time.monotonic() < until, (tmp_path / "log").read_text()[-2000:]
                time.sleep(0.2)
            time.sleep(5)
            confirmed = ask("app.load", "--seconds", "5")["confirmed"]
            before = -1
            while before != done():
                before = done()
                time.sleep(6)
            moved = ask("app.dead_letters", "redrive", "lost", "orders", "--most", "1000")["messages"]
            assert moved == confirmed - before > 0
            while before != done():
                before = done()
                time.sleep(6)
            assert confirmed - moved < before <= confirmed
            for process in running:
                process.send_signal(signal.SIGTERM)
            assert [process.wait(30) for process in running] == [0, 0]
        finally:
            for process in running:
                process.kill()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {line["event"] for line in lines if line["message"] == "handled"} >= set(handled(data, "billing"))


LIMITED = """
[components.till]
kind = "client"
event = "order.placed"
[components.log]
kind = "stream"
partitions = 3
retention_records = 100
overflow = "reject"
[components.billing]
kind = "service"
[[wires]]
from = "till"
to = "log"
[[wires]]
from = "log"
to = "billing"
"""


def test_a_stream_keeps_as_many_records_on_the_broker_as_in_the_design(tmp_path: Path) -> None:
    """A limit of 100 records in each of 3 partitions becomes a limit of 300 for one JetStream stream, which
    refuses the next.
    """
    scenario = tmp_path / "limited.toml"
    scenario.write_text(LIMITED, encoding="utf-8")
    save(build(load_scenario(scenario).design, "limits", "nats"), tmp_path / "project", force=False)
    asked = (
        "from app import broker, settings; kept = broker.stream_of(settings.CHANNELS[0]); "
        "print(kept.max_msgs, kept.discard)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path / "project", capture_output=True, text=True, check=True
    )
    assert printed.stdout.split() == ["300", "DiscardPolicy.NEW"]
