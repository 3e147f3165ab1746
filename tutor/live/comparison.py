"""Predicted beside measured: the agreements, the differences, and the reasons."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from tutor.judge.words import at_once
from tutor.model.scenario import Scenario
from tutor.show.live import near
from tutor.words import say

SHARE = 0.15
"""Mean waiting times agree within this share of the prediction: the band that real brokers stayed in with the
same luck.
"""
HOP_MS = 15.0
"""...or within so many milliseconds: a publish takes 2 to 12 ms and a delivery 2 to 6, which the engine
counts as nothing.
"""
COUNTS = ("expected", "applied", "refused", "lost", "pending", "duplicates", "out_of_order")
BOOKS = ("published", "delivered", "redelivered", "dead_lettered", "dropped")


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """One number of a run, predicted and measured."""

    what: str
    """What it is, with the titles of the parts."""
    predicted: float | None
    measured: float | None
    verdict: str
    """``exact``, ``agrees`` or ``differs``."""
    why: str = ""
    """Why it differs, as far as is known."""
    milliseconds: bool = False
    """Whether it is a time."""


def compare(scenario: Scenario, report: Mapping[str, Any]) -> list[Compared]:
    """Returns the lines of the table, for a live report with its prediction; numbers that are zero in both
    are left out.
    """
    return [line for line in _lines(scenario, report) if line.predicted or line.measured]


def agreed(lines: list[Compared]) -> bool:
    """Returns whether nothing differs."""
    return all(line.verdict != "differs" for line in lines)


def _lines(scenario: Scenario, report: Mapping[str, Any]) -> Iterator[Compared]:
    predicted = report["predicted"]
    names = {id: part.name for id, part in scenario.design.components.items()}
    for place, events in report["effect"].items():
        for event, seen in events.items():
            known = predicted["effect"][place][event]
            part = at_once(place, names)
            for name in COUNTS:
                what = say(f"live.count.{name}", part=part, event=event)
                yield _count(what, known.get(name), seen.get(name), _why(report, scenario, place, name))
            what = say("live.seen.delay", part=part, event=event)
            why = _why(report, scenario, place, "delay_ms")
            yield _time(what, known["delay_ms"]["mean"], seen["delay_ms"]["mean"], report, why)
    for id, seen in report["component"].items():
        known = predicted["component"].get(id, {})
        if "published" in known:
            for name in BOOKS:
                what = say(f"live.book.{name}", part=names[id])
                yield _count(what, known.get(name), seen.get(name), _why(report, scenario, id, name))
    for id, seen in report["client"].items():
        known = predicted["client"][id]
        yield _count(
            say("live.seen.ok", part=names[id]), known["ok"], seen["ok"], _why(report, scenario, id, "ok")
        )
    for id, seen in report["database"].items():
        known = predicted["database"].get(id, {})
        if "diverged_keys" in known:
            what = say("live.seen.diverged", part=names[id])
            yield _count(what, known["diverged_keys"], seen.get("diverged_keys"), "")


def _count(what: str, predicted: float | None, measured: float | None, why: str) -> Compared:
    if predicted is None or measured is None:
        return Compared(what, predicted, measured, "agrees")
    verdict = "exact" if predicted == measured else "agrees" if near(measured, predicted) else "differs"
    return Compared(what, predicted, measured, verdict, why if verdict == "differs" else "")


def _time(
    what: str, predicted: float | None, measured: float | None, report: Mapping[str, Any], why: str
) -> Compared:
    if predicted is None or measured is None:
        same = predicted is None and measured is None
        return Compared(what, predicted, measured, "agrees" if same else "differs", milliseconds=True)
    apart = abs(predicted - measured)
    verdict = "agrees" if apart <= max(SHARE * predicted, HOP_MS) else "differs"
    late = report["live"]["lag_ms"]["p95"] or 0.0
    if late > HOP_MS:
        why = say("live.why.late", late=late)
    return Compared(
        what, predicted, measured, verdict, why if verdict == "differs" else "", milliseconds=True
    )


def _why(report: Mapping[str, Any], scenario: Scenario, place: str, name: str) -> str:
    """Returns the sentence about the unhonored setting nearest to a part; else that the moment of a kill
    decides.
    """
    design = scenario.design
    near = {place, *place.split("+")}
    near |= {wire.source for wire in design.wires if wire.target in near} | {
        wire.target for wire in design.wires if wire.source in near
    }
    for id in [place, *sorted(near - {place})]:
        part = design.components.get(id)
        said = [one for one in report["not_honored"] if part is not None and one.startswith(f"{part.name}:")]
        if said:
            return str(said[0])
    if any(fault.kind in ("crash", "deploy") for fault in scenario.faults):
        return say("live.why.moment")
    return say("live.why.times")
