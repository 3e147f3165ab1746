"""Commands, advice, fields, preferences and the sandbox: what the screens know without drawing."""

import dataclasses
import io
from pathlib import Path

import pytest

from tutor.catalog import parse_scenario, render_scenario
from tutor.engine import simulate
from tutor.model.fault import FAULT_KINDS
from tutor.show.advice import Situation, advise, plain
from tutor.show.lines import hanging
from tutor.show.marks import SIGNS
from tutor.show.picture.glyphs import ASCII, UNICODE
from tutor.show.preferences import Preferences, choices_of, load_preferences, save_preferences
from tutor.show.sandbox import fault_settings, new_fault, starter, targets_of
from tutor.tui.board.legend import legend
from tutor.tui.commands import GROUPS, by_id, keycap, spelled
from tutor.tui.plain_signs import plain_text

FIXED_KEYS = {
    "run.start": "r",
    "play.pause": "space",
    "play.step": "full_stop",
    "play.backward": "left_square_bracket",
    "play.forward": "right_square_bracket",
    "edit.add": "a",
    "edit.wire": "w",
    "edit.delete": "x",
    "edit.undo": "u",
    "edit.redo": "ctrl+r",
    "learn.why": "y",
    "learn.hint": "h",
    "app.glossary": "g",
    "app.help": "question_mark",
    "app.palette": "ctrl+p",
    "app.leave": "q",
}


def test_the_promised_keys_are_bound() -> None:
    """Every key that is the same everywhere is bound to its command."""
    known = by_id()
    assert {name: known[name].key.split(",")[0] for name in FIXED_KEYS} == FIXED_KEYS


def test_every_command_has_an_id_a_group_and_a_sentence() -> None:
    """Bindings have ids, so that keys can be remapped; label, sentence and heading come from the
    catalogue.
    """
    for name, command in by_id().items():
        binding = command.binding()
        assert binding.id == name
        assert command.label
        assert command.doc
        assert command.group
        assert name.partition(".")[0] in GROUPS
        assert command.keycap


def test_keys_are_written_as_on_a_keyboard() -> None:
    """Key names are shown as the signs on a keyboard."""
    assert [keycap(key) for key in ("ctrl+p", "full_stop", "escape", "r", "shift+up")] == [
        "^p",
        ".",
        "esc",
        "r",
        "⇧↑",
    ]


def test_advice_follows_the_situation() -> None:
    """The advice is to run first, then to ask why, then to edit, then to run again."""
    assert "@r" not in plain(advise(Situation()))
    assert "r runs the design" in plain(advise(Situation()))
    assert "escape stops" in plain(advise(Situation(computing=True)))
    assert "verdict" in plain(advise(Situation(runs=1, playing=True)))
    assert "y shows why" in plain(advise(Situation(runs=1, passed=False, current=True)))
    assert "draws a wire" in plain(advise(Situation(runs=1, passed=False, asked_why=True, focus="Till")))
    assert "r runs your design" in plain(advise(Situation(runs=1, passed=False, edited=True)))
    assert "debrief" in plain(advise(Situation(runs=2, passed=True, current=True)))
    assert "o solutions" in plain(advise(Situation(runs=2, passed=True, current=True)))
    assert "solutions" not in plain(advise(Situation(runs=2, passed=True, current=True, solutions=False)))


def test_advice_after_an_edit_is_to_run_it() -> None:
    """After an edit to a paused run, the advice is to run; a wire being drawn takes precedence."""
    settings = Situation(runs=1, passed=False, edited=True, inspecting=True)  # letters are typed there
    assert "runs" not in plain(advise(settings))
    edited = Situation(runs=1, paused=True, edited=True, passed=False)
    assert "r runs your design" in plain(advise(edited))
    assert "deletes this wire" in plain(advise(dataclasses.replace(edited, focus_is_wire=True)))
    assert "press a part's key, or use the arrows" in plain(
        advise(dataclasses.replace(edited, wiring="Till"))
    )
    assert (
        max(len(plain(advise(one))) for one in (edited, dataclasses.replace(edited, focus_is_wire=True))) < 78
    )


def test_keys_are_spelled_out_where_letters_are_plain() -> None:
    """A terminal without Unicode shows the keys' names."""
    assert [spelled(keycap(key)) for key in ("enter", "shift+tab", "r")] == ["enter", "shift+tab", "r"]


def test_the_legend_has_each_kind_of_wire_and_part_once() -> None:
    """The legend explains everything in the design and everything that may be drawn, in the terminal's
    characters.
    """
    scenario = starter()
    for glyphs in (UNICODE, ASCII):
        words = [meaning for _, _, meaning in legend(scenario.design, glyphs, ("call", "publish"))]
        assert len(words) == len(set(words))
        assert {"a service", "a queue", "a client"} <= set(words)
        assert any(word.startswith("a call") for word in words)
        assert "on the timeline: the first failure" in words
    assert all(sign.isascii() for sign, _, _ in legend(scenario.design, ASCII))


def test_no_line_ends_inside_a_number() -> None:
    """Line breaks don't split grouped digits, or a number from its unit."""
    assert hanging("it was so 10 924 at the end", 13) == "it was so\n10 924 at the\nend"
    assert hanging("they wait 30 ms", 13) == "they wait\n30 ms"


def test_a_terminal_without_box_characters_is_drawn_in_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the encoding lacks box characters, ASCII is used unless the learner has chosen otherwise."""
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    path = tmp_path / "preferences.toml"
    assert load_preferences(path).ascii
    save_preferences(Preferences(theme="light", ascii=False), path)
    assert not load_preferences(path).ascii
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert not load_preferences(None).ascii


def test_preferences_survive_damage_one_by_one(tmp_path: Path) -> None:
    """An invalid value falls back to its default and the rest stays; a file that isn't TOML is ignored."""
    path = tmp_path / "deep" / "preferences.toml"
    worn = Preferences(theme="safe", ascii=True, motion="reduced", speed=2.0)
    save_preferences(worn, path)
    assert load_preferences(path) == worn
    path.write_text('theme = "pink"\nascii = 1\nspeed = 4\nother = 3\n', "utf-8")
    assert load_preferences(path) == Preferences(speed=4)
    path.write_text("theme = ", "utf-8")
    assert load_preferences(path) == Preferences()
    assert load_preferences(None) == Preferences()


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Preferences)])
def test_every_default_is_one_of_its_choices(name: str) -> None:
    """Every default is among the choices that the settings screen shows."""
    assert getattr(Preferences(), name) in choices_of(name).values()


def test_plain_signs_are_as_wide_and_letters_stay() -> None:
    """Boxes, arrows, braille and stars become ASCII of the same width; é stays a letter."""
    text = "╭─▶ ★☆ ⣀⠋ é ✓✗"
    assert len(plain_text(text)) == len(text)
    assert {sign for sign in plain_text(text) if not sign.isascii()} == {"é"}


def test_the_free_board_starts_with_something_that_runs() -> None:
    """The sandbox starts with a valid scenario whose run loses no event."""
    scenario = parse_scenario(render_scenario(starter()))
    report = simulate(scenario).report
    assert report.value("/effect/billing/order.placed/lost") == 0
    assert report.value("/effect/billing/order.placed/applied") > 1000


def test_the_sandbox_offers_each_kind_of_fault_what_it_strikes() -> None:
    """A fault's targets are the parts and wires that its declaration names, and its settings are its own."""
    scenario = starter()
    kinds = {"people": "client", "orders": "queue", "billing": "service"}
    wires = {"people->orders": "publish", "orders->billing": "subscribe"}
    for kind in FAULT_KINDS.values():
        parts = [id for id, part in kinds.items() if part in kind.strikes]
        assert targets_of(kind.name, scenario) == parts + [
            pair for pair, wire in wires.items() if wire in kind.wires
        ], kind.name
        offered = fault_settings(new_fault(kind.name, "billing", scenario))
        assert set(offered) == {"at_s", "for_s", "every_s", *kind.settings}, kind.name


def test_long_lines_hang_in() -> None:
    """Wrapped lines after the first are indented, and short lines stay as they are."""
    assert hanging("one two three four", 12, 2) == "one two\n  three four"
    assert hanging("short", 40, 2) == "short"


def test_signs_that_stand_side_by_side_stay_apart_in_ascii() -> None:
    """Signs that appear side by side, such as full and empty or here and passed, are different letters
    without Unicode.
    """
    for full, empty in ("★☆", "●○", "◆◇", "█░", "✓✗", "▸»", "▸✓", "▪·", "▾▸"):
        assert plain_text(full) != plain_text(empty)
    plain = [sign for kind, (_, sign) in SIGNS.items() if kind != "planned"]  # planned ones come before a run
    assert len(plain) == len(set(plain))
