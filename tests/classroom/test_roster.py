"""The roster says who is who, and a broken one says where."""

from pathlib import Path

import pytest

from tutor.classroom.roster import find_student, load_roster
from tutor.errors import InputError


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A roster file with this text."""
    path = folder / "students.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_roster_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    """Byte order mark, semicolons, other columns and blank lines are fine."""
    path = write(tmp_path, "Name;Email;Group\r\nAda Lovelace;Ada@Example.org;blue\r\n;;\r\n", "utf-8-sig")
    (ada,) = load_roster(path)
    assert (ada.name, ada.email, ada.extra) == ("Ada Lovelace", "ada@example.org", (("group", "blue"),))


@pytest.mark.parametrize("name", ["ada@example.org", "ada", "Ada Lovelace", "ada_lovelace", "ADA-LOVELACE"])
def test_a_student_is_found_by_name_or_address(tmp_path: Path, name: str) -> None:
    """Folders are named by address, its first part, or the name."""
    students = load_roster(write(tmp_path, "name,email\nAda Lovelace,ada@example.org\nGrace Hopper,grace@example.org\n"))
    found = find_student(students, name)
    assert found is not None
    assert found.name == "Ada Lovelace"


def test_a_name_that_fits_two_students_fits_none(tmp_path: Path) -> None:
    """Work is never given to the wrong student."""
    students = load_roster(write(tmp_path, "name,email\nAda,ada1@example.org\nAda,ada2@example.org\n"))
    assert find_student(students, "Ada") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("name\nAda\n", 'no column "email"'),
        ("name,email\nAda,nowhere\n", ":2: email:"),
        ("name,email\nAda,a@x.org\nEve,A@x.org\n", ":3: email:"),
        ('name,email\n"Ada,a@x.org\n', "CSV"),
    ],
)
def test_a_broken_roster_says_where(tmp_path: Path, text: str, said: str) -> None:
    """File, line and column stand in the one line."""
    with pytest.raises(InputError) as refused:
        load_roster(write(tmp_path, text))
    assert said in str(refused.value)
