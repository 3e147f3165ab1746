"""Broker nodes and standbys: which node a fault takes down, and what follows."""

import pytest

from ..scenes import fault, queue, run

ACCOUNT = """
[run]
duration_s = 100
drain_s = 50
[components.users]
kind = "client"
rate_per_s = 10
arrivals = "constant"
[components.api]
kind = "service"
workers = 20
[components.db]
kind = "database"
write_ms = 1
<db>
[[wires]]
from = "users"
to = "api"
[[wires]]
from = "api"
to = "db"
kind = "write"
<faults>
"""


def account(**values: object) -> float:
    """A database's availability over the run."""
    return float(run(ACCOUNT, **{"db": "", "faults": "", **values}).value("/component/db/up"))


def test_what_two_faults_keep_down_is_back_when_both_are_over() -> None:
    """Crashes from 10 to 30 s and from 20 to 50 s keep a one-node queue, or database, down for 40 s."""
    both = fault("crash", "inbox", at_s=10, for_s=20) + fault("crash", "inbox", at_s=20, for_s=30)
    report = queue(rate=10, service=1, faults=both)
    assert report.value("/component/inbox/up") == pytest.approx(0.6)
    assert report.value("/client/users/failed") == 400
    assert account(faults=both.replace("inbox", "db")) == pytest.approx(0.6)


@pytest.mark.parametrize(("node", "up"), [(1, 0.95), (2, 1.0), (3, 1.0)])
def test_a_follower_is_missed_by_nobody(node: int, up: float) -> None:
    """Of three nodes only a crash of the leader costs a takeover of 5 s (Raft; RabbitMQ quorum queues)."""
    crash = fault("crash", "inbox", replica=node, at_s=40, for_s=20)
    report = queue(queue="replicas = 3\nfailover_s = 5", rate=10, service=1, faults=crash)
    assert report.value("/component/inbox/up") == pytest.approx(up)
    assert account(db="replicas = 3\nfailover_s = 5", faults=crash.replace("inbox", "db")) == pytest.approx(
        up
    )


def test_two_followers_of_three_take_the_majority_with_them() -> None:
    """The leader alone can't confirm a publish: the queue is down until one follower is back, plus a
    takeover.
    """
    faults = fault("crash", "inbox", replica=2, at_s=20, for_s=30) + fault(
        "crash", "inbox", replica=3, at_s=40, for_s=30
    )
    report = queue(queue="replicas = 3\nfailover_s = 2", rate=10, service=1, faults=faults)
    assert report.value("/component/inbox/up") == pytest.approx(1 - (50 - 40 + 2) / 100)


def test_a_majority_confirms_after_the_lag_of_the_copies() -> None:
    """With copies 40 ms behind, three nodes confirm, and hand out, a message after 40 ms, like a log of which
    all in sync confirm; a single node has nobody to wait for.
    """
    alone = queue(queue="replicas = 1\nreplication_lag_ms = 40", rate=10, service=1)
    three = queue(queue="replicas = 3\nreplication_lag_ms = 40", rate=10, service=1)
    assert alone.value("/client/users/response_ms/max") == 0
    assert three.value("/client/users/response_ms/max") == 40
    assert three.value("/client/users/response_ms/mean") == 40
    assert three.value("/component/inbox/acked") == alone.value("/component/inbox/acked")


def test_what_no_majority_had_when_the_leader_died_is_refused() -> None:
    """What came in the 400 ms before the leader's crash was confirmed to nobody: it is refused, and so is
    what comes during the takeover of 5 s; nothing that was confirmed is gone.
    """
    report = queue(
        queue="replicas = 3\nfailover_s = 5\nreplication_lag_ms = 400",
        rate=10,
        service=1,
        faults=fault("crash", "inbox", replica=1, at_s=40.05, for_s=20),
    )
    assert report.value("/client/users/failed") == 54
    assert report.value("/component/inbox/acked") == report.value("/client/users/ok")


def test_a_hang_of_the_leader_stops_the_copying() -> None:
    """What is on its way to the copies when the leader hangs is confirmed when the hang is over."""
    report = queue(
        queue="replicas = 3\nreplication_lag_ms = 400",
        rate=10,
        service=1,
        faults=fault("hang", "inbox", at_s=40.05, for_s=10),
    )
    assert report.value("/client/users/failed") == 0
    assert report.value("/client/users/response_ms/max") == pytest.approx(10_350, abs=100)


def test_nodes_that_fail_at_random_fail_each_on_its_own() -> None:
    """Three nodes that are each up 90% of the time have a majority for A^3 + 3 A^2 (1 - A) of it (20,000 s,
    instant takeover).
    """
    report = queue(
        queue="replicas = 3\nfailover_s = 0",
        rate=0.1,
        service=1,
        duration=20_000,
        faults=fault("crash", "inbox", mtbf_s=9, mttr_s=1),
    )
    assert report.value("/component/inbox/up") == pytest.approx(0.9**3 + 3 * 0.9**2 * 0.1, abs=0.01)


@pytest.mark.parametrize(("node", "waits"), [(1, 10_000), (2, 0), (3, 0)])
def test_a_follower_that_stands_still_is_missed_by_nobody(node: int, waits: float) -> None:
    """Of three nodes, only a hang of the leader makes publishers, or writers, wait for 10 s."""
    hang = fault("hang", "inbox", replica=node, at_s=40.05, for_s=10)
    report = queue(queue="replicas = 3", rate=10, service=1, faults=hang)
    assert report.value("/client/users/response_ms/max") == pytest.approx(waits, abs=100)
    text = ACCOUNT.replace("<db>", "replicas = 3").replace("<faults>", hang.replace("inbox", "db"))
    assert run(text).value("/client/users/response_ms/max") == pytest.approx(waits, abs=100)


def test_a_node_that_crashes_while_it_stands_still_fails_who_waits_for_it() -> None:
    """A crash (20 to 30 s) of a hung broker (10 to 50 s) fails the publishes that wait for it and refuses new
    ones; later ones wait until it resumes.
    """
    faults = fault("hang", "inbox", at_s=10, for_s=40) + fault("crash", "inbox", at_s=20, for_s=10)
    report = queue(rate=10, service=1, faults=faults)
    assert report.value("/client/users/failed") == 200
    assert report.value("/client/users/response_ms/max") == pytest.approx(20_000, abs=100)
