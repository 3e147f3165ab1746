"""The course: order, packs, cards and the glossary."""

from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, level_by_id, load_card, load_course, load_glossary, load_level
from tutor.errors import InputError


@pytest.fixture
def root(folder: Path) -> Path:
    """A course with one chapter of one level."""
    base = folder.parent.parent
    (base / "course.toml").write_text(
        'title = "T"\nchapters = [\n  {id = "first-light", levels = ["doorbell"]},\n]\n'
    )
    (base / "first-light" / "chapter.toml").write_text('title = "First light"\nblurb = "B"\n')
    return base


def test_the_order_is_in_the_course_file(root: Path) -> None:
    """Chapters and levels appear in the order of the course file, with the chapter's title and blurb."""
    course = load_course(root)
    assert course.title == "T"
    assert [(chapter.id, chapter.title, chapter.blurb, chapter.levels) for chapter in course.chapters] == [
        ("first-light", "First light", "B", ("first-light/doorbell",))
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"doorbell"', '"doorbel"', 3, 'did you mean "doorbell"'),
        ('"doorbell"', '"doorbell", "doorbell"', 3, "already in the course"),
        ('"doorbell"', '"../doorbell"', 3, "isn't a valid id"),
        ('"first-light"', '"first-lght"', 3, 'did you mean "first-light"'),
        ('title = "T"', "", None, '"title" is missing'),
        ("chapters", "chapter", 2, 'did you mean "chapters"'),
    ],
)
def test_a_course_that_is_wrong(root: Path, old: str, new: str, line: int | None, words: str) -> None:
    """A course file that names something missing is refused."""
    path = root / "course.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=words) as caught:
        load_course(root)
    assert caught.value.file == str(path)
    if line is not None:
        assert caught.value.line == line


def test_a_pack_needs_no_course_file(folder: Path) -> None:
    """A folder of levels without a course file is played in the order of its names."""
    course = load_course(folder.parent.parent)
    assert [(chapter.title, chapter.levels) for chapter in course.chapters] == [
        ("First light", ("first-light/doorbell",))
    ]


def test_levels_are_found_by_id(root: Path) -> None:
    """The full id or its last part finds a level; a misspelled id is refused with the nearest match."""
    assert level_by_id("first-light/doorbell", root) == level_by_id("doorbell", root)
    assert load_card("first-light/doorbell", root).title == "The Doorbell"
    with pytest.raises(InputError, match='did you mean "doorbell"'):
        level_by_id("dorbell", root)
    with pytest.raises(InputError, match='"tutor levels" lists'):
        level_by_id("../../etc", root)


def test_no_such_root(tmp_path: Path) -> None:
    """A folder that is missing or holds no levels is refused with that reason."""
    with pytest.raises(InputError, match="folder of levels doesn't exist"):
        load_course(tmp_path / "no")
    with pytest.raises(InputError, match="no level here"):
        load_course(tmp_path)


GLOSSARY = '''\
[[term]]
id = "a"
title = "A"
definition = "It is."
see = ["b"]
aliases = ["x"]
[[term]]
id = "b"
title = "B"
definition = """Two
lines."""
'''


def test_glossary(root: Path) -> None:
    """Terms keep the order of the glossary; a pack without a glossary has no terms."""
    assert load_glossary(root) == ()
    (root / "glossary.toml").write_text(GLOSSARY)
    terms = load_glossary(root)
    assert [(term.id, term.see, term.aliases) for term in terms] == [("a", ("b",), ("x",)), ("b", (), ())]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('see = ["b"]', 'see = ["c"]', 5, 'unknown term "c"'),
        ('id = "b"', 'id = "a"', 8, "already"),
        ('title = "A"\n', "", 1, '"title" is missing'),
    ],
)
def test_a_glossary_that_is_wrong(root: Path, old: str, new: str, line: int, words: str) -> None:
    """A term that is named but missing, or defined twice, is reported with its line."""
    (root / "glossary.toml").write_text(GLOSSARY.replace(old, new, 1))
    with pytest.raises(InputError, match=words) as caught:
        load_glossary(root)
    assert caught.value.line == line


def test_the_shipped_course_loads() -> None:
    """Every level that the shipped course names can be loaded."""
    root = find_levels_root()
    ids = [level for chapter in load_course(root).chapters for level in chapter.levels]
    assert ids
    assert [load_level(root / level_id).id for level_id in ids] == ids
