"""The documentation behind a debrief: the product, the statement, the address and the day it was read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_course, load_level
from tutor.session.texts import debrief_with_sources, render_sources

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]
GOOD = '[[sources]]\nproduct = "A"\nsay = "B."\nurl = "https://example.org/x"\nread = "2026-11-26"\n'


def test_sources_are_read(folder: Path, level_text: str) -> None:
    """Each source has product, statement, address and day; a level may have no sources."""
    assert load_level(folder).sources == ()
    (folder / "level.toml").write_text(level_text + GOOD)
    level = load_level(folder)
    assert [(one.product, one.say, one.url, one.read) for one in level.sources] == [
        ("A", "B.", "https://example.org/x", "2026-11-26")
    ]
    assert render_sources(level) == ["A: B. https://example.org/x (read on 2026-11-26)"]
    assert debrief_with_sources(level).startswith(level.debrief.rstrip())
    assert "[Read on 2026-11-26](https://example.org/x)" in debrief_with_sources(level)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('url = "https://example.org/x"', 'url = "example.org"', "https://"),
        ('read = "2026-11-26"', 'read = "soon"', "give the day"),
        ('read = "2026-11-26"', "", '"read" is missing'),
        ('say = "B."\n', "", '"say" is missing'),
        ("product", "produkt", "produkt"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(
    refuse: Callable[[str, str], None], old: str, new: str, words: str
) -> None:
    """A wrong address or day, a missing statement and an unknown key are refused with file and line."""
    refuse(GOOD.replace(old, new), words)


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_source_is_about_a_product_that_the_debrief_names(level_id: str) -> None:
    """Every source of a level is about a product that its debrief names."""
    level = load_level(ROOT / level_id)
    for source in level.sources:
        assert source.product.split()[-1] in level.debrief
