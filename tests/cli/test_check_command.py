"""``tutor check``: exit codes, verdicts as text and JSON, and post-mortems."""

import json
from pathlib import Path

import pytest

from tests.cli.program import LEVEL, Captured
from tutor.catalog import find_levels_root
from tutor.cli import run


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
