"""Databases: shared connections, what commits, and how copies and announcements diverge from the truth."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tutor.model.component import Client, Component, Database, Queue, Service
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect
from tutor.model.wire import Call, Publish, Subscribe, Wire, Write

from ..scenes import report_of


def one_user(
    database: dict[str, Any], write: dict[str, Any] | None = None, rate: float = 1, **more: Any
) -> Report:
    """Evenly spaced requests to a service that only writes."""
    parts: list[Component] = [
        Client(id="users", rate_per_s=rate, arrivals="constant", event="order.placed"),
        Service(id="app", workers=100),
        Database(id="db", **{"distribution": "constant", **database}),
    ]
    wires: list[Wire] = [
        Call(source="users", target="app"),
        Write(source="app", target="db", **(write or {})),
    ]
    effects = (Effect(event="order.placed", at=("db",)),)
    return report_of(parts, wires, effects=effects, **{"duration_s": 100.0, "drain_s": 50.0, **more})


def erlang_c(servers: int, load: float) -> float:
    """The probability of waiting in M/M/c."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


@pytest.mark.parametrize(("connections", "rate", "mean_ms"), [(3, 50, 40), (10, 300, 25)])
def test_connections_are_the_servers_of_a_queue(connections: int, rate: float, mean_ms: float) -> None:
    """Writes wait for a connection as long as Erlang C says (120,000 writes, 6%)."""
    parts: list[Component] = [
        Client(id="users", rate_per_s=rate),
        Service(id="app", workers=5000),
        Database(id="db", connections=connections, write_ms=mean_ms),
    ]
    report = report_of(
        parts,
        [Call(source="users", target="app"), Write(source="app", target="db")],
        duration_s=120_000 / rate,
        drain_s=20,
    )
    load = rate * mean_ms / 1000
    wait_ms = 1000 * erlang_c(connections, load) / (connections * 1000 / mean_ms - rate)
    assert report.value("/client/users/response_ms/mean") == pytest.approx(mean_ms + wait_ms, rel=0.06)
    assert report.value("/component/db/utilization") == pytest.approx(load / connections, rel=0.02)


def test_who_shares_a_database_waits_for_all_others() -> None:
    """Two services with 20% and 25% load on one connection each wait for both: Pollaczek-Khinchine for the
    mix (70,000 queries, 5%).
    """
    parts: list[Component] = [
        Client(id="shoppers", rate_per_s=10, event="order.placed"),
        Client(id="clerks", rate_per_s=25, event="stock.changed"),
        Service(id="shop", workers=999),
        Service(id="stock", workers=999),
        Database(id="db", connections=1, write_ms=20, read_ms=10),
    ]
    wires: list[Wire] = [
        Call(source="shoppers", target="shop"),
        Call(source="clerks", target="stock"),
        Write(source="shop", target="db", events=("order.placed",)),
        Write(source="stock", target="db", events=("stock.changed",)),
    ]
    report = report_of(parts, wires, duration_s=2000, drain_s=20)
    rate, load = 35, 35 * 0.020
    wait_ms = 1000 * rate * 2 * 0.020**2 / 2 / (1 - load)
    assert report.value("/component/db/utilization") == pytest.approx(load, rel=0.03)
    for client in ("shoppers", "clerks"):
        assert report.value(f"/client/{client}/response_ms/mean") == pytest.approx(20 + wait_ms, rel=0.06)


def test_a_write_that_has_reached_the_database_commits() -> None:
    """A caller that times out after 100 ms on a write of 300 ms hears no, but the write commits; with two
    retries it commits three times.
    """
    once = one_user({"write_ms": 300.0}, {"timeout_ms": 100})
    assert once.value("/client/users/ok") == 0
    assert once.value("/effect/db/order.placed/applied") == 99
    again = one_user({"write_ms": 300.0}, {"timeout_ms": 100, "retries": 2})
    assert again.value("/effect/db/order.placed/duplicates") == 2 * 99


def test_a_query_pays_the_way_there_and_back() -> None:
    """A query takes 10 ms of work and 35 ms of latency each way."""
    assert one_user({"write_ms": 10.0}, {"latency_ms": 35}).value("/client/users/response_ms/max") == 80


@pytest.mark.parametrize(("replicas", "failover_s", "failed"), [(1, 7.0, 20), (2, 7.0, 7), (3, 0.0, 0)])
def test_a_standby_takes_over(replicas: int, failover_s: float, failed: int) -> None:
    """A single database fails requests for its whole downtime (20 s); with a standby, only for the
    takeover.
    """
    crash = (Fault(kind="crash", target="db", at_s=40.5, for_s=20),)
    report = one_user({"replicas": replicas, "failover_s": failover_s}, faults=crash)
    assert report.value("/client/users/failed") == failed


def orders(*wires: Wire, faults: tuple[Fault, ...] = (), database: dict[str, Any] | None = None) -> Report:
    """50 orders a second to a service that writes and publishes in the order of ``wires``; another service
    ships the published orders.
    """
    parts: list[Component] = [
        Client(id="shop", rate_per_s=50, event="order.placed", keys=1_000_000),
        Service(id="app", workers=50),
        Database(id="db", owner="app", **(database or {})),
        Queue(id="line"),
        Service(id="shipping", workers=9),
        Database(id="copy", copy_of="db"),
    ]
    rest: list[Wire] = [Subscribe(source="line", target="shipping"), Write(source="shipping", target="copy")]
    effects = (Effect(event="order.placed", at=("shipping",)), Effect(event="order.placed", at=("db",)))
    return report_of(
        parts,
        [Call(source="shop", target="app"), *wires, *rest],
        faults=faults,
        effects=effects,
        duration_s=400,
        drain_s=50,
    )


WRITE, PUBLISH = Write(source="app", target="db"), Publish(source="app", target="line")


def test_dying_between_two_writes_parts_them() -> None:
    """In 2% of 20,000 orders the process dies after the commit: those are in the database and nowhere else
    (12%).
    """
    report = orders(WRITE, PUBLISH, faults=(Fault(kind="die-between", target="app", probability=0.02),))
    requests = report.value("/client/shop/requests")
    assert report.value("/effect/db/order.placed/applied") == requests
    missing = requests - report.value("/effect/shipping/order.placed/applied")
    assert missing / requests == pytest.approx(0.02, rel=0.12)
    assert report.value("/database/copy/diverged_keys") == pytest.approx(missing, rel=0.05)


@pytest.mark.parametrize(("payload", "right"), [("state", True), ("notification", False)])
def test_a_thin_event_has_nothing_to_copy(payload: str, right: bool) -> None:
    """A copy filled from events follows the original if the events carry the value, and not otherwise."""
    report = report_of(
        [
            Client(id="shop", rate_per_s=5, event="order.placed", keys=1_000_000),
            Service(id="app", workers=9),
            Database(id="db", owner="app"),
            Queue(id="line"),
            Service(id="shipping", workers=9),
            Database(id="copy", copy_of="db"),
        ],
        [
            Call(source="shop", target="app"),
            WRITE,
            Publish(source="app", target="line", payload=payload),
            Subscribe(source="line", target="shipping"),
            Write(source="shipping", target="copy", needs_state=True),
        ],
        duration_s=60,
        drain_s=10,
    )
    requests = report.value("/client/shop/requests")
    assert report.value("/database/copy/diverged_keys") == (0 if right else requests)


def test_announcing_before_the_commit_ships_ghosts() -> None:
    """3% of the transactions roll back: if published first they are shipped all the same, and if published
    after the commit they never are (12%).
    """
    first, after = (
        orders(*wires, database={"rollback_rate": 0.03}) for wires in ((PUBLISH, WRITE), (WRITE, PUBLISH))
    )
    ghosts = first.value("/effect/shipping/order.placed/ghosts")
    assert ghosts / first.value("/client/shop/requests") == pytest.approx(0.03, rel=0.12)
    assert after.value("/effect/shipping/order.placed/ghosts") == 0


def test_what_commits_at_the_second_try_is_no_ghost() -> None:
    """Half of the tries roll back and each order gets up to 21: all commit in the end, so an early
    announcement is true.
    """
    report = orders(
        PUBLISH,
        dataclasses.replace(WRITE, retries=20),
        database={"rollback_rate": 0.5, "write_ms": 1.0},
    )
    requests = report.value("/client/shop/requests")
    assert report.value("/database/db/rolled_back") > 0.8 * requests
    assert report.value("/database/db/writes") == requests
    assert report.value("/effect/shipping/order.placed/ghosts") == 0
