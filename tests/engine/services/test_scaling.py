"""Services that scale themselves: their cost and boot time; and when a hang counts as having hit work."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

_BURST = """
[run]
duration_s = 100
drain_s = 60

[components.people]
kind = "client"
arrivals = "constant"
profile = [[0, 1], [20, 30], [60, 0]]
event = "order.placed"

[components.orders]
kind = "queue"

[components.desk]
kind = "service"
service_ms = 100
distribution = "constant"
autoscale = [1, 4, 5, 0]
boot_s = {boot}

[[wires]]
from = "people"
to = "orders"
kind = "publish"

[[wires]]
from = "orders"
to = "desk"
kind = "subscribe"

[[effects]]
event = "order.placed"
at = "desk"
"""


def _worst_delay(boot: int) -> float:
    return float(
        simulate(parse_scenario(_BURST.replace("{boot}", str(boot)))).report.value(
            "/effect/desk/order.placed/delay_ms/max"
        )
        or 0
    )


def test_a_scaling_service_is_paid_by_the_replicas_that_ran() -> None:
    """A service that scales from one to four replicas costs more than the fewest and less than the most."""
    cost = simulate(parse_scenario(_BURST.replace("{boot}", "0"))).report.value("/design/cost_per_hour")
    assert cost is not None
    assert 1 + 1 < cost < 1 + 4


def test_a_deploy_restarts_the_replicas_that_were_added() -> None:
    """Each of the four replicas that a burst has started is down for 5 s."""
    report = simulate(parse_scenario(_DEPLOYED)).report
    assert report.value("/component/api/replicas/mean") > 3.9
    assert report.value("/component/api/up") == pytest.approx(
        1 - 4 * 5 / (report.value("/component/api/replicas/mean") * 200)
    )


_DEPLOYED = """
[run]
duration_s = 200
[components.users]
kind = "client"
rate_per_s = 35
arrivals = "constant"
[components.api]
kind = "service"
service_ms = 100
distribution = "constant"
autoscale = [1, 4, 1, 1]
[[wires]]
from = "users"
to = "api"
[[faults]]
kind = "deploy"
target = "api"
at_s = 100
each_s = 10
down_s = 5
"""


def test_a_replica_cannot_be_there_before_it_has_booted() -> None:
    """A boot time of 20 s makes the longest wait longer, even if the scaler doesn't wait at all."""
    assert _worst_delay(20) > _worst_delay(0) + 5000


_HANG = """
[run]
duration_s = 30
drain_s = 30

[components.till]
kind = "client"
arrivals = "constant"
profile = [[0, {before}], [10, {during}]]
event = "order.placed"

[components.kitchen]
kind = "service"
service_ms = 10

[[wires]]
from = "till"
to = "kitchen"
kind = "call"

[[faults]]
kind = "hang"
target = "kitchen"
at_s = 12.05
for_s = 10
"""


def test_standing_still_is_met_by_work_that_comes_meanwhile() -> None:
    """A hang that begins while no work is in hand hits the work that arrives before it ends."""
    assert (
        simulate(parse_scenario(_HANG.replace("{before}", "1").replace("{during}", "1"))).unhit_faults == ()
    )


def test_standing_still_with_no_work_is_met_by_nothing() -> None:
    """If no work arrives during it, a hang hits nothing."""
    assert simulate(parse_scenario(_HANG.replace("{before}", "1").replace("{during}", "0"))).unhit_faults == (
        0,
    )


_FAULTY = """
[run]
duration_s = 300
drain_s = 300

[components.people]
kind = "client"
arrivals = "constant"
rate_per_s = 10
event = "order.placed"

[components.orders]
kind = "queue"

[components.cook]
kind = "service"
service_ms = 90
distribution = "constant"
autoscale = [1, 6, 20, 5]

[[wires]]
from = "people"
to = "orders"
[[wires]]
from = "orders"
to = "cook"

[[faults]]
kind = "{kind}"
target = "cook"
{how}
at_s = 50
for_s = 40
{again}

[[windows]]
id = "during"
from_s = 80
to_s = 90
[[windows]]
id = "after"
from_s = 250
to_s = 300
"""


@pytest.mark.parametrize("kind", ["hang", "crash"])
def test_a_replica_that_starts_during_a_fault_works_during_it_and_after(kind: str) -> None:
    """A hang or crash strikes the replicas of that moment; a new one works during the fault and survives its
    end.
    """
    again = f'[[faults]]\nkind = "{kind}"\ntarget = "cook"\nat_s = 92\nfor_s = 20'
    report = simulate(parse_scenario(_FAULTY.format(kind=kind, how="", again=again))).report
    assert report.value("/window/during/component/cook/throughput_per_s") > 0
    assert report.value("/window/after/component/cook/queue/end") == 0
    assert report.value("/window/after/component/cook/replicas/mean") == 1
    assert report.value("/window/after/component/cook/up") == 1


def test_slowness_of_all_replicas_meets_those_that_start_meanwhile() -> None:
    """At a quarter of the speed a replica handles 1 / 0.36 requests a second; those started meanwhile are
    just as slow, and recover afterwards.
    """
    report = simulate(parse_scenario(_FAULTY.format(kind="slow", how="factor = 4", again=""))).report
    replicas = report.value("/window/during/component/cook/replicas/mean")
    assert report.value("/window/during/component/cook/throughput_per_s") == pytest.approx(
        replicas / 0.36, rel=0.1
    )
    assert report.value("/window/after/component/cook/utilization") == pytest.approx(
        0.9 / report.value("/window/after/component/cook/replicas/mean")
    )
