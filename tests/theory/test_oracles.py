"""Queueing theory as the oracle: each case names its theorem, warms up, and is compared by a confidence
interval of stated width.

Each value is the mean of eight independent seeds. The closed form must lie in the 99.9% Student interval of
that mean, and the interval must be as narrow as the case says: a wide interval would agree with anything.
"""

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest

from tutor.engine import simulate
from tutor.model.component import Client, Component, Queue, Service, Stream
from tutor.model.design import make_design
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect, Run, Scenario
from tutor.model.wire import Call, Publish, Subscribe, Wire

SEEDS = range(1, 9)
T_999 = 5.408
"""Student's t for 99.9% and seven degrees of freedom."""


def in_interval(scenario: Scenario, value: Callable[[Report], float], theory: float, width: float) -> None:
    """Assert that the closed form lies in the interval, and that the half-width is at most
    ``width`` of it.
    """
    found = [value(simulate(scenario, seed).report) for seed in SEEDS]
    mean = statistics.fmean(found)
    half = T_999 * statistics.stdev(found) / math.sqrt(len(found))
    assert half <= width * theory, f"the interval is too wide to say anything: {mean:g} +- {half:g}"
    assert abs(mean - theory) <= half + 1e-9 * theory, f"{mean:g} +- {half:g}, theory {theory:g}"


def called(
    rate: float, service: dict[str, Any], *, arrivals: int = 30_000, call: dict[str, Any] | None = None
) -> Scenario:
    """``client -> service``: one queue, ``workers`` servers."""
    parts: list[Component] = [Client(id="users", rate_per_s=rate), Service(id="api", **service)]
    duration = arrivals / rate * 1.1
    return Scenario(
        design=make_design(parts, [Call(source="users", target="api", **(call or {}))]),
        run=Run(duration_s=duration, warmup_s=duration / 11, drain_s=200),
    )


def erlang_c(servers: int, load: float) -> float:
    """The probability of waiting in M/M/c (Erlang's second formula)."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    rho = load / servers
    return blocked / (1 - rho * (1 - blocked))


@pytest.mark.parametrize(
    ("rho", "arrivals", "width"),
    [(0.5, 30_000, 0.04), (0.8, 40_000, 0.09), (0.9, 60_000, 0.2)],
)
def test_mm1_sojourn(rho: float, arrivals: int, width: float) -> None:
    """M/M/1: W = 1 / (mu - lambda)."""
    scenario = called(25 * rho, {"service_ms": 40.0}, arrivals=arrivals)
    in_interval(
        scenario, lambda report: report.value("/client/users/response_ms/mean"), 1000 / (25 - 25 * rho), width
    )


def test_mm1_tail() -> None:
    """M/M/1: the sojourn time is exponential, p95 = ln 20 / (mu - lambda)."""
    scenario = called(12.5, {"service_ms": 40.0})
    in_interval(
        scenario,
        lambda report: report.value("/client/users/response_ms/p95"),
        1000 * math.log(20) / 12.5,
        0.06,
    )


@pytest.mark.parametrize(("servers", "rho", "width"), [(4, 0.8, 0.19), (8, 0.7, 0.25)])
def test_mmc_wait(servers: int, rho: float, width: float) -> None:
    """M/M/c: Wq = C / (c mu - lambda) with Erlang C."""
    rate = 25 * servers * rho
    theory = 1000 * erlang_c(servers, servers * rho) / (25 * servers - rate)
    scenario = called(rate, {"service_ms": 40.0, "workers": servers}, arrivals=36_000)
    in_interval(scenario, lambda report: report.value("/client/users/response_ms/mean") - 40, theory, width)


def test_replicas_share_one_line() -> None:
    """Four replicas of one worker are M/M/4, not four M/M/1: they share the service's queue."""
    theory = 40 + 1000 * erlang_c(4, 3.2) / 20
    scenario = called(80, {"service_ms": 40.0, "replicas": 4}, arrivals=36_000)
    in_interval(scenario, lambda report: report.value("/client/users/response_ms/mean"), theory, 0.08)


@pytest.mark.parametrize(("rho", "width"), [(0.5, 0.03), (0.8, 0.09)])
def test_md1_wait(rho: float, width: float) -> None:
    """M/D/1 (Pollaczek-Khinchine): Wq = rho / (2 mu (1 - rho)), half of M/M/1."""
    theory = 40 + 1000 * rho / (2 * 25 * (1 - rho))
    scenario = called(25 * rho, {"service_ms": 40.0, "distribution": "constant"})
    in_interval(scenario, lambda report: report.value("/client/users/response_ms/mean"), theory, width)


def test_mg1_wait() -> None:
    """M/G/1 (Pollaczek-Khinchine) with a mixture: Wq = lambda E[S^2] / (2 (1 - rho))."""
    mixture = ((0.9, 20.0), (0.1, 220.0))
    mean, square = 0.040, 0.9 * 0.020**2 + 0.1 * 0.220**2
    theory = 1000 * (mean + 15 * square / (2 * (1 - 15 * mean)))
    in_interval(
        called(15, {"service_ms": 40.0, "distribution": mixture}, arrivals=40_000),
        lambda report: report.value("/client/users/response_ms/mean"),
        theory,
        0.1,
    )


def test_bounded_queue_loss() -> None:
    """M/M/1/K: loss (1 - rho) rho^K / (1 - rho^(K+1)) with K places, including the one in service; refusals
    are free here.
    """
    rho, places = 0.9, 10
    theory = (1 - rho) * rho**places / (1 - rho ** (places + 1))
    scenario = called(
        25 * rho, {"service_ms": 40.0, "queue_limit": places - 1, "reject_cost": 0.0}, arrivals=36_000
    )
    in_interval(scenario, lambda report: 1 - report.value("/client/users/availability"), theory, 0.2)


def test_erlang_b_loss() -> None:
    """A pool without a waiting room loses B(c, a) of its requests (Erlang's first formula)."""
    blocked = 1.0
    for count in range(1, 6):
        blocked = 4 * blocked / (count + 4 * blocked)
    scenario = called(
        100, {"service_ms": 40.0, "workers": 5, "queue_limit": 0, "reject_cost": 0.0}, arrivals=40_000
    )
    in_interval(scenario, lambda report: 1 - report.value("/client/users/availability"), blocked, 0.05)


def test_littles_law() -> None:
    """L = lambda W for the requests waiting and in service, at any load."""
    for rate in (10, 20, 23):
        report = simulate(called(rate, {"service_ms": 40.0})).report
        api, users = report.value("/component/api"), report.value("/client/users")
        measured = users["requests"] / (30_000 / rate)
        waits = (users["response_ms"]["mean"] / 1000) * measured
        assert api["queue"]["mean"] + api["utilization"] == pytest.approx(waits, rel=0.02)


def test_a_shared_line_beats_separate_ones() -> None:
    """M/M/4 at lambda 80 waits 69.8 ms, four separate M/M/1 200 ms: the price of keeping order per key."""
    shared = called(80, {"service_ms": 40.0, "workers": 4})
    in_interval(shared, lambda report: report.value("/client/users/response_ms/mean"), 69.8, 0.09)
    parts: list[Component] = [
        Client(id="users", rate_per_s=80, event="thing.done", keys=200_000),
        Stream(id="log", partitions=4),
        Service(id="api", service_ms=40.0, replicas=4),
    ]
    wires: list[Wire] = [Publish(source="users", target="log"), Subscribe(source="log", target="api")]
    separate = Scenario(
        design=make_design(parts, wires),
        run=Run(duration_s=350, warmup_s=50, drain_s=60),
        effects=(Effect(event="thing.done", at=("api",)),),
    )
    in_interval(separate, lambda report: report.value("/effect/api/thing.done/delay_ms/mean"), 200.0, 0.2)


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_parallel_availability(copies: int) -> None:
    """In parallel the availability is 1 - (1 - A)^n: replicas fail independently, with A = MTBF / (MTBF +
    MTTR) = 0.9.
    """
    parts: list[Component] = [
        Client(id="users", rate_per_s=2, arrivals="constant"),
        Service(id="api", replicas=copies, workers=50),
    ]
    scenario = Scenario(
        design=make_design(parts, [Call(source="users", target="api")]),
        run=Run(duration_s=20_000, warmup_s=500),
        faults=(Fault(kind="crash", target="api", mtbf_s=90, mttr_s=10),),
    )
    in_interval(scenario, lambda report: report.value("/client/users/availability"), 1 - 0.1**copies, 0.03)


@pytest.mark.parametrize(("probability", "retries"), [(0.2, 1), (0.5, 3), (0.9, 2)])
def test_retry_amplification(probability: float, retries: int) -> None:
    """With independent failures there are (1 - p^(k+1)) / (1 - p) attempts per request, and success is 1 -
    p^(k+1).
    """
    scenario = called(
        20, {"workers": 100, "failure_rate": probability}, arrivals=8_000, call={"retries": retries}
    )
    attempts = (1 - probability ** (retries + 1)) / (1 - probability)
    in_interval(scenario, lambda report: report.value("/client/users/attempts_per_request"), attempts, 0.05)
    in_interval(
        scenario,
        lambda report: report.value("/client/users/availability"),
        1 - probability ** (retries + 1),
        0.15,
    )


def test_layers_of_retries_multiply() -> None:
    """If everything fails, two layers that each try 1 + 3 times make 16 attempts at the bottom."""
    parts: list[Component] = [
        Client(id="users", rate_per_s=10),
        Service(id="front", workers=500),
        Service(id="back", workers=500, failure_rate=1.0),
    ]
    wires: list[Wire] = [
        Call(source="users", target="front", retries=3),
        Call(source="front", target="back", retries=3),
    ]
    report = simulate(Scenario(design=make_design(parts, wires), run=Run(duration_s=200, drain_s=10))).report
    assert report.value("/component/back/failed") == 16 * report.value("/client/users/requests")


def test_burst_backlog_and_catch_up() -> None:
    """A burst leaves a backlog of (lambda_p - c mu) d, an outage one of lambda T; both drain at c mu -
    lambda.
    """
    parts: list[Component] = [
        Client(id="users", rate_per_s=5, arrivals="constant", event="invoice.sent"),
        Queue(id="invoices", visibility_timeout_s=5000),
        Service(id="accounts", service_ms=125.0, distribution="constant"),
    ]
    wires: list[Wire] = [
        Publish(source="users", target="invoices"),
        Subscribe(source="invoices", target="accounts"),
    ]
    scenario = Scenario(
        design=make_design(parts, wires),
        run=Run(duration_s=2400, drain_s=60, timeline_step_s=1),
        faults=(Fault(kind="crash", target="accounts", at_s=300, for_s=600),),
        effects=(Effect(event="invoice.sent", at=("accounts",)),),
    )
    outcome = simulate(scenario, timeline=True)
    assert outcome.timeline is not None
    depth = outcome.timeline.components["invoices"].depth
    assert max(depth) == pytest.approx(5 * 600, rel=0.01)
    empty = next(second for second in range(901, len(depth)) if depth[second] == 0)
    assert empty - 900 == pytest.approx(5 * 600 / (8 - 5), rel=0.02)
