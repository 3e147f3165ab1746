"""Reasons for what is left, lost or refused after a wire, a confirm, a record or a whole cluster went."""

from __future__ import annotations

import pytest

from tests.judge.causes.diagnosis_runs import outcome_of
from tutor.judge.diagnosis import Diagnosis, diagnose

DESIGN = """
[run]
duration_s = 20
drain_s = 5
[components.shop]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.orders]
kind = "{kind}"
{channel}
[components.kitchen]
kind = "service"
{service}
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "kitchen"
{wire}
{more}
[[effects]]
event = "order.placed"
at = "kitchen"
[[faults]]
kind = "{fault}"
target = "{target}"
at_s = 8
{times}
"""
SHELF = """
[components.failures]
kind = "queue"
[[wires]]
from = "kitchen"
to = "failures"
on = "failure"
"""
ASIDE = """
[[wires]]
from = "orders"
to = "failures"
kind = "dead-letter"
"""


def found_in(
    fault: str,
    target: str,
    *,
    kind: str = "queue",
    channel: str = "",
    service: str = "service_ms = 20",
    wire: str = "",
    more: str = "",
    times: str = "for_s = 30",
) -> dict[str, Diagnosis]:
    """The reasons in such a design without goals, by the pointer they explain; the first one each."""
    text = DESIGN.format(
        kind=kind,
        channel=channel,
        service=service,
        wire=wire,
        more=more,
        fault=fault,
        target=target,
        times=times,
    )
    reasons: dict[str, Diagnosis] = {}
    for one in diagnose(*outcome_of(text)):
        for metric in one.metrics:
            reasons.setdefault(metric, one)
    return reasons


@pytest.mark.parametrize("kind", ["queue", "topic", "stream"])
def test_a_removed_wire_is_why_nothing_passes(kind: str) -> None:
    """A wire that is taken away for good explains what failed, was lost or is unread, on both of its sides;
    no rate limit does, though the reader has one.
    """
    for target in ("shop->orders", "orders->kitchen"):
        found = found_in("remove", target, kind=kind, wire="max_rate_per_s = 20", times="")
        assert {one.id for one in found.values()} == {"cut-off"}
        assert all(one.wire.startswith(target) for one in found.values())
        assert "was taken away at 0:08" in next(iter(found.values())).what


def test_failures_set_aside_are_unfinished_because_nobody_reads_them() -> None:
    """What a failing handler put into a queue for dead letters that nobody reads is unfinished for that
    reason, and the rule for errors loses none of it; without dead letters it is a queue that nobody reads.
    """
    found = found_in("poison", "kitchen", wire='on_error = "drop"', more=SHELF + ASIDE, times="for_s = 4")
    pending = found["/effect/kitchen/order.placed/pending"]
    assert (pending.id, pending.component) == ("dead-letters-unowned", "failures")
    assert "/effect/kitchen/order.placed/lost" not in found
    found = found_in("poison", "kitchen", wire='on_error = "drop"', more=SHELF, times="for_s = 4")
    assert found["/component/failures/queue/end"].id == "nobody-subscribed"


def test_the_part_that_hangs_with_all_its_nodes_is_what_stands_still() -> None:
    """A broker of three nodes that hangs as a whole loses no node: it is what everything waits for."""
    found = found_in("hang", "orders", channel="replicas = 3")
    assert {one.id for one in found.values()} == {"single-point-of-failure"}
    assert "no other node took over" in found["/client/shop/failed"].what


def test_a_group_that_committed_first_loses_what_its_removed_members_had() -> None:
    """A member that is removed from its group has lost its batch for good where it had committed it before
    the work.
    """
    wire = 'ack = "before"\npoll_deadline_s = 1'
    found = found_in("slow", "kitchen", kind="stream", wire=wire, times="for_s = 10\nfactor = 200")
    lost = found["/effect/kitchen/order.placed/lost"]
    assert lost.id == "evicted"
    assert "nobody read those again" in lost.what


def test_records_skipped_at_a_reset_are_part_of_the_gap() -> None:
    """What a reader skips because its position is no longer kept counts as well as what was removed."""
    found = found_in(
        "slow", "kitchen", kind="stream", channel="retention_s = 3", times="for_s = 10\nfactor = 100"
    )
    lost = found["/effect/kitchen/order.placed/lost"]
    assert lost.id == "retention-gap"
    assert "went on from the end" in lost.what
