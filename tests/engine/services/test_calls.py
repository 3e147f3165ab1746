"""Calls: timeouts, zombie work, retries and the policies that control them."""

import pytest

from ..scenes import call, fault, run


def test_a_constant_client_makes_its_nth_request_at_n_over_rate() -> None:
    """At one request a second, there are 99 requests before second 100."""
    assert call().value("/client/users/requests") == 99


def test_a_call_to_a_service_that_is_down_fails_at_once() -> None:
    """The twenty requests made during a crash of 20 s fail immediately, and the client hears of
    each failure.
    """
    report = call(faults=fault("crash", "api", at_s=40.5, for_s=20))
    assert report.value("/client/users/failed") == 20
    assert report.value("/effect/api/order.placed/refused") == 20
    assert report.value("/effect/api/order.placed/lost") == 0
    assert report.value("/component/api/up") == pytest.approx(0.8)


def test_a_caller_that_gives_up_leaves_its_work_behind() -> None:
    """If the callee is slower than the caller's timeout, all its work is wasted."""
    report = call(service=900, wire="timeout_ms = 500")
    assert report.value("/client/users/ok") == 0
    assert report.value("/effect/api/order.placed/applied") == 99
    assert report.value("/component/api/wasted_work") == 1


def test_a_request_that_goes_nowhere_is_not_answered() -> None:
    """Once a client's only wire is removed, its requests fail and their effects are lost."""
    report = call(rate=10, faults=fault("remove", "users->api", at_s=60.05))
    assert report.value("/client/users/failed") == 399
    assert report.value("/effect/api/order.placed/lost") == 399


def test_an_answer_counts_while_the_caller_waits() -> None:
    """Latency is paid in both directions: 100 ms of work with 200 ms each way takes 500 ms."""
    report = call(wire="latency_ms = 200\ntimeout_ms = 501")
    assert report.value("/client/users/response_ms/max") == 500
    assert call(wire="latency_ms = 200\ntimeout_ms = 499").value("/client/users/ok") == 0


def test_what_is_on_the_wire_arrives_although_the_answer_finds_nobody() -> None:
    """If the reply is lost, the work is applied although the call fails at the caller."""
    report = call(wire="timeout_ms = 500", faults=fault("drop-replies", "users->api"))
    assert report.value("/client/users/ok") == 0
    assert report.value("/effect/api/order.placed/applied") == 99


def test_retry_amplification_is_a_geometric_sum() -> None:
    """With failure probability p and k retries there are (1 - p^(k+1)) / (1 - p) attempts per request (40,000
    requests, 2%).
    """
    report = call(rate=400, service=0, more="failure_rate = 0.5\nworkers = 100", wire="retries = 3")
    assert report.value("/client/users/attempts_per_request") == pytest.approx((1 - 0.5**4) / 0.5, rel=0.02)
    assert report.value("/client/users/availability") == pytest.approx(1 - 0.5**4, rel=0.02)


def test_backoff_grows_by_its_factor() -> None:
    """Three retries of a dead callee wait 100, 200 and 400 ms: the client hears of the failure
    after 700 ms.
    """
    report = call(wire="retries = 3\nbackoff_ms = 100", faults=fault("crash", "api"))
    assert report.value("/client/users/attempts_per_request") == 4
    assert report.value("/effect/api/order.placed/refused") == 99


def test_a_retry_budget_caps_the_attempts() -> None:
    """With a budget of 10%, a dead callee sees at most 1.1 attempts per request, plus the initial savings."""
    report = call(rate=10, wire="retries = 3\nretry_budget = 0.1", faults=fault("crash", "api"))
    assert report.value("/client/users/attempts_per_request") == pytest.approx(1.1, abs=0.015)


def test_a_breaker_opens_and_closes_again() -> None:
    """While the breaker is open no call reaches the callee; one successful probe closes it."""
    wire = "breaker_failures = 0.5\nbreaker_reset_s = 5\ntimeout_ms = 200"
    report = call(rate=10, service=10, wire=wire, faults=fault("hang", "api", at_s=20, for_s=20))
    with_none = call(
        rate=10, service=10, wire="timeout_ms = 200", faults=fault("hang", "api", at_s=20, for_s=20)
    )
    assert report.value("/component/api/wasted_work") < with_none.value("/component/api/wasted_work") / 3
    assert report.value("/client/users/availability") == pytest.approx(0.77, abs=0.04)


def test_a_bulkhead_fails_fast() -> None:
    """With two calls in flight at most, a third fails at once."""
    report = call(rate=10, service=1000, more="workers = 100", wire="max_in_flight = 2")
    assert report.value("/client/users/availability") == pytest.approx(0.2, abs=0.02)


def test_a_bounded_line_refuses_and_pays_for_it() -> None:
    """Each refusal costs a fraction of a service time, which slows down the accepted work."""
    free = call(rate=100, service=20, more="queue_limit = 5\nreject_cost = 0")
    paid = call(rate=100, service=20, more="queue_limit = 5\nreject_cost = 0.2")
    assert free.value("/component/api/throughput_per_s") == pytest.approx(50, rel=0.02)
    assert paid.value("/component/api/throughput_per_s") == pytest.approx(
        1 / (0.020 + 0.2 * 0.020 * 1.5), rel=0.1
    )
    assert free.value("/component/api/queue/max") == 5


def test_expired_work_can_be_dropped_unstarted() -> None:
    """After a hang of 30 s the expired backlog is dropped at once instead of being worked off in vain."""
    hang = fault("hang", "api", at_s=20, for_s=30)
    kept = call(rate=7, service=100, wire="timeout_ms = 1000", faults=hang)
    dropped = call(rate=7, service=100, more="drop_expired = true", wire="timeout_ms = 1000", faults=hang)
    assert kept.value("/client/users/failed") > 400
    assert dropped.value("/client/users/failed") < 230


def test_newest_first_answers_some_in_time() -> None:
    """At twice the capacity, first-come-first-served answers nobody in time, and last-come-first-served about
    half.
    """
    fifo = call(rate=20, service=100, wire="timeout_ms = 1000")
    lifo = call(rate=20, service=100, more='discipline = "lifo"', wire="timeout_ms = 1000")
    assert fifo.value("/client/users/availability") < 0.2
    assert lifo.value("/client/users/availability") > 0.45


def test_a_hang_keeps_the_remaining_time_of_the_work() -> None:
    """Work of 100 ms interrupted by a hang of 10 s ends 10 s later than it would have."""
    report = call(faults=fault("hang", "api", at_s=40.05, for_s=10))
    assert report.value("/client/users/response_ms/max") == pytest.approx(10_100)
    assert report.value("/client/users/ok") == 99


CHAIN = """
[run]
duration_s = 100
drain_s = 50
[components.users]
kind = "client"
rate_per_s = 10
arrivals = "constant"
event = "order.placed"
[components.front]
kind = "service"
workers = 2
service_ms = 10
distribution = "constant"
[components.back]
kind = "service"
workers = 50
service_ms = 400
distribution = "constant"
[[wires]]
from = "users"
to = "front"
[[wires]]
from = "front"
to = "back"
<wire>
"""


def test_the_caller_s_worker_is_held_while_the_callee_works() -> None:
    """Two workers, each held for 410 ms, handle 2 / 0.41 requests a second and are always busy."""
    report = run(CHAIN, wire="")
    assert report.value("/component/front/utilization") == pytest.approx(1, abs=0.01)
    assert report.value("/component/front/throughput_per_s") == pytest.approx(2 / 0.41, rel=0.01)


def test_a_call_that_is_not_required_may_fail() -> None:
    """A request succeeds even though its optional call times out."""
    report = run(CHAIN, wire="timeout_ms = 20\nrequired = false")
    assert report.value("/client/users/availability") == 1
    assert run(CHAIN, wire="timeout_ms = 20").value("/client/users/availability") == 0


def test_work_for_a_caller_that_has_crashed_is_wasted() -> None:
    """Three of six calls are in hand when their caller crashes: the callee finishes them in vain."""
    crash = fault("crash", "front", at_s=5.2, for_s=50)
    report = run(_DYING, more="workers = 9", faults=crash)
    assert report.value("/component/back/done") == 6
    assert report.value("/component/back/wasted_work") == 0.5
    assert report.value("/effect/back/order.placed/applied") == 9  # and those that come after the crash


def test_work_for_a_caller_that_has_crashed_is_dropped_unstarted() -> None:
    """With ``drop_expired`` a callee with one worker starts no work for the crashed caller and continues with
    later calls.
    """
    crash = fault("crash", "front", at_s=5.2, for_s=50)
    report = run(_DYING, more="drop_expired = true", faults=crash)
    assert report.value("/component/back/refused") == 3
    assert report.value("/component/back/done") == 3


_DYING = """
[run]
duration_s = 59.5
drain_s = 100
[components.users]
kind = "client"
rate_per_s = 1
arrivals = "constant"
event = "order.placed"
[components.front]
kind = "service"
service_ms = 0
workers = 50
[components.back]
kind = "service"
service_ms = 3000
distribution = "constant"
<more>
[[wires]]
from = "users"
to = "front"
[[wires]]
from = "front"
to = "back"
<faults>
[[effects]]
event = "order.placed"
at = "back"
"""


def test_a_budget_starts_full_whenever_the_traffic_begins() -> None:
    """In five seconds of 50/s on a dead callee, a fifth of the 250 requests and the initial 100 tokens are
    retried.
    """
    for begins in (0, 100):
        text = _BURST.replace("<begins>", str(begins)).replace("<ends>", str(begins + 5))
        assert run(text).value("/client/users/attempts_per_request") == pytest.approx(
            1 + 0.2 + 0.2 * 500 / 250, abs=0.01
        )


def test_a_caller_that_stands_still_tries_again_when_it_goes_on() -> None:
    """The callee dies at 20 s and the caller hangs until 30 s: the retry is made at 30 s, when the callee is
    up again.
    """
    faults = fault("crash", "back", at_s=20, for_s=5) + fault("hang", "front", at_s=20.05, for_s=10)
    report = run(_DYING, more="", faults=faults).value("/client/users")
    with_retry = _DYING.replace('to = "back"', 'to = "back"\nretries = 1\nbackoff_ms = 100')
    assert report["failed"] > run(with_retry, more="", faults=faults).value("/client/users/failed")


_BURST = """
[run]
duration_s = <ends>
[components.users]
kind = "client"
rate_per_s = 0
arrivals = "constant"
profile = [[<begins>, 50]]
[components.api]
kind = "service"
[[wires]]
from = "users"
to = "api"
retries = 5
retry_budget = 0.2
[[faults]]
kind = "crash"
target = "api"
"""
