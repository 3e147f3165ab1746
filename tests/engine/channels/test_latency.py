"""What latency costs on each kind of wire."""

import pytest

from tutor.model.report import Report

from ..scenes import fault, run

HEAD = """
[run]
duration_s = 60
drain_s = 60
[components.users]
kind = "client"
rate_per_s = 10
arrivals = "constant"
event = "order.placed"
keys = 4
[components.api]
kind = "service"
workers = 50
<failing>
[components.last]
kind = "service"
workers = 50
[[effects]]
event = "order.placed"
at = "last"
<faults>
"""
CAPTURE = """
[components.db]
kind = "database"
[components.log]
kind = "stream"
[[wires]]
from = "users"
to = "api"
[[wires]]
from = "api"
to = "db"
kind = "write"
[[wires]]
from = "db"
to = "log"
kind = "capture"
lag_ms = 100
latency_ms = 250
[[wires]]
from = "log"
to = "last"
"""
ASIDE = """
[components.inbox]
kind = "queue"
max_deliveries = 1
[components.aside]
kind = "queue"
<aside>
[[wires]]
from = "users"
to = "inbox"
[[wires]]
from = "inbox"
to = "api"
[[wires]]
from = "inbox"
to = "aside"
kind = "dead-letter"
latency_ms = 250
[[wires]]
from = "aside"
to = "last"
"""
PUBLISH = """
[components.log]
kind = "stream"
replicas = 3
replication_lag_ms = 5
[[wires]]
from = "users"
to = "log"
acks = "<acks>"
latency_ms = 100
[[wires]]
from = "log"
to = "last"
"""


def scene(body: str, **values: object) -> Report:
    """The report of one of the scenes above."""
    return run(HEAD + body, **{"failing": "", "faults": "", "aside": "", **values})


def test_a_captured_write_pays_the_way_to_the_broker() -> None:
    """A lag of 100 ms and a latency of 250 ms make each effect 350 ms late, and no write is
    published twice.
    """
    report = scene(CAPTURE)
    assert report.value("/effect/last/order.placed/delay_ms/mean") == pytest.approx(350)
    assert report.value("/effect/last/order.placed/duplicates") == 0


def test_what_a_cut_takes_from_the_way_is_captured_again_in_order() -> None:
    """A cut loses the publishes in flight; the relay goes back and sends them again, and each key stays in
    order.
    """
    report = scene(CAPTURE, faults=fault("partition", "db->log", at_s=20, for_s=10))
    effect = report.value("/effect/last/order.placed")
    assert effect["applied"] == effect["expected"]
    assert effect["out_of_order"] == 0
    assert effect["delay_ms"]["max"] > 9_000


def test_a_dead_letter_pays_its_way() -> None:
    """A message that the first consumer fails reaches the second after 250 ms; what a full dead-letter queue
    refuses is lost, as in RabbitMQ.
    """
    report = scene(ASIDE, failing="failure_rate = 1.0")
    assert report.value("/effect/last/order.placed/delay_ms/mean") == pytest.approx(250)
    away = fault("crash", "last", at_s=20, for_s=20)
    full = scene(ASIDE, failing="failure_rate = 1.0", aside="max_length = 50", faults=away)
    assert full.value("/effect/last/order.placed/lost") == pytest.approx(150, abs=2)
    assert full.value("/component/inbox/dead_lettered") == full.value("/component/inbox/published")


@pytest.mark.parametrize(("acks", "wait"), [("none", 0), ("leader", 200), ("all", 205)])
def test_whose_word_a_publisher_waits_for(acks: str, wait: float) -> None:
    """Acks none costs no wait (Kafka ``acks=0``), acks leader one round trip, and acks all also the
    replication.
    """
    report = scene(PUBLISH, acks=acks)
    assert report.value("/client/users/response_ms/mean") == pytest.approx(wait)
    assert report.value("/effect/last/order.placed/applied") == report.value(
        "/effect/last/order.placed/expected"
    )


def test_a_broker_that_stands_still_keeps_what_nobody_asked_it_about() -> None:
    """With acks none the publisher notices neither fault: a hang only delays events, a crash loses those sent
    meanwhile.
    """
    hang = scene(PUBLISH, acks="none", faults=fault("hang", "log", at_s=20, for_s=10))
    crash = scene(
        PUBLISH.replace("replicas = 3", "replicas = 1"),
        acks="none",
        faults=fault("crash", "log", at_s=20, for_s=10),
    )
    assert hang.value("/client/users/availability") == crash.value("/client/users/availability") == 1
    assert hang.value("/effect/last/order.placed/lost") == 0
    assert crash.value("/effect/last/order.placed/lost") == pytest.approx(100, abs=2)
