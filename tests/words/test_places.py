"""Every sentence shown in a place of known width fits it on a screen of 80 columns."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tutor.tui.screens.help import KEY_WIDTH
from tutor.tui.screens.settings import NAME_WIDTH
from tutor.words.catalogue import FOLDER, Catalogue, Sentence

PLACES = tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))["places"]
SENTENCES: dict[str, Sentence] = {
    key: found
    for file in sorted((FOLDER / "en").glob("*.toml"))
    for key, found in Catalogue("en").sentences(file.stem).items()
}
FILLED = 8
"""The width of a filled placeholder in cells: a number with its unit, or a short title."""


def width_of(form: str) -> int:
    """The width of a form with its placeholders filled."""
    return len(re.sub(r"\{\w*(?::\w+)?\}", "x" * FILLED, form))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["name"])
def test_what_is_shown_in_a_place_fits_it(place: dict[str, object]) -> None:
    """Each place has sentences, and no form of them is wider than the place."""
    shown = {key: found for key, found in SENTENCES.items() if re.fullmatch(str(place["keys"]), key)}
    assert shown
    wide = {
        key: width_of(form)
        for key, found in shown.items()
        for form in found.forms
        if width_of(form) > int(str(place["width"]))
    }
    assert wide == {}


def test_the_widths_of_columns_are_those_of_the_screens() -> None:
    """The list of places has the column widths that the screens use."""
    widths = {str(place["name"]): place["width"] for place in PLACES}
    assert widths["what the mouse does, in the key column of help"] == KEY_WIDTH
    assert widths["names of preferences"] == NAME_WIDTH
