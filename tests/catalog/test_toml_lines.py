"""The line index agrees with what tomllib parses."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.catalog.toml_lines import line_index
from tutor.catalog.writing import toml_value

EXAMPLE = '''\
top = 1
a.b."c.d" = [1,
  2, # ] not the end
  ["x]", 'y"'],
]
[t]
text = """
[not.a.table]
k = "v\\""""
literal = \'\'\'
x = [\'\'\'\'
after = 2 # comment = 3
when = "2020"
[[w]]
from = "a"
[w.inner]
deep = {p = 1, q = {r = [{s = 1}, {s = 2}]}}
[[w]]
[[w.list]]
n = 1
[[w.list]]
n = 2
[ t . "u v" ]
z = 1'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("a",), 2),
        (("a", "b", "c.d"), 2),
        (("a", "b", "c.d", 1), 3),
        (("a", "b", "c.d", 2, 1), 4),
        (("t",), 6),
        (("t", "text"), 7),
        (("t", "literal"), 10),
        (("t", "after"), 12),
        (("w",), 14),
        (("w", 0, "from"), 15),
        (("w", 0, "inner", "deep", "q", "r", 1, "s"), 17),
        (("w", 1), 18),
        (("w", 1, "list", 0, "n"), 20),
        (("w", 1, "list", 1), 21),
        (("t", "u v", "z"), 24),
    ],
)
def test_line_of(path: tuple[str | int, ...], line: int) -> None:
    """Headers, dotted keys, quoted keys, arrays of tables, inline tables and multi-line strings are all
    found.
    """
    tomllib.loads(EXAMPLE)
    assert line_index(EXAMPLE)[path] == line


def test_windows_line_ends() -> None:
    """Carriage returns don't change the line numbers."""
    assert line_index(EXAMPLE.replace("\n", "\r\n")) == line_index(EXAMPLE)


def paths_in(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Every path in data parsed by tomllib."""
    found = {path} if path else set()
    if isinstance(value, dict):
        for key, item in value.items():
            found |= paths_in(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            found |= paths_in(item, (*path, place))
    return found


KEYS = st.text(st.sampled_from("ab-_1 .\"'#[]{}=\\é\n,"), min_size=1, max_size=5)
LEAVES = (
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(st.sampled_from("ab\"'#[]{}=,\\\n\té"), max_size=8)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.dictionaries(KEYS, VALUES, max_size=3), st.booleans()), max_size=4),
    st.dictionaries(KEYS, VALUES, max_size=3),
)
def test_every_path_has_its_line(
    tables: list[tuple[dict[str, object], bool]], top: dict[str, object]
) -> None:
    """For any data, exactly the paths that tomllib parses have a line, and each key is on the line recorded
    for it.
    """
    lines: list[str] = []
    expected: dict[tuple[str | int, ...], int] = {}

    def write(values: dict[str, object], path: tuple[str | int, ...]) -> None:
        for key, value in values.items():
            expected[(*path, key)] = len(lines) + 1
            lines.append(f"{toml_value(key)} = {toml_value(value)}")

    write(top, ())
    for number, (table, comment) in enumerate(tables):
        if "table" in top or "list" in top:
            break
        if comment:
            lines.append("# [list] = \"'''\"")
        lines.append("[[list]]")
        expected[("list", number)] = len(lines)
        write(table, ("list", number))
    text = "\n".join(lines)
    index = line_index(text)
    assert set(index) == paths_in(tomllib.loads(text))
    assert {path: index[path] for path in expected} == expected
