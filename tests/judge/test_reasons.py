"""Reasons for a run that went wrong: there always is one, and none contradicts the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.test_invariants import CHANNELS, FAULTS, SERVICES, SUBSCRIPTIONS, design, table
from tutor.catalog import parse_scenario
from tutor.judge.causes.cause import Explanation
from tutor.judge.diagnosis import CAUSES, GOOD_PART, Diagnosis, diagnose, explaining, rank
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import OTHER, Symptom, symptom_of, symptoms_without_goals
from tutor.judge.goals import judge_goals
from tutor.model.level import Goal
from tutor.model.wire import Call, Publish
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
"""Facts that a sentence states as having happened: none of them may be zero."""

Holds = Callable[[RunEvidence, Explanation], bool]


def _busy(case: RunEvidence, found: Explanation) -> bool:
    """Whether more came in than went out, and the part was fully busy for a while."""
    track = case.track(found.component)
    assert track is not None
    full = sum(1 for busy, there in zip(track.busy, track.capacity, strict=True) if busy >= there > 0)
    return float(str(found.facts["arriving"])) > float(str(found.facts["done"])) and full >= 2


def _was_down(case: RunEvidence, found: Explanation) -> bool:
    """Whether the part was down for a while without another node to take over, or hung with all its nodes."""
    kind = case.kind(found.component)
    alone = kind == "service" or case.replicas(found.component) == 1
    hung = any(one.kind == "hang" and one.target == found.component for one in case.scenario.faults)
    return bool(case.outages(found.component)) and (alone or hung)


def _struck(*kinds: str) -> Holds:
    """Whether a fault of one of these kinds struck the part, or a wire that leads to it."""

    def check(case: RunEvidence, found: Explanation) -> bool:
        joined = [wire for wire in case.design.wires if found.component in (wire.source, wire.target)]
        targets = {found.component, *(wire.pair for wire in joined), *(wire.target for wire in joined)}
        return any(fault.kind in kinds and fault.target in targets for fault in case.scenario.faults)

    return check


def _others(case: RunEvidence, found: Explanation) -> bool:
    """Whether the part has other replicas, if the reason says that others had free workers."""
    return found.variant == "alone" or case.replicas(found.component) > 1


def _nodes(case: RunEvidence, found: Explanation) -> bool:
    """Whether the part has a node that could take over, if the reason mentions one."""
    return (found.variant == "alone") == (case.replicas(found.component) == 1)


def _counted(*path: str) -> Holds:
    """Whether the report counts some of this at the part."""
    return lambda case, found: case.count(found.component, *path) > 0


def _never_begun(case: RunEvidence, found: Explanation) -> bool:
    """Whether the channel has a delivery limit and dead-lettered messages."""
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
    """Whether the channel takes messages back by a lease, and did so."""
    wire = case.design.wire(found.wire)
    assert wire is not None
    channel = case.buffer(wire.source)
    return (
        channel is not None and channel.redeliver_on == "lease" and case.count(wire.source, "redelivered") > 0
    )


def _anybody_away(case: RunEvidence, found: Explanation) -> bool:
    """Whether any part was down or cut off for a while."""
    return any(case.outages(name) for name in case.design.components) or any(
        case.cuts(wire) for wire in case.design.wires
    )


def _set_aside(case: RunEvidence, found: Explanation) -> bool:
    """Whether messages were given up: dead-lettered, dropped after too many deliveries, or put into a channel
    because their handling had failed.
    """
    given_up = any(
        case.count(name, "dead_lettered") or case.count(name, "dropped_by", "max-deliveries")
        for name in case.of_kind("queue", "topic", "stream")
    )
    on_failure = [wire for wire in case.design.wires if isinstance(wire, Publish) and wire.on == "failure"]
    return given_up or any(
        wire.target == found.component and case.count(wire.source, "failed") for wire in on_failure
    )


PRECONDITIONS: dict[str, Holds] = {
    "saturated": _busy,
    "single-point-of-failure": _was_down,
    "prefetch-hoard": _others,
    "broker-down": _nodes,
    "poison": lambda case, found: any(fault.kind == "poison" for fault in case.scenario.faults),
    "swallowed": lambda case, found: any(fault.kind == "swallow" for fault in case.scenario.faults),
    "cut-off": _struck("partition", "remove"),
    "confirms-lost": _struck("drop-acks"),
    "lost-in-crash": _struck("crash", "deploy", "die-between", "hang"),
    "given-up-unread": _never_begun,
    "lease-too-short": _lease,
    "lease-in-hand": _lease,
    "overflow": lambda case, found: (
        case.count(found.component, "dropped_by", "overflow")
        + case.count(found.component, "refused")
        + case.count(found.component, "dead_lettered")
        > 0
    ),
    "expired": lambda case, found: (
        case.count(found.component, "dropped_by", "expired") + case.count(found.component, "dead_lettered")
        > 0
    ),
    "not-dead-lettered": _counted("dropped"),
    "delay-line": _counted("dead_lettered"),
    "held-lane": lambda case, found: (
        (channel := case.buffer(found.component)) is not None and channel.lanes == "entity"
    ),
    "next-try": lambda case, found: case.count(found.component, "failed") > 0,
    "rate-limited": lambda case, found: any(
        getattr(wire, "max_rate_per_s", None) for wire in case.design.wires
    ),
    "outage-backlog": _anybody_away,
    "slow-drain": _anybody_away,
    "no-majority": lambda case, found: case.replicas(found.component) > 1,
    "retries-without-pause": _counted("refused"),
    "gave-up-early": lambda case, found: (
        isinstance(wire := case.design.wire(found.wire), Call) and not wire.retries
    ),
    "blocked-callers": lambda case, found: (
        (track := case.wire_track(found.wire)) is not None and any(track.waiting)
    ),
    "not-durable": lambda case, found: any(
        case.count(name, "dropped_by", "not-durable") + case.count(name, "dropped_by", "crash")
        for name in case.of_kind("queue", "topic", "stream")
    ),
    "dead-letters-unowned": _set_aside,
    "shed": _counted("refused"),
    "hot-redelivery": lambda case, found: (
        sum(case.count(name, "redelivered") for name in case.of_kind("queue", "topic")) > 0
    ),
}
"""What the report or the design must show for a cause to be true, stated here independently of the cause."""


def _goals(*limits: tuple[str, float]) -> tuple[Goal, ...]:
    """Goals that metrics are at most these numbers; a negative one stands for "at least"."""
    return tuple(
        Goal(metric, metric, at_most=limit) if limit >= 0 else Goal(metric, metric, at_least=-limit)
        for metric, limit in limits
    )


GOALS = _goals(
    ("/effect/worker/a/lost", 0),
    ("/effect/worker/a/pending", 0),
    ("/effect/worker/a/duplicates", 0),
    ("/effect/worker/a/out_of_order", 0),
    ("/effect/worker/a/delay_ms/p95", 100),
    ("/effect/worker/a/delay_ms/p50", 30),
    ("/window/early/effect/worker/a/lost", 0),
    ("/window/early/client/users/availability", -0.999),
    ("/client/users/availability", -0.999),
    ("/client/users/response_ms/p99", 20),
    ("/client/users/attempts_per_request", 1),
    ("/component/inbox/queue/max", 3),
    ("/component/inbox/dead_lettered", 0),
    ("/component/inbox/redelivered", 0),
    ("/component/worker/throughput_per_s", -19),
    ("/component/worker/utilization", 0.5),
    ("/component/worker/wasted_work", 0.1),
    ("/component/worker/held/max", 1),
    ("/component/other/up", -1),
    ("/design/cost_per_hour", 1),
)
"""Goals that many runs miss, at least one for each kind of symptom that such a design can have."""

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
    """In random designs under random faults, every symptom and every missed goal has a reason that the run
    bears out, causes come before their consequences, and a run without symptoms has no diagnosis.
    """
    window = '[[windows]]\nid = "early"\nfrom_s = 0\nto_s = 4\n'
    scenario = parse_scenario(design(channel, wire, service, faults, drain) + window)
    outcome = run(scenario, 1, timeline=True)
    symptoms = symptoms_without_goals(scenario, outcome.report)
    case = RunEvidence(scenario, outcome)
    diagnoses = diagnose(scenario, outcome)
    assert bool(diagnoses) == bool(symptoms)
    _borne_out(case, symptoms, diagnoses)
    windows = {one.id: (one.from_s, one.to_s) for one in scenario.windows}
    results = judge_goals(GOALS, outcome.report)
    missed = [symptom_of(one, windows=windows) for one in results if not one.met and one.value is not None]
    assert missed
    _borne_out(case, missed, rank(case, missed))


STREAMS = st.fixed_dictionaries(
    {
        "kind": st.just("stream"),
        "partitions": st.sampled_from([1, 3, 8]),
        "replicas": st.sampled_from([1, 3]),
        "durable": st.booleans(),
        "compacted": st.booleans(),
        "failover_s": st.sampled_from([0, 1]),
        "overflow": st.sampled_from(["drop-oldest", "reject", "drop-newest"]),
    },
    optional={"retention_s": st.sampled_from([0.5, 3]), "retention_records": st.sampled_from([5, 50])},
)
GROUPS = st.fixed_dictionaries(
    {
        "ack": st.sampled_from(["after", "before"]),
        "on_error": st.sampled_from(["retry", "drop"]),
        "from_offset": st.sampled_from(["latest", "earliest"]),
        "assignment": st.sampled_from(["eager", "cooperative", "static"]),
        "session_timeout_s": st.sampled_from([0.5, 3]),
        "rebalance_s": st.sampled_from([0, 1]),
        "poll_deadline_s": st.sampled_from([0.5, 300]),
        "batch": st.sampled_from([1, 500]),
    }
)
DATABASES = st.fixed_dictionaries(
    {
        "kind": st.just("database"),
        "owner": st.just("worker"),
        "connections": st.sampled_from([1, 20]),
        "write_ms": st.sampled_from([1, 60]),
        "replicas": st.sampled_from([1, 2]),
        "failover_s": st.sampled_from([0, 2]),
        "rollback_rate": st.sampled_from([0, 0.2]),
    }
)
TROUBLES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["crash", "hang"]),
                "target": st.sampled_from(["inbox", "worker", "books", "other"]),
                "at_s": st.sampled_from([1, 2, 5]),
                "for_s": st.sampled_from([0.5, 3, 40]),
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("partition"),
                "target": st.sampled_from(["users->inbox", "inbox->worker", "worker->books", "news->other"]),
                "at_s": st.sampled_from([1, 2, 5]),
                "for_s": st.sampled_from([0.5, 3, 40]),
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["poison", "swallow", "die-between", "drop-acks"]),
                "target": st.just("worker"),
                "at_s": st.sampled_from([1, 5]),
                "for_s": st.just(3),
                "probability": st.sampled_from([0.3, 1]),
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("slow"),
                "target": st.sampled_from(["worker", "books"]),
                "at_s": st.sampled_from([1, 5]),
                "for_s": st.sampled_from([3, 40]),
                "factor": st.sampled_from([5, 40]),
            }
        ),
    ),
    max_size=3,
)
STREAM_GOALS = _goals(
    *(
        (f"/effect/{place}/{event}/{name}", 0)
        for place, event in (("worker", "a"), ("other", "a"))
        for name in ("lost", "pending", "duplicates", "out_of_order")
    ),
    ("/effect/worker/a/delay_ms/p95", 30),
    ("/effect/other/a/delay_ms/p95", 200),
    ("/client/users/availability", -0.999),
    ("/client/users/response_ms/p99", 20),
    ("/component/inbox/queue/max", 3),
    ("/component/inbox/dropped", 0),
    ("/component/inbox/lag", 3),
    ("/component/worker/rebalances", 0),
    ("/component/worker/utilization", 0.2),
    ("/component/worker/throughput_per_s", -19),
    ("/component/books/up", -1),
    ("/component/books/queue/max", 1),
    ("/database/books/writes", 50),
    ("/database/copy/diverged_keys", 0),
    ("/database/copy/staleness_ms/p95", 50),
)
"""Goals that many runs of such a design miss."""


def stream_design(
    stream: dict[str, Any],
    group: dict[str, Any],
    service: dict[str, Any],
    database: dict[str, Any],
    faults: list[dict[str, Any]],
) -> str:
    """A client, a stream, a service that writes what it reads, and a copy kept by change capture."""
    return "\n".join(
        [
            table("[run]", {"duration_s": 10, "drain_s": 15, "max_events": 30_000}),
            table("[components.users]", {"kind": "client", "rate_per_s": 20, "event": "a", "keys": 5}),
            table("[components.inbox]", stream),
            table("[components.worker]", {"kind": "service", **service}),
            table("[components.books]", database),
            table("[components.news]", {"kind": "queue"}),
            table("[components.other]", {"kind": "service", "service_ms": 5}),
            table("[components.copy]", {"kind": "database", "owner": "other", "copy_of": "books"}),
            table("[[wires]]", {"from": "users", "to": "inbox", "kind": "publish", "retries": 1}),
            table("[[wires]]", {"from": "inbox", "to": "worker", "kind": "subscribe", **group}),
            table("[[wires]]", {"from": "worker", "to": "books", "kind": "write", "timeout_ms": 200}),
            table("[[wires]]", {"from": "books", "to": "news", "kind": "capture", "checkpoint_s": 1}),
            table("[[wires]]", {"from": "news", "to": "other", "kind": "subscribe"}),
            table("[[wires]]", {"from": "other", "to": "copy", "kind": "write"}),
            table("[[effects]]", {"event": "a", "at": "worker"}),
            table("[[effects]]", {"event": "a", "at": "other"}),
            *(table("[[faults]]", fault) for fault in faults),
        ]
    )


@EVERY
@given(stream=STREAMS, group=GROUPS, service=SERVICES, database=DATABASES, faults=TROUBLES)
def test_what_goes_wrong_with_streams_and_databases_has_a_reason(
    stream: dict[str, Any],
    group: dict[str, Any],
    service: dict[str, Any],
    database: dict[str, Any],
    faults: list[dict[str, Any]],
) -> None:
    """The same of random designs with a stream and its group, a database, and a copy of it."""
    scenario = parse_scenario(stream_design(stream, group, service, database, faults))
    outcome = run(scenario, 1, timeline=True)
    symptoms = symptoms_without_goals(scenario, outcome.report)
    case = RunEvidence(scenario, outcome)
    diagnoses = diagnose(scenario, outcome)
    assert bool(diagnoses) == bool(symptoms)
    _borne_out(case, symptoms, diagnoses)
    results = judge_goals(STREAM_GOALS, outcome.report)
    missed = [symptom_of(one) for one in results if not one.met and one.value is not None]
    _borne_out(case, missed, rank(case, missed))


def _borne_out(case: RunEvidence, symptoms: list[Symptom], diagnoses: tuple[Diagnosis, ...]) -> None:
    """Assert that each symptom has a reason and that every reason agrees with the run."""
    for symptom in symptoms:
        found = explaining(case, symptom)
        assert found, symptom.metric
        for cause, explanation in found:
            holds = PRECONDITIONS.get(cause.id)
            assert holds is None or holds(case, explanation), (cause.id, symptom.metric, explanation.facts)
            nothing = [name for name in COUNTS if explanation.facts.get(name) in (0, 0.0)]
            assert not nothing, (cause.id, symptom.metric, explanation.facts)
    assert {metric for one in diagnoses for metric in one.metrics} == {symptom.metric for symptom in symptoms}
    for one in diagnoses:
        assert not re.search(r"[{}]|\bNone\b|\bnan\b", one.title + one.what + one.try_)
    by_id = {cause.id: cause for cause in CAUSES}
    for place, one in enumerate(diagnoses):
        later = [
            other.id
            for other in diagnoses[place + 1 :]
            if set(other.metrics) & set(one.metrics) and other.weight >= GOOD_PART * one.weight
        ]
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
    """A backlog behind a rate limit isn't overload: if a run's numbers don't show the reason, the diagnosis
    says that it is unknown.
    """
    for work, rate, first in ((5, "max_rate_per_s = 3", "rate-limited"), (500, "", "saturated")):
        scenario = parse_scenario(THROTTLED.format(work=work, rate=rate))
        outcome = run(scenario, timeline=True)
        assert diagnose(scenario, outcome)[0].id == first
        found = rank(RunEvidence(scenario, outcome), [Symptom(OTHER, "/component/inbox/published", "inbox")])
        assert [one.title for one in found] == ["The reason is unknown"]
