"""What is said of a run that went wrong: something always, and nothing that the run contradicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.test_invariants import CHANNELS, FAULTS, SERVICES, SUBSCRIPTIONS, design
from tutor.catalog import parse_scenario
from tutor.judge.causes.cause import Explanation
from tutor.judge.diagnosis import CAUSES, diagnose, explaining
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import symptoms_without_goals
from tutor.trial import run

COUNTS = (
    "again",
    "arriving",
    "asked",
    "failed",
    "gone",
    "held",
    "limit",
    "messages",
    "peak",
    "pile",
    "refused",
    "repeated",
    "unread",
)
"""Facts that a sentence states as having happened: none of them may be nothing."""

Holds = Callable[[RunEvidence, Explanation], bool]


def _busy(case: RunEvidence, found: Explanation) -> bool:
    """More came in than went out, and the part was at work for most of some time."""
    track = case.track(found.component)
    assert track is not None
    full = sum(1 for busy, there in zip(track.busy, track.capacity, strict=True) if busy >= there > 0)
    return float(str(found.facts["arriving"])) > float(str(found.facts["done"])) and full >= 2


def _was_down(case: RunEvidence, found: Explanation) -> bool:
    """The part was down or hung for some time, and it has no other node that takes over."""
    kind = case.kind(found.component)
    return bool(case.outages(found.component)) and (kind == "service" or case.replicas(found.component) == 1)


def _struck(*kinds: str) -> Holds:
    """A fault of one of these kinds strikes the part, or a wire that leads there."""

    def check(case: RunEvidence, found: Explanation) -> bool:
        joined = [wire for wire in case.design.wires if found.component in (wire.source, wire.target)]
        targets = {found.component, *(wire.pair for wire in joined), *(wire.target for wire in joined)}
        return any(fault.kind in kinds and fault.target in targets for fault in case.scenario.faults)

    return check


def _others(case: RunEvidence, found: Explanation) -> bool:
    """Somebody else was there, where somebody else is said to have had workers free."""
    return found.variant == "alone" or case.replicas(found.component) > 1


def _nodes(case: RunEvidence, found: Explanation) -> bool:
    """A node that could take over is only spoken of where there is one."""
    return (found.variant == "alone") == (case.replicas(found.component) == 1)


def _counted(*path: str) -> Holds:
    """The report counts some of this at the part."""
    return lambda case, found: case.count(found.component, *path) > 0


def _never_begun(case: RunEvidence, found: Explanation) -> bool:
    """The channel gave messages up, and its limit is one."""
    channel = case.buffer(found.component)
    return (
        channel is not None
        and channel.max_deliveries is not None
        and case.count(
            found.component,
            "dead_lettered",
        )
        > 0
    )


def _lease(case: RunEvidence, found: Explanation) -> bool:
    """The channel takes messages back by a lease, and did."""
    wire = case.design.wire(found.wire)
    assert wire is not None
    channel = case.buffer(wire.source)
    return (
        channel is not None and channel.redeliver_on == "lease" and case.count(wire.source, "redelivered") > 0
    )


PRECONDITIONS: dict[str, Holds] = {
    "saturated": _busy,
    "single-point-of-failure": _was_down,
    "prefetch-hoard": _others,
    "broker-down": _nodes,
    "poison": lambda case, found: any(fault.kind == "poison" for fault in case.scenario.faults),
    "swallowed": lambda case, found: any(fault.kind == "swallow" for fault in case.scenario.faults),
    "cut-off": _struck("partition"),
    "lost-in-crash": _struck("crash", "deploy", "die-between", "hang"),
    "given-up-unread": _never_begun,
    "lease-too-short": _lease,
    "lease-in-hand": _lease,
    "overflow": lambda case, found: (
        case.count(found.component, "dropped_by", "overflow") + case.count(found.component, "refused") > 0
    ),
    "expired": _counted("dropped_by", "expired"),
    "shed": _counted("refused"),
    "hot-redelivery": lambda case, found: (
        sum(case.count(name, "redelivered") for name in case.of_kind("queue", "topic")) > 0
    ),
}
"""What the report or the design must show for a cause to be true, said here once more and not taken from the
cause.
"""

EVERY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)


@EVERY
@given(channel=CHANNELS, wire=SUBSCRIPTIONS, service=SERVICES, faults=FAULTS, drain=st.sampled_from([0, 30]))
def test_whatever_goes_wrong_has_a_reason_that_the_run_bears_out(
    channel: dict[str, Any],
    wire: dict[str, Any],
    service: dict[str, Any],
    faults: list[dict[str, Any]],
    drain: float,
) -> None:
    """Of random designs under random faults: a loss, a failure, a repeat, a backlog or a long wait has at
    least one reason, no reason contradicts the report, causes come before what follows from them, and nothing
    is wrong only where nothing is.
    """
    scenario = parse_scenario(design(channel, wire, service, faults, drain))
    outcome = run(scenario, 1, timeline=True)
    symptoms = symptoms_without_goals(scenario, outcome.report)
    case = RunEvidence(scenario, outcome)
    for symptom in symptoms:
        found = explaining(case, symptom)
        assert found, symptom.metric
        for cause, explanation in found:
            holds = PRECONDITIONS.get(cause.id)
            assert holds is None or holds(case, explanation), (cause.id, symptom.metric, explanation.facts)
            nothing = [name for name in COUNTS if explanation.facts.get(name) in (0, 0.0)]
            assert not nothing, (cause.id, symptom.metric, explanation.facts)
    diagnoses = diagnose(scenario, outcome)
    assert bool(diagnoses) == bool(symptoms)
    assert {metric for one in diagnoses for metric in one.metrics} == {symptom.metric for symptom in symptoms}
    for one in diagnoses:
        assert not re.search(r"[{}]|\bNone\b|\bnan\b", one.title + one.what + one.try_)
    by_id = {cause.id: cause for cause in CAUSES}
    for place, one in enumerate(diagnoses):
        later = [other.id for other in diagnoses[place + 1 :] if set(other.metrics) & set(one.metrics)]
        both_ways = {other for other in later if one.id in by_id[other].follows}
        assert not by_id[one.id].follows & set(later) - both_ways, (one.id, later)


THROTTLED = """
[run]
duration_s = 60
[components.users]
kind = "client"
rate_per_s = 10
event = "a"
[components.inbox]
kind = "queue"
[components.worker]
kind = "service"
service_ms = {work}
[[wires]]
from = "users"
to = "inbox"
[[wires]]
from = "inbox"
to = "worker"
{rate}
[[effects]]
event = "a"
at = "worker"
"""


def test_what_no_cause_explains_has_an_unknown_reason() -> None:
    """A backlog behind a limit on the rate is no cause of ours: the reason is unknown, and says so; an
    overload is known.
    """
    for work, rate, first in ((5, "max_rate_per_s = 3", "unknown"), (500, "", "saturated")):
        scenario = parse_scenario(THROTTLED.format(work=work, rate=rate))
        found = diagnose(scenario, run(scenario, timeline=True))
        assert found[0].id == first
        assert (found[0].title == "The reason is unknown") == (first == "unknown")
