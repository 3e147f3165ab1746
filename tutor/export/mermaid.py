"""A design as a Mermaid flowchart (mermaid.js.org, "Flowcharts")."""

from __future__ import annotations

import re

from tutor.model.component import Component
from tutor.model.design import Design

SHAPES = {
    "client": ("([", "])"),
    "service": ("[", "]"),
    "database": ("[(", ")]"),
    "job": ("{{", "}}"),
    "queue": ("[[", "]]"),
    "topic": (">", "]"),
    "stream": ("[/", "/]"),
}
"""By kind: what a node's text stands between."""
ARROWS = {"call": "-->", "dead-letter": "-.->", "capture": "==>"}
"""By kind of wire; the others have a plain arrow."""


def draw(design: Design) -> str:
    """Returns the flowchart's text."""
    lines = ["flowchart LR"]
    lines += [f"  {_id(part)}{_shape(part)}" for part in design.components.values()]
    for wire in design.wires:
        arrow = ARROWS.get(wire.kind, "-->")
        lines.append(f"  {_name(wire.source)} {arrow}|{wire.kind}| {_name(wire.target)}")
    return "\n".join(lines) + "\n"


def _name(id: str) -> str:
    """Returns an id that is not one of Mermaid's own words, such as ``end``."""
    return "p_" + re.sub(r"[^A-Za-z0-9]", "_", id)


def _id(part: Component) -> str:
    return _name(part.id)


def _shape(part: Component) -> str:
    begin, end = SHAPES[part.kind]
    text = part.name.replace("#", "#35;").replace('"', "#quot;").replace("\n", " ")
    return f'{begin}"{text}"{end}'
