"""A design as a link: accepted whole or refused, within budgets, and validated like any file."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.catalog import find_levels_root, level_by_id, parse_scenario, render_scenario
from tutor.cli import run
from tutor.errors import InputError
from tutor.link import MAX_TEXT, DesignLink, is_link, parse_link, render_link

LEVELS = st.sampled_from(["", "first-light/first-event", "night-job/flash-sale"])
SOLUTION = sorted((find_levels_root() / "first-light" / "first-event" / "solutions").glob("*.toml"))[0]


@given(LEVELS, st.text(min_size=1, max_size=2000))
def test_a_link_gives_back_what_was_put_into_it(level: str, text: str) -> None:
    """Any design survives its link unchanged, with or without an address before it."""
    text = text.encode("utf-8", "replace").decode()
    link = DesignLink(level, text)
    assert parse_link(render_link(link)) == link
    assert parse_link(render_link(link, "https://example.org/tutor/")) == link
    assert is_link(render_link(link))


@pytest.mark.parametrize(
    "level_id", ["first-light/first-event", "night-job/flash-sale", "when-it-breaks/musical-chairs"]
)
def test_a_scenario_comes_out_of_its_link_with_traffic_and_faults(level_id: str) -> None:
    """A whole scenario fits into a sandbox link and reads back the same."""
    scenario = level_by_id(level_id).scenario
    link = parse_link(render_link(DesignLink("", render_scenario(scenario))))
    assert link.level == ""
    assert parse_scenario(link.text, "link") == scenario


@given(st.data())
def test_a_link_that_lost_or_changed_a_letter_is_refused(data: st.DataObject) -> None:
    """A missing or changed letter anywhere after the level's name gives one sentence and no design."""
    word = render_link(DesignLink("first-light/first-event", SOLUTION.read_text(encoding="utf-8")))
    place = data.draw(st.integers(word.index("d=") + 2, len(word) - 1))
    other = data.draw(st.sampled_from(["", "A", "b", "-", "%", " "]))
    changed = word[:place] + other + word[place + 1 :]
    if changed == word:
        return
    with pytest.raises(InputError):
        parse_link(changed)


def test_a_link_that_a_mail_or_a_chat_has_rewritten_is_read() -> None:
    """Percent signs, an ampersand as HTML writes it, and punctuation behind the link change nothing."""
    link = DesignLink("first-light/first-event", "x = 1")
    word = render_link(link, "https://example.org/tutor/")
    for rewritten in (
        word.replace("=", "%3D").replace("/f", "%2Ff"),
        word.replace("&", "&amp;"),
        word + ").\n",
    ):
        assert is_link(rewritten)
        assert parse_link(rewritten) == link


def test_a_link_of_another_level_is_refused() -> None:
    """The checksum includes the level: editing the address can't move a design to another level."""
    word = render_link(DesignLink("first-light/first-event", "x = 1"))
    with pytest.raises(InputError, match="broken"):
        parse_link(word.replace("first-light/first-event", "night-job/flash-sale"))


def test_a_link_of_a_newer_version_says_so() -> None:
    """A newer version number isn't reported as damage: the sentence asks for an update."""
    word = render_link(DesignLink("", "x = 1"))
    with pytest.raises(InputError, match="newer version"):
        parse_link(word.replace("d=1.", "d=2."))


def test_a_link_that_inflates_to_more_than_its_budget_is_refused() -> None:
    """A short link that would unpack to gigabytes is unpacked to 64 kB at most."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = squeezer.compress(b"a" * 50_000_000) + squeezer.flush()
    text = base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    word = f"#d=1.{zlib.crc32(f' {text}'.encode()):08x}.{text}"
    assert len(word) < 2 * MAX_TEXT
    with pytest.raises(InputError, match="too long"):
        parse_link(word)
    with pytest.raises(InputError, match="too long"):
        parse_link("#d=1.00000000." + "A" * 3 * MAX_TEXT)
    with pytest.raises(InputError, match="too long"):
        render_link(DesignLink("", "a" * (MAX_TEXT + 1)))


@pytest.mark.parametrize(
    "word", ["#", "#l=", "#d=", "#l=../../etc/passwd&d=1.0.x", "#l=a/b&d=", "nothing", "#d=1", "#l=x&" * 20]
)
def test_a_word_that_only_looks_like_a_link_is_refused_or_opens_a_level(word: str) -> None:
    """A word that only looks like a link is taken as a level's name, or refused in one line."""
    if word == "#l=a/b&d=":
        assert parse_link(word) == DesignLink("a/b", "")
        return
    with pytest.raises(InputError) as refused:
        parse_link(word)
    assert "\n" not in str(refused.value)


def test_the_command_makes_a_link_and_play_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``tutor link`` prints one line, and ``tutor play LINK --plain`` opens the design with undo to the old
    one.
    """
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    assert run(["link", str(SOLUTION)]) == 0
    word = capsys.readouterr().out.strip()
    typed = tmp_path / "typed"
    typed.write_text("board\nundo\nboard\nquit\n", encoding="utf-8")
    with typed.open(encoding="utf-8") as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert run(["play", word, "--plain"]) == 0
    told = capsys.readouterr().out
    before, after = told.split("Undone.")
    assert before != after
    assert run(["play", word[:-3], "--plain"]) == 2
    broken = capsys.readouterr().err
    assert "broken" in broken
    assert broken.count("\n") == 1


def test_play_opens_a_scenario_from_a_link_in_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``tutor link`` accepts a scenario file too, and ``tutor play LINK`` opens its parts in the sandbox."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    file = tmp_path / "scenario.toml"
    file.write_text(render_scenario(level_by_id("first-light/first-event").scenario), encoding="utf-8")
    assert run(["link", str(file)]) == 0
    word = capsys.readouterr().out.strip()
    assert "l=" not in word
    typed = tmp_path / "typed"
    typed.write_text("board\nquit\n", encoding="utf-8")
    with typed.open(encoding="utf-8") as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert run(["play", word, "--plain"]) == 0
    assert "Kitchen" in capsys.readouterr().out
