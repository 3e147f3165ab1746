"""The report of a run: a JSON document of numbers that goals point into."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from tutor.errors import InputError
from tutor.model.setting import suggest
from tutor.model.timeline import Timeline
from tutor.words import say

SCHEMA = 1
"""The version of the report's form; it only grows within a version."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """The numbers of one run, as plain data (see the interface's report)."""

    data: Mapping[str, Any]
    """The JSON document: ``schema``, ``complete``, ``seed``, ``client``, ``effect``, ``component``,
    ``database``, ``design``, ...
    """

    @property
    def complete(self) -> bool:
        """False when the run was stopped before its end; ``stopped`` says why: its steps were used up
        (``steps``), more waited than a run can hold (``room``), or simulated time stalled
        (``redelivery``, ``standstill``), or it did little but send the same events round a loop in the wiring
        (``loop``).
        """
        return bool(self.data["complete"])

    @property
    def stands_still(self) -> bool:
        """True if the run was stopped because simulated time stalled; that takes it no time, and its reason
        is known.
        """
        return not self.complete and self.data["stopped"]["why"] in ("redelivery", "standstill")

    @property
    def why_stopped(self) -> str:
        """The reason why the run was stopped, from the report's ``stopped``; empty if it was not."""
        if self.complete:
            return ""
        stopped, steps = self.data["stopped"], int(self.data["engine"]["events"])
        match stopped["why"]:
            case "redelivery":
                channel, consumer = stopped["channel"]["title"], stopped["consumer"]["title"]
                return say("stops.redelivery", at=stopped["at_s"], channel=channel, consumer=consumer)
            case "loop":
                sender, channel = stopped["sender"]["title"], stopped["channel"]["title"]
                laps = int(stopped["laps"])
                return say("stops.loop", at=stopped["at_s"], sender=sender, channel=channel, laps=laps)
            case "standstill":
                return say("stops.standstill", at=stopped["at_s"])
            case "room":
                return say("stops.room", at=stopped["at_s"], steps=steps)
            case _:
                return say("stops.steps", at=stopped["at_s"], steps=steps)

    def value(self, pointer: str) -> Any:
        """Returns the value at a JSON Pointer (RFC 6901); raises :class:`InputError` with the nearest name if
        nothing is there.
        """
        found: Any = self.data
        for token in pointer_tokens(pointer):
            if not isinstance(found, Mapping) or token not in found:
                known = [str(name) for name in found] if isinstance(found, Mapping) else []
                raise InputError(
                    say(
                        "errors.report.missing",
                        token=token,
                        pointer=pointer,
                        suggestion=suggest(token, known),
                    ),
                    key=pointer,
                )
            found = found[token]
        return found

    def get(self, pointer: str, default: Any = None) -> Any:
        """Returns the value at a JSON Pointer, or ``default`` if nothing is there."""
        try:
            return self.value(pointer)
        except InputError:
            return default

    def render_json(self, *, indent: int | None = 2) -> str:
        """The report as one JSON document."""
        return json.dumps(self.data, indent=indent, ensure_ascii=False, allow_nan=False)


def pointer_tokens(pointer: str) -> list[str]:
    """The reference tokens of a JSON Pointer, unescaped (``~1`` is ``/``, ``~0`` is ``~``)."""
    if not pointer.startswith("/"):
        raise InputError(say("errors.report.pointer", pointer=pointer), key=pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one run."""

    report: Report
    """The numbers."""
    timeline: Timeline | None = None
    """What a screen needs to replay the run; None unless it was asked for."""
    unhit_faults: tuple[int, ...] = ()
    """Places (from 0) in the scenario's faults of those that hit nothing: no work met them."""
