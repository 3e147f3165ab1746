"""The roster says who is who, and an error in it names the place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.classroom.roster import Student, find_student, load_roster
from tutor.errors import InputError

SITES = (
    "Ada Lovelace_12345_assignsubmission_file_",
    "lovelaceada_77_1234_design",
    "lovelaceada_LATE_77_1234_design-1",
    "lovelaceada_late_77_1_d",
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A roster file with this text."""
    path = folder / "students.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_roster_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    """A byte order mark, semicolons, extra columns and blank lines are accepted."""
    path = write(tmp_path, "Name;Email;Group\r\nAda Lovelace;Ada@Example.org;blue\r\n;;\r\n", "utf-8-sig")
    (ada,) = load_roster(path)
    assert (ada.name, ada.email, ada.extra) == ("Ada Lovelace", "Ada@Example.org", (("group", "blue"),))


@pytest.mark.parametrize(
    "name", ["ada@example.org", "ada", "Ada Lovelace", "ada_lovelace", "ADA-LOVELACE", *SITES]
)
def test_a_student_is_found_by_name_or_address(tmp_path: Path, name: str) -> None:
    """A folder matches a student by the address, the part before the @, or the name."""
    students = load_roster(
        write(tmp_path, "name,email\nAda Lovelace,ada@example.org\nGrace Hopper,grace@example.org\n")
    )
    found = find_student(students, name)
    assert found is not None
    assert found.name == "Ada Lovelace"


def test_a_name_that_fits_two_students_fits_none(tmp_path: Path) -> None:
    """An ambiguous name matches no student, so that nobody gets another student's work."""
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
    """One line names file, line and column."""
    with pytest.raises(InputError) as refused:
        load_roster(write(tmp_path, text))
    assert said in str(refused.value)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "name",
    [
        "Zo\u00eb \u00c5str\u00f6m",
        "\u674e\u660e",
        "\u0141ukasz \u017b\u00f3\u0142\u0107",
        "\u039c\u03b1\u03c1\u03af\u03b1",
    ],
)
def test_a_name_is_found_in_any_script_and_form(tmp_path: Path, name: str, form: str) -> None:
    """Names match in either Unicode form of an accent, as file systems store them, and in any script."""
    import unicodedata

    students = load_roster(write(tmp_path, f"name,email\n{name},a@x.org\nAnna Berg,b@x.org\n"))
    found = find_student(students, unicodedata.normalize(form, name))  # type: ignore[arg-type]
    assert found is not None
    assert found.email == "a@x.org"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_finds_at_most_its_own(name: str, other: str) -> None:
    """A folder name matches only a student whose name or address it spells, or nobody."""
    students = (Student(name or "x", "first@x.org"), Student(other or "y", "second@x.org"))
    found = find_student(students, other)
    assert found is None or any(slug for slug in found.slugs())
    assert find_student(students, "first@x.org") in (students[0], None)


@pytest.mark.parametrize(
    "text",
    [
        "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,7,ada@x.org,A\n",
        "Vorname,Name,First name,Surname,Email address\n-,Ada Lovelace,Ada,Lovelace,ada@x.org\n",
        (
            'Student,ID,SIS User ID,SIS Login ID,Section,Week 1\n    Points Possible,,,,,100\n"Lovelace,'
            ' Ada",1,2,ada@x.org,A,\n"Student, Test",9,,x,A,\n'
        ),
    ],
    ids=["moodle", "moodle-older", "canvas"],
)
def test_exports_of_moodle_and_canvas_are_rosters(tmp_path: Path, text: str) -> None:
    """Exports of Moodle and Canvas are read as they are; rows that aren't students are skipped."""
    (student,) = load_roster(write(tmp_path, text))
    assert (student.name, student.email) == ("Ada Lovelace", "ada@x.org")
