"""Broker nodes and standbys: which node a fault takes, and what follows from it."""

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
    """The share of the run for which a database was up."""
    return float(run(ACCOUNT, **{"db": "", "faults": "", **values}).value("/component/db/up"))


def test_what_two_faults_keep_down_is_back_when_both_are_over() -> None:
    """Crashes from 10 to 30 and from 20 to 50 s keep a queue, and a database, of one node down for 40 s."""
    both = fault("crash", "inbox", at_s=10, for_s=20) + fault("crash", "inbox", at_s=20, for_s=30)
    report = queue(rate=10, service=1, faults=both)
    assert report.value("/component/inbox/up") == pytest.approx(0.6)
    assert report.value("/client/users/failed") == 400
    assert account(faults=both.replace("inbox", "db")) == pytest.approx(0.6)


@pytest.mark.parametrize(("node", "up"), [(1, 0.95), (2, 1.0), (3, 1.0)])
def test_a_follower_is_missed_by_nobody(node: int, up: float) -> None:
    """Of three nodes the first leads: it alone costs a take-over of 5 s when it goes (Raft; RabbitMQ quorum
    queues).
    """
    crash = fault("crash", "inbox", replica=node, at_s=40, for_s=20)
    report = queue(queue="replicas = 3\nfailover_s = 5", rate=10, service=1, faults=crash)
    assert report.value("/component/inbox/up") == pytest.approx(up)
    assert account(db="replicas = 3\nfailover_s = 5", faults=crash.replace("inbox", "db")) == pytest.approx(
        up
    )


def test_two_followers_of_three_take_the_majority_with_them() -> None:
    """The leader alone confirms nothing: the queue is down until one of them is back, and a
    take-over longer.
    """
    faults = fault("crash", "inbox", replica=2, at_s=20, for_s=30) + fault(
        "crash", "inbox", replica=3, at_s=40, for_s=30
    )
    report = queue(queue="replicas = 3\nfailover_s = 2", rate=10, service=1, faults=faults)
    assert report.value("/component/inbox/up") == pytest.approx(1 - (50 - 40 + 2) / 100)


def test_nodes_that_fail_at_random_fail_each_on_its_own() -> None:
    """Three nodes that are up 9 of 10 s have a majority for A^3 + 3 A^2 (1 - A) of the time (20,000 s,
    take-overs at once).
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
    """Of three nodes only the one that leads makes publishers, and writers, wait for 10 s."""
    hang = fault("hang", "inbox", replica=node, at_s=40.05, for_s=10)
    report = queue(queue="replicas = 3", rate=10, service=1, faults=hang)
    assert report.value("/client/users/response_ms/max") == pytest.approx(waits, abs=100)
    text = ACCOUNT.replace("<db>", "replicas = 3").replace("<faults>", hang.replace("inbox", "db"))
    assert run(text).value("/client/users/response_ms/max") == pytest.approx(waits, abs=100)


def test_a_node_that_crashes_while_it_stands_still_fails_who_waits_for_it() -> None:
    """Publishers wait for a broker that hangs (10 to 50 s) and are refused by one that is down
    (20 to 30 s).
    """
    faults = fault("hang", "inbox", at_s=10, for_s=40) + fault("crash", "inbox", at_s=20, for_s=10)
    report = queue(rate=10, service=1, faults=faults)
    assert report.value("/client/users/failed") == 200
    assert report.value("/client/users/response_ms/max") == pytest.approx(20_000, abs=100)
