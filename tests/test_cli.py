"""The commands as scripts see them: their output streams and exit codes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root
from tutor.classroom.pack import write_pack
from tutor.cli import run, tutor
from tutor.model.pack import PackRules
from tutor.terminal import show_wrapped

LEVEL = "first-light/first-event"
SOLUTION = find_levels_root() / LEVEL / "solutions"

SCENARIO = """\
[run]
duration_s = 50
drain_s = 10
[components.till]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.kitchen]
kind = "service"
service_ms = 20
[[wires]]
from = "till"
to = "kitchen"
[[effects]]
event = "order.placed"
at = "kitchen"
[[windows]]
id = "late"
from_s = 20
to_s = 40
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a learner and a working folder of its own."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def solution() -> Path:
    """A design that passes the first level."""
    return sorted(SOLUTION.glob("*.toml"))[0]


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "s.toml"
    path.write_text(SCENARIO)
    return path


Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", [None, *sorted(tutor.commands)])
def test_every_command_has_help_with_an_example(name: str | None, capsys: Captured) -> None:
    """--help says what a command does and shows an example as it is typed."""
    assert run(["--help"] if name is None else [name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert "Example" in out
    assert "  tutor" in out
    assert err == ""


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["chek"], 'did you mean "check"'),
        (["check"], "DESIGN is missing"),
        (["check", "a", "b"], 'unexpected argument "b"'),
        (["check", "x.toml", "--sed", "1"], "--seed"),
        (["check", "x.toml", "--seed", "one"], "one"),
        (["check", "x.toml", "--seed", "-1"], "-1"),
        (["--nothing"], "--nothing"),
        (["check", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["check", "."], ".: this is a folder"),
        (["simulate", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["play", "first-light/frst-event"], f'did you mean "{LEVEL}"'),
        (["play", "first-event"], "needs a terminal"),
        (["play", "x", "--levels", "nowhere"], "nowhere: this folder of levels doesn't exist"),
        (["sandbox", "missing.toml"], "missing.toml: this file doesn't exist"),
        ([], "needs a terminal"),
        (["lint", "nowhere"], "nowhere: "),
        (["watch", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["watch", "."], ".: this is a folder"),
        (["watch", os.devnull], "this is a device or a pipe"),
        (["new-level", "Bad/Name"], "isn't the id of a level"),
        (["new-level", "only"], "isn't the id of a level"),
        (["levels", "--levels", "nowhere"], "nowhere: this folder of levels doesn't exist"),
        (["progress", "--export", "no/where.json"], "can't be written"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_used_is_one_line(
    args: list[str], words: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input exits with 2, one line on standard error that says what is wrong, and nothing on standard
    output.
    """
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115, PTH123 - closed with the test
    assert run(args) == 2
    out, err = capsys.readouterr()
    sys.stdin.close()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err, err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("level = \n", ":1: ", "isn't TOML"),
        (
            f'level = "{LEVEL}"\n[components.kitchen]\nservice_ms = 1\n',
            ":3: components.kitchen.service_ms: ",
            "part of the world",
        ),
        (
            f'level = "{LEVEL}"\n[components.x]\nkind = "qeue"\n',
            ":3: components.x.kind: ",
            'did you mean "queue"',
        ),
        (
            f'level = "{LEVEL}"\n[[wires]]\nfrom = "till"\nto = "kitchn"\n',
            ":4: wires.to: ",
            'did you mean "kitchen"',
        ),
        ('[components.x]\nkind = "queue"\n', ":1: level: ", "names no level"),
        ("", ":1: ", "empty"),
        ('title = "x"\nlevel = "first-light/first-evnt"\n', ":2: level: ", f'did you mean "{LEVEL}"'),
        ('level = "night-job/flash-sale"\ntitle = "x"\n[wires]\na = 1\n', ":3: wires: ", "[[wires]]"),
    ],
)
def test_a_design_that_cannot_be_used(
    tmp_path: Path, capsys: Captured, text: str, place: str, words: str
) -> None:
    """The line names the file as it was given, the line number and the key."""
    (tmp_path / "d.toml").write_text(text)
    for more in ([], ["--json"]):
        assert run(["check", "d.toml", *more]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("d.toml" + place), err
        assert words in err
        assert err.count("\n") == 1


def test_check_passes(solution: Path, capsys: Captured) -> None:
    """A shipped solution passes with exit code 0 and readable text; without a terminal no progress
    is shown.
    """
    assert run(["check", str(solution)]) == 0
    out, err = capsys.readouterr()
    assert "Passed" in out
    assert err == ""


def test_check_json(solution: Path, capsys: Captured) -> None:
    """--json prints one document with the verdict on the requested seeds."""
    assert run(["check", str(solution), "--json", "--seed", "7", "--seed", "9"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["level"] == LEVEL
    assert document["passed"] is True
    assert set(document["stars"]) == {"cost", "speed", "simplicity"}
    assert {"say", "metric", "target", "value", "met", "seed"} <= set(document["goals"][0])
    assert [seed["seed"] for seed in document["seeds"]] == [7, 9]


def test_check_misses(tmp_path: Path, capsys: Captured) -> None:
    """A design that runs and misses a goal exits with 1; the level may be given on the command line."""
    (tmp_path / "d.toml").write_text('[[wires]]\nfrom = "till"\nto = "kitchen"\nkind = "call"\n')
    assert run(["check", "d.toml", "--level", LEVEL]) == 1
    out, err = capsys.readouterr()
    assert "Not passed" in out
    assert err == ""


def test_check_writes_a_post_mortem(tmp_path: Path, capsys: Captured) -> None:
    """The file is a Markdown post-mortem and the verdict is shown as usual; a file that can't be written
    gives one line and exit code 2.
    """
    mistake = find_levels_root() / LEVEL / "mistakes" / "retries.toml"
    file = tmp_path / "why.md"
    assert run(["check", str(mistake), "--json", "--postmortem", str(file)]) == 1
    assert json.loads(capsys.readouterr().out)["counterexample"] is None
    assert file.read_text("utf-8").startswith("# Post-mortem: ")
    assert run(["check", str(mistake), "--seed", "1", "--postmortem", str(tmp_path / "no" / "why.md")]) == 2
    assert "why.md" in capsys.readouterr().err


def test_a_post_mortem_replaces_only_its_like(tmp_path: Path, capsys: Captured) -> None:
    """An older post-mortem or an empty file is overwritten; any other file is kept, nothing is simulated, and
    one line says so.
    """
    mistake = find_levels_root() / LEVEL / "mistakes" / "retries.toml"
    file = tmp_path / "notes.md"
    for text in ("", "# Post-mortem: an older one\n\nwith more\n"):
        file.write_text(text, "utf-8")
        assert run(["check", str(mistake), "--seed", "1", "--postmortem", str(file)]) == 1
        assert file.read_text("utf-8").startswith("# Post-mortem: The Doorbell")
    capsys.readouterr()
    for text in ("# Notes\n", "#", "level = 1\n", "\x00\xff"):
        file.write_text(text, "utf-8")
        assert run(["check", str(mistake), "--seed", "1", "--postmortem", str(file)]) == 2
        out, err = capsys.readouterr()
        assert (out, err) == (
            "",
            f'{file}: would be lost: it doesn\'t begin with "# Post-mortem:"; give another name\n',
        )
        assert file.read_text("utf-8") == text


def test_a_post_mortem_is_not_written_over_the_design(
    solution: Path, tmp_path: Path, capsys: Captured
) -> None:
    """A post-mortem aimed at the design file is refused before anything is simulated."""
    path = tmp_path / "design.toml"
    path.write_text(solution.read_text("utf-8"), "utf-8")
    assert run(["check", str(path), "--postmortem", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "it is read here and would be lost" in err
    assert path.read_text("utf-8") == solution.read_text("utf-8")


def test_check_levels_of_a_pack(tmp_path: Path, capsys: Captured) -> None:
    """A new level can be checked, listed and played from its own folder."""
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    assert run(["check", "pack/my/first/solutions/queue.toml", "--levels", "pack"]) == 0
    capsys.readouterr()
    assert run(["levels", "--json", "--levels", "pack"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["levels"][0]["id"] == "my/first"
    assert run(["new-level", "my/first", "--levels", "pack"]) == 2
    assert "already" in capsys.readouterr().err
    assert run(["new-level", "my/second", "--levels", "pack"]) == 0
    assert sorted(path.name for path in (tmp_path / "pack" / "my").iterdir()) == [
        "chapter.toml",
        "first",
        "second",
    ]


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


def test_levels(capsys: Captured) -> None:
    """The course is listed as text and as JSON, with what is done."""
    from tutor.model.level import Stars
    from tutor.progress import open_progress

    with open_progress() as progress:
        progress.note_run(LEVEL, True, Stars(3, 2, 1))
    assert run(["levels"]) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if LEVEL in line]
    assert "passed, 6 of 9 stars" in line
    assert run(["levels", "--json"]) == 0
    chapters = json.loads(capsys.readouterr().out)
    assert [chapter["id"] for chapter in chapters][:2] == ["first-light", "night-job"]
    first = chapters[0]["levels"][0]
    assert (first["id"], first["passed"], first["stars"]) == (
        LEVEL,
        True,
        {"cost": 3, "speed": 2, "simplicity": 1},
    )
    assert chapters[1]["levels"][0]["passed"] is False


def test_progress(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says where progress is stored, exports it, and deletes it on request."""
    from tutor.model.level import Stars
    from tutor.progress import open_progress

    with open_progress() as progress:
        progress.note_run(LEVEL, True, Stars(3, 2, 1))
    assert run(["progress"]) == 0
    out = capsys.readouterr().out
    assert "1 of 1 opened levels passed, 6 stars" in out
    assert str(tmp_path / "home" / "progress.sqlite") in out
    assert run(["progress", "--export", "p.json"]) == 0
    assert json.loads(Path("p.json").read_text())["levels"][LEVEL]["passed"] is True
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run(["progress", "--reset"]) == 0
    capsys.readouterr()
    assert run(["progress"]) == 0
    assert "0 of 0 opened levels passed" in capsys.readouterr().out


def test_damaged_progress_does_not_stop_a_command(tmp_path: Path, capsys: Captured) -> None:
    """The list on standard output is complete; the damage is reported in one line on standard error."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "progress.sqlite").write_bytes(b"no database" * 500)
    assert run(["levels", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert "set aside" in err
    assert err.count("\n") == 1


def start(*args: str, **more: object) -> "subprocess.Popen[str]":
    """Start the program as a process of its own."""
    environment = {**os.environ, **more.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "tutor", *args]
    program: subprocess.Popen[str] = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **more,  # type: ignore[call-overload]
    )
    return program


def test_play_plain_reads_a_pipe() -> None:
    """A whole visit through standard input works: board, run, goodbye; the design is saved for the
    next time.
    """
    with start("play", "first-event", "--plain") as process:
        out, err = process.communicate("board\nremove till->kitchen\nquit\n")
    assert process.returncode == 0, err
    assert "Till calls Kitchen" in out
    with start("play", LEVEL, "--plain") as process:
        out, err = process.communicate("board\n")
    assert process.returncode == 0, err
    assert "Till calls Kitchen" not in out


def test_reader_that_goes_away() -> None:
    """A pipe that is closed early is no error and gives no traceback."""
    command = f"{sys.executable} -m tutor levels --json | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["[", "0"]
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding(tmp_path: Path, encoding: str) -> None:
    """Text that a terminal can't show doesn't stop a command, and the JSON document is the same."""
    (tmp_path / "s.toml").write_text(SCENARIO.replace("order.placed", "bestellung.größe→☺"), "utf-8")
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for args in (
        ["simulate", "s.toml", "--json"],
        ["simulate", "s.toml"],
        ["check", "gr\u00f6\u00dfe☺.toml"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "tutor", *args],
            capture_output=True,
            check=False,
            env={**os.environ, **env},
        )
        assert done.returncode == (2 if args[0] == "check" else 0), done.stderr
        assert b"Traceback" not in done.stderr
        if args[-1] == "--json":
            assert "bestellung.größe→☺" in json.loads(done.stdout.decode(encoding))["effect"]["kitchen"]


def test_names_of_files_cannot_steer_the_terminal(capsys: Captured) -> None:
    """Escape codes in arguments don't reach standard error."""
    for args in (
        ["check", "\x1b[31mx.toml"],
        ["simulate", "a\nb.toml"],
        ["\x1b]0;title\x07"],
        ["play", "\x1b[2Jx"],
    ):
        assert run(args) == 2
        err = capsys.readouterr().err
        assert err.rstrip("\n").isprintable()
        assert err.count("\n") == 1


def until(condition: object, seconds: float = 20.0) -> bool:
    """Whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_watch_checks_again(tmp_path: Path, solution: Path) -> None:
    """The design is scored at once and again after each save, a broken state in between is survived, and
    Ctrl+C exits with 130.
    """
    path = tmp_path / "d.toml"
    path.write_text(f'level = "{LEVEL}"\n')
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        command = [sys.executable, "-m", "tutor", "watch", str(path), "--seed", "1"]
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL)
        try:
            assert until(
                lambda: out.read_text().count("Not passed") == 1 or "Inconclusive" in out.read_text()
            ), err.read_text()
            path.write_text("level = \n")
            assert until(lambda: "isn't TOML" in err.read_text())
            replacement = tmp_path / "new"
            replacement.write_text(solution.read_text())
            replacement.replace(path)
            assert until(lambda: "Passed" in out.read_text())
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
            process.wait()
    assert "Traceback" not in err.read_text()


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


def test_an_interrupted_lint_does_not_wait_for_its_processes() -> None:
    """Ctrl+C that reaches only lint exits at once with 130 and one line, whatever its processes are doing."""
    process = start("lint", "--jobs", "2")
    try:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_an_interrupted_game_says_so() -> None:
    """A game that is interrupted restores the terminal and exits with 130."""
    import pty
    import select

    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # a runner in the background has it ignored, and children inherit that
        os.environ.update(TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(sys.executable, [sys.executable, "-m", "tutor", "play", LEVEL])
    seen = b""
    deadline = time.monotonic() + 30
    signalled = False
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        elif b"Doorbell" in seen and not signalled:
            os.kill(pid, signal.SIGINT)
            signalled = True
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < deadline + 10:
        time.sleep(0.1)
        ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    assert signalled
    assert ended
    assert os.waitstatus_to_exitcode(status) == 130
    assert b"\x1b[?1049l" in seen


def test_a_full_disk_is_one_line() -> None:
    """An output that can't be written exits with 2 and one line, without a traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tutor", "levels"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_lint_counts(capsys: Captured) -> None:
    """Lint checks a new level from its own folder and reports how many cases it ran."""
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    capsys.readouterr()
    assert run(["lint", "pack/my/first", "--words"]) in (0, 1)
    assert "1 level, no case was run; no faults" in capsys.readouterr().out


def test_a_pack_is_played_without_naming_a_level(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack opens at its first unpassed level, names the next one as it is typed, and has its own
    progress.
    """
    import io

    from tutor.progress import open_progress

    for name in ("first", "second"):
        assert run(["new-level", f"my/{name}", "--levels", "a pack"]) == 0
    solve = "add queue\nremove till->kitchen\nwire till queue\nwire queue kitchen\ncheck\nquit\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(solve))
    assert run(["play", "--levels", "a pack", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "Next: tutor play my/second --levels 'a pack' --plain" in out
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    assert run(["play", "--levels", "a pack", "--plain"]) == 0
    assert "Second" in capsys.readouterr().out
    with open_progress() as progress:
        assert progress.standings() == {}


def test_a_new_level_is_proved_as_it_is() -> None:
    """A newly created level has no fault: its start fails, its solutions pass, and its mistakes get their
    diagnosis.
    """
    from tutor.lint import lint

    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    report = lint([Path("pack")])
    assert report.lines()[:-1] == []
    assert {result.case.kind for result in report.results} == {"start", "solution", "mistake", "without"}


def test_a_new_level_names_schemas_that_are_there() -> None:
    """Each file's first line points editors to a schema in the pack, and the file validates against it."""
    import tomllib

    import jsonschema

    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    files = sorted(Path("pack/my/first").rglob("*.toml"))
    assert len(files) == 5
    for path in files:
        text = path.read_text("utf-8")
        schema = path.parent / text.splitlines()[0].removeprefix("#:schema ")
        jsonschema.validate(tomllib.loads(text), json.loads(schema.read_text("utf-8")))


def test_a_level_of_a_pack_is_chosen(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain mode opens a pack at its first unpassed level, or at a named one if the pack allows it."""
    levels = [LEVEL, "night-job/night-shift"]
    for order in ("open", "course"):
        write_pack(tmp_path / f"{order}.pack", find_levels_root(), levels, PackRules("Week 1", order=order))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(["play", str(tmp_path / "open.pack"), "--plain"]) == 0
    assert "Week 1: level 1 of 2" in capsys.readouterr().out
    assert run(["play", str(tmp_path / "open.pack"), "--plain", "--level", "night-shift"]) == 0
    assert "Week 1: level 2 of 2" in capsys.readouterr().out
    assert run(["play", str(tmp_path / "course.pack"), "--plain", "--level", "night-shift"]) == 2
    assert "isn't open yet" in capsys.readouterr().err
    assert run(["play", LEVEL, "--level", "night-shift"]) == 2
    assert "a class pack" in capsys.readouterr().err


def test_a_dumb_terminal_is_sent_to_the_plain_mode(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can't draw screens gets one line that says what works."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("tutor.cli.playing.is_terminal", lambda stream: True)
    assert run([]) == 2
    assert "--plain" in capsys.readouterr().err


def test_a_terminal_gets_whole_words(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, long lines wrap between words and keep their indent; in a pipe they aren't wrapped."""
    line = "  one two three four five six seven eight nine ten"
    show_wrapped(line)
    assert capsys.readouterr().out == line + "\n"
    monkeypatch.setattr("tutor.terminal.is_terminal", lambda stream: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_args, **_named: os.terminal_size((31, 10)))
    show_wrapped(line)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["  one two three four five six", "  seven eight nine ten"]
