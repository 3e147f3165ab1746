"""Causes in what a channel holds back, sets aside or drops, each with a neighbor that doesn't have it."""

from tests.judge.causes.diagnosis_pairs import RUN, Pair, _with

SHELF = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.orders]
kind = "queue"
ttl_s = 10
[components.later]
kind = "queue"
[components.shop]
kind = "service"
service_ms = 10
[[wires]]
from = "users"
to = "orders"
[[wires]]
from = "orders"
to = "later"
kind = "dead-letter"
[[wires]]
from = "later"
to = "shop"
[[effects]]
event = "order.placed"
at = "shop"
"""
)
PASSES_ON = _with(SHELF, ("ttl_s = 10", 'ttl_s = 10\nlike = "rabbitmq"'))
READ = SHELF + '[[wires]]\nfrom = "orders"\nto = "shop"\n'

GROUPS = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 8
event = "account.changed"
keys = 4
[components.accounts]
kind = "queue"
lanes = "entity"
[components.ledger]
kind = "service"
workers = 8
service_ms = 50
failure_rate = 0.3
[[wires]]
from = "users"
to = "accounts"
[[wires]]
from = "accounts"
to = "ledger"
retry_delay_s = 1
[[effects]]
event = "account.changed"
at = "ledger"
"""
)
NO_GROUPS = _with(GROUPS, ('lanes = "entity"\n', ""))
SURE = _with(GROUPS, ("failure_rate = 0.3\n", ""))
LIMITED = _with(GROUPS, ("retry_delay_s = 1", "max_rate_per_s = 4"), ('lanes = "entity"\n', ""))
AMPLE = _with(LIMITED, ("max_rate_per_s = 4", "max_rate_per_s = 40"))

LOOKED_UP = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.shop]
kind = "service"
service_ms = 10
[components.prices]
kind = "database"
[[wires]]
from = "users"
to = "shop"
[[wires]]
from = "shop"
to = "prices"
kind = "write"
"""
)
READS = (("/database/prices/reads", -1),)

LOST = (("/effect/shop/order.placed/lost", 0),)
LATE = (("/effect/shop/order.placed/delay_ms/p50", 1000),)
WAITED = (("/effect/ledger/account.changed/delay_ms/p95", 400),)

WAIT_PAIRS = (
    Pair("not-dead-lettered", SHELF, PASSES_ON, LOST),
    Pair("delay-line", PASSES_ON, _with(READ, ("ttl_s = 10", 'ttl_s = 10\nlike = "rabbitmq"')), LATE),
    Pair("held-lane", GROUPS, NO_GROUPS, WAITED),
    Pair("next-try", NO_GROUPS, SURE, WAITED),
    Pair("rate-limited", LIMITED, AMPLE, WAITED),
    Pair("nobody-reads", LOOKED_UP, LOOKED_UP.replace('"write"', '"read"'), READS),
)
"""Every pair of this module."""
