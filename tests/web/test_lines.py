"""The text version of the page, played without a browser: its answers are what a screen reader reads out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tutor.catalog import find_levels_root, level_by_id, load_course, render_scenario
from tutor.classroom.pack import write_pack
from tutor.link import DesignLink, parse_link, render_link
from tutor.model.pack import PackRules
from tutor.progress import open_progress
from tutor.web.lines import Lines
from tutor.web.page import Page

FIRST = "first-light/first-event"
SOLUTION = sorted((find_levels_root() / FIRST / "solutions").glob("*.toml"))[0].read_text("utf-8")
COURSE = load_course()
ORDER = [level for chapter in COURSE.chapters for level in chapter.levels]


class Heard:
    """A page's worker that records its messages."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.files: dict[str, bytes] = {}

    def write(self, text: str) -> None:
        """Refuse output for a terminal."""
        raise AssertionError(text)

    def tell(self, kind: str, values: str) -> None:
        """Record a message to the page."""
        known = json.loads(values)
        if kind == "lines":
            self.lines += known["lines"]
        else:
            self.told.append((kind, known))

    def download(self, name: str, _mime: str, data: bytes) -> None:
        """Record a download."""
        self.files[name] = data


class TextVersion:
    """The text version of a page in a browser that keeps its files in ``home``."""

    def __init__(self, home: Path, **given: Any) -> None:
        self.page = Heard()
        usual = {"home": str(home), "link": "", "pack": "", "pack_file": "", "news": "", "address": ""}
        self.game = Lines(Page(self.page), {**usual, **given})
        self.game.begin()

    def typed(self, *lines: str) -> str:
        """Type commands and return the answers."""
        return self.received("line", *({"line": line} for line in lines))

    def received(self, kind: str, *messages: dict[str, Any]) -> str:
        """Receive messages of the page and return the lines that are shown."""
        before = len(self.page.lines)
        for values in messages:
            self.game.receive(kind, json.dumps(values))
        return "\n".join(self.page.lines[before:])

    def dropped(self, name: str, data: bytes) -> str:
        """Drop a file and return the lines that are shown."""
        before = len(self.page.lines)
        self.game.on_file({"name": name}, data)
        return "\n".join(self.page.lines[before:])


@pytest.fixture
def text(tmp_path: Path) -> TextVersion:
    """The text version in a browser that has never been here."""
    return TextVersion(tmp_path)


def test_a_link_puts_its_design_on_the_board_and_undo_brings_back_ones_own(text: TextVersion) -> None:
    """In the text version too a link brings its design, and copying gives one with the same content."""
    text.typed("remove till->kitchen:call")
    own = text.typed("board")
    assert "The Doorbell" in text.received("link", {"link": render_link(DesignLink(FIRST, SOLUTION))})
    assert "Till publishes to Order rail" in text.typed("board")
    text.received("ask", {"what": "link"})
    copied = next(values["text"] for kind, values in text.page.told if kind == "copy")
    assert "till" in parse_link(copied).text
    text.typed("undo")
    assert text.typed("board") == own


def test_a_link_without_a_level_opens_the_free_board(tmp_path: Path) -> None:
    """A scenario's link opens the sandbox with its faults; a broken one leaves a sentence and a level."""
    scenario = render_link(DesignLink("", render_scenario(level_by_id(FIRST).scenario)))
    text = TextVersion(tmp_path, link=scenario)
    assert "hang of Kitchen" in text.typed("board")
    broken = TextVersion(tmp_path, link=scenario[:-4])
    assert any("link is broken" in line for line in broken.page.lines)
    assert any("The Doorbell" in line for line in broken.page.lines)


def test_a_dropped_design_goes_on_its_board(text: TextVersion) -> None:
    """A design file opens its level with the design; a file that is none of ours is one sentence."""
    text.dropped("mine.toml", SOLUTION.encode())
    assert "Till publishes to Order rail" in text.typed("board")
    assert text.dropped("holiday.jpg", b"\xff\xd8\xff\xe0").startswith("holiday.jpg:1: ")


def test_questions_come_back_in_the_text_version(tmp_path: Path) -> None:
    """A question that was answered some days ago is asked again by ``review``."""
    with open_progress(tmp_path, clock=lambda: 0.0) as before:
        before.answer(FIRST, 0, False)
    question = level_by_id(FIRST).question
    assert question is not None
    assert question.text.split()[0] in TextVersion(tmp_path).typed("review")


def test_what_a_command_writes_becomes_a_download(text: TextVersion) -> None:
    """A post-mortem that is written to a file reaches the learner, and the glossary has its terms."""
    assert "one consumer" in text.typed("glossary queue")
    text.typed("remove till->kitchen:call", "wire till rail", "run", "postmortem mine.md")
    assert text.page.files["mine.md"].startswith(b"# ")


def test_a_pack_opens_by_its_address_and_is_handed_in(tmp_path: Path) -> None:
    """The text version opens the pack of ``?pack=`` and hands in by a command; a pack that can't be opened is
    one sentence.
    """
    pack = tmp_path / "week-1.pack"
    write_pack(pack, find_levels_root(), ORDER[:2], PackRules("Week One", True, False, "course"))
    text = TextVersion(tmp_path / "home", pack="week-1.pack", pack_file=str(pack))
    assert ("pack", {"open": "Week One"}) in text.page.told
    text.typed("remove till->kitchen:call", "hand-in Ada ada@example.org")
    assert FIRST in text.page.files["ada.toml"].decode()
    pack.write_bytes(b"PK, but no pack")
    other = TextVersion(tmp_path / "other", pack="week-1.pack", pack_file=str(pack))
    assert any("week-1.pack: this isn't a class pack" in line for line in other.page.lines)
