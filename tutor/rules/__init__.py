"""What a learner may do in a level, and the one sentence for each refusal."""

from __future__ import annotations

from tutor.rules.edits import check_component, check_edit, check_wire
from tutor.rules.locks import FREE, editable, may_set, why_locked
from tutor.rules.palette import entry_of, new_component, no_entry, palette_left, start_part, used_up
from tutor.rules.wires import draw_wire, original_wire, wire_kinds

__all__ = [
    "FREE",
    "check_component",
    "check_edit",
    "check_wire",
    "draw_wire",
    "editable",
    "entry_of",
    "may_set",
    "new_component",
    "no_entry",
    "original_wire",
    "palette_left",
    "start_part",
    "used_up",
    "why_locked",
    "wire_kinds",
]
