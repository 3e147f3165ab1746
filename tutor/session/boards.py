"""A design in sentences: what a screen reader says of the board."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.setting import settings_of
from tutor.model.wire import Wire

_VERBS = {
    "call": "calls",
    "publish": "publishes to",
    "subscribe": "delivers to",
    "write": "writes to",
    "read": "reads",
    "poll": "is polled by",
    "capture": "is captured into",
    "dead-letter": "puts aside into",
}


def render_board(design: Design, level: Level | None = None) -> list[str]:
    """One sentence for each part in the direction of flow, and under it one for each of its
    outgoing wires.
    """
    lines = []
    for name in _in_flow(design):
        part = design.components[name]
        lines.append(f"{_called(part)}{_said(part, level)}{_loose(design, name)}.")
        lines += [f"  {_wire(wire, level)}." for wire in design.wires_from(name)]
    return lines or ["The board is empty."]


def _called(part: Component) -> str:
    title = f' "{part.title}"' if part.title and part.title != part.id else ""
    return f"{part.id}{title}, a {part.kind}"


def _wire(wire: Wire, level: Level | None) -> str:
    tag = f" (#{wire.id})" if wire.id else ""
    return f"{wire.source} {_VERBS[wire.kind]} {wire.target}{tag}{_said(wire, level)}"


def _said(part: Component | Wire, level: Level | None) -> str:
    """The settings that say something: those that the level shows, and those that are not as they come."""
    shown = level.shows if level is not None else ()
    words = []
    for name, described in settings_of(type(part)).items():
        value = getattr(part, name)
        if name in ("title", "at"):
            continue
        if name in shown or value != described.default:
            words.append(f"{name} {described.render(value)}")
    return f" ({', '.join(words)})" if words else ""


def _loose(design: Design, name: str) -> str:
    if any(name in (wire.source, wire.target) for wire in design.wires):
        return ""
    return ", not wired to anything"


def _in_flow(design: Design) -> Iterator[str]:
    """The parts from where the traffic begins on, each once; what nothing leads to comes in the design's
    order.
    """
    begun = [name for name, part in design.components.items() if part.kind == "client"]
    todo = begun + [
        name
        for name in design.components
        if name not in begun and not any(True for _ in design.wires_to(name))
    ]
    seen: dict[str, None] = dict.fromkeys(todo)
    while todo:
        name = todo.pop(0)
        for wire in design.wires_from(name):
            if wire.target not in seen:
                seen[wire.target] = None
                todo.append(wire.target)
    yield from seen
    yield from (name for name in design.components if name not in seen)
