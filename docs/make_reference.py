"""The reference pages for those who write levels, made from the declarations.

    python docs/make_reference.py

Writes ``docs/reference/*.md``; a test says when they are out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tutor.catalog import find_levels_root, load_glossary, load_level
from tutor.judge.diagnosis import CAUSES
from tutor.judge.words import describe_metric
from tutor.model.component import KINDS
from tutor.model.fault import COMMON, FAULT_KINDS
from tutor.model.setting import Setting, settings_of
from tutor.model.wire import WIRES
from tutor.trial import run
from tutor.words import say

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Made by docs/make_reference.py. -->"


def faults() -> str:
    """Every kind of fault: what it does, what it may be aimed at, its own settings."""
    rows = [
        (
            f"`{kind.name}`",
            kind.doc,
            ", ".join(kind.strikes),
            ", ".join(f"`{name}`" for name in kind.settings),
        )
        for kind in FAULT_KINDS.values()
    ]
    common = ", ".join(f"`{name}`" for name in COMMON)
    return _page(
        "Faults",
        "A fault of a scenario or level is a table `[[faults]]`. These settings go with every kind:"
        f" {common}.",
        _table(("kind", "what it does", "aimed at", "its own settings"), rows),
    )


def settings() -> str:
    """Every setting of every kind of part and wire: what it may be, its default, and what it means."""
    parts: list[str] = []
    for heading, kinds in (("Parts", KINDS), ("Wires", WIRES)):
        parts.append(f"## {heading}")
        for name, cls in kinds.items():
            parts.append(f"### {name}\n\n{say(f'kinds.about.{name}')}")
            parts.append(
                _table(
                    ("setting", "value", "default", "meaning"),
                    [_setting(one) for one in settings_of(cls).values()],
                )
            )
    return _page(
        "Settings", "Settings marked *physics* are locked for learners unless a level unlocks them.", *parts
    )


def _setting(one: Setting) -> tuple[str, str, str, str]:
    unit = f" ({one.unit})" if one.unit else ""
    physics = " *Physics.*" if one.physics else ""
    names = "; ".join(f"{family}: `{called.name}`" for family, called in one.called.items())
    elsewhere = f" Called {names}." if names else ""
    return (
        f"`{one.name}`{unit}",
        one.range_text(),
        f"`{one.render(one.default)}`",
        one.doc + physics + elsewhere,
    )


def causes() -> str:
    """Every cause: its id, its title, the glossary's word for it, and where it sends a learner."""
    rows = [
        (f"`{one.id}`", one.title, f"`{one.concept}`" if one.concept else "")
        for one in sorted(CAUSES, key=lambda one: one.id)
    ]
    intro = (
        'A mistake of a level names the cause that a learner must see first: `diagnosis = "id"`. Hints may be'
        " for one cause."
    )
    return _page("Causes", intro, _table(("id", "the cause in a few words", "term"), rows))


def metrics() -> str:
    """Every metric that a report can have, with what it measures, by the JSON Pointer that a goal names."""
    found: dict[str, str] = {}
    for level in sorted(find_levels_root().glob("*/*/level.toml")):
        report = run(load_level(level.parent).scenario).report.data
        for pointer in _pointers(report):
            found.setdefault(*_general(pointer))
    rows = [(f"`{pointer}`", text) for pointer, text in sorted(found.items()) if text]
    intro = (
        "A goal's `metric` is a JSON Pointer into the report. `/window/<window>/...` in front of one means"
        " that part of the run."
    )
    return _page("Metrics", intro, _table(("metric", "what it measures"), rows))


def _pointers(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _pointers(item, f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, int | float) or value is None:
        yield path


def _general(pointer: str) -> tuple[str, str]:
    """A metric with placeholders for the names in it, and its words; no words for what is not a metric."""
    tokens = pointer.split("/")[1:]
    if tokens[0] == "effect" and len(tokens) > 3:
        tokens[1:3] = ["<service>", "<event>"]
    elif tokens[0] in ("client", "component", "database", "pattern") and len(tokens) > 2:
        tokens[1] = "<id>"
    elif tokens[0] != "design":
        return "/".join(["", *tokens]), ""
    general = "/".join(["", *tokens])
    words = describe_metric(general)
    return general, "" if words == general else words.replace("<", "&lt;")


def glossary() -> str:
    """Every term of the glossary by its id."""
    rows = [(f"`{term.id}`", term.title, f"`{term.level}`" if term.level else "") for term in load_glossary()]
    return _page("Glossary", "A level's `terms` name these ids.", _table(("id", "term", "taught in"), rows))


def _page(title: str, intro: str, *rest: str) -> str:
    return "\n\n".join([f"{NOTE}\n# {title}", intro, *rest]) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


PAGES: dict[str, Callable[[], str]] = {
    "faults.md": faults,
    "settings.md": settings,
    "causes.md": causes,
    "metrics.md": metrics,
    "glossary.md": glossary,
}
"""Every page by its file."""


def main() -> None:
    """Writes all pages beside this file, or into the folder that is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (folder / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
