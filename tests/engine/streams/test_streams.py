"""Streams behave as Kafka's documentation says: partitions, groups, commits, rebalances, retention and
replication.
"""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.engine import simulate
from tutor.model.component import Client, Queue, Service, Stream
from tutor.model.design import make_design
from tutor.model.fault import Fault
from tutor.model.report import Outcome
from tutor.model.scenario import Effect, Run, Scenario
from tutor.model.wire import DeadLetter, Publish, Subscribe


def scanners(
    *,
    rate: float = 100,
    stream: dict[str, Any] | None = None,
    service: dict[str, Any] | None = None,
    publish: dict[str, Any] | None = None,
    subscribe: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
    faults: tuple[Fault, ...] = (),
    duration: float = 120,
    drain: float = 60,
    extra: tuple[Any, ...] = (),
) -> Scenario:
    """A client that publishes to a stream which one service reads."""
    parts = [
        Client(
            id="scans",
            **{
                "rate_per_s": rate,
                "event": "parcel.scanned",
                "arrivals": "constant",
                "keys": 5000,
                **(client or {}),
            },
        ),
        Stream(id="log", **(stream or {})),
        Service(id="reader", **{"service_ms": 5.0, "distribution": "constant", **(service or {})}),
        *[part for part in extra if not hasattr(part, "source")],
    ]
    wires = [
        Publish(source="scans", target="log", **(publish or {})),
        Subscribe(source="log", target="reader", **(subscribe or {})),
        *[wire for wire in extra if hasattr(wire, "source")],
    ]
    return Scenario(
        design=make_design(parts, wires),
        run=Run(duration_s=duration, drain_s=drain),
        faults=faults,
        effects=(Effect(event="parcel.scanned", at=("reader",)),),
    )


def effect_of(outcome: Outcome, service: str = "reader") -> dict[str, Any]:
    """The counts of the service's effect."""
    found: dict[str, Any] = outcome.report.value(f"/effect/{service}/parcel.scanned")
    return found


def books_balance(outcome: Outcome) -> None:
    """Published = acked + dead-lettered + dropped + in flight + waiting."""
    log = outcome.report.value("/component/log")
    assert (
        log["published"]
        == log["acked"] + log["dead_lettered"] + log["dropped"] + log["in_flight"] + log["queue"]["end"]
    )


@pytest.mark.parametrize(
    ("partitions", "members", "rate"),
    [(8, 8, 400), (4, 16, 200), (10, 8, 250), (12, 8, 300), (1, 8, 50), (7, 3, 7 * 50 / 3)],
)
def test_the_busiest_member_caps_the_group(partitions: int, members: int, rate: float) -> None:
    """Under even load a group sustains P * mu / ceil(P / min(P, C)): below that rate the lag is stable, and
    10% above it the lag grows.
    """
    for share, sustained in ((0.85, True), (1.15, False)):
        # a key is in one partition for good: many keys make the load even
        scenario = scanners(
            rate=rate * share,
            stream={"partitions": partitions},
            service={"service_ms": 20.0, "replicas": members},
            client={"keys": 1_000_000},
            duration=40,
            drain=0,
        )
        end = simulate(scenario).report.value("/component/log/lag/end")
        assert (end < rate * 40 * 0.05) is sustained


def test_more_partitions_than_members_can_be_worse() -> None:
    """At 300/s and 50/s a member, 8 partitions for 8 members have a p95 of 0.24 s; with 10, two members own
    two each and fall behind by 20 records a second (6,096 in the 300 s of the reference run).
    """
    reports = {}
    for partitions in (8, 10):
        scenario = scanners(
            rate=300,
            stream={"partitions": partitions},
            service={"service_ms": 20.0, "replicas": 8, "distribution": "exponential"},
            client={"keys": 1_000_000, "arrivals": "poisson"},
            duration=150,
            drain=0,
        )
        reports[partitions] = simulate(scenario).report
    assert reports[8].value("/effect/reader/parcel.scanned/delay_ms/p95") == pytest.approx(240, rel=0.15)
    assert reports[10].value("/component/log/lag/end") == pytest.approx(6_096 / 2, rel=0.15)


def test_members_without_a_partition_are_idle() -> None:
    """Of sixteen members on four partitions four work, and twelve never see a record."""
    outcome = simulate(scanners(stream={"partitions": 4}, service={"replicas": 16}))
    assert outcome.report.value("/component/reader/idle") == 12
    assert outcome.report.value("/component/log/groups/reader/idle") == 12


def test_lag_counts_what_is_not_committed() -> None:
    """With a surplus of 50/s and batches of 500, the lag is highest at the end, and the waiting records are
    the lag less those in flight.
    """
    log = simulate(scanners(rate=250, drain=0)).report.value("/component/log")
    assert log["lag"]["end"] == log["published"] - log["acked"] == pytest.approx(50 * 120, abs=550)
    assert log["lag"]["end"] <= log["lag"]["max"] <= log["lag"]["end"] + 500
    assert log["queue"]["end"] == log["lag"]["end"] - log["in_flight"]


def test_order_holds_within_a_key_and_not_without_one() -> None:
    """A keyed stream keeps each key's order; without a key, members overtake each other."""
    busy = {"service_ms": 30.0, "distribution": "exponential", "replicas": 8}
    for key, ordered in (("entity", True), ("none", False)):
        scenario = scanners(
            rate=200,
            stream={"partitions": 8},
            service=busy,
            publish={"key": key},
            client={"keys": 50},
            duration=30,
            drain=30,
        )
        assert (effect_of(simulate(scenario))["out_of_order"] == 0) is ordered


def test_every_group_reads_every_record() -> None:
    """A second group has its own position and reads every record too."""
    second = (Service(id="other", service_ms=5.0), Subscribe(source="log", target="other"))
    scenario = scanners(extra=second)
    scenario = dataclasses.replace(
        scenario, effects=(*scenario.effects, Effect(event="parcel.scanned", at=("other",)))
    )
    outcome = simulate(scenario)
    assert (
        effect_of(outcome)["applied"]
        == effect_of(outcome, "other")["applied"]
        == effect_of(outcome)["expected"]
    )
    books_balance(outcome)


@pytest.mark.parametrize(("offset", "applied"), [("latest", 6_000), ("earliest", 12_000)])
def test_a_new_group_starts_where_it_says(offset: str, applied: int) -> None:
    """A group that joins later skips the earlier records (latest) or reads them all (earliest)."""
    scenario = scanners(service={"from_s": 60}, subscribe={"from_offset": offset})
    outcome = simulate(scenario)
    assert effect_of(outcome)["applied"] == pytest.approx(applied, abs=2)
    assert effect_of(outcome)["lost"] == pytest.approx(12_000 - applied, abs=2)
    books_balance(outcome)


def test_history_is_read_by_a_group_that_starts_at_the_beginning() -> None:
    """Records in the log at the start are replayed with earliest and skipped with latest."""
    for offset, read in (("earliest", 2_000), ("latest", 0)):
        outcome = simulate(scanners(stream={"history": 2000}, subscribe={"from_offset": offset}, rate=10))
        assert outcome.report.value("/component/log/acked") == read + 1199
        books_balance(outcome)


def test_history_is_there_whichever_part_is_listed_first() -> None:
    """A reader skips the history with latest and reads it with earliest, whether it is listed before or after
    its log.
    """
    for offset, read in (("earliest", 2_000), ("latest", 0)):
        scenario = scanners(stream={"history": 2000}, subscribe={"from_offset": offset}, rate=10)
        parts = reversed(list(scenario.design.components.values()))
        outcome = simulate(dataclasses.replace(scenario, design=make_design(parts, scenario.design.wires)))
        assert outcome.report.value("/component/log/acked") == read + 1199
        books_balance(outcome)


def test_retention_drops_what_a_lagging_group_has_not_read() -> None:
    """A consumer that is down for longer than the retention never sees the deleted records, and exactly those
    are lost.
    """
    away = Fault(kind="crash", target="reader", at_s=20, for_s=60)
    kept = simulate(scanners(faults=(away,), stream={"partitions": 2}, service={"replicas": 2}))
    stream = {"partitions": 2, "retention_s": 20}
    gone = simulate(
        scanners(
            faults=(away,), stream=stream, service={"replicas": 2}, subscribe={"from_offset": "earliest"}
        )
    )
    assert effect_of(kept)["lost"] == 0
    assert 3_500 < effect_of(gone)["lost"] < 4_500
    assert gone.report.value("/component/log/dropped_by/retention") == effect_of(gone)["lost"]
    books_balance(gone)


def test_latest_jumps_to_the_end_after_a_retention_gap() -> None:
    """After retention removes its position, a group with ``latest`` also skips the 20 s that are still in the
    log.
    """
    away = Fault(kind="crash", target="reader", at_s=20, for_s=60)
    stream = {"partitions": 2, "retention_s": 20}
    lost = {}
    for offset in ("earliest", "latest"):
        outcome = simulate(
            scanners(
                faults=(away,), stream=stream, service={"replicas": 2}, subscribe={"from_offset": offset}
            )
        )
        books_balance(outcome)
        lost[offset] = effect_of(outcome)["lost"]
    assert outcome.report.value("/component/log/dropped_by/offset-reset") == lost["latest"] - lost["earliest"]
    assert lost["latest"] - lost["earliest"] == pytest.approx(100 * 20, rel=0.1)


def test_compaction_keeps_the_last_value_of_each_key() -> None:
    """A group that reads a compacted log from the beginning finds at least the newest version of each key,
    and not the history.
    """
    scenario = scanners(
        stream={"compacted": True},
        client={"keys": 20},
        service={"from_s": 100},
        subscribe={"from_offset": "earliest"},
        drain=60,
    )
    outcome = simulate(scenario)
    assert outcome.report.value("/component/log/dropped_by/compacted") > 7_000
    assert 0 < effect_of(outcome)["applied"] < 5_000
    books_balance(outcome)


def test_commit_after_repeats_and_commit_before_loses() -> None:
    """A crash repeats at most a batch if the commit comes after the work, and loses at most a batch if it
    comes before.
    """
    crash = Fault(kind="crash", target="reader", at_s=60, for_s=5)
    common: dict[str, Any] = {
        "rate": 150,
        "faults": (crash,),
        "service": {"service_ms": 6.4, "distribution": "exponential"},
    }
    after = simulate(scanners(**common, subscribe={"batch": 50, "session_timeout_s": 6, "rebalance_s": 1}))
    before = simulate(
        scanners(**common, subscribe={"batch": 50, "ack": "before", "session_timeout_s": 6, "rebalance_s": 1})
    )
    assert effect_of(after)["lost"] == 0
    assert 0 <= effect_of(after)["duplicates"] <= 50
    assert 0 < effect_of(before)["lost"] <= 50
    assert effect_of(before)["duplicates"] == 0
    books_balance(after)
    books_balance(before)


def test_what_is_committed_before_the_work_is_still_in_hand() -> None:
    """A batch committed first is worked off at 5/s: at the end the rest is pending, not lost."""
    common: dict[str, Any] = {"rate": 20, "duration": 20, "subscribe": {"ack": "before", "max_rate_per_s": 5}}
    short, long = (
        effect_of(simulate(scanners(**common, drain=0))),
        effect_of(simulate(scanners(**common, drain=100))),
    )
    assert short["lost"] == 0
    assert short["applied"] == pytest.approx(100, abs=2)
    assert long["applied"] == long["expected"]


def test_a_poison_record_stops_its_partition_until_it_is_put_aside() -> None:
    """Commits are cumulative: with retries, a poison record blocks those behind it; dead letters let the
    partition continue.
    """
    common: dict[str, Any] = {
        "faults": (Fault(kind="poison", target="reader", probability=0.01, at_s=0),),
        "stream": {"partitions": 4},
        "service": {"replicas": 4},
        "duration": 40,
        "drain": 20,
    }
    blocked = simulate(scanners(**common))
    aside = (Queue(id="aside"), DeadLetter(source="log", target="aside"))
    put = simulate(scanners(**common, subscribe={"on_error": "dead-letter"}, extra=aside))
    assert effect_of(blocked)["pending"] > 3_300
    assert (
        effect_of(put)["applied"] + put.report.value("/component/aside/published")
        == effect_of(put)["expected"]
    )
    assert put.report.value("/component/log/dead_lettered") == put.report.value("/component/aside/published")
    books_balance(blocked)
    books_balance(put)


def rolling_restart(assignment: str) -> float:
    """Worst age of a record while twelve members on 24 partitions restart one after the other (domain
    reference, section 2.4).

    A fifth of the reference's traffic on members a fifth as fast: every backlog lasts as long as there.
    """
    deploy = Fault(kind="deploy", target="reader", at_s=60, each_s=20, down_s=10)
    scenario = scanners(
        rate=60,
        stream={"partitions": 24},
        service={"replicas": 12, "service_ms": 100.0},
        subscribe={"assignment": assignment, "rebalance_s": 6, "batch": 10},
        client={"keys": 100_000},
        faults=(deploy,),
        duration=320,
        drain=120,
    )
    return float(simulate(scenario).report.value("/effect/reader/parcel.scanned/delay_ms/max")) / 1000


def test_rolling_restarts_cost_what_the_assignment_says() -> None:
    """Eager stops everyone at each change, cooperative only what moves, static only the member that is down.

    The reference runs give 116 s, 12 s and 10 s; they cut batches short, whereas a real member finishes its
    batch. In the two rounds of a cooperative rebalance (KIP-429) a moving partition is still read in the
    first round and stops in the second, so the true cost is 6 s plus the backlog of that time; the reference
    stops it in both.
    """
    eager, cooperative, static = (
        rolling_restart("eager"),
        rolling_restart("cooperative"),
        rolling_restart("static"),
    )
    assert eager == pytest.approx(116, rel=0.25)
    assert 6 < cooperative < 12
    assert static == pytest.approx(10, rel=0.15)


def test_a_slow_batch_is_put_out_though_it_sends_heartbeats() -> None:
    """The poll deadline measures progress: a batch that exceeds it goes to another member and is repeated
    endlessly.
    """
    scenario = scanners(
        rate=20,
        service={"service_ms": 40.0, "replicas": 2},
        stream={"partitions": 2},
        subscribe={"poll_deadline_s": 2, "batch": 100},
        faults=(Fault(kind="slow", target="reader", at_s=30, for_s=60, factor=5),),
    )
    outcome = simulate(scenario)
    assert outcome.report.value("/component/log/groups/reader/evictions") > 3
    assert effect_of(outcome)["duplicates"] > 0
    books_balance(outcome)


def test_a_pause_longer_than_the_session_timeout_costs_a_rebalance() -> None:
    """A hung process sends no heartbeats: a short session timeout removes it, and a long one lets
    it resume.
    """
    pause = Fault(kind="hang", target="reader", replica=1, at_s=50, for_s=8)
    for timeout, evicted in ((6, 1), (45, 0)):
        scenario = scanners(
            faults=(pause,),
            stream={"partitions": 4},
            service={"replicas": 4},
            subscribe={"session_timeout_s": timeout},
        )
        outcome = simulate(scenario)
        assert outcome.report.value("/component/log/groups/reader/evictions") == evicted
        assert effect_of(outcome)["lost"] == 0


def leader_dies(acks: str, **stream: Any) -> Outcome:
    """500 records a second while the leader of three nodes is dead for 15 s from t = 10 s, with replication
    200 ms behind.
    """
    scenario = scanners(
        rate=500,
        duration=30,
        drain=20,
        stream={"replicas": 3, "failover_s": 8, "replication_lag_ms": 200, "partitions": 2, **stream},
        publish={"acks": acks},
        service={"service_ms": 1.0, "replicas": 2},
        faults=(Fault(kind="crash", target="log", at_s=10, for_s=15),),
    )
    return simulate(scenario)


def test_acks_leader_loses_what_was_not_replicated() -> None:
    """A leader's death loses about rate x replication lag of acknowledged records; acks all loses none; 8 s
    of writes are refused.
    """
    one, everyone = leader_dies("leader"), leader_dies("all")
    assert effect_of(one)["lost"] == pytest.approx(100, abs=5)
    assert effect_of(everyone)["lost"] == 0
    assert effect_of(one)["refused"] == pytest.approx(4000, rel=0.02)
    assert effect_of(everyone)["refused"] == pytest.approx(4000, rel=0.05)
    books_balance(one)


@pytest.mark.parametrize(
    ("acks", "nodes", "alone"), [("all", 3, 0), ("all", 2, 100), ("leader", 3, 200), ("all", 1, 200)]
)
def test_what_one_node_alone_had_when_it_was_confirmed_is_counted(acks: str, nodes: int, alone: int) -> None:
    """Of ten records a second for 20 s, those that only the leader has are counted: all if it confirms by
    itself, and with two nodes those that come while the follower is down, in the last 10 s.
    """
    down = (Fault(kind="crash", target="log", replica=2, at_s=10, for_s=30),) if nodes > 1 else ()
    stream = {"replicas": nodes, "replication_lag_ms": 20}
    outcome = simulate(
        scanners(rate=10, duration=20, drain=5, stream=stream, publish={"acks": acks}, faults=down)
    )
    assert outcome.report.value("/component/log/confirmed_alone") == pytest.approx(alone, abs=1)


def test_too_few_in_sync_refuse_writes() -> None:
    """With min_insync 3 of 3 nodes, writes are refused as long as any one node is down."""
    strict, usual = leader_dies("all", min_insync=3), leader_dies("all", min_insync=2)
    assert effect_of(strict)["refused"] > 7_300
    assert effect_of(usual)["refused"] < 4_500


def test_an_unclean_election_takes_a_node_that_lacks_records() -> None:
    """When the last node in sync dies, an unclean election restores the log at once and loses records; a
    clean one waits for the node.
    """
    outcomes = {}
    for unclean in (True, False):
        scenario = scanners(
            rate=100,
            duration=300,
            stream={"replicas": 2, "failover_s": 2, "unclean_election": unclean},
            publish={"acks": "all"},
            service={"service_ms": 5.0, "from_s": 250},
            subscribe={"from_offset": "earliest"},
            faults=(
                Fault(kind="crash", target="log", replica=2, at_s=50, for_s=60),
                Fault(kind="crash", target="log", replica=1, at_s=100, for_s=100),
            ),
        )
        outcomes[unclean] = effect_of(simulate(scenario))
    assert outcomes[True]["lost"] == pytest.approx(5_000, rel=0.05)
    assert outcomes[True]["ghosts"] == 0
    assert outcomes[False]["lost"] == 0
    assert outcomes[False]["refused"] > outcomes[True]["refused"] * 4


def test_what_readers_saw_of_a_log_that_went_back_is_a_ghost() -> None:
    """The last node in sync serves its records at once; after an unclean election the effects of those 50 s
    belong to no record.
    """
    crashes = (
        Fault(kind="crash", target="log", replica=2, at_s=50, for_s=60),
        Fault(kind="crash", target="log", replica=1, at_s=100),
    )
    stream = {"replicas": 2, "failover_s": 2, "unclean_election": True}
    effect = effect_of(simulate(scanners(rate=100, stream=stream, faults=crashes)))
    assert effect["ghosts"] == pytest.approx(5_000, rel=0.01)
    assert effect["lost"] == 0


def test_more_partitions_move_keys() -> None:
    """Going from 6 to 12 partitions moves half of the keys, and breaks their order while the old partitions
    still have a backlog.
    """
    scenario = scanners(
        rate=200,
        client={"keys": 200},
        stream={"partitions": 6},
        service={"replicas": 6, "service_ms": 28.0},
        subscribe={"from_offset": "earliest", "batch": 50},
        faults=(
            Fault(kind="repartition", target="log", at_s=60, partitions=12),
            Fault(kind="hang", target="reader", at_s=50, for_s=9),
        ),
    )
    outcome = simulate(scenario)
    assert outcome.report.value("/component/log/partitions") == 12
    assert effect_of(outcome)["out_of_order"] > 0
    assert effect_of(outcome)["lost"] == 0


@pytest.mark.parametrize("on_error", ["retry", "drop"])
def test_a_reader_reads_on_when_its_record_is_gone_from_the_log(on_error: str) -> None:
    """A log in memory is empty after a crash: members that were at work on its records, or waited to try one
    again, read what is published after that.
    """
    scenario = scanners(
        rate=10,
        stream={"durable": False},
        service={"service_ms": 300.0, "failure_rate": 0.3, "replicas": 1},
        subscribe={"on_error": on_error, "retry_delay_s": 0.5},
        faults=(Fault(kind="crash", target="log", at_s=10, for_s=1),),
        duration=12,
        drain=100,
    )
    outcome = simulate(scenario)
    assert outcome.report.get("/component/log/dropped_by/crash")
    assert outcome.report.get("/component/log/lag/end") == 0
    assert effect_of(outcome)["pending"] == 0


FAULTS = st.sampled_from(
    [
        Fault(kind="crash", target="reader", at_s=10, for_s=5),
        Fault(kind="crash", target="reader", replica=1, at_s=12, for_s=8),
        Fault(kind="hang", target="reader", replica=2, at_s=9, for_s=9),
        Fault(kind="crash", target="log", at_s=14, for_s=6),
        Fault(kind="crash", target="log", replica=2, at_s=11, for_s=15),
        Fault(kind="deploy", target="reader", at_s=8, each_s=4, down_s=3),
        Fault(kind="drop-acks", target="reader", probability=0.3, at_s=5, for_s=20),
        Fault(kind="partition", target="log->reader", at_s=13, for_s=7),
        Fault(kind="poison", target="reader", probability=0.02, at_s=6, for_s=10),
        Fault(kind="repartition", target="log", at_s=16, partitions=7),
        Fault(kind="slow", target="reader", at_s=7, for_s=12, factor=20),
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    faults=st.lists(FAULTS, max_size=4, unique_by=lambda fault: (fault.kind, fault.replica)),
    stream=st.fixed_dictionaries(
        {
            "partitions": st.integers(1, 6),
            "replicas": st.integers(1, 3),
            "retention_s": st.sampled_from([None, 4.0]),
            "durable": st.booleans(),
            "unclean_election": st.booleans(),
            "compacted": st.booleans(),
            "failover_s": st.just(2.0),
        }
    ),
    subscribe=st.fixed_dictionaries(
        {
            "assignment": st.sampled_from(["eager", "cooperative", "static"]),
            "ack": st.sampled_from(["after", "before"]),
            "on_error": st.sampled_from(["retry", "drop", "dead-letter"]),
            "batch": st.integers(1, 40),
            "session_timeout_s": st.sampled_from([2.0, 30.0]),
            "poll_deadline_s": st.sampled_from([1.0, 300.0]),
            "rebalance_s": st.sampled_from([0.0, 1.5]),
        }
    ),
    acks=st.sampled_from(["none", "leader", "all"]),
    seed=st.integers(0, 99),
)
def test_nothing_vanishes_from_a_streams_books(
    faults: list[Fault], stream: dict[str, Any], subscribe: dict[str, Any], acks: str, seed: int
) -> None:
    """Always published = acked + dead-lettered + dropped + held, and every event has exactly one fate."""
    scenario = scanners(
        rate=40,
        stream=stream,
        subscribe=subscribe,
        publish={"acks": acks},
        service={"replicas": 3, "service_ms": 30.0, "distribution": "exponential"},
        faults=tuple(faults),
        duration=30,
        drain=20,
        client={"keys": 30},
    )
    outcome = simulate(scenario, seed)
    books_balance(outcome)
    effect = effect_of(outcome)
    assert effect["expected"] == effect["applied"] + effect["refused"] + effect["lost"] + effect["pending"]
