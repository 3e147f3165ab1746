"""Incidents that people have reported from their systems, each as a small scenario, and the cause that must
come first.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.judge.causes.diagnosis_runs import outcome_of, rank_of
from tutor.judge.diagnosis import Diagnosis, diagnose

HERE = Path(__file__).parent / "incidents"


@dataclasses.dataclass(frozen=True)
class Incident:
    """A scenario and the diagnosis that it must get."""

    file: str
    """The scenario's file name, without its suffix."""
    first: str
    """The cause that must come first; empty if the run is healthy."""
    says: tuple[str, ...] = ()
    """What the first explanation or its evidence must name."""
    never: tuple[str, ...] = ()
    """Causes that the run contradicts, at all or at one part."""
    change: tuple[str, str] = ("", "")
    """A text in the file and its replacement."""
    goals: tuple[tuple[str, float], ...] = ()
    """The goals of a level made from it, as pointers and upper limits; without goals all symptoms are
    explained.
    """

    @property
    def name(self) -> str:
        """The name of the test case."""
        return f"{self.file} {self.change[1].strip()}".replace("\n", " ").strip()


def rabbitmq(channel: str) -> tuple[str, str]:
    """A change that makes a file's channel behave like RabbitMQ."""
    return f"[components.{channel}]\n", f'[components.{channel}]\nlike = "rabbitmq"\n'


INCIDENTS = (
    Incident("work-in-hand", "lease-in-hand", ("in its hands",), ("saturated", "prefetch-hoard")),
    Incident("delay-by-expiry", "not-dead-lettered", ("wait → later", "599")),
    Incident("delay-by-expiry", "delay-line", ("wait → later", "599"), change=rabbitmq("wait")),
    Incident("overflow-set-aside", "not-dead-lettered", ("q → late", "1975")),
    Incident("delay-ring", "not-dead-lettered", ("wait → work", "177")),
    Incident("delay-ring", "out-of-order", ("wait → work", "60 s"), change=rabbitmq("wait")),
    Incident("poll-loop", "evicted", ("1 record at once",), ("saturated",)),
    Incident("ordered-group", "held-lane", ("648 times", "500 ms"), ("unknown", "saturated")),
    Incident("two-full-queues", "deadlock", ("room in qa",), ("saturated",)),
    Incident("restarts-in-hand", "given-up-unread", ("509",)),
    Incident("relay-restart", "duplicates", ("relay", "checkpoint")),
    Incident("compaction", "retention-gap", ("latest of each key",), ("saturated",)),
    Incident("producer-buffer", "broker-down", ("one node", "500 events")),
    Incident("late-answer", "timeout-too-short", ("10 s",), ("retry-storm", "saturated")),
    Incident("refund-twice", "duplicates", ("ack to refunds got lost",), ("saturated",)),
    Incident("herd", "retries-without-pause", ("tried again without a pause",), ("saturated worker",)),
    Incident("every-second-message", "shared-queue", ("401", "388", "789")),
    Incident("more-members", "idle-members", ("12 members", "3 partitions"), ("unknown", "saturated")),
    Incident("early-ack", "lost-in-crash", ("forgotten",), ("slow-drain", "outage-backlog")),
    Incident("early-ack-one-in-hand", "lost-in-crash", ("forgotten",), ("slow-drain",)),
    Incident(
        "listener-cut-off",
        "not-durable",
        ("126", "837", "300"),
        goals=(("/effect/archive/message.said/lost", 0),),
    ),
    Incident("listener-cut-off", "not-durable", ("126", "837", "300")),
    Incident("listener-cut-off-briefly", "not-durable", ("100",), ("overflow",)),
    Incident("retry-queue", ""),
    Incident("thin-events", "callback-load", ("orders-api",)),
    Incident("restless-group", "rebalance", ("29 times",), ("saturated",)),
)
TRIED = pytest.mark.parametrize("incident", INCIDENTS, ids=[one.name for one in INCIDENTS])


def found_in(incident: Incident) -> tuple[Diagnosis, ...]:
    """The diagnoses of an incident, worst first."""
    before, after = incident.change
    text = (HERE / f"{incident.file}.toml").read_text("utf-8")
    assert before in text
    scenario, outcome = outcome_of(text.replace(before, after) if before else text)
    if incident.goals:
        return rank_of(scenario, outcome, *incident.goals)
    return diagnose(scenario, outcome)


@TRIED
def test_the_reason_that_people_found_comes_first(incident: Incident) -> None:
    """The real cause is named first, with its numbers, and no cause that the run contradicts is
    named at all.
    """
    found = found_in(incident)
    assert [one.id for one in found][:1] == [incident.first] * bool(incident.first)
    if not found:
        return
    said = f"{found[0].what} {' '.join(f'{what} {value}' for what, value in found[0].evidence)}"
    assert [word for word in incident.says if word not in said] == []
    named = {one.id for one in found} | {f"{one.id} {one.component}" for one in found}
    assert named & set(incident.never) == set()


def test_every_incident_is_used() -> None:
    """Every scenario file is in the table."""
    assert {one.file for one in INCIDENTS} == {path.stem for path in HERE.glob("*.toml")}
