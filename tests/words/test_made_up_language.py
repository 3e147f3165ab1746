"""The made-up language in help, in plain mode and in level texts."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.words import made_up
from tutor import words
from tutor.catalog import find_levels_root, load_level
from tutor.cli import run, tutor
from tutor.errors import InputError
from tutor.plain import COMMANDS, play
from tutor.session import Session

PLAIN = re.compile(r"(?<![\w./-])[a-z]{2,}(?: [a-z]{2,}){2,}(?![\w./-])")
"""Three plain words in a row: a sentence that isn't from a catalogue."""
PLAIN_PAIR = re.compile(r"(?<![\w./-])[a-z]{2,} [a-z]{2,}(?![\w./-])")
"""Two plain words in a row."""
TYPED_COMMAND = re.compile(r"\btutor [a-z-]+(?: [a-z-]+)?")
"""A command as it is typed."""
TYPED = re.compile(r"^.*\btutor\b.*$", re.MULTILINE)
"""Lines of a help page that are typed as they are."""


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Switch back to English after each test."""
    yield
    words.use("en")


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder with the made-up language, as a translator would write it."""
    return str(made_up.write(tmp_path_factory.mktemp("words")))


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words that lead to each command of a group, and to the group itself."""
    yield path
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from commands(one, (*path, name))
        else:
            yield (*path, name)


def test_every_help_page_is_said_in_the_language_that_is_asked_for(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``--language``, no help page has an English sentence outside its examples."""
    monkeypatch.setenv("TUTOR_WORDS", language)
    for path in commands(tutor):
        shown = CliRunner().invoke(tutor, ["--language", made_up.CODE, *path, "--help"], prog_name="tutor")
        assert shown.exit_code == 0, shown.output
        assert made_up.accented("Show this message") in shown.output, path
        assert PLAIN.findall(TYPED.sub("", shown.output)) == [], path


def test_plain_mode_is_said_in_the_language_in_use() -> None:
    """Help, refusals and the reports of edits in plain mode have no English sentence."""
    words.use(made_up.catalogue())
    level = load_level(find_levels_root() / "first-light" / "first-event")
    lines = ["undo", "redo", "why", "journey", "debrief", "solutions", "seeds", "compare"]
    lines += ["add", "set", "remove", "wire till kitchen", "set kitchen service_ms 1", "remove kitchen"]
    lines += [*(f"help {name}" for name in COMMANDS), "chek"]
    shown: list[str] = []
    play(Session(level), ["goals"], shown.append)
    before = len(shown)
    play(Session(level), ["goals", *lines], shown.append)
    assert len(shown) > 2 * before
    assert [line for line in shown[2 * before :] if PLAIN.search(line)] == []


QUOTED = re.compile(r'"[^"]*"|--[a-z-]+|\b[a-z-]+\.(?:toml|csv|pack)\b|<[^>]*>')
"""Quoted texts in an error, and names of files and options, which are typed as they are."""


@pytest.mark.parametrize(
    "args",
    [
        ["chek"],
        ["check"],
        ["check", "a", "b"],
        ["check", "x.toml", "--seed", "one"],
        ["check", "x.toml", "--sed", "1"],
        ["check", "x.toml"],
        ["check", "blank.toml"],
        ["lint", "."],
        ["new-level", "Bad"],
        ["new-level", "a/b", "--from", "x", "--design", "x.toml"],
        ["play", "x", "--level", "y"],
        ["sandbox"],
        ["export", "x.toml", "--to", "nowhere"],
        ["grade", ".", "--roster", "empty.csv"],
        ["grade", ".", "--roster", "twice.csv"],
        ["grade", ".", "--seeds", "blank.toml"],
        ["class", "nothing"],
        ["class", "report", "nowhere"],
        ["class", "pack", ".", "first-light/first-event"],
        ["class", "pack", "new.pack", "first-light/nothing"],
        ["play", "broken.pack"],
        ["progress", "--export", "no/where.json"],
        ["progress"],
    ],
    ids=" ".join,
)
def test_what_commands_refuse_is_said_in_the_language_that_is_asked_for(
    args: list[str],
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Errors of commands, files, rosters and packs have no English words except commands to type."""
    monkeypatch.setenv("TUTOR_WORDS", language)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blank.toml").write_text("# nothing", "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    (tmp_path / "twice.csv").write_text("name,email\na,a@b\nb,a@b\n", "utf-8")
    (tmp_path / "broken.pack").write_bytes(b"PK")
    run(["--language", made_up.CODE, *args])
    out, err = capsys.readouterr()
    assert out or err
    said = QUOTED.sub(
        "", TYPED_COMMAND.sub("", (out + err).replace(os.strerror(2), ""))
    )  # the system's own words
    assert PLAIN_PAIR.findall(said) == []


SHOWN = re.compile(r"(?<![\w./@-])[A-Za-z]{3,}(?![\w./@-])")
"""A word with plain letters only."""
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)
"""What a reader of a page doesn't see."""
OWN = {
    *("ada", "bob", "eve", "max", "class"),
    *("level", "kind", "queue", "replicas", "wires", "from", "call", "subscribe", "idea"),
    *("till", "kitchen", "rail", "bell"),
}
"""What the files of this test say themselves: students, ids and keys of a design."""


def class_folder(place: Path) -> Path:
    """A folder with the first level in the made-up language, a design that passes, one that doesn't, and a
    class of three that handed them in.
    """
    english = find_levels_root() / "first-light" / "first-event"
    level = place / "levels" / "first-light" / "first-event"
    shutil.copytree(english, level)
    for path in [*level.glob("solutions/*.toml"), *level.glob("mistakes/*.toml")]:
        if path.stem not in ("topic", "more-cooks"):
            path.unlink()
    shutil.copy(english.parent / "chapter.toml", level.parent)
    shutil.copy(find_levels_root() / "glossary.toml", place / "levels")
    course = 'title = "Course"\nchapters = [{id = "first-light", levels = ["first-event"]}]\n'
    (place / "levels" / "course.toml").write_text(course, "utf-8")
    made_up.write_level_texts(place / "levels")
    hand_ins = place / "class"
    hand_ins.mkdir()
    for source, student in (("solutions/topic", "ada"), ("mistakes/more-cooks", "bob")):
        text = (english / f"{source}.toml").read_text("utf-8")
        (hand_ins / f"{student}.toml").write_text(
            re.sub(r"^(title|stars|diagnosis) = .*\n", "", text, flags=re.MULTILINE), "utf-8"
        )
    (hand_ins / "eve.toml").write_text("nothing", "utf-8")
    (place / "seeds").write_text("1", "utf-8")
    (place / "roster.csv").write_text("name,email\nada,ada@b\nbob,bob@b\neve,eve@b\nmax,max@b\n", "utf-8")
    return place


def test_what_commands_report_is_said_in_the_language_that_is_asked_for(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict of a check, a post-mortem, and the results of lint, of grading and of a class's report, on
    screen and as pages, have no English word.
    """
    monkeypatch.setenv("TUTOR_WORDS", language)
    monkeypatch.chdir(class_folder(tmp_path))
    for args in (
        "check class/ada.toml --levels levels --seed 1",
        "check class/bob.toml --levels levels --seed 1 --postmortem told.md --against class/ada.toml",
        "lint --quick levels/first-light/first-event",
        "grade class --roster roster.csv --levels levels --seeds seeds --jobs 1 --html g.html --feedback fb",
        "class report class --levels levels --seeds seeds --jobs 1 --html report.html",
    ):
        assert run(["--language", made_up.CODE, *args.split()]) in (0, 1), args
    out, err = capsys.readouterr()
    pages = [*tmp_path.glob("*.html"), *tmp_path.glob("fb/*"), tmp_path / "told.md"]
    assert len(pages) == 7
    shown = {"the screen": out + err, **{page.name: page.read_text("utf-8") for page in pages}}
    left = {
        name: sorted(set(SHOWN.findall(QUOTED.sub("", TYPED_COMMAND.sub("", MARKUP.sub(" ", text))))) - OWN)
        for name, text in shown.items()
    }
    assert {name: found for name, found in left.items() if found} == {}


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """The first level in a folder of its own."""
    place = tmp_path / "first-light" / "first-event"
    shutil.copytree(find_levels_root() / "first-light" / "first-event", place)
    return place


def test_a_level_is_read_in_the_language_in_use(bakery: Path) -> None:
    """Translated texts beside a level replace its own; where one is missing, the level's own is used."""
    english = load_level(bakery)
    made_up.write_level_texts(bakery.parent)
    (bakery / made_up.CODE / "debrief.md").unlink()
    assert load_level(bakery) == english
    words.use(made_up.catalogue())
    other = load_level(bakery)
    assert other.title == made_up.accented(english.title)
    assert other.briefing == made_up.accented(english.briefing)
    assert [goal.say for goal in other.goals] == [made_up.accented(goal.say) for goal in english.goals]
    assert other.debrief == english.debrief
    assert other.scenario.run == english.scenario.run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "x"', "xx/level.toml:1: titel"),
        ("[run]\nduration_s = 5.0", "give texts only"),
        ("goals = [1]", "give texts only"),
    ],
)
def test_a_translation_has_texts_only(bakery: Path, text: str, said: str) -> None:
    """A translation with a key that the level lacks, or with a value that isn't text, is refused at
    its line.
    """
    (bakery / made_up.CODE).mkdir()
    (bakery / made_up.CODE / "level.toml").write_text(text, encoding="utf-8")
    words.use(made_up.catalogue())
    with pytest.raises(InputError) as caught:
        load_level(bakery)
    shown = str(caught.value)
    assert made_up.CODE in shown
    assert "level.toml" in shown
    assert said == "xx/level.toml:1: titel" or caught.value.line is not None
