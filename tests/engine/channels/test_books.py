"""The books of a channel: its wires hand over what it says it delivered, and every message is
accounted for.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.engine import Simulation
from tutor.model.component import Channel, Client, Queue, Service, Stream, Topic
from tutor.model.design import make_design
from tutor.model.fault import FAULT_KINDS, Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect, Run, Scenario
from tutor.model.wire import Bind, DeadLetter, Publish, Subscribe, Wire

LIKE = st.sampled_from([None, "rabbitmq", "rabbitmq-quorum", "sqs", "sqs-fifo", "jetstream", "redis"])
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "max_length": st.integers(1, 12),
        "overflow": st.sampled_from(["reject", "drop-oldest", "drop-newest"]),
        "ttl_s": st.sampled_from([0.5, 3.0]),
        "visibility_timeout_s": st.sampled_from([0.2, 1.0]),
        "max_deliveries": st.integers(1, 3),
        "discipline": st.sampled_from(["fifo", "lifo"]),
        "lanes": st.sampled_from(["none", "entity"]),
        "limits_count": st.sampled_from(["waiting", "all"]),
        "pull": st.booleans(),
        "durable": st.booleans(),
        "late_ack": st.sampled_from(["latest", "any"]),
        "replicas": st.sampled_from([1, 3]),
        "replication_lag_ms": st.sampled_from([0.0, 400.0]),
    },
)
READER = st.fixed_dictionaries(
    {
        "ack": st.sampled_from(["after", "before", "automatic"]),
        "prefetch": st.sampled_from([0, 1, 3]),
        "on_error": st.sampled_from(["retry", "drop", "dead-letter"]),
        "retry_delay_s": st.sampled_from([0.1, 1.0]),
    }
)
SENDER = st.fixed_dictionaries(
    {},
    optional={
        "timeout_ms": st.sampled_from([300.0, 2000.0]),
        "retries": st.integers(0, 2),
        "backoff_ms": st.sampled_from([50.0, 500.0]),
        "buffer": st.integers(0, 5),
        "acks": st.sampled_from(["all", "none"]),
    },
)
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["crash", "hang"]),
        st.sampled_from(["inbox", "reader-0"]),
        st.integers(2, 15),
        st.integers(1, 6),
    ),
    max_size=3,
)


LOGS = st.fixed_dictionaries(
    {},
    optional={
        "like": st.sampled_from(["kafka", "jetstream", "redis"]),
        "partitions": st.sampled_from([2, 3, 7]),
        "retention_s": st.sampled_from([1.0, 4.0]),
        "retention_records": st.sampled_from([1, 5, 30]),
        "overflow": st.sampled_from(["drop-oldest", "reject", "drop-newest"]),
        "compacted": st.booleans(),
        "history": st.just(20),
        "durable": st.booleans(),
        "replicas": st.sampled_from([2, 3]),
        "unclean_election": st.booleans(),
        "failover_s": st.sampled_from([0.0, 2.0]),
        "replication_lag_ms": st.sampled_from([0.0, 400.0]),
    },
)
MEMBERS = st.fixed_dictionaries(
    {"ack": st.sampled_from(["after", "before", "automatic"])},
    optional={
        "on_error": st.sampled_from(["retry", "drop", "dead-letter"]),
        "retry_delay_s": st.sampled_from([0.1, 1.0]),
        "from_offset": st.sampled_from(["earliest", "latest"]),
        "assignment": st.sampled_from(["eager", "cooperative"]),
        "static_member": st.booleans(),
        "session_timeout_s": st.sampled_from([1.0, 5.0]),
        "rebalance_s": st.sampled_from([0.0, 1.0]),
        "poll_deadline_s": st.sampled_from([0.5, 3.0]),
        "batch": st.sampled_from([1, 4]),
        "max_rate_per_s": st.just(5.0),
        "latency_ms": st.just(20.0),
    },
)
LOG_FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["crash", "hang", "partition", "drop-acks"]),
        st.sampled_from(["inbox", "reader-0"]),
        st.integers(2, 15),
        st.integers(1, 6),
    ),
    max_size=3,
)


def outcome_of(
    kind: type[Channel | Stream],
    channel: dict[str, Any],
    readers: list[dict[str, Any]],
    sender: dict[str, Any],
    faults: Any,
) -> tuple[Report, list[int]]:
    """A short run of one channel with dead letters, and for a topic a binding; its report, and what each
    reading wire handed over.
    """
    names = [f"reader-{number}" for number in range(len(readers))]
    parts = [
        Client(id="shop", rate_per_s=12, event="order.placed", keys=4),
        kind(id="inbox", **channel),
        Queue(id="lost"),
        Queue(id="copies"),
        *(Service(id=name, service_ms=150, workers=2, failure_rate=0.2) for name in names),
    ]
    wires: list[Wire] = [
        Publish(source="shop", target="inbox", **sender),
        DeadLetter(source="inbox", target="lost"),
        *(
            Subscribe(source="inbox", target=name, **reader)
            for name, reader in zip(names, readers, strict=True)
        ),
    ]
    if kind is Topic:
        wires.append(Bind(source="inbox", target="copies"))
    scenario = Scenario(
        design=make_design(parts, wires),
        run=Run(duration_s=20, drain_s=10),
        faults=tuple(
            Fault(kind=what, target=_struck(what, target), at_s=at, for_s=length)
            for what, target, at, length in faults
        ),
        effects=tuple(Effect(event="order.placed", at=(name,)) for name in names),
    )
    simulation = Simulation(scenario)
    while not simulation.advance():
        pass
    wires_run = simulation._world.wires.values()
    handed = [
        wire.flows()[0]
        for wire in wires_run
        if wire.spec.source == "inbox" and wire.kind in ("subscribe", "bind")
    ]
    return simulation.outcome().report, handed


def _struck(kind: str, target: str) -> str:
    """The part, or for a fault of wires the wire, that the fault strikes."""
    if FAULT_KINDS[kind].wires and target == "inbox":
        return "shop->inbox"
    return f"inbox->{target}" if FAULT_KINDS[kind].wires else target


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([Queue, Topic]), LIKE, LIMITS, st.lists(READER, min_size=1, max_size=3), SENDER, FAULTS
)
def test_nothing_leaves_the_books(
    kind: type[Channel],
    like: str | None,
    limits: dict[str, Any],
    readers: list[dict[str, Any]],
    sender: dict[str, Any],
    faults: Any,
) -> None:
    """Published = acked + dead-lettered + dropped + still held, and wires hand over as many messages as the
    channel says it delivered.
    """
    report, handed = outcome_of(kind, {"like": like, **limits}, readers, sender, faults)
    for name in ("inbox", "lost", "copies"):
        books = report.value(f"/component/{name}")
        held = books["queue"]["end"] + books["in_flight"]
        assert books["published"] == books["acked"] + books["dead_lettered"] + books["dropped"] + held, name
        assert (
            min(value for key, value in books.items() if isinstance(value, int | float) and key != "up") >= 0
        ), name
        assert sum(books["dropped_by"].values()) == books["dropped"], name
    assert sum(handed) == report.value("/component/inbox/delivered")


@settings(max_examples=40, deadline=None)
@given(LOGS, st.lists(MEMBERS, min_size=1, max_size=3), SENDER, LOG_FAULTS)
def test_nothing_leaves_the_books_of_a_stream(
    log: dict[str, Any], readers: list[dict[str, Any]], sender: dict[str, Any], faults: Any
) -> None:
    """For each group published = acked + dead-lettered + dropped + waiting + in hand, and wires hand over
    what the stream says it delivered, in all and by group.
    """
    report, handed = outcome_of(Stream, log, readers, sender, faults)
    books = report.value("/component/inbox")
    groups = list(books["groups"].values())
    assert handed == [group["delivered"] for group in groups]
    for name in ("published", "delivered", "redelivered", "acked", "dead_lettered", "dropped", "in_flight"):
        assert books[name] == sum(group[name] for group in groups), name
        assert books[name] >= 0, name
    held = books["queue"]["end"] + books["in_flight"]
    assert books["published"] == books["acked"] + books["dead_lettered"] + books["dropped"] + held
    assert sum(books["dropped_by"].values()) == books["dropped"]
    if log.get("retention_records"):
        assert books["retained"] <= log.get("partitions", 1) * log["retention_records"]


def test_each_of_two_readers_is_counted() -> None:
    """Two services on one queue each get every second message, and each wire counts its own."""
    reader = {"ack": "after", "prefetch": 1, "on_error": "retry", "retry_delay_s": 0.1}
    report, sent = outcome_of(Queue, {}, [reader, reader], {}, [])
    assert sum(sent) == report.value("/component/inbox/delivered")
    assert min(sent) > 0.3 * sum(sent)
