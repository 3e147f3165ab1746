"""A consumer's connection: credits across interruptions, rate limits, and the expiry of returned messages."""

import pytest

from ..scenes import fault, queue


@pytest.mark.parametrize("gap", [("crash", "worker"), ("partition", "inbox->worker")])
def test_what_is_on_its_way_over_an_old_connection_gives_the_new_one_no_credit(gap: tuple[str, str]) -> None:
    """With a prefetch of two at most two messages are in hand, however often the connection with 200 ms of
    latency breaks.
    """
    breaks = fault(gap[0], gap[1], at_s=20.35, for_s=0.05, every_s=1.37)
    report = queue(
        rate=30,
        service=150,
        queue='redeliver_on = "disconnect"',
        wire="prefetch = 2\nlatency_ms = 200",
        faults=breaks,
    )
    assert report.value("/component/worker/held/max") == 2
    assert report.value("/component/worker/queue/max") <= 2
    assert report.value("/effect/worker/order.placed/lost") == 0


def test_a_consumer_without_a_limit_is_served_again_after_a_cut() -> None:
    """A short cut while work is in hand ends the connection, and the next one receives messages again."""
    report = queue(
        rate=5,
        service=150,
        wire="prefetch = 0",
        faults=fault("partition", "inbox->worker", at_s=20.25, for_s=0.05),
    )
    assert report.value("/effect/worker/order.placed/applied") == 499
    assert report.value("/effect/worker/order.placed/delay_ms/max") < 35_000


@pytest.mark.parametrize("prefetch", [0, 1, 4])
def test_what_a_rate_holds_back_waits_in_the_queue(prefetch: int) -> None:
    """With 20 a second coming in and 5 going out, three quarters of the messages of 100 s wait in the queue,
    and the consumer holds one at most.
    """
    report = queue(rate=20, service=10, wire=f"max_rate_per_s = 5\nprefetch = {prefetch}")
    assert report.value("/component/inbox/queue/max") == pytest.approx(1500, abs=2)
    assert report.value("/component/worker/held/max") == 1
    assert report.value("/component/worker/throughput_per_s") == pytest.approx(5, rel=0.02)


def test_a_message_that_comes_back_keeps_the_time_at_which_it_first_came() -> None:
    """Nine messages return from a dead consumer after 40 s, ten seconds past their time to live, and expire
    (RabbitMQ, "TTL").
    """
    settings = "ttl_s = 30\nvisibility_timeout_s = 40"
    report = queue(
        duration=10,
        service=60_000,
        queue=settings,
        more="workers = 20",
        faults=fault("crash", "worker", at_s=12),
    )
    assert report.value("/component/inbox/dropped_by") == {"expired": 9}
    assert report.value("/effect/worker/order.placed/pending") == 0


def test_the_longest_line_counts_what_waits_to_be_tried_again() -> None:
    """For 50 s one message a second fails and waits 20 s for its last delivery: at most twenty wait, and none
    at the end.
    """
    report = queue(
        queue="max_deliveries = 2",
        wire="retry_delay_s = 20",
        service=1,
        faults=fault("poison", "worker", for_s=50),
        duration=100,
    )
    assert report.value("/component/inbox/queue/max") == pytest.approx(20, abs=1)
    assert report.value("/component/inbox/queue/end") == 0
