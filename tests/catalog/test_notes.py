"""Notes are data of a design file: bounded text that is saved, linked and drawn, and that no run reads."""

from __future__ import annotations

import tomllib

import jsonschema
import pytest

from tutor.catalog import load_design_text, parse_scenario, render_design, render_scenario
from tutor.catalog.schema import SCHEMAS
from tutor.engine.simulate import simulate
from tutor.errors import InputError
from tutor.link import DesignLink, parse_link, render_link
from tutor.model.design import Design
from tutor.model.note import LONGEST, MOST_NOTES, Note
from tutor.model.setting import settings_of
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame
from tutor.rules import runs_alike
from tutor.session import Session
from tutor.show.picture.svg import svg_of, text_of

PARTS = """
[components.people]
kind = "client"
[components.till]
kind = "service"
[[wires]]
from = "people"
to = "till"
"""

TEXTS = ["Ask them", '<script>&"\\ [red]', "ชั้น 日本 é", "x" * LONGEST]


def noted(*texts: str) -> Design:
    """A small design with notes of these texts."""
    design = load_design_text(PARTS)
    return design.with_notes(Note(id=f"n{at}", text=text, at=(at, 4)) for at, text in enumerate(texts))


def test_notes_come_back_from_files_and_links_as_they_were() -> None:
    """A design file, a scenario file and a link give every note back, whatever its text."""
    design = noted(*TEXTS)
    text = render_design(design)
    assert load_design_text(text) == design
    assert load_design_text(parse_link(render_link(DesignLink("", text))).text) == design
    scenario = parse_scenario(text)
    assert parse_scenario(render_scenario(scenario)).design == design


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ('[notes.a]\ntext = ""', "1 to 200 characters"),
        (f'[notes.a]\ntext = "{"x" * (LONGEST + 1)}"', "1 to 200 characters"),
        ('[notes.a]\ntext = "\\u001b[31m"', "control"),
        ('[notes.a]\ntext = "one\\ntwo"', "several lines"),
        ("[notes.a]", '"text"'),
        ('[notes.till]\ntext = "x"', "already has a part"),
        ('[notes.a]\ntxt = "x"', "text"),
        ("\n".join(f'[notes.n{at}]\ntext = "x"' for at in range(MOST_NOTES + 1)), f"{MOST_NOTES} notes"),
    ],
)
def test_a_note_that_cannot_be_shown_is_refused(note: str, said: str) -> None:
    """An empty, long, unprintable or misplaced note is refused, with its line."""
    with pytest.raises(InputError, match=r".") as refused:
        load_design_text(f"{PARTS}{note}")
    assert said in refused.value.what
    assert refused.value.line


def test_the_schemas_have_every_setting_of_a_note() -> None:
    """The schemas of designs and scenarios accept a note and name each of its settings."""
    for name in ("design.schema.json", "scenario.schema.json"):
        schema = SCHEMAS[name]()
        assert set(schema["properties"]["notes"]["additionalProperties"]["properties"]) == set(
            settings_of(Note)
        )
        assert jsonschema.Draft202012Validator(schema).is_valid(tomllib.loads(render_design(noted("Hi"))))


def test_no_run_reads_a_note() -> None:
    """A design runs alike with and without notes, to the last digit."""
    bare, full = noted(), noted(*TEXTS)
    assert runs_alike(bare, full)
    reports = [simulate(parse_scenario(render_design(design))).report for design in (bare, full)]
    for pointer in ("/client/people", "/component/till", "/design"):
        assert reports[0].get(pointer) == reports[1].get(pointer) is not None


def test_a_note_is_drawn_as_it_is_written() -> None:
    """In the picture and in SVG the text of a note is text: no markup, and all of it if it is short."""
    design = noted("<b>[red]who</b>", "ask & wait")
    assert "┆ <b>[red]who</b> ┆" in text_of(design)
    svg = svg_of(design, "A design")
    assert "&lt;b&gt;[red]who&lt;/b&gt;" in svg
    assert "ask &amp; wait" in svg
    assert "<b>" not in svg


def test_a_note_widens_no_part() -> None:
    """A long note above or below a part leaves the part as wide as it was."""
    long = load_design_text(PARTS).with_notes([Note(id="n", text="word " * 30, at=(0, 4))])
    first = text_of(load_design_text(PARTS)).splitlines()[:5]
    assert text_of(long).splitlines()[:5] == first


def test_notes_are_typed_in_lines() -> None:
    """Plain mode puts, changes, reads out and removes notes by their ids, and undoes it."""
    game = PlainGame(Session(scenario=parse_scenario(PARTS)))
    for line in ("note Hi [b]there[/b]", "note Ho", "set note text Hello, you", "remove note-2", "undo"):
        assert list(answer(game, line))
    assert [note.text for note in game.session.design.notes.values()] == ["Hello, you", "Ho"]
    assert "Note [note]: Hello, you" in list(answer(game, "board"))
    assert "1 to 200" in " ".join(answer(game, f"note {'x' * 300}"))
