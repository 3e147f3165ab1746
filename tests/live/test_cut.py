"""The section of a scenario that a live run has time for."""

from __future__ import annotations

import pytest

from tutor.catalog import level_by_id, load_course, parse_scenario
from tutor.engine.luck import Luck
from tutor.engine.simulate import simulate
from tutor.live.cut import AFTER_S, LONG_S, SHORT_S, cut
from tutor.model.component import Client

LONG = """
[run]
duration_s = 300
drain_s = 60
[components.shop]
kind = "client"
event = "order.placed"
rate_per_s = 2
profile = [[0, 2], [150, 5]]
[components.orders]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 100
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[faults]]
kind = "crash"
target = "billing"
at_s = 145
for_s = 10
every_s = 60
[[faults]]
kind = "poison"
target = "billing"
probability = 0.01
[[effects]]
event = "order.placed"
at = "billing"
[[windows]]
id = "after"
from_s = 160
to_s = 300
"""


def test_the_first_fault_is_in_the_middle() -> None:
    """A crash at 145 s of 300 comes at 10 s of 35; faults that last throughout stay; the next crash is cut
    off.
    """
    short = cut(parse_scenario(LONG))
    assert short.run.duration_s == pytest.approx(10 + 10 + AFTER_S)
    crash, poison = sorted(short.faults, key=lambda fault: fault.kind)
    assert [crash.at_s, crash.for_s] == pytest.approx([10, 10])
    assert (poison.at_s, poison.for_s) == (0, None)
    assert [(window.from_s, window.to_s) for window in short.windows] == [(25, 35)]


def test_the_traffic_moves_with_it() -> None:
    """The rate in force at the start of the section becomes its first step."""
    short = cut(parse_scenario(LONG))
    shop = short.design.components["shop"]
    assert isinstance(shop, Client)
    assert shop.profile == ((0.0, 2.0), (15.0, 5.0))


def test_a_short_scenario_stays_as_it_is() -> None:
    """A scenario is cut only if it is too long, or if a cut is requested."""
    whole = parse_scenario(
        LONG.replace("duration_s = 300", "duration_s = 50").replace("from_s = 160", "from_s = 30")
    )
    assert cut(whole) == whole
    assert cut(whole, seconds=20).run.duration_s == 20


def test_random_faults_are_those_of_the_seed() -> None:
    """Random crashes become the fixed crashes drawn from the seed, the same for prediction and
    measurement.
    """
    random = LONG.replace("for_s = 10\nevery_s = 60", "mtbf_s = 57\nmttr_s = 3").replace(
        "at_s = 145", "at_s = 0"
    )
    scenario = parse_scenario(random)
    start, end = Luck(scenario, 7).spans(0, 0)[0]
    short = cut(scenario, seed=7)
    crash = next(fault for fault in short.faults if fault.kind == "crash")
    assert crash.mtbf_s is None
    assert crash.replica == 1
    assert crash.for_s == pytest.approx((end - start) / 1e6)
    assert short.run.seed == 7


@pytest.mark.parametrize("id", [id for chapter in load_course().chapters for id in chapter.levels])
def test_every_level_can_be_cut_and_predicted(id: str) -> None:
    """The section of each level is 30 to 60 s long, or the whole of a shorter level, and the engine can run
    it.
    """
    level = level_by_id(id)
    short = cut(level.scenario)
    assert SHORT_S <= short.run.duration_s <= LONG_S or short.run == level.scenario.run
    assert simulate(short).report.complete
