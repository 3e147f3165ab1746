"""Small scenarios for the tests of the engine."""

from __future__ import annotations

from typing import Any

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.component import Component
from tutor.model.design import make_design
from tutor.model.fault import Fault
from tutor.model.report import Outcome, Report
from tutor.model.scenario import Effect, Run, Scenario, Window
from tutor.model.wire import Wire


def run(text: str, **values: Any) -> Report:
    """The report of a scenario written as TOML; ``<name>`` is replaced by a value."""
    return outcome(text, **values).report


def outcome(text: str, *, timeline: bool = False, seed: int | None = None, **values: Any) -> Outcome:
    """The outcome of a scenario written as TOML."""
    for name, value in values.items():
        text = text.replace(f"<{name}>", str(value))
    return simulate(parse_scenario(text), seed, timeline=timeline)


def report_of(
    parts: list[Component],
    wires: list[Wire],
    *,
    faults: tuple[Fault, ...] = (),
    effects: tuple[Effect, ...] = (),
    windows: tuple[Window, ...] = (),
    seed: int = 1,
    **times: float,
) -> Report:
    """The report of one run."""
    run = Run(**times)  # type: ignore[arg-type]
    scenario = Scenario(
        design=make_design(parts, wires), run=run, faults=faults, effects=effects, windows=windows
    )
    return simulate(scenario, seed).report


CALL = """
[run]
duration_s = <duration>
drain_s = 100
[components.users]
kind = "client"
rate_per_s = <rate>
arrivals = "constant"
event = "order.placed"
[components.api]
kind = "service"
service_ms = <service>
distribution = "constant"
<more>
[[wires]]
from = "users"
to = "api"
<wire>
[[effects]]
event = "order.placed"
at = "api"
<faults>
"""

QUEUE = """
[run]
duration_s = <duration>
drain_s = 1000
[components.users]
kind = "client"
rate_per_s = <rate>
arrivals = "constant"
event = "order.placed"
[components.inbox]
kind = "queue"
<queue>
[components.worker]
kind = "service"
service_ms = <service>
distribution = "constant"
<more>
[[wires]]
from = "users"
to = "inbox"
[[wires]]
from = "inbox"
to = "worker"
<wire>
[[effects]]
event = "order.placed"
at = "worker"
<faults>
"""


def call(**values: Any) -> Report:
    """The report of a client that calls a service."""
    return run(
        CALL, **{"duration": 100, "rate": 1, "service": 100, "more": "", "wire": "", "faults": "", **values}
    )


def queue(**values: Any) -> Report:
    """The report of a client that publishes to a queue with one consumer."""
    return run(
        QUEUE,
        **{
            "duration": 100,
            "rate": 1,
            "service": 100,
            "queue": "",
            "more": "",
            "wire": "",
            "faults": "",
            **values,
        },
    )


def fault(kind: str, target: str, **settings: Any) -> str:
    """A fault as TOML."""
    lines = [
        f'kind = "{kind}"',
        f'target = "{target}"',
        *(f"{name} = {value}" for name, value in settings.items()),
    ]
    return "[[faults]]\n" + "\n".join(lines) + "\n"
