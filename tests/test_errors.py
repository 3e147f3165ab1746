"""Refusals: one line that names the place and quotes no more input than anybody would read."""

from tutor.errors import InputError


def test_a_refusal_names_its_place() -> None:
    """File, line and key come before the problem, as far as they are known."""
    assert str(InputError("no", key="a.b", line=3, file="x.toml")) == "x.toml:3: a.b: no"
    assert str(InputError("no", line=3)) == "no"
    assert str(InputError("no").located(file="x.toml", key="a")) == "x.toml: a: no"


def test_long_words_of_a_file_are_cut_off() -> None:
    """Quoted words and keys are shortened; the text between two quoted words isn't."""
    text = str(InputError(f'there is no "{"x" * 9000}"; did you mean "{"y" * 70}"?', key="k" * 9000))
    assert "x" * 77 + '..."; did you mean "' + "y" * 70 + '"?' in text
    assert len(text) < 500
    between = "b" * 300
    assert between in str(InputError(f'"a" {between} "c"'))


def test_nothing_steers_the_terminal() -> None:
    """Escape codes and line breaks from a file don't reach the error line."""
    assert str(InputError("a\x1b[31mb\nc", file="d\n.toml")) == "d .toml: a[31mb c"
