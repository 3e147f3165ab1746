"""What a screen needs to show a live run, whoever carries it out: measured beside predicted, second by
second.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

from tutor.model.scenario import Scenario


@dataclasses.dataclass(frozen=True, slots=True)
class LiveRow:
    """One number of one part, as it has been measured so far and as it was predicted for the whole run."""

    name: str
    """The part's title, and what is counted there."""
    measured: Sequence[int]
    """By second, as far as the run has come."""
    predicted: Sequence[int]
    """By second, to the end of the run."""
    up: float = 1.0
    """The share of the part's replicas that are up now."""


class LiveView(Protocol):
    """A live run as a screen sees it. Nothing here waits; errors are :class:`~tutor.errors.InputError`, one
    line each.
    """

    title: str
    """Where it runs, such as ``NATS JetStream``."""

    def before(self) -> list[str]:
        """What is run and what is done differently, in sentences."""

    def start(self) -> None:
        """Starts it."""

    def poll(self) -> tuple[str, float, float]:
        """``starting``, ``running`` or ``over``; how many seconds it has run, and how many it
        runs at most.
        """

    def rows(self) -> list[LiveRow]:
        """The numbers so far."""

    def after(self) -> list[str]:
        """The table of what agreed and what differed, when it is over."""

    def close(self) -> None:
        """Ends it, whatever it is at."""


OpenLive = Callable[[Scenario], LiveView]
"""Makes a live run of a scenario; raises :class:`~tutor.errors.InputError` where that cannot be."""
