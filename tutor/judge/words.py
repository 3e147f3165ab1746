"""Numbers and pointers in a learner's words, so that every text about a metric is made in one place."""

from __future__ import annotations

from collections.abc import Mapping

from tutor.errors import InputError
from tutor.model.design import Design
from tutor.model.report import pointer_tokens
from tutor.words import say, sentence
from tutor.words.kinds import clock, milliseconds, number, percent, seconds


def names_of(*designs: Design) -> dict[str, str]:
    """Returns the screen's name of each component of these designs, by id."""
    return {part.id: part.name for design in designs for part in design.components.values()}


def called(place: str, names: Mapping[str, str]) -> str:
    """Returns the screen's name of a part, a wire, or several parts joined by ``+``, by the names of
    parts.
    """
    ends = [at_once(end, names) for end in place.partition(":")[0].split("->")]
    return ends[0] if len(ends) == 1 else say("names.wire", source=ends[0], target=ends[1])


def at_once(parts: str, names: Mapping[str, str]) -> str:
    """Returns the screen's name of several parts joined by ``+``: those that are on the board; their ids
    where none is.
    """
    ids = parts.split("+")
    return " + ".join([names[one] for one in ids if one in names] or ids)


def capital(text: str) -> str:
    """Returns a sentence with a capital letter; the name of an event, such as ``order.placed``, stays as it
    is.
    """
    first = text.partition(" ")[0]
    return text if "." in first[:-1] else text[:1].upper() + text[1:]


def describe_metric(pointer: str, names: Mapping[str, str] | None = None) -> str:
    """Describes what a JSON Pointer into the report measures, as a phrase; the pointer itself if it has no
    better words.

    ``names`` are the screen's names of components, by id; an id that is not among them stays as it is.
    """
    window, key, facts = _read(pointer, names)
    if not key:
        return f"{pointer}" if not window else say("metrics.in-window", metric=pointer, window=window)
    text = _fill(f"metrics.{key}.name", facts)
    return say("metrics.in-window", metric=text, window=window) if window else text


def describe_result(pointer: str, value: object, names: Mapping[str, str] | None = None) -> str:
    """Describes a metric's value, as a clause that ends an explanation: ``As a result, 3 requests from Till
    failed``.
    """
    _, key, facts = _read(pointer, names)
    if value is None:
        return say("metrics.said.unmeasured", metric=describe_metric(pointer, names))
    shown = render_metric(pointer, value)
    if not key:
        return say("metrics.said.any", metric=pointer, value=shown)
    return _fill(f"metrics.{key}.result", {**facts, "value": shown, "count": value})


def _fill(key: str, facts: Mapping[str, object]) -> str:
    """Fills the sentence of this key with the facts that it has a place for."""
    wanted = sentence(f"metrics.{key.removeprefix('metrics.')}")
    return wanted.fill({name: facts[name] for name in wanted.placeholders})


def _read(pointer: str, names: Mapping[str, str] | None) -> tuple[str, str, dict[str, object]]:
    """Returns the window of a pointer, the key of its sentences (empty if it has none), and the facts that
    fill them.
    """
    try:
        tokens = pointer_tokens(pointer)
    except InputError:
        return "", "", {}
    window, tokens = (tokens[1], tokens[2:]) if len(tokens) > 2 and tokens[0] == "window" else ("", tokens)
    match tokens:
        case ["effect", place, event, *metric] if metric:
            return _found(window, f"effect.{'.'.join(metric)}", place, names, event)
        case ["component", place, "held", "max"]:
            return _found(window, "component.held", place, names)
        case ["client" | "component" | "database" | "pattern" as group, place, *metric] if metric:
            return _found(window, f"{group}.{'.'.join(metric)}", place, names)
        case ["design", metric]:
            return _found(window, f"design.{metric}", "", names)
    return window, "", {}


def _found(
    window: str, key: str, place: str, names: Mapping[str, str] | None, event: str = ""
) -> tuple[str, str, dict[str, object]]:
    try:
        sentence(f"metrics.{key}.name")
    except KeyError:
        return window, "", {}
    part = at_once(place, names or {})
    return window, key, {"part": part, "event": event}


_SHARES = ("availability", "utilization", "up", "wasted_work", "precision", "recall")


def render_metric(pointer: str, value: object) -> str:
    """Renders a metric's value with its unit, as short as it can be read without error."""
    if value is None:
        return say("metrics.said.nothing")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if any(token.endswith("_ms") for token in pointer.split("/")):
        return render_ms(value)
    last = pointer.rsplit("/", 1)[-1]
    if last in _SHARES:
        return render_share(value)
    if last.endswith("_kb_per_s"):
        return say("metrics.said.kb-per-s", value=value)
    if last.endswith("_per_s"):
        return say("metrics.said.per-s", value=value)
    return render_number(value)


def render_ms(value: float) -> str:
    """Renders a time in milliseconds, in the unit that reads best."""
    return milliseconds(value)


def render_s(value: float) -> str:
    """Renders a time in seconds, in the unit that reads best."""
    return seconds(value)


def render_clock(at_s: float) -> str:
    """Renders a moment of a run as a clock shows it, minutes and seconds: ``0:40``."""
    return clock(at_s)


def render_share(value: float) -> str:
    """Renders a share as a percentage, with as many digits as it takes to tell it from all and from
    nothing.
    """
    return percent(value)


def render_number(value: float) -> str:
    """Renders a number as a learner reads it: whole if it is whole, else three digits or so."""
    return number(value)


def times(count: float) -> str:
    """Returns ``once``, ``twice``, ``3 times``."""
    return say("causes.counted.twice") if count == 2 else say("causes.counted.times", count=count)
