"""Hostile values for every setting of every part: each gives a one-line error that names the place, or a run
that ends.
"""

import re

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.errors import InputError
from tutor.model.component import KINDS
from tutor.model.setting import Setting, settings_of
from tutor.model.wire import WIRES

HOSTILE = (
    *(
        "true",
        "-1",
        "-0.0",
        "0",
        "1e-300",
        "0.5",
        "7",
        "1e15",
        "1e300",
        "9223372036854775807",
        "inf",
        "-inf",
        "nan",
    ),
    *(
        '""',
        '" "',
        '"none"',
        '"x"',
        '"[red]"',
        '"\\u001b[31m"',
        '"\\u202e"',
        '"a\\nb"',
        f'"{"x" * 3000}"',
        "2020-01-01",
    ),
    *(
        "[]",
        "[[]]",
        "[0]",
        "[1, 2]",
        "[[0, 1]]",
        "[[nan, 1]]",
        "[[0, 1e300]]",
        "[1, 1000000000, 1, 0]",
        '["a"]',
    ),
    *(
        "{}",
        "{a = 1}",
        '{"a.b" = -1}',
        "[{}]",
        '[{event = "a", count = 1000000000}]',
        '[{event = "a", absent = true}]',
    ),
    *(
        '[{rate_per_s = 1e9, steps = [{event = "a"}]}]',
        '[{rate_per_s = 1, steps = [{event = "a", after_s = 1e300}]}]',
    ),
)
"""Values as a file writes them."""

WIRED = {
    "call": ("c", "s"),
    "publish": ("s", "q"),
    "subscribe": ("q", "w"),
    "write": ("s", "d"),
    "read": ("s", "d"),
    "poll": ("d", "j"),
    "capture": ("d", "t"),
    "dead-letter": ("q", "dl"),
}
PARTS = {
    "c": "client",
    "s": "service",
    "w": "service",
    "d": "database",
    "j": "job",
    "q": "queue",
    "dl": "queue",
    "t": "topic",
    "st": "stream",
}


ALSO = (("s", "st"), ("st", "w"))
"""The wires of the stream: of kinds that are there already."""


def scenario(component: str = "", wire: str = "", line: str = "") -> str:
    """A scenario with a component or a wire of one kind, its neighbors, and one more line for it.

    A client and the service that it calls bring the traffic.
    """
    there = {"c", "s", *WIRED.get(wire, ())}
    if component:
        there |= {component, *(end for ends in (*WIRED.values(), *ALSO) if component in ends for end in ends)}
    lines = ["[run]", "duration_s = 10", "drain_s = 5", "max_events = 3000"]
    for name in sorted(there):
        lines += [f"[components.{name}]", f'kind = "{PARTS[name]}"', *([line] if name == component else [])]
    for kind, (source, target) in WIRED.items():
        if not there >= {source, target}:
            continue
        lines += [
            "[[wires]]",
            f'from = "{source}"',
            f'to = "{target}"',
            f'kind = "{kind}"',
            *([line] if kind == wire else []),
        ]
    for source, target in ALSO:
        if there >= {source, target}:
            lines += ["[[wires]]", f'from = "{source}"', f'to = "{target}"']
    return "\n".join(lines) + "\n"


PLACES = [
    (name, "", setting)
    for name, kind in PARTS.items()
    if name not in ("w", "dl")
    for setting in settings_of(KINDS[kind]).values()
]
PLACES += [("", kind, setting) for kind in WIRED for setting in settings_of(WIRES[kind]).values()]


@pytest.mark.parametrize(
    ("component", "wire", "setting"),
    PLACES,
    ids=[f"{component or wire}-{setting.name}" for component, wire, setting in PLACES],
)
def test_no_value_leads_to_more_than_a_line(component: str, wire: str, setting: Setting) -> None:
    """A refused value gives one short line with file, line and key; an accepted one runs to its end or its
    budget.
    """
    taken = 0
    for value in HOSTILE:
        text = scenario(component, wire, f"{setting.name} = {value}")
        line = text[: text.index(f"\n{setting.name} = ")].count("\n") + 2
        try:
            read = parse_scenario(text, "s.toml")
        except InputError as error:
            said = str(error)
            key = f"components.{component}.{setting.name}" if component else f"wires.{setting.name}"
            assert re.match(rf"s\.toml:{line}: {re.escape(key)}\b", said), (value, said)
            assert said.isprintable()
            assert len(said) < 500
            continue
        taken += 1
        report = simulate(read).report
        assert report.get("/engine/events") > 0
    assert taken < len(HOSTILE), "nothing is refused"
