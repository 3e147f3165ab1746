"""The house rules for classes and imports: inheritance, unique names, and no import cycles."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import tutor

ROOT = Path(tutor.__file__).parent
MOST_ANCESTORS = 3
"""A class with more than three ancestors of ours is sliced over files rather than a kind of another class."""


def our_classes() -> dict[str, list[tuple[Path, list[str]]]]:
    """Every class in ``tutor`` by name: the files that define it, and the names of its bases."""
    found: dict[str, list[tuple[Path, list[str]]]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases]
                found[node.name].append((path.relative_to(ROOT), bases))
    return found


def ancestors(name: str, known: dict[str, list[tuple[Path, list[str]]]]) -> set[str]:
    """The classes of ours that a class inherits from, directly or not."""
    bases = {base for _, bases in known.get(name, []) for base in bases if base in known and base != name}
    return bases.union(*(ancestors(base, known) for base in bases))


def test_no_class_has_more_than_three_of_our_own_ancestors() -> None:
    """No class has more than three ancestors of ours; one that needs more should be several objects."""
    known = our_classes()
    tall = {name for name in known if len(ancestors(name, known)) > MOST_ANCESTORS}
    assert tall == set()


def test_no_class_name_exists_twice() -> None:
    """Every class name is unique, so that one word has one meaning."""
    twice = {
        name: [str(path) for path, _ in places] for name, places in our_classes().items() if len(places) > 1
    }
    assert twice == {}


def module_imports() -> dict[str, set[str]]:
    """Which modules of ours each module imports when it is loaded or type-checked; imports inside functions
    don't count.
    """
    names = {
        ".".join(("tutor", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in ROOT.rglob("*.py")
    }
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        body = ast.parse(path.read_text(encoding="utf-8")).body
        guarded = [one for node in body if isinstance(node, ast.If) for one in node.body]
        wanted = set()
        for node in (*body, *guarded):
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
            elif isinstance(node, ast.Import):
                wanted |= {one.name for one in node.names}
        found[name] = {
            one for one in wanted if one in names and one != name and not name.startswith(f"{one}.")
        }
    return found


def test_no_imports_lead_round_in_a_circle_on_the_upper_floors() -> None:
    """Screens, show and session have no import cycles, not even of imports for types alone."""
    imports = module_imports()
    upper = {
        name
        for name in imports
        if name.split(".")[1:2] and name.split(".")[1] in ("tui", "show", "session", "plain", "cli")
    }
    seen: dict[str, int] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if seen.get(name):
            return
        for other in sorted(imports[name] & upper):
            visit(other, (*way, name))
        seen[name] = 1

    for name in sorted(upper):
        visit(name, ())
