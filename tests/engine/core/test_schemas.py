"""How a change of an event's schema meets readers of the old one."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.report import Report

SCENARIO = """
[run]
duration_s = 100
drain_s = 60
[components.buyers]
kind = "client"
rate_per_s = 5
arrivals = "constant"
event = "price.changed"
[components.pricing]
kind = "service"
[components.prices]
kind = "topic"
[components.shop]
kind = "service"
service_ms = 10
[[wires]]
from = "buyers"
to = "pricing"
[[wires]]
from = "pricing"
to = "prices"
schema_change = "{change}"
[[wires]]
from = "prices"
to = "shop"
schema = "{reader}"
retry_delay_s = 1
on_error = "{on_error}"
[[effects]]
event = "price.changed"
at = "shop"
{fault}
"""
FAULT = '[[faults]]\nkind = "schema-change"\ntarget = "pricing"\nat_s = 20\nfor_s = 40\n'


def run(
    change: str, reader: str, fault: str = FAULT, on_error: str = "retry"
) -> tuple[Report, tuple[int, ...]]:
    """The report, and which faults hit nothing."""
    outcome = simulate(
        parse_scenario(SCENARIO.format(change=change, reader=reader, fault=fault, on_error=on_error))
    )
    return outcome.report, outcome.unhit_faults


@pytest.mark.parametrize(
    ("change", "reader", "fails"),
    [
        ("breaking", "tolerant", True),
        ("breaking", "strict", True),
        ("additive", "strict", True),
        ("additive", "tolerant", False),
        ("none", "strict", False),
    ],
)
def test_who_can_read_the_new_form(change: str, reader: str, fails: bool) -> None:
    """Every reader fails on a breaking change, and only strict readers fail on an additive one."""
    report, _ = run(change, reader)
    slowest = report.value("/effect/shop/price.changed/delay_ms/max")
    assert (slowest >= 39_000) == fails
    assert report.value("/effect/shop/price.changed/lost") == 0


def test_the_change_lasts_as_long_as_there_are_old_readers() -> None:
    """The events dropped are those published between the producer's deployment and the last reader's."""
    report, _ = run("breaking", "tolerant", on_error="drop")
    assert report.value("/effect/shop/price.changed/lost") == 5 * 40


def test_without_a_fault_the_change_is_there_all_the_time() -> None:
    """Readers without a redeployment time are never redeployed."""
    report, _ = run("breaking", "tolerant", fault="", on_error="drop")
    assert report.value("/effect/shop/price.changed/applied") == 0


def test_a_change_that_never_goes_out_has_hit_nothing() -> None:
    """A schema change that is never deployed counts as a fault that hit nothing."""
    assert run("none", "tolerant")[1] == (0,)
    assert run("additive", "tolerant")[1] == ()


def test_a_reader_publishes_in_a_form_of_its_own() -> None:
    """Events that a reader of the new schema publishes are not in the new schema because of that."""
    text = SCENARIO.format(change="additive", reader="tolerant", fault="", on_error="drop")
    text = text.replace(
        "[[effects]]",
        '[[wires]]\nfrom = "shop"\nto = "onward"\n[[wires]]\nfrom = "onward"\nto = "archive"\nschema ='
        ' "strict"\n[[effects]]',
        1,
    )
    text = text.replace(
        "[[wires]]",
        '[components.onward]\nkind = "queue"\n[components.archive]\nkind = "service"\n[[wires]]',
        1,
    )
    text = text.replace('at = "shop"', 'at = "archive"')
    assert simulate(parse_scenario(text)).report.value("/effect/archive/price.changed/lost") == 0
