"""Numbers and pointers in a learner's words, so that every text about a metric is made in one place."""

from __future__ import annotations

from collections.abc import Mapping

from tutor.errors import InputError
from tutor.model.design import Design
from tutor.model.report import pointer_tokens
from tutor.words.kinds import whole


def names_of(*designs: Design) -> dict[str, str]:
    """What the screen calls each component of these designs, by id."""
    return {part.id: part.name for design in designs for part in design.components.values()}


_STATISTICS = {
    "mean": "on average",
    "p50": "for half of them",
    "p95": "for 95 of 100",
    "p99": "for 99 of 100",
    "max": "at worst",
}

_CLIENT = {
    "availability": "share of {id}'s requests that succeed",
    "requests": "requests made by {id}",
    "ok": "requests of {id} that succeed",
    "failed": "requests of {id} that fail",
    "attempts_per_request": "attempts for each request of {id}",
}

_EFFECT = {
    "expected": "{event} expected at {id}",
    "applied": "{event} applied at {id}",
    "refused": "{event} refused before {id}",
    "lost": "{event} lost before {id}",
    "pending": "{event} unfinished at {id} at the end",
    "late": "{event} late at {id}",
    "duplicates": "{event} applied again at {id}",
    "out_of_order": "{event} out of order at {id}",
    "ghosts": "{event} at {id} that never really happened",
    "undone": "{event} taken back at {id}",
    "orphans": "{event} at {id} that failed elsewhere and was not taken back",
}

_COMPONENT = {
    "utilization": "share of time {id} is busy",
    "throughput_per_s": "work that {id} completes a second",
    "up": "share of time {id} is up",
    "lag": "records of {id} that are not committed",
    "idle": "members of {id} with nothing to read",
    "wasted_work": "share of {id}'s work whose caller had gone",
    "dead_lettered": "messages that {id} gave up",
    "dropped": "messages that {id} dropped",
    "redelivered": "deliveries that {id} repeated",
    "egress_kb_per_s": "data that {id} hands out, in kB a second",
    "evictions": "members that {id} lost to a deadline",
    "rebalances": "rebalances of {id}",
}

_PATTERN = {
    "recall": "share of the true cases that {id} finds",
    "precision": "share of {id}'s alarms that are true",
}

_QUEUE = {"mean": "line at {id} on average", "max": "longest line at {id}", "end": "line at {id} at the end"}


def describe_metric(pointer: str, names: Mapping[str, str] | None = None) -> str:
    """What a JSON Pointer into the report measures, as a phrase; the pointer itself where it has no better words.

    ``names`` are what the screen calls components, by id; an id that is not among them stands as it is.
    """
    try:
        tokens = pointer_tokens(pointer)
    except InputError:
        return pointer
    window, tokens = (tokens[1], tokens[2:]) if len(tokens) > 2 and tokens[0] == "window" else ("", tokens)
    if names and len(tokens) > 1:
        tokens = [tokens[0], " + ".join(names.get(one, one) for one in tokens[1].split("+")), *tokens[2:]]
    return (_phrase(tokens) or pointer) + (f", in the window {window}" if window else "")


def _phrase(tokens: list[str]) -> str:
    return _words(tokens).replace("s's ", "s' ")


def _words(tokens: list[str]) -> str:
    match tokens:
        case ["client", name, "response_ms", statistic] if statistic in _STATISTICS:
            return f"response time of {name} {_STATISTICS[statistic]}"
        case ["client", name, metric] if metric in _CLIENT:
            return _CLIENT[metric].format(id=name)
        case ["effect", name, event, "delay_ms", statistic] if statistic in _STATISTICS:
            return f"delay of {event} at {name} {_STATISTICS[statistic]}"
        case ["effect", name, event, metric] if metric in _EFFECT:
            return _EFFECT[metric].format(id=name, event=event)
        case ["component", name, "queue", statistic] if statistic in _QUEUE:
            return _QUEUE[statistic].format(id=name)
        case ["component", name, "held", "max"]:
            return f"most that one consumer holds at {name}"
        case ["component", name, metric] if metric in _COMPONENT:
            return _COMPONENT[metric].format(id=name)
        case ["database", name, "staleness_ms", statistic] if statistic in _STATISTICS:
            return f"age of what {name} shows {_STATISTICS[statistic]}"
        case ["database", name, "diverged_keys"]:
            return f"entities that {name} has wrong at the end"
        case ["database", name, "writes" | "reads" as metric]:
            return f"{metric} of {name}"
        case ["pattern", name, "delay_ms", statistic] if statistic in _STATISTICS:
            return f"delay of {name}'s alarms {_STATISTICS[statistic]}"
        case ["pattern", name, metric] if metric in _PATTERN:
            return _PATTERN[metric].format(id=name)
        case ["design", "cost_per_hour"]:
            return "cost an hour"
        case ["design", "egress_kb_per_s"]:
            return "what all channels send out"
        case ["design", "components" | "wires" as metric]:
            return f"{metric} in the design"
    return ""


_SHARES = ("availability", "utilization", "up", "wasted_work", "precision", "recall")


def render_metric(pointer: str, value: object) -> str:
    """A metric's value with its unit, as short as it can be read without error."""
    if value is None:
        return "nothing measured"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if any(token.endswith("_ms") for token in pointer.split("/")):
        return render_ms(value)
    last = pointer.rsplit("/", 1)[-1]
    if last in _SHARES:
        return render_share(value)
    if last.endswith("_kb_per_s"):
        return f"{render_number(value)} kB/s"
    if last.endswith("_per_s"):
        return f"{render_number(value)}/s"
    return render_number(value)


def render_ms(value: float) -> str:
    """A time in milliseconds, in the unit that reads best."""
    if value < 1000:
        return f"{value:.3g} ms" if value < 100 else f"{value:.0f} ms"
    return render_s(value / 1000)


def render_s(value: float) -> str:
    """A time in seconds, in the unit that reads best."""
    if value < 1:
        return render_ms(value * 1000)
    if value < 100:
        return f"{value:.3g} s"
    if value < 600:
        return f"{value:.0f} s"
    minutes = value / 60
    return f"{minutes:.3g} min" if minutes < 600 else f"{minutes / 60:.3g} h"


def render_clock(at_s: float) -> str:
    """A moment of a run, as ``t=40 s``."""
    return f"t={at_s:.0f} s" if at_s >= 10 or float(at_s).is_integer() else f"t={at_s:.1f} s"


def render_share(value: float) -> str:
    """A share as a percentage, with as many digits as it takes to tell it from 100%."""
    percent = value * 100
    for digits in range(1, 6):
        text = f"{percent:.{digits}f}"
        if (float(text) == 100) == (value == 1):
            break
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def render_number(value: float) -> str:
    """A number as a learner reads it: whole where it is whole, else three digits or so."""
    if float(value).is_integer() and abs(value) < 1e15:
        return whole(int(value))
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def times(count: float) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(int(count)) or f"{render_number(count)} times"


def plural(count: float, one: str, many: str = "") -> str:
    """``1 order``, ``3 orders``."""
    return f"{render_number(count)} {one if count == 1 else many or one + 's'}"


def fill(template: str, facts: Mapping[str, object]) -> str:
    """A sentence from its template; numbers are rendered, texts go in as they are."""
    shown = {
        name: render_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in facts.items()
    }
    return template.format_map(shown)
