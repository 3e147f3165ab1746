"""The measurements of a run, as sentences: of the whole run, and of each window."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tutor.judge.words import at_once, names_of
from tutor.model.design import Design
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario, Window
from tutor.show.cards import Card, Reply, Styled
from tutor.show.lines import VERDICT_WIDTH, hanging
from tutor.show.sandbox import target_words
from tutor.words import say

MOST_WINDOWS = 6
"""Windows of measurement on a free board: more than these nobody reads."""

ODD = ("lost", "pending", "duplicates", "out_of_order", "late")
"""What is counted of the events of a promise that did not go as promised."""


def measured(outcome: Outcome, scenario: Scenario, *, editable: bool) -> Card:
    """Returns the numbers of a run, with those of its windows; ``editable`` is whether windows may be
    added.
    """
    report, design = outcome.report.data, scenario.design
    parts = _section(say("measured.whole"), report, design)
    for window in scenario.windows:
        numbers = report.get("window", {}).get(window.id)
        if isinstance(numbers, Mapping):
            parts += [("\n", ""), *_section(window_words(window), numbers, design)]
    replies = [Reply("", say("why.back"))]
    if editable and len(scenario.windows) < MOST_WINDOWS:
        replies.append(Reply("window", say("measured.add"), say("measured.add-note"), "a"))
    if editable and scenario.windows:
        replies.append(Reply("remove", say("measured.remove"), key="x"))
    return Card(
        say("measured.title"), parts, note=say("measured.note", seed=report["seed"]), replies=tuple(replies)
    )


def window_words(window: Window) -> str:
    """Describes a window in words."""
    return say("measured.window", start=window.from_s, end=window.to_s)


def _section(title: str, numbers: Mapping[str, Any], design: Design) -> Styled:
    parts: Styled = [(title + "\n", "bold $primary")]
    for line in _lines(numbers, design):
        parts.append(("  " + hanging(line, VERDICT_WIDTH, 4) + "\n", "$text"))
    return parts


def _lines(numbers: Mapping[str, Any], design: Design) -> Iterator[str]:
    """Yields a sentence for each client, each promise and each part that held work."""

    def name(part: str) -> str:
        return target_words(part, design)

    for part, one in numbers.get("client", {}).items():
        if one.get("requests"):
            yield say(
                "measured.client", part=name(part), requests=one["requests"], share=one["availability"] or 0.0
            )
    for place, events in numbers.get("effect", {}).items():
        at = at_once(place, names_of(design))
        for event, one in events.items():
            delay = (one.get("delay_ms") or {}).get("p95")
            done = {"event": event, "part": at, "applied": one["applied"], "expected": one["expected"]}
            if delay is None:
                yield say("measured.effect", **done)
            else:
                yield say("measured.effect-within", **done, delay=delay)
            odd = [
                say(f"measured.odd.{key.replace('_', '-')}", count=one[key]) for key in ODD if one.get(key)
            ]
            if odd:
                yield "  " + say("measured.odd-line", what=odd)
    for part, one in numbers.get("component", {}).items():
        held = one.get("queue") or {}
        if held.get("max"):
            yield say("measured.queue", part=name(part), most=held["max"], end=held["end"])
        for group, of in one.get("groups", {}).items():
            lag = of.get("lag")
            if lag:
                yield say("measured.lag", group=name(group), part=name(part), most=lag["max"], end=lag["end"])


@dataclasses.dataclass(frozen=True, slots=True)
class WindowOffer:
    """A window that may be added."""

    from_s: float
    """Its start."""
    to_s: float
    """Its end."""
    label: str
    """What it is."""


def window_offers(scenario: Scenario, cursor_s: float | None) -> list[WindowOffer]:
    """Returns windows to choose from: halves, up to the cursor and from it on, during each fault and after
    it.
    """
    end = scenario.run.duration_s
    found = [
        WindowOffer(0.0, end / 2, say("measured.offers.first-half")),
        WindowOffer(end / 2, end, say("measured.offers.second-half")),
    ]
    if cursor_s is not None and 0 < cursor_s < end:
        found.append(WindowOffer(0.0, cursor_s, say("measured.offers.to-cursor", at=cursor_s)))
        found.append(WindowOffer(cursor_s, end, say("measured.offers.from-cursor", at=cursor_s)))
    for fault in scenario.faults:
        if fault.at_random or fault.at_s >= end:
            continue
        over = min(end, fault.at_s + fault.for_s) if fault.for_s is not None else end
        words = {
            "fault": say(f"kinds.title.{fault.kind}"),
            "part": target_words(fault.target, scenario.design),
        }
        if over > fault.at_s:
            found.append(WindowOffer(fault.at_s, over, say("measured.offers.during", **words)))
        if over < end:
            found.append(WindowOffer(over, end, say("measured.offers.after", **words)))
    return found


def with_window(windows: Sequence[Window], offer: WindowOffer) -> tuple[Window, ...]:
    """Returns the windows and one more, under a name that is free; an existing window is not added twice."""
    if any((one.from_s, one.to_s) == (offer.from_s, offer.to_s) for one in windows):
        return tuple(windows)
    taken = {one.id for one in windows}
    name = next(f"window-{number}" for number in range(1, len(taken) + 2) if f"window-{number}" not in taken)
    return (*windows, Window(id=name, from_s=offer.from_s, to_s=offer.to_s))
