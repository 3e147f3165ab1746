"""The rules of a level: what a learner may do, and the one sentence for each refusal."""

from __future__ import annotations

from tutor.rules.edits import apply_edit, check_component, check_wire
from tutor.rules.locks import FREE, editable, may_set, runs_alike, why_locked
from tutor.rules.palette import (
    entry_of,
    free_id,
    free_title,
    new_component,
    no_entry,
    palette_left,
    start_part,
    title_of_entry,
    used_up,
)
from tutor.rules.wires import (
    WireEnd,
    draw_wire,
    original_wire,
    why_no_wire,
    wire_end,
    wire_ends,
    wire_kinds,
)

__all__ = [
    "FREE",
    "WireEnd",
    "apply_edit",
    "check_component",
    "check_wire",
    "draw_wire",
    "editable",
    "entry_of",
    "free_id",
    "free_title",
    "may_set",
    "new_component",
    "no_entry",
    "original_wire",
    "palette_left",
    "runs_alike",
    "start_part",
    "title_of_entry",
    "used_up",
    "why_locked",
    "why_no_wire",
    "wire_end",
    "wire_ends",
    "wire_kinds",
]
