"""A design as SVG and as text, without a terminal."""

from __future__ import annotations

import re
import sys
import unicodedata
from xml.etree import ElementTree

from rich.cells import cell_len

from tests.show.picture.designs_to_draw import shop
from tutor.model.component import Client, Service
from tutor.model.design import make_design
from tutor.model.wire import WIRES, Call
from tutor.show.picture.glyphs import width_of
from tutor.show.picture.inks import DARK, LIGHT, ink_of
from tutor.show.picture.svg import CELL, svg_of, text_of

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_says_what_the_text_says() -> None:
    """Row by row, the SVG has the same signs as the text, each in its column."""
    rows: dict[int, str] = {}
    picture = ElementTree.fromstring(svg_of(shop(), "Shop"))
    for text in picture.iter(f"{SVG}text"):
        row = int(text.get("y", "")) // CELL[1]
        column = int(text.get("x", "")) // CELL[0]
        rows[row] = rows.get(row, "").ljust(column) + (text.text or "")
    wanted = text_of(shop()).split("\n")
    assert [rows.get(number, "") for number in range(len(wanted))] == wanted


def test_titles_are_data() -> None:
    """Titles with markup, quotes, control characters or wide scripts leave the picture readable."""
    till = Client(id="till", title='<script>"&\x1b[31m 注文')
    design = make_design([till, Service(id="desk")], [Call(source="till", target="desk")])
    picture = ElementTree.fromstring(svg_of(design, "<b>\x00"))
    assert "".join(picture.itertext()).count("注文") == 1
    assert not list(picture.iter("script"))


def test_every_ink_has_its_colors() -> None:
    """Each style in a picture has a rule for the light and the dark theme."""
    picture = svg_of(shop(), "Shop")
    for name in set(re.findall(r'class="ink-([a-z-]+)', picture)):
        assert picture.count(f".ink-{name}{{fill:") == 2
    assert DARK.keys() == LIGHT.keys()
    assert {ink_of(f"label-{kind}-near") for kind in WIRES} == {(f"wire-{kind}", True) for kind in WIRES}


def test_widths_are_those_of_the_terminal() -> None:
    """Every printable character takes as many cells as Rich gives it on the screen."""
    signs = [chr(number) for number in range(32, 0x20000)]
    unlike = [
        sign
        for sign in signs
        if sign.isprintable()
        and unicodedata.category(sign)[0] not in "C"
        and (width_of(f"a{sign}") - 1) != cell_len(sign)
        and sign not in "\ufe0e\ufe0f"
    ]
    assert unlike == [], sys.version
