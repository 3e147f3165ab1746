"""Which effects are expected of whom: faults for some events only, effects that start later, and what failed
stories leave behind.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tutor.catalog.scenarios import parse_scenario
from tutor.engine.simulate import simulate
from tutor.errors import InputError

LINE = """
[run]
duration_s = 100
drain_s = 20
[components.shop]
kind = "client"
rate_per_s = 5
arrivals = "constant"
event = "order.placed"
[components.api]
kind = "service"
[components.orders]
kind = "queue"
[components.billing]
kind = "service"
[[wires]]
from = "shop"
to = "api"
[[wires]]
from = "api"
to = "orders"
event = "RENAMED"
[[wires]]
from = "orders"
to = "billing"
on_error = "drop"
"""


def _report(text: str, *, timeline: bool = False) -> Any:
    return simulate(parse_scenario(text), 1, timeline=timeline)


def test_a_fault_strikes_only_the_types_it_names() -> None:
    """A poison fault for one event type doesn't strike the same events under another name."""
    fault = '[[faults]]\nkind = "poison"\ntarget = "billing"\nevents = ["order.placed"]\n'
    effect = '[[effects]]\nevent = "{0}"\nat = "billing"\n'
    struck = _report(LINE.replace("RENAMED", "order.placed") + fault + effect.format("order.placed"))
    spared = _report(LINE.replace("RENAMED", "bill.asked") + fault + effect.format("bill.asked"))
    assert struck.report.value("/effect/billing/order.placed/applied") == 0
    assert spared.report.value("/effect/billing/bill.asked/applied") == 499


def test_a_hidden_fault_strikes_and_leaves_no_mark() -> None:
    """A hidden fault strikes all the same but isn't on the time axis; the same fault without
    ``hidden`` is.
    """
    fault = (
        '[[faults]]\nkind = "swallow"\ntarget = "billing"\nat_s = 10\nhidden = {0}\n[[effects]]\nevent ='
        ' "order.placed"\nat = "billing"\n'
    )
    text = LINE.replace("RENAMED", "order.placed")
    hidden = _report(text + fault.format("true"), timeline=True)
    shown = _report(text + fault.format("false"), timeline=True)
    assert (
        hidden.report.value("/effect/billing/order.placed/lost")
        == shown.report.value("/effect/billing/order.placed/lost")
        > 0
    )
    assert [
        mark.kind for mark in hidden.timeline.marks if mark.target == "billing" and mark.kind == "fault"
    ] == []
    assert [
        mark.kind for mark in shown.timeline.marks if mark.target == "billing" and mark.kind == "fault"
    ] == ["fault"]


def test_a_hang_that_makes_work_wait_has_met_work() -> None:
    """A hang that begins while no work is in hand counts as a hit as soon as work queues up behind it."""
    fault = '[[faults]]\nkind = "hang"\ntarget = "api"\nat_s = 10.05\nfor_s = 5\n'
    assert _report(LINE.replace("RENAMED", "order.placed") + fault).unhit_faults == ()


def test_an_effect_may_be_expected_from_a_moment_on() -> None:
    """A reader that joins late doesn't owe effects for events made before its effect is expected."""
    late = LINE.replace("RENAMED", "order.placed").replace(
        '[components.billing]\nkind = "service"', '[components.billing]\nkind = "service"\nfrom_s = 40'
    )
    effect = '[[effects]]\nevent = "order.placed"\nat = "billing"\nfrom_s = 60\n'
    report = _report(late + effect).report
    assert report.value("/effect/billing/order.placed/expected") == 200
    assert report.value("/effect/billing/order.placed/applied") == 200


SAGA = """
[run]
duration_s = 100
drain_s = 20
[components.shop]
kind = "client"
rate_per_s = 5
arrivals = "constant"
event = "trip.requested"
[components.booking]
kind = "service"
[components.flight]
kind = "service"
[components.hotel]
kind = "service"
[components.failures]
kind = "queue"
[[wires]]
from = "shop"
to = "booking"
[[wires]]
from = "booking"
to = "flight"
[[wires]]
from = "booking"
to = "hotel"
[[wires]]
from = "booking"
to = "failures"
on = "failure"
event = "trip.failed"
[[faults]]
kind = "poison"
target = "hotel"
at_s = 50
[[effects]]
event = "trip.requested"
at = "flight"
undone_by = "trip.failed"
[[effects]]
event = "trip.requested"
at = "hotel"
undone_by = "trip.failed"
"""


def test_what_a_failed_story_leaves_behind_is_counted() -> None:
    """From 50 s on every hotel refuses, and no step gives the seats back: 250 seats are left behind, and no
    rooms.
    """
    report = _report(SAGA).report
    assert report.value("/effect/flight/trip.requested/orphans") == 250
    assert report.value("/effect/flight/trip.requested/undone") == 0
    assert report.value("/effect/hotel/trip.requested/orphans") == 0


def test_what_is_taken_back_is_not_left_behind() -> None:
    """With a compensation at the flight the same seats are given back, and none are left behind."""
    report = _report(SAGA + '[[wires]]\nfrom = "failures"\nto = "flight"\n').report
    assert report.value("/effect/flight/trip.requested/orphans") == 0
    assert report.value("/effect/flight/trip.requested/undone") == 250


def test_work_under_another_name_has_luck_of_its_own() -> None:
    """A compensation may fail even though the step that it reverses succeeded for the same event."""
    unlucky = SAGA.replace(
        '[components.flight]\nkind = "service"', '[components.flight]\nkind = "service"\nfailure_rate = 0.3'
    )
    report = _report(unlucky + '[[wires]]\nfrom = "failures"\nto = "flight"\non_error = "drop"\n').report
    assert 20 < report.value("/effect/flight/trip.requested/orphans") < 90


def test_of_several_places_some_may_be_missing() -> None:
    """An effect that may happen at either of two services is expected at the one that is there; if both are
    missing, the scenario is refused.
    """
    either = '[[effects]]\nevent = "order.placed"\nat = ["billing", "spare"]\n'
    scenario = parse_scenario(
        LINE.replace("RENAMED", "order.placed") + '[components.spare]\nkind = "service"\n' + either
    )
    design = dataclasses.replace(
        scenario.design,
        components={name: part for name, part in scenario.design.components.items() if name != "spare"},
    )
    report = simulate(dataclasses.replace(scenario, design=design), 1).report
    assert report.value("/effect/billing+spare/order.placed/applied") == 499
    bare = dataclasses.replace(
        design,
        components={name: part for name, part in design.components.items() if name != "billing"},
        wires=tuple(wire for wire in design.wires if wire.target != "billing"),
    )
    with pytest.raises(InputError):
        simulate(dataclasses.replace(scenario, design=bare), 1)


WAITS = """
[run]
duration_s = 10
drain_s = <drain>
[components.shop]
kind = "client"
rate_per_s = 5
arrivals = "constant"
event = "order.placed"
[components.api]
kind = "service"
service_ms = <service>
distribution = "constant"
workers = 100
[[wires]]
from = "shop"
to = "api"
<wire>
[[effects]]
event = "order.placed"
at = "api"
<fault>
"""


def _waits(drain: int, *, service: int = 0, wire: str = "", fault: str = "") -> dict[str, Any]:
    text = (
        WAITS.replace("<drain>", str(drain))
        .replace("<service>", str(service))
        .replace("<wire>", wire)
        .replace("<fault>", fault)
    )
    found: dict[str, Any] = _report(text).report.value("/effect/api/order.placed")
    return found


def test_a_caller_that_will_try_again_holds_its_event() -> None:
    """Between two attempts, and while a caller with a retry left waits for a lost one, an event is pending;
    its fate is decided later.
    """
    poison = '[[faults]]\nkind = "poison"\ntarget = "api"'
    backoff = "retries = 1\nbackoff_ms = 20000"
    assert _waits(1, wire=backoff, fault=poison)["pending"] == 49
    assert _waits(60, wire=backoff, fault=poison)["refused"] == 49
    cut = '[[faults]]\nkind = "partition"\ntarget = "shop->api"\nfor_s = 15'
    patience = "retries = 1\ntimeout_ms = 20000"
    assert _waits(1, wire=patience, fault=cut)["pending"] == 49
    assert _waits(60, wire=patience, fault=cut)["applied"] == 49
    assert _waits(1, wire="timeout_ms = 20000", fault=cut)["lost"] == 49


def test_what_a_dead_worker_had_in_hand_is_held_by_nobody() -> None:
    """A worker crashes during work that takes a minute: an event that won't be repeated is lost at once."""
    crash = '[[faults]]\nkind = "crash"\ntarget = "api"\nat_s = 9.95'
    assert _waits(1, service=60_000, fault=crash)["refused"] == 49
    assert _waits(1, service=60_000, wire="timeout_ms = 1000", fault=crash)["lost"] == 44
    assert _waits(1, service=60_000)["pending"] == 49
