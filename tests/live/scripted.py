"""A scripted live run without a broker, for tests of the screens and of plain mode."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tutor.catalog import parse_scenario
from tutor.errors import InputError
from tutor.live.timeline import MeasuredTimeline
from tutor.model.timeline import Timeline
from tutor.trial import run as simulate

SCENARIO = """
[run]
duration_s = 4
drain_s = 2
[components.shop]
kind = "client"
title = "Shop"
event = "order.placed"
rate_per_s = 5
[components.orders]
kind = "queue"
title = "Orders"
[components.billing]
kind = "service"
title = "Billing"
service_ms = 400
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[faults]]
kind = "crash"
target = "billing"
at_s = 1
for_s = 1
[[effects]]
event = "order.placed"
at = "billing"
"""


class Scripted:
    """A live run with scripted steps: the backlog grows by two a second."""

    title = "Some broker"

    def __init__(self, phases: Sequence[str], trouble: str = "") -> None:
        self.phases = list(phases)
        self.trouble = trouble
        self.closed = 0
        self.scenario = parse_scenario(SCENARIO)
        stepped = dataclasses.replace(
            self.scenario, run=dataclasses.replace(self.scenario.run, timeline_step_s=1.0)
        )
        timeline = simulate(stepped, timeline=True).timeline
        assert timeline is not None
        self.predicted: Timeline = timeline
        self._measured = MeasuredTimeline(self.scenario)
        for second in range(4):
            self._measured.add([second * 1_000_000, "depth", "orders", 2 * second + 40, 1])

    @property
    def measured(self) -> Timeline:
        """A measured timeline of four seconds."""
        return self._measured.timeline

    def before(self) -> list[str]:
        """One sentence before the run."""
        return ["Orders: [b]not markup[/b]."]

    def start(self) -> None:
        """Do nothing: there is no process to start."""
        return

    def poll(self) -> tuple[str, float, float]:
        """The next phase, or the trouble that ends the run."""
        if self.trouble:
            raise InputError(self.trouble)
        return (self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]), 3.5, 6.0

    def after(self) -> list[str]:
        """One line after the run."""
        return ["Measured beside predicted: all of it"]

    def close(self) -> None:
        """Count the calls."""
        self.closed += 1
