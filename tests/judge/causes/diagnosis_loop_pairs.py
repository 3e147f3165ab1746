"""Causes in deliveries, loops, cuts and majorities, each with a neighbor that differs in one thing."""

from __future__ import annotations

from tests.judge.causes.diagnosis_pairs import Pair, _with

SHOP = """
[run]
duration_s = {duration}
drain_s = {drain}
[components.users]
kind = "client"
rate_per_s = {rate}
event = "order.placed"
[components.orders]
kind = "queue"
{orders}
[components.shop]
kind = "service"
{shop}
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "shop"
{wire}
[[effects]]
event = "order.placed"
at = "shop"
"""


def _shop(
    orders: str = "",
    shop: str = "service_ms = 100",
    wire: str = "",
    rate: float = 5,
    duration: int = 120,
    drain: int = 60,
    more: str = "",
) -> str:
    return SHOP.format(orders=orders, shop=shop, wire=wire, rate=rate, duration=duration, drain=drain) + more


AGAIN = (("/effect/shop/order.placed/duplicates", 0),)
LOST = (("/effect/shop/order.placed/lost", 0),)
LATE = (("/effect/shop/order.placed/delay_ms/p95", 1000),)
LEFT = (("/effect/shop/order.placed/pending", 0),)
LEASE = 'redeliver_on = "lease"\nvisibility_timeout_s = 20'
UNLIMITED = _shop(LEASE, 'service_ms = 300\ndistribution = "constant"', "prefetch = 0", rate=3).replace(
    "rate_per_s = 3", "profile = [[0, 3], [30, 20], [50, 1]]"
)

RESTARTS = """
[components.aside]
kind = "queue"
[[wires]]
from = "orders"
to = "aside"
kind = "dead-letter"
[[faults]]
kind = "crash"
target = "shop"
at_s = 30
for_s = 2
every_s = 5
"""
UNREAD = _shop(
    'redeliver_on = "disconnect"\nmax_deliveries = 3',
    "service_ms = 150",
    "prefetch = 200",
    rate=8,
    duration=100,
    more=RESTARTS,
)

FAR = _shop(
    'redeliver_on = "disconnect"',
    'service_ms = 20\ndistribution = "constant"',
    "latency_ms = 100\nprefetch = 1",
    rate=8,
)

FULL_BULKHEAD = """
[components.bank]
kind = "service"
service_ms = 2000
[[wires]]
from = "shop"
to = "bank"
kind = "call"
max_in_flight = 1
"""
HOT = _shop(
    'redeliver_on = "disconnect"',
    "service_ms = 1\nworkers = 4",
    "prefetch = 4",
    rate=0.4,
    duration=60,
    more=FULL_BULKHEAD,
).replace("duration_s = 60", "duration_s = 60\nmax_events = 300_000")

CIRCLE = """
[run]
duration_s = 120
drain_s = 60
[components.users]
kind = "client"
profile = [[0, 5], [30, 200], [40, 5]]
event = "step.one"
[components.qa]
kind = "queue"
max_length = 50
[components.qb]
kind = "queue"
max_length = 50
[components.alpha]
kind = "service"
service_ms = 20
workers = 2
[components.beta]
kind = "service"
service_ms = 20
workers = 2
[[wires]]
from = "users"
to = "qa"
[[wires]]
from = "qa"
to = "alpha"
[[wires]]
from = "alpha"
to = "qb"
event = "step.two"
events = ["step.one"]
retries = 1000
backoff_ms = 100
[[wires]]
from = "qb"
to = "beta"
[[wires]]
from = "beta"
to = "qa"
event = "step.three"
retries = 1000
backoff_ms = 100
[[effects]]
event = "step.three"
at = "alpha"
"""

AROUND = """
[run]
duration_s = 60
drain_s = 20
[components.users]
kind = "client"
rate_per_s = 1
event = "order.placed"
[components.orders]
kind = "topic"
[components.shop]
kind = "service"
service_ms = 50
workers = 4
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "shop"
[[wires]]
from = "shop"
to = "orders"
event = "{event}"
[[effects]]
event = "order.placed"
at = "shop"
"""

ASKING = """
[run]
duration_s = 300
drain_s = 60
[components.users]
kind = "client"
rate_per_s = 0.1
event = "order.placed"
[components.shop]
kind = "service"
service_ms = {work}
workers = 4
[[wires]]
from = "users"
to = "shop"
kind = "call"
timeout_ms = 5000
retries = 3
backoff_ms = 1000
[[effects]]
event = "order.placed"
at = "shop"
"""

HERD = """
[run]
duration_s = 60
drain_s = 30
[components.users]
kind = "client"
rate_per_s = 6
event = "order.placed"
[components.orders]
kind = "queue"
[components.shop]
kind = "service"
service_ms = 5
workers = 4
[components.bank]
kind = "service"
service_ms = 200
queue_limit = 2
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "shop"
[[wires]]
from = "shop"
to = "bank"
kind = "call"
retries = 5
backoff_ms = {pause}
[[effects]]
event = "order.placed"
at = "bank"
"""

HEAD = """
[run]
duration_s = 200
drain_s = 20
[components.users]
kind = "client"
rate_per_s = 8
event = "order.placed"
keys = 200
[components.log]
kind = "stream"
partitions = 4
[components.shop]
kind = "service"
service_ms = 20
workers = 4
[[wires]]
from = "users"
to = "log"
[[wires]]
from = "log"
to = "shop"
batch = 1
on_error = "{on_error}"
retry_delay_s = 1
[[faults]]
kind = "poison"
target = "shop"
probability = 0.002
[[effects]]
event = "order.placed"
at = "shop"
"""

NODES = _shop(
    "replicas = NODES\nfailover_s = 0.5",
    "service_ms = 20",
    rate=5,
    more="""
[[faults]]
kind = "crash"
target = "orders"
replica = 1
at_s = 40
for_s = 20
""",
)

STALL = _shop(
    "",
    "service_ms = 20",
    rate=5,
    more="""
[[faults]]
kind = "hang"
target = "orders"
at_s = 40
for_s = 6
""",
).replace('to = "orders"\n[[wires]]', 'to = "orders"\nTIMEOUT\nretries = 5\nbackoff_ms = 100\n[[wires]]', 1)

BACK = _shop(
    "",
    'service_ms = 180\ndistribution = "constant"',
    rate=5,
    duration=200,
    drain=0,
    more="""
[[faults]]
kind = "crash"
target = "shop"
at_s = 150
for_s = 40
""",
)

CUT = """
[run]
duration_s = 120
drain_s = 60
[components.users]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.shop]
kind = "service"
service_ms = 20
workers = 4
[components.bank]
kind = "service"
service_ms = 20
workers = 4
[[wires]]
from = "users"
to = "shop"
kind = "call"
timeout_ms = 2000
[[wires]]
from = "shop"
to = "bank"
kind = "call"
timeout_ms = 1000
[[faults]]
kind = "partition"
target = "shop->bank"
at_s = {at}
for_s = 20
"""

MIXED = """
[run]
duration_s = 120
drain_s = 10
[components.users]
kind = "client"
rate_per_s = 4
event = "order.placed"
[components.visitors]
kind = "client"
rate_per_s = 20
event = "page.viewed"
[components.facts]
kind = "topic"
[components.shop]
kind = "service"
service_ms = 60
[[wires]]
from = "users"
to = "facts"
[[wires]]
from = "visitors"
to = "facts"
[[wires]]
from = "facts"
to = "shop"
{events}
[[effects]]
event = "order.placed"
at = "shop"
"""

UNCONFIRMED = """
[run]
duration_s = 60
drain_s = {drain}
[components.shop]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.orders]
kind = "queue"
[components.kitchen]
kind = "service"
service_ms = 1500
workers = 20
[[wires]]
from = "shop"
to = "orders"
retries = 1
backoff_ms = 200
[[wires]]
from = "orders"
to = "kitchen"
[[effects]]
event = "order.placed"
at = "kitchen"
[[faults]]
kind = "drop-acks"
target = "{target}"
at_s = 20
for_s = 20
"""

LOOP_PAIRS = [
    Pair("lease-in-hand", UNLIMITED, _with(UNLIMITED, ("prefetch = 0", "prefetch = 1")), AGAIN),
    Pair(
        "given-up-unread",
        UNREAD,
        _with(UNREAD, ("prefetch = 200", "prefetch = 1")),
        (("/component/orders/dead_lettered", 0),),
    ),
    Pair("small-prefetch", FAR, _with(FAR, ("prefetch = 1", "prefetch = 20")), LATE),
    Pair(
        "hot-redelivery",
        HOT,
        _with(HOT, ("prefetch = 4", "prefetch = 4\nretry_delay_s = 2")),
        (("/component/orders/redelivered", 100),),
    ),
    Pair(
        "deadlock",
        CIRCLE,
        _with(CIRCLE, ("max_length = 50", "max_length = 5000")),
        (("/effect/alpha/step.three/pending", 0),),
    ),
    Pair("event-loop", AROUND.format(event="order.placed"), AROUND.format(event="order.done"), AGAIN),
    Pair("timeout-too-short", ASKING.format(work=5000), ASKING.format(work=50), AGAIN),
    Pair(
        "retries-without-pause",
        HERD.format(pause=0),
        HERD.format(pause=2000),
        (("/effect/bank/order.placed/delay_ms/p95", 2000),),
    ),
    Pair("blocked-partition", HEAD.format(on_error="retry"), HEAD.format(on_error="drop"), LEFT),
    Pair(
        "no-majority",
        NODES.replace("NODES", "2"),
        NODES.replace("NODES", "3"),
        (("/client/users/availability", -0.99),),
    ),
    Pair(
        "outage-backlog",
        BACK,
        _with(BACK, ("at_s = 150", "at_s = 10"), ("for_s = 40", "for_s = 1")),
        (("/effect/shop/order.placed/pending", 100),),
    ),
    Pair(
        "publish-timeouts", STALL.replace("TIMEOUT", "timeout_ms = 2000"), STALL.replace("TIMEOUT", ""), AGAIN
    ),
    Pair("cut-off", CUT.format(at=40), CUT.format(at=400), (("/client/users/availability", -0.99),)),
    Pair(
        "confirms-lost",
        UNCONFIRMED.format(target="shop->orders", drain=60),
        UNCONFIRMED.format(target="orders->kitchen", drain=60),
        (("/client/shop/availability", -0.99),),
    ),
    Pair(
        "cut-short",
        UNCONFIRMED.format(target="orders->kitchen", drain=0),
        UNCONFIRMED.format(target="orders->kitchen", drain=60),
        (("/effect/kitchen/order.placed/pending", 0),),
    ),
    Pair("too-many-kinds", MIXED.format(events=""), MIXED.format(events='events = ["order.placed"]'), LATE),
]
"""A pair for each cause in deliveries, loops, cuts and majorities."""
