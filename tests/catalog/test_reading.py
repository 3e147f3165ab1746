"""Files that can't be read give one clear line."""

import os
from pathlib import Path

import pytest

from tutor.catalog.reading import is_id, parse_toml, read_toml
from tutor.catalog.toml_text import MAX_BYTES, read_text
from tutor.errors import InputError


def refusal(text: str) -> InputError:
    """The error that a TOML text raises."""
    with pytest.raises(InputError) as caught:
        parse_toml(text, "x.toml")
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("  \n\n", 1, "empty"),
        ("a = 1\nb = \n", 2, "a value is a number"),
        ("a = 1\n[x\nb = 2", 2, "isn't TOML"),
        ("a = 1\na = 2", 2, "already in the table"),
        ("[x]\n[x]", 2, "[x] is already in the file"),
        ("a = 1\n\nb = [1, 2", 3, "isn't TOML"),
        ('a = 1\nb = "x', 2, "close the text"),
        ("a = 1\nb = 1979-05-27", 2, "dates"),
        ("b = 9223372036854775808", 1, "too large"),
        ("b = 0x" + "f" * 6000, 1, "too large"),
        ("a = 1\nb = " + "9" * 6000, 2, "too many digits"),
        ("a = 1\nb = " + "[" * 5000, 2, "nested too deeply"),
        ("b = " + "[" * 4000 + "]" * 4000, 1, "nested too deeply"),
        ("a = 1\nb = " + "[" * 30 + "]" * 30, 2, "nested too deeply"),
        ("a = 1\n" + "a." * 4000 + "b = 1", 2, "too many parts"),
        ("a = 1\n# " + "x" * 20_000, 2, "longer than"),
        ('a = 1\nb = "\\u001b[31m"', 2, "escape code"),
        ('a = 1\nb = ["ok", "\\u202e"]', 2, "control character"),
        ('a = 1\n"\\u0007" = 2', 2, "control character"),
        ("wires = ['call']\n[[wires]]", 2, "wire_kinds"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_refused(text: str, line: int, words: str) -> None:
    """Each refusal is one printable line with the file, the right line and the problem."""
    error = refusal(text)
    said = str(error)
    assert said.startswith(f"x.toml:{line}: "), said
    assert words in said
    assert said.isprintable()
    assert len(said) < 300


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"a = 1\nb = '\xff'", 2, "UTF-8"),
        (b"a = 1\n\n\0", 3, "NUL"),
        (b"# " + b"x\n" * MAX_BYTES, None, "larger than 1 MB"),
    ],
    ids=["bytes", "nul", "huge"],
)
def test_files_that_are_no_text(tmp_path: Path, raw: bytes, line: int | None, words: str) -> None:
    """Binary files and files that are too large are refused with that reason."""
    path = tmp_path / "design.toml"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_toml(path)
    assert words in str(caught.value)
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """A byte order mark, as editors on Windows write it, is accepted."""
    path = tmp_path / "design.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert read_toml(path)["a"] == 1


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    """A misspelled file name is refused with the nearest existing one."""
    (tmp_path / "design.toml").write_text("a = 1")
    with pytest.raises(InputError, match=r'did you mean "design\.toml"'):
        read_text(tmp_path / "desing.toml")


def test_folder_device_and_strange_names(tmp_path: Path) -> None:
    """A folder, a device, a missing folder and an impossible file name are each refused with that reason."""
    for path, words in (
        (tmp_path, "folder"),
        (Path(os.devnull), "device"),
        (tmp_path / "no" / "x.toml", "doesn't exist either"),
        (tmp_path / "x\0.toml", "can't be read|doesn't exist"),
        (tmp_path / ("x" * 5000), "can't be read|doesn't exist"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            read_text(path)
        assert str(caught.value).isprintable()


def test_names_of_files_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Escape codes in a file name do not reach the error line."""
    with pytest.raises(InputError) as caught:
        read_text(tmp_path / "\x1b[31mred\nline.toml")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "fits"),
    [("a", True), ("a-1", True), ("1a", True), ("x" * 64, True)]
    + [
        (word, False)
        for word in ("", "A", "a_b", "-a", "a-", "a--b", "a.b", "a/b", "é", "x" * 65, "a\n", "१")
    ],
)
def test_ids(word: str, fits: bool) -> None:
    """An id is lower-case kebab, and not too long."""
    assert is_id(word) is fits


def test_errors_know_their_key() -> None:
    """The key is dotted and quoted as in the file; positions in lists are left to the line number."""
    top = parse_toml('[[wires]]\nfrom = "a"\n[[wires]]\nfrom = 1\n[x."a b"]\nc = 2', "f.toml")
    second = top.tables("wires")[1]
    with pytest.raises(InputError, match=r"^f\.toml:4: wires\.from: give a text in quotes$"):
        second.text("from")
    inner = top.table("x")
    assert inner is not None
    assert str(inner.error("no", "a b", "c")) == 'f.toml:6: x."a b".c: no'
