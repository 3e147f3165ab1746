"""``tutor simulate``: reports as text and JSON, timelines, the budget of steps and interruptions."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.cli.program import SCENARIO, Captured, start
from tutor.cli import run


def test_simulate_json(scenario: Path, capsys: Captured) -> None:
    """The output is one JSON document that matches the interface; only another seed changes its numbers."""
    documents = []
    for seed in ("1", "2", "1"):
        assert run(["simulate", str(scenario), "--json", "--seed", seed]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        document = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        document.pop("engine")
        documents.append(document)
    assert documents[0] == documents[2] != documents[1]
    assert documents[0]["schema"] == 1
    assert documents[0]["complete"] is True
    assert documents[1]["seed"] == 2
    assert documents[0]["client"]["till"]["requests"] > 100


def test_simulate_says_why(tmp_path: Path, capsys: Captured) -> None:
    """``--why`` explains a run below its report, and in JSON as ``check --json`` does."""
    file = tmp_path / "full.toml"
    file.write_text(
        """
[run]
duration_s = 60
[components.till]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.rail]
kind = "queue"
max_length = 3
[components.kitchen]
kind = "service"
service_ms = 1000
[[wires]]
from = "till"
to = "rail"
[[wires]]
from = "rail"
to = "kitchen"
"""
    )
    assert run(["simulate", str(file), "--why", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["diagnosis"][0]["id"] == "overflow"
    assert set(found["diagnosis"][0]) >= {"id", "title", "what", "evidence", "try", "explains"}
    assert run(["simulate", str(file), "--why"]) == 0
    text = capsys.readouterr().out
    assert "The channel was full." in text
    assert "Where to look:" in text
    assert run(["simulate", str(file), "--json"]) == 0
    assert "diagnosis" not in json.loads(capsys.readouterr().out)


def test_simulate_text(scenario: Path, capsys: Captured) -> None:
    """Without --json the report is readable tables, including the windows."""
    assert run(["simulate", str(scenario)]) == 0
    out = capsys.readouterr().out
    for words in (
        "50 s simulated, seed 1",
        "Clients",
        "till",
        "Effects",
        "kitchen order.placed",
        "Parts",
        "Window late",
        "cost 1 an hour",
    ):
        assert words in out


def test_simulate_timeline(scenario: Path, capsys: Captured) -> None:
    """The whole timeline is written to its file."""
    assert run(["simulate", str(scenario), "--json", "--timeline", "t.json"]) == 0
    json.loads(capsys.readouterr().out)
    assert isinstance(json.loads(Path("t.json").read_text()), dict)
    assert run(["simulate", str(scenario), "--timeline", "no/t.json"]) == 2
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("s.toml", "it is read here"),
        (".", "a folder"),
        ("no/t.json", "the folder no doesn't exist"),
        (os.devnull, "a device"),
    ],
)
def test_a_timeline_that_cannot_be_is_refused_before_the_run(
    scenario: Path, capsys: Captured, target: str, words: str
) -> None:
    """A file that can't be written is refused before the run, and so is the scenario file itself."""
    before = scenario.read_text()
    scenario.write_text(before.replace("duration_s = 50", "duration_s = 5000000"))
    assert run(["simulate", str(scenario), "--timeline", target]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err
    assert scenario.read_text() == before.replace("duration_s = 50", "duration_s = 5000000")


def test_the_budget_of_events(tmp_path: Path, capsys: Captured) -> None:
    """A loop of publishes is stopped by the budget: exit code 3, one line, and a report that says it isn't
    complete.
    """
    (tmp_path / "c.toml").write_text(
        "[run]\nduration_s = 100\nmax_events = 5000\n"
        '[components.c]\nkind = "client"\nrate_per_s = 10\n[components.a]\nkind = "service"\nservice_ms = 1\n'
        '[components.q]\nkind = "queue"\n'
        '[[wires]]\nfrom = "c"\nto = "q"\n[[wires]]\nfrom = "q"\nto = "a"\n[[wires]]\nfrom = "a"\nto = "q"\n'
    )
    assert run(["simulate", "c.toml", "--json"]) == 3
    out, err = capsys.readouterr()
    assert json.loads(out)["complete"] is False
    assert err.startswith("c.toml: ")
    assert "5000 steps" in err
    assert err.count("\n") == 1


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl+C during a long run exits with 130, one line, and no half-written file."""
    (tmp_path / "s.toml").write_text(SCENARIO.replace("duration_s = 50", "duration_s = 500000"))
    process = start("simulate", "s.toml", "--timeline", "t.json")
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err == "interrupted\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.toml"]
