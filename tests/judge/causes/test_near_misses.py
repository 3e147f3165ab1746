"""Causes that are easily confused: a short queue and bad luck, a refusal and a loss, a log that deleted
records and one that never had to.
"""

from __future__ import annotations

from tests.judge.causes.diagnosis_runs import ids

SHOP = """
[run]
duration_s = 120
drain_s = 30
[components.users]
kind = "client"
rate_per_s = 35
event = "order.placed"
[components.shop]
kind = "service"
service_ms = {service}
failure_rate = {unlucky}
[[wires]]
from = "users"
to = "shop"
timeout_ms = 1000
[[windows]]
id = "before"
from_s = 0
to_s = 50
[[faults]]
kind = "hang"
target = "shop"
at_s = 60
for_s = 10
"""
BEFORE = ("/window/before/client/users/availability", -0.995)


def test_a_line_shorter_than_patience_explains_no_failure() -> None:
    """At 70% load and with a timeout of a second, failures of 2% are diagnosed as a missing retry, whatever
    happens after the window.
    """
    found = ids(SHOP.format(service=20, unlucky=0.02), BEFORE)
    assert found[0] == "gave-up-early"


def test_a_line_longer_than_patience_does() -> None:
    """At 175% load, the same shop's failures in the same window are diagnosed as overload."""
    found = ids(SHOP.format(service=50, unlucky=0), BEFORE)
    assert found[0] in ("saturated", "stale-work")


LOG = """
[run]
duration_s = 200
drain_s = 60
[components.traders]
kind = "client"
rate_per_s = 20
event = "trade.made"
[components.trades]
kind = "stream"
replicas = 3
min_insync = {need}
failover_s = 5
replication_lag_ms = 400
[components.books]
kind = "service"
service_ms = 5
[[wires]]
from = "traders"
to = "trades"
acks = "{acks}"
retries = {retries}
backoff_ms = 1000
[[wires]]
from = "trades"
to = "books"
batch = 10
[[faults]]
kind = "crash"
target = "trades"
replica = 1
at_s = 60
for_s = 60
[[effects]]
event = "trade.made"
at = "books"
"""
LOST = ("/effect/books/trade.made/lost", 0)
REFUSED = ("/client/traders/availability", -0.999)
WAITED = ("/client/traders/response_ms/max", 20_000)


def test_who_tried_again_lost_nothing_to_the_take_over() -> None:
    """With retries, losses are blamed on acks from the leader alone, and not on the broker's takeover."""
    found = ids(LOG.format(acks="leader", retries=100, need=1), LOST)
    assert found[0] == "unreplicated-ack"
    assert "broker-down" not in found


def test_who_tried_once_is_refused_by_the_take_over() -> None:
    """Without retries, refused trades are blamed on the broker's takeover."""
    assert ids(LOG.format(acks="all", retries=0, need=1), REFUSED)[0] == "broker-down"


def test_too_few_copies_make_those_wait_who_try_again() -> None:
    """With three in-sync copies of three required and enough retries, nobody is refused: the waits are blamed
    on the missing copy.
    """
    assert ids(LOG.format(acks="all", retries=200, need=3), WAITED)[0] == "not-enough-insync"


def test_two_of_three_copies_make_nobody_wait_that_long() -> None:
    """With two copies required, the same crash makes nobody wait longer than the takeover, and has no
    diagnosis.
    """
    assert ids(LOG.format(acks="all", retries=200, need=2), WAITED) == []


HISTORY = """
[run]
duration_s = 200
drain_s = 60
[components.tills]
kind = "client"
rate_per_s = 10
event = "purchase.made"
[components.log]
kind = "stream"
retention_s = {kept}
[components.old]
kind = "service"
service_ms = 5
[components.new]
kind = "service"
service_ms = 5
from_s = 100
[[wires]]
from = "tills"
to = "log"
[[wires]]
from = "log"
to = "old"
[[wires]]
from = "log"
to = "new"
from_offset = "{start}"
[[effects]]
event = "purchase.made"
at = "new"
"""
MISSED = ("/effect/new/purchase.made/lost", 0)


def test_a_log_that_forgot_before_its_reader_came_is_told_so() -> None:
    """Records deleted before the reader joined aren't counted as dropped, and still retention is the
    diagnosis.
    """
    assert ids(HISTORY.format(kept=30, start="earliest"), MISSED)[0] == "retention-gap"


def test_a_reader_that_begins_at_the_end_skips_what_the_log_still_has() -> None:
    """If the log keeps everything, a reader that starts at the end is diagnosed as skipping history."""
    assert ids(HISTORY.format(kept='"forever"', start="latest"), MISSED)[0] == "skipped-history"


def test_a_log_that_kept_everything_for_a_reader_from_the_start_lacks_nothing() -> None:
    """A log that keeps everything, read from the beginning, has no diagnosis."""
    assert ids(HISTORY.format(kept='"forever"', start="earliest"), MISSED) == []


PILE = """
[run]
duration_s = 200
drain_s = 60
[components.users]
kind = "client"
profile = [[0, {early}], [60, 10]]
event = "order.placed"
[components.orders]
kind = "queue"
{keeps}
[components.shop]
kind = "service"
service_ms = 80
distribution = "constant"
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "shop"
[[faults]]
kind = "hang"
target = "shop"
at_s = {hangs}
for_s = 20
[[effects]]
event = "order.placed"
at = "shop"
"""
SLOW = ("/effect/shop/order.placed/delay_ms/p95", 8_000)
GONE = ("/effect/shop/order.placed/lost", 0)


def test_a_pile_from_before_an_outage_is_not_blamed_on_it() -> None:
    """A backlog that a minute's rush left behind, larger than that of a short hang, is blamed on saturation
    and not on the hang.
    """
    found = ids(PILE.format(early=25, keeps="", hangs=70), SLOW)
    assert found[0] == "saturated"
    assert "slow-drain" not in found


def test_a_pile_from_an_outage_is() -> None:
    """Without the rush, the backlog is blamed on the hang."""
    assert ids(PILE.format(early=10, keeps="", hangs=70), SLOW)[0] == "slow-drain"


def test_a_loss_is_no_work_of_a_part_that_merely_stood_still() -> None:
    """Messages that a full queue dropped during the rush are not blamed on the reader, which hung
    much later.
    """
    found = ids(PILE.format(early=25, keeps='max_length = 100\noverflow = "drop-oldest"', hangs=150), GONE)
    assert found[0] == "overflow"
    assert "single-point-of-failure" not in found


def test_the_last_resort_speaks_only_alone() -> None:
    """The diagnosis "too slow" is given only if no other cause is found."""
    assert "too-slow" not in ids(PILE.format(early=10, keeps="", hangs=70), SLOW)
    calm = (
        PILE.format(early=10, keeps="", hangs=70)
        .split("[[faults]]")[0]
        .replace("service_ms = 80", "service_ms = 80\nworkers = 9")
    )
    effects = '[[effects]]\nevent = "order.placed"\nat = "shop"\n'
    assert ids(calm + effects, ("/effect/shop/order.placed/delay_ms/p50", 50)) == ["too-slow"]


def test_who_completes_nothing_is_not_merely_too_slow() -> None:
    """A reader that fails every message has a backlog, and isn't diagnosed as saturated."""
    text = PILE.format(early=10, keeps="", hangs=70).replace(
        "service_ms = 80", "service_ms = 20\nfailure_rate = 1.0"
    )
    assert "saturated" not in ids(text, ("/effect/shop/order.placed/pending", 0))


COPY = """
[run]
duration_s = 60
drain_s = 20
[components.people]
kind = "client"
rate_per_s = 5
event = "address.changed"
[components.owner]
kind = "service"
[components.master]
kind = "database"
owner = "owner"
[components.changes]
kind = "queue"
[components.reader]
kind = "service"
workers = 4
service_ms = {work}
[components.copy]
kind = "database"
copy_of = "master"
[[wires]]
from = "people"
to = "owner"
kind = "call"
[[wires]]
from = "owner"
to = "master"
kind = "write"
[[wires]]
from = "owner"
to = "changes"
kind = "publish"
[[wires]]
from = "changes"
to = "reader"
[[wires]]
from = "reader"
to = "copy"
kind = "write"
[[effects]]
event = "address.changed"
at = "reader"
[[faults]]
kind = "die-between"
target = "owner"
probability = 0.1
"""
DIFFER = ("/database/copy/diverged_keys", 0)


def test_order_is_not_accused_where_nothing_was_overtaken() -> None:
    """A copy that never received its changes isn't blamed on their order, although several workers might
    overtake each other.
    """
    found = ids(COPY.format(work=1), DIFFER)
    assert found[0] == "dual-write"
    assert "out-of-order" not in found
