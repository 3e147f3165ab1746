"""Queues: delivery, redelivery, and what happens to messages that can't be handled."""

from typing import Any

import pytest

from ..scenes import QUEUE, fault, queue, run


def books_balance(numbers: dict[str, Any]) -> bool:
    """Published = acked + dead-lettered + dropped + still held."""
    held = numbers["queue"]["end"] + numbers["in_flight"]
    return bool(
        numbers["published"] == numbers["acked"] + numbers["dead_lettered"] + numbers["dropped"] + held
    )


def test_a_queue_waits_for_a_consumer_that_is_away() -> None:
    """A consumer's crash of 20 s delays 20 orders and loses none; the client doesn't notice."""
    report = queue(faults=fault("crash", "worker", at_s=40.5, for_s=20))
    assert report.value("/client/users/availability") == 1
    assert report.value("/effect/worker/order.placed/applied") == 99
    assert report.value("/effect/worker/order.placed/delay_ms/max") == pytest.approx(19_600, abs=1)
    assert report.value("/component/inbox/queue/max") == 20


def test_ack_before_loses_what_was_in_hand() -> None:
    """A crash during the work loses the message if it was acknowledged before the work, and repeats it
    otherwise.
    """
    crash = fault("crash", "worker", at_s=40.05, for_s=5)
    before = queue(wire='ack = "before"', faults=crash)
    after = queue(faults=crash)
    assert before.value("/effect/worker/order.placed/lost") == 1
    assert after.value("/effect/worker/order.placed/lost") == 0
    assert after.value("/effect/worker/order.placed/duplicates") == 0


@pytest.mark.parametrize(("on", "delay"), [("lease", 30_100), ("disconnect", 5_050)])
def test_when_a_message_comes_back_from_a_dead_consumer(on: str, delay: float) -> None:
    """Under a lease it comes back when the lease ends; under a connection, as soon as a consumer
    can take it.
    """
    report = queue(queue=f'redeliver_on = "{on}"', faults=fault("crash", "worker", at_s=40.05, for_s=5))
    assert report.value("/effect/worker/order.placed/delay_ms/max") >= delay
    assert report.value("/component/inbox/redelivered") == 1


@pytest.mark.parametrize(("service", "deliveries"), [(900, 1), (1000, 1), (1500, 5), (2500, 5)])
def test_a_lease_shorter_than_the_work_never_ends(service: int, deliveries: int) -> None:
    """Every ack arrives after the lease and is ignored: each message is handled until it is given up,
    although the work was done every time.
    """
    report = queue(
        rate=0.05,
        service=service,
        queue="visibility_timeout_s = 1\nmax_deliveries = 5",
        more="workers = 10",
        duration=1000,
    )
    counts, effect = report.value("/component/inbox"), report.value("/effect/worker/order.placed")
    assert counts["delivered"] == deliveries * counts["published"]
    assert effect["duplicates"] == (deliveries - 1) * effect["applied"]
    assert counts["acked"] == (counts["published"] if deliveries == 1 else 0)
    assert effect["lost"] == 0


def test_a_renewed_lease_holds() -> None:
    """A consumer that extends its lease gets the message once, however long it works."""
    report = queue(
        rate=0.1, service=2500, queue="visibility_timeout_s = 1", wire="extend_lease = true", duration=1000
    )
    assert report.value("/component/inbox/redelivered") == 0


def test_under_a_connection_slow_work_is_delivered_once() -> None:
    """Without leases a slow consumer keeps its message."""
    report = queue(
        rate=0.1, service=60_000, queue='redeliver_on = "disconnect"', duration=500, more="workers = 10"
    )
    assert report.value("/component/inbox/redelivered") == 0


def test_a_poison_message_ends_with_the_dead_letters() -> None:
    """After ``max_deliveries`` a poison message is dropped, and the rest continues."""
    poison = fault("poison", "worker", at_s=9.5, for_s=1)
    report = queue(queue="max_deliveries = 5", faults=poison)
    assert report.value("/component/inbox/dropped") == 1
    assert report.value("/component/inbox/dropped_by") == {"max-deliveries": 1}
    assert report.value("/component/inbox/delivered") == 98 + 5
    assert report.value("/effect/worker/order.placed/lost") == 1


def test_a_poison_message_at_the_head_starves_the_rest() -> None:
    """Without a delivery limit one poison message, requeued at the head, keeps a single worker busy for good;
    requeued at the tail, it lets the others pass.
    """
    poison = fault("poison", "worker", at_s=9.5, for_s=1)
    head = queue(queue='requeue = "head"', faults=poison)
    tail = queue(queue='requeue = "tail"', faults=poison)
    assert head.value("/effect/worker/order.placed/applied") == 9
    assert tail.value("/effect/worker/order.placed/applied") == 98


def test_a_full_queue_refuses_or_drops_the_oldest() -> None:
    """``reject`` notifies the publisher and ``drop-oldest`` doesn't; both count waiting messages, not those
    in hand.
    """
    rejects = queue(rate=20, service=100, queue="max_length = 10")
    drops = queue(rate=20, service=100, queue='max_length = 10\noverflow = "drop-oldest"')
    assert rejects.value("/component/inbox/queue/max") == 10
    assert rejects.value("/client/users/availability") == pytest.approx(0.5, abs=0.01)
    assert rejects.value("/effect/worker/order.placed/refused") == rejects.value("/client/users/failed")
    assert drops.value("/client/users/availability") == 1
    assert drops.value("/effect/worker/order.placed/lost") == drops.value(
        "/component/inbox/dropped_by/overflow"
    )


def test_time_to_live_bounds_the_age_of_what_is_delivered() -> None:
    """While no consumer is there, messages older than their time to live are dropped."""
    report = queue(queue="ttl_s = 5", faults=fault("crash", "worker", at_s=20.5, for_s=50))
    assert report.value("/effect/worker/order.placed/delay_ms/max") < 5_600
    assert report.value("/component/inbox/queue/max") <= 6
    assert report.value("/component/inbox/dropped_by/expired") == pytest.approx(45, abs=1)


def test_prefetch_covers_the_way_to_the_broker() -> None:
    """Throughput is min(1 / s, p / (s + RTT)): 5 ms of work and a round trip of 50 ms give 18, 182 and 200 a
    second.
    """
    for prefetch, want in ((1, 18.2), (10, 181.8), (11, 200)):
        report = queue(rate=400, service=5, wire=f"prefetch = {prefetch}\nlatency_ms = 25")
        assert report.value("/component/worker/throughput_per_s") == pytest.approx(want, rel=0.01)


def test_a_rate_limit_spaces_deliveries() -> None:
    """At most five messages a second leave the queue on this wire."""
    assert queue(rate=20, service=10, wire="max_rate_per_s = 5").value(
        "/component/worker/throughput_per_s"
    ) == pytest.approx(5, rel=0.02)


def test_lanes_keep_the_order_of_each_key() -> None:
    """Competing workers of uneven speed overtake each other on a plain queue; lanes keep each key's order and
    use all workers.
    """
    uneven = "distribution = [[0.8, 20], [0.2, 420]]\nworkers = 10\nreplicas = 2"
    base = QUEUE.replace('distribution = "constant"\n<more>', uneven).replace(
        "[components.inbox]", "keys = 20\n[components.inbox]"
    )
    values = {"duration": 200, "rate": 50, "service": 100, "wire": "", "faults": ""}
    plain = run(base, queue="", **values)
    lanes = run(base, queue='lanes = "entity"', **values)
    assert plain.value("/effect/worker/order.placed/out_of_order") > 100
    assert lanes.value("/effect/worker/order.placed/out_of_order") == 0
    assert lanes.value("/effect/worker/order.placed/lost") == 0
    assert books_balance(lanes.value("/component/inbox"))


@pytest.mark.parametrize("overflow", ["reject", "drop-oldest"])
@pytest.mark.parametrize("keys", [1, 2])
def test_lanes_keep_to_the_maximum_length(keys: int, overflow: str) -> None:
    """A message that waits for its lane counts towards the limit even if a consumer has room: three
    at most.
    """
    base = QUEUE.replace("[components.inbox]", f"keys = {keys}\n[components.inbox]")
    settings = f'lanes = "entity"\nmax_length = 3\noverflow = "{overflow}"'
    report = run(
        base, duration=100, rate=10, service=1000, queue=settings, more="workers = 4", wire="", faults=""
    )
    inbox = report.value("/component/inbox")
    assert inbox["queue"]["max"] == 3
    assert books_balance(inbox)
    applied = report.value("/effect/worker/order.placed/applied")
    assert applied == pytest.approx(100 * keys, rel=0.1)
    assert inbox["refused" if overflow == "reject" else "dropped"] == 999 - applied
    assert report.value("/effect/worker/order.placed/delay_ms/max") <= 5000


def test_a_broker_of_one_node_is_a_single_point_of_failure() -> None:
    """While it is down, publishers are refused; durable messages survive, and the rest are lost."""
    down = fault("crash", "inbox", at_s=40.5, for_s=20)
    kept = queue(faults=down, service=5000)
    gone = queue(queue="durable = false", faults=down, service=5000)
    assert kept.value("/client/users/failed") == gone.value("/client/users/failed") == 20
    assert kept.value("/effect/worker/order.placed/lost") == 0
    assert gone.value("/component/inbox/dropped_by/crash") > 30


def test_three_nodes_fail_over() -> None:
    """When the leader of three crashes, another node takes over after ``failover_s``."""
    report = queue(queue="replicas = 3\nfailover_s = 5", faults=fault("crash", "inbox", at_s=40.5, for_s=60))
    assert report.value("/client/users/failed") == 5
    assert report.value("/effect/worker/order.placed/lost") == 0
    assert report.value("/component/inbox/up") == pytest.approx(0.95)


def test_an_idempotent_consumer_applies_once() -> None:
    """Lost acks repeat deliveries but not effects, as long as the consumer remembers the event."""
    lost = fault("drop-acks", "worker", probability=0.5)
    queue_settings = "visibility_timeout_s = 2"
    twice = queue(queue=queue_settings, faults=lost)
    once = queue(queue=queue_settings, more="idempotent = true", faults=lost)
    forgets = queue(queue=queue_settings, more="idempotent = true\ndedup_window_s = 1", faults=lost)
    assert twice.value("/effect/worker/order.placed/duplicates") > 50
    assert once.value("/effect/worker/order.placed/duplicates") == 0
    assert once.value("/component/inbox/redelivered") > 50
    assert forgets.value("/effect/worker/order.placed/duplicates") > 50


TOPIC = """
[run]
duration_s = 100
drain_s = 100
[components.users]
kind = "client"
rate_per_s = 1
arrivals = "constant"
event = "order.placed"
[components.orders]
kind = "topic"
[components.billing]
kind = "service"
service_ms = 10
[components.mail]
kind = "service"
service_ms = 10
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[wires]]
from = "orders"
to = "mail"
<wire>
[[effects]]
event = "order.placed"
at = "billing"
[[effects]]
event = "order.placed"
at = "mail"
[[faults]]
kind = "crash"
target = "mail"
at_s = 40.5
for_s = 20
"""


def test_a_topic_gives_each_subscription_a_copy() -> None:
    """Both services see every event, even the one that was down: its subscription is durable."""
    report = run(TOPIC, wire="")
    assert report.value("/effect/billing/order.placed/applied") == 99
    assert report.value("/effect/mail/order.placed/applied") == 99
    assert report.value("/component/orders/published") == 198
    assert books_balance(report.value("/component/orders"))


def test_a_subscription_that_is_not_durable_misses_what_comes_while_it_is_away() -> None:
    """The service misses the twenty events of its outage, and no other service does."""
    report = run(TOPIC, wire="durable = false")
    assert report.value("/effect/mail/order.placed/lost") == 20
    assert report.value("/effect/billing/order.placed/lost") == 0
    assert report.value("/component/orders/dropped_by") == {"not-durable": 20}
