"""For each cause, a design that has it and a near neighbor that differs in one thing and doesn't have it.

The neighbor has the same traffic and faults, and changes only what the cause is about.
"""

import dataclasses

Goals = tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class Pair:
    """A cause with a design that has it and one that doesn't."""

    cause: str
    """The id of the diagnosis that must come first."""
    has: str
    """A scenario that has the cause."""
    lacks: str
    """A near neighbor without the cause."""
    goals: Goals
    """The missed goals: pointer and limit (a negative limit is a lower one)."""


def _with(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


RUN = """
[run]
duration_s = 120
drain_s = 60
"""

CALL = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.shop]
kind = "service"
service_ms = 40
workers = 2
[[wires]]
from = "users"
to = "shop"
kind = "call"
timeout_ms = 1000
[[effects]]
event = "order.placed"
at = "shop"
"""
)

QUEUE = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.orders]
kind = "queue"
redeliver_on = "disconnect"
[components.shop]
kind = "service"
service_ms = 40
workers = 2
[[wires]]
from = "users"
to = "orders"
kind = "publish"
[[wires]]
from = "orders"
to = "shop"
kind = "subscribe"
[[effects]]
event = "order.placed"
at = "shop"
"""
)

TOPIC = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.orders]
kind = "topic"
[components.shop]
kind = "service"
service_ms = 40
workers = 2
[components.mail]
kind = "service"
service_ms = 10
[[wires]]
from = "users"
to = "orders"
kind = "publish"
[[wires]]
from = "orders"
to = "shop"
kind = "subscribe"
[[wires]]
from = "orders"
to = "mail"
kind = "subscribe"
[[effects]]
event = "order.placed"
at = "shop"
[[effects]]
event = "order.placed"
at = "mail"
"""
)

MAILER = (
    CALL
    + """
[components.mailer]
kind = "service"
service_ms = 50
workers = 20
[[wires]]
from = "shop"
to = "mailer"
kind = "call"
timeout_ms = 20000
[[faults]]
kind = "hang"
target = "mailer"
at_s = 30
for_s = 60
[[effects]]
event = "order.placed"
at = "mailer"
"""
)

STREAM = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 40
event = "scan.made"
keys = 500
[components.log]
kind = "stream"
partitions = 4
[components.readers]
kind = "service"
service_ms = 50
distribution = "constant"
replicas = 4
[[wires]]
from = "users"
to = "log"
kind = "publish"
[[wires]]
from = "log"
to = "readers"
kind = "subscribe"
batch = 10
[[effects]]
event = "scan.made"
at = "readers"
"""
)

HANDED_OVER = _with(
    MAILER,
    (
        '[[wires]]\nfrom = "shop"\nto = "mailer"\nkind = "call"\ntimeout_ms = 20000\n',
        (
            '[components.letters]\nkind = "queue"\n[[wires]]\nfrom = "shop"\nto = "letters"\n[[wires]]\nfrom'
            ' = "letters"\nto = "mailer"\n'
        ),
    ),
)

CHAIN = (
    CALL
    + """
[components.stock]
kind = "service"
service_ms = 10
[components.bank]
kind = "service"
service_ms = 10
[[wires]]
from = "shop"
to = "stock"
kind = "call"
timeout_ms = 500
[[wires]]
from = "stock"
to = "bank"
kind = "call"
timeout_ms = 300
[[faults]]
kind = "crash"
target = "stock"
at_s = 30
for_s = 15
[[faults]]
kind = "crash"
target = "bank"
at_s = 80
for_s = 15
"""
)

LOST = (("/effect/shop/order.placed/lost", 0),)
DELAY = (("/effect/shop/order.placed/delay_ms/p95", 2000),)
FAILED = (("/client/users/failed", 0),)
TWICE = (("/effect/shop/order.placed/duplicates", 0),)
LAG = (("/effect/readers/scan.made/delay_ms/p95", 1500),)

CRASH = """
[[faults]]
kind = "crash"
target = "shop"
at_s = 40
for_s = 20
"""
BUSY = ("rate_per_s = 10", "rate_per_s = 45")
ACKED_EARLY = _with(
    QUEUE + CRASH, BUSY, ('kind = "subscribe"', 'kind = "subscribe"\nack = "before"\nprefetch = 50')
)
POISON = """
[[faults]]
kind = "poison"
target = "shop"
probability = 0.02
"""
SHELF = """
[components.shelf]
kind = "queue"
[[wires]]
from = "orders"
to = "shelf"
kind = "dead-letter"
"""
CLERK = """
[components.clerk]
kind = "service"
service_ms = 10
[[wires]]
from = "shelf"
to = "clerk"
kind = "subscribe"
"""
LEASED = ('redeliver_on = "disconnect"', "visibility_timeout_s = 10")
SECOND_READER = """
[components.mail]
kind = "service"
service_ms = 10
[[wires]]
from = "orders"
to = "mail"
kind = "subscribe"
[[effects]]
event = "order.placed"
at = "mail"
"""
GIVEN_UP = ('redeliver_on = "disconnect"', 'redeliver_on = "disconnect"\nmax_deliveries = 3')

_BOOKS = """
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.shop]
kind = "service"
service_ms = 10
workers = 4
[components.books]
kind = "database"
write_ms = 5
read_ms = 5
owner = "shop"
[components.mailer]
kind = "service"
service_ms = 10
[[effects]]
event = "order.placed"
at = "mailer"
[[wires]]
from = "users"
to = "shop"
kind = "call"
timeout_ms = 2000
"""
_WRITE = '[[wires]]\nfrom = "shop"\nto = "books"\nkind = "write"\n'
_NEWS = '[components.news]\nkind = "queue"\n[[wires]]\nfrom = "news"\nto = "mailer"\n'
_SAY = '[[wires]]\nfrom = "shop"\nto = "news"\nkind = "publish"\n'
_ROLLING = _with(RUN + _BOOKS, ("write_ms = 5", "write_ms = 5\nrollback_rate = 0.05"))
WRITE_FIRST = _ROLLING + _NEWS + _WRITE + _SAY
WRITE_LAST = _ROLLING + _NEWS + _SAY + _WRITE
CAPTURED = _ROLLING + _NEWS + _WRITE + '[[wires]]\nfrom = "books"\nto = "news"\nkind = "capture"\n'
COPY = """
[components.copy]
kind = "database"
write_ms = 5
copy_of = "books"
[[wires]]
from = "mailer"
to = "copy"
kind = "write"
"""
POLLED = (
    _with(RUN + _BOOKS, ("write_ms = 5", "write_ms = 5\nconnections = 1"))
    + _WRITE
    + """
[components.night]
kind = "job"
interval_s = 20
scan_ms = 400
row_ms = 10
[[wires]]
from = "books"
to = "night"
kind = "poll"
[[wires]]
from = "night"
to = "mailer"
kind = "call"
"""
)

NEIGHBOURS = (
    RUN
    + """
[components.one]
kind = "client"
rate_per_s = 2
event = "hook.bad"
[components.many]
kind = "client"
rate_per_s = 20
event = "hook.good"
[components.hooks]
kind = "queue"
redeliver_on = "disconnect"
[components.sender]
kind = "service"
workers = 6
[components.bad]
kind = "service"
service_ms = 20
workers = 50
[components.good]
kind = "service"
service_ms = 20
workers = 50
[[wires]]
from = "one"
to = "hooks"
[[wires]]
from = "many"
to = "hooks"
[[wires]]
from = "hooks"
to = "sender"
on_error = "drop"
[[wires]]
from = "sender"
to = "bad"
kind = "call"
events = ["hook.bad"]
timeout_ms = 10000
[[wires]]
from = "sender"
to = "good"
kind = "call"
events = ["hook.good"]
timeout_ms = 10000
[[faults]]
kind = "hang"
target = "bad"
at_s = 20
for_s = 60
[[effects]]
event = "hook.good"
at = "good"
"""
)

ASKING = (
    RUN
    + """
[components.editors]
kind = "client"
rate_per_s = 25
event = "customer.changed"
[components.visitors]
kind = "client"
rate_per_s = 10
event = "page.viewed"
[components.customers]
kind = "service"
service_ms = 30
workers = 2
[components.changes]
kind = "topic"
[components.billing]
kind = "service"
service_ms = 5
workers = 40
[components.search]
kind = "service"
service_ms = 5
workers = 40
[components.shipping]
kind = "service"
service_ms = 5
workers = 40
[[wires]]
from = "visitors"
to = "customers"
kind = "call"
timeout_ms = 1000
[[wires]]
from = "editors"
to = "changes"
kind = "publish"
payload = "notification"
"""
    + "".join(
        f'[[wires]]\nfrom = "changes"\nto = "{name}"\n[[wires]]\nfrom = "{name}"\nto = "customers"\nkind ='
        ' "call"\nlookup = true\ntimeout_ms = 1000\n'
        for name in ("billing", "search", "shipping")
    )
)

STORY = (
    RUN
    + """
[components.people]
kind = "client"
rate_per_s = 5
event = "trip.requested"
[components.booking]
kind = "service"
service_ms = 10
workers = 20
[components.flight]
kind = "service"
service_ms = 20
workers = 10
[components.bank]
kind = "service"
service_ms = 20
workers = 10
failure_rate = 0.1
[[wires]]
from = "people"
to = "booking"
kind = "call"
timeout_ms = 5000
[[wires]]
from = "booking"
to = "flight"
kind = "call"
timeout_ms = 1000
[[wires]]
from = "booking"
to = "bank"
kind = "call"
timeout_ms = 1000
[[effects]]
event = "trip.requested"
at = "flight"
undone_by = "trip.failed"
[[effects]]
event = "trip.requested"
at = "bank"
"""
)
UNDO = """
[components.undoing]
kind = "queue"
redeliver_on = "disconnect"
[[wires]]
from = "booking"
to = "undoing"
kind = "publish"
on = "failure"
event = "trip.failed"
[[wires]]
from = "undoing"
to = "flight"
"""
DEPLOY = """
[[faults]]
kind = "deploy"
target = "readers"
at_s = 30
each_s = 15
down_s = 5
"""
PATTERN = (
    RUN.replace("120", "600")
    + """
[components.cards]
kind = "client"
rate_per_s = 5
event = "charge.normal"
keys = 4000
sequences = [{name = "fraud", rate_per_s = 0.2, steps = [{event = "charge.tiny"},
    {event = "charge.big", after_s = 10}]}]
[components.charges]
kind = "stream"
partitions = 4
[components.detector]
kind = "service"
replicas = 4
service_ms = 5
window_s = 120
pattern = [{event = "charge.tiny"}, {event = "charge.big", within_s = 100}]
[components.alarm]
kind = "queue"
[components.team]
kind = "service"
service_ms = 10
[[wires]]
from = "cards"
to = "charges"
kind = "publish"
key = "none"
[[wires]]
from = "charges"
to = "detector"
[[wires]]
from = "detector"
to = "alarm"
kind = "publish"
event = "fraud.suspected"
[[wires]]
from = "alarm"
to = "team"
"""
)

PAIRS = [
    Pair("saturated", _with(QUEUE, ("rate_per_s = 10", "rate_per_s = 60")), QUEUE, DELAY),
    Pair(
        "slow-drain",
        _with(QUEUE, ("service_ms = 40", "service_ms = 180")) + CRASH,
        _with(QUEUE, ("service_ms = 40", "service_ms = 10")) + CRASH,
        (("/effect/shop/order.placed/delay_ms/p95", 1000),),
    ),
    Pair(
        "late-scale",
        _with(
            QUEUE,
            ("rate_per_s = 10", "profile = [[0, 10], [20, 150], [60, 10]]"),
            ("workers = 2", "workers = 2\nautoscale = [1, 8, 1500, 30]"),
        ),
        _with(
            QUEUE,
            ("rate_per_s = 10", "profile = [[0, 10], [20, 150], [60, 10]]"),
            ("workers = 2", "workers = 2\nreplicas = 4\nautoscale = [4, 8, 20, 1]"),
        ),
        DELAY,
    ),
    Pair(
        "stale-work",
        _with(QUEUE, ("service_ms = 40", "service_ms = 170"), ('at = "shop"', 'at = "shop"\ndeadline_s = 5'))
        + CRASH.replace("20\n", "30\n"),
        _with(
            QUEUE,
            ("service_ms = 40", "service_ms = 170"),
            ('at = "shop"', 'at = "shop"\ndeadline_s = 5'),
            ('kind = "queue"', 'kind = "queue"\nttl_s = 4'),
        )
        + CRASH.replace("20\n", "30\n"),
        (("/effect/shop/order.placed/late", 20),),
    ),
    Pair("blocked-callers", MAILER, HANDED_OVER, (("/client/users/availability", -0.9),)),
    Pair("single-point-of-failure", CALL + CRASH, CALL, FAILED),
    Pair("series-product", CHAIN, CALL + CRASH, (("/client/users/availability", -0.999),)),
    Pair("lost-in-crash", ACKED_EARLY, _with(QUEUE + CRASH, BUSY), LOST),
    Pair(
        "not-durable",
        _with(TOPIC, ('to = "shop"\nkind = "subscribe"', 'to = "shop"\nkind = "subscribe"\ndurable = false'))
        + CRASH,
        TOPIC + CRASH,
        LOST,
    ),
    Pair(
        "expired", _with(QUEUE, ('kind = "queue"', 'kind = "queue"\nttl_s = 5')) + CRASH, QUEUE + CRASH, LOST
    ),
    Pair(
        "overflow",
        _with(QUEUE, ('kind = "queue"', 'kind = "queue"\nmax_length = 50\noverflow = "drop-oldest"')) + CRASH,
        QUEUE + CRASH,
        LOST,
    ),
    Pair(
        "shed",
        _with(CALL, ("rate_per_s = 10", "rate_per_s = 80"), ("workers = 2", "workers = 2\nqueue_limit = 10")),
        _with(CALL, ("rate_per_s = 10", "rate_per_s = 80")),
        FAILED,
    ),
    Pair("not-wired", QUEUE[: QUEUE.index("[[wires]]")] + QUEUE[QUEUE.index("[[effects]]") :], QUEUE, LOST),
    Pair(
        "nobody-subscribed",
        _with(TOPIC, ('[[wires]]\nfrom = "orders"\nto = "shop"\nkind = "subscribe"\n', "")),
        TOPIC,
        LOST,
    ),
    Pair("shared-queue", QUEUE + SECOND_READER, TOPIC, LOST),
    Pair(
        "double-handling",
        QUEUE + '[[wires]]\nfrom = "users"\nto = "shop"\nkind = "call"\ntimeout_ms = 1000\n',
        QUEUE,
        TWICE,
    ),
    Pair(
        "duplicates",
        _with(QUEUE, LEASED) + '[[faults]]\nkind = "drop-acks"\ntarget = "orders->shop"\nprobability = 0.1\n',
        _with(QUEUE, LEASED, ("workers = 2", "workers = 2\nidempotent = true"))
        + '[[faults]]\nkind = "drop-acks"\ntarget = "orders->shop"\nprobability = 0.1\n',
        TWICE,
    ),
    Pair(
        "dedup-forgets",
        _with(QUEUE, LEASED, ("workers = 2", "workers = 2\nidempotent = true\ndedup_window_s = 2"))
        + '[[faults]]\nkind = "drop-acks"\ntarget = "orders->shop"\nprobability = 0.1\n',
        _with(QUEUE, LEASED, ("workers = 2", "workers = 2\nidempotent = true"))
        + '[[faults]]\nkind = "drop-acks"\ntarget = "orders->shop"\nprobability = 0.1\n',
        TWICE,
    ),
    Pair(
        "lease-too-short",
        _with(
            QUEUE,
            ('redeliver_on = "disconnect"', "visibility_timeout_s = 2\nmax_deliveries = 4"),
            ("rate_per_s = 10", "rate_per_s = 1"),
            ("service_ms = 40\nworkers = 2", 'service_ms = 3000\ndistribution = "constant"\nworkers = 20'),
        )
        + SHELF
        + CLERK,
        _with(
            QUEUE,
            ('redeliver_on = "disconnect"', "visibility_timeout_s = 5\nmax_deliveries = 4"),
            ("rate_per_s = 10", "rate_per_s = 1"),
            ("service_ms = 40\nworkers = 2", 'service_ms = 3000\ndistribution = "constant"\nworkers = 20'),
        )
        + SHELF
        + CLERK,
        (("/component/orders/dead_lettered", 0),),
    ),
    Pair(
        "retry-storm",
        _with(
            CALL,
            ("rate_per_s = 10", "rate_per_s = 35"),
            ("timeout_ms = 1000", "timeout_ms = 1000\nretries = 3"),
        )
        + _with(CRASH, ('"crash"', '"hang"')),
        _with(
            CALL,
            ("rate_per_s = 10", "rate_per_s = 35"),
            ("timeout_ms = 1000", "timeout_ms = 1000\nretries = 3\nretry_budget = 0.1"),
        )
        + _with(CRASH, ('"crash"', '"hang"')),
        (("/client/users/attempts_per_request", 1.5),),
    ),
    Pair(
        "poison",
        QUEUE + POISON,
        _with(QUEUE, GIVEN_UP) + POISON + SHELF + CLERK,
        (("/effect/shop/order.placed/pending", 30),),
    ),
    Pair(
        "dropped-on-error",
        _with(
            QUEUE,
            ('kind = "subscribe"', 'kind = "subscribe"\non_error = "drop"'),
            ("workers = 2", "workers = 2\nfailure_rate = 0.05"),
        ),
        _with(QUEUE, ("workers = 2", "workers = 2\nfailure_rate = 0.05")),
        LOST,
    ),
    Pair(
        "dead-letters-unowned",
        _with(QUEUE, GIVEN_UP, ('at = "shop"', 'at = ["shop", "clerk"]'))
        + POISON
        + SHELF
        + CLERK[: CLERK.index("[[wires]]")],
        _with(QUEUE, GIVEN_UP, ('at = "shop"', 'at = ["shop", "clerk"]')) + POISON + SHELF + CLERK,
        (("/effect/shop+clerk/order.placed/pending", 0), ("/effect/shop+clerk/order.placed/lost", 0)),
    ),
    Pair("swallowed", QUEUE + POISON.replace('"poison"', '"swallow"'), QUEUE, LOST),
    Pair(
        "gave-up-early",
        _with(CALL, ("workers = 2", "workers = 2\nfailure_rate = 0.05")),
        _with(
            CALL,
            ("workers = 2", "workers = 2\nfailure_rate = 0.05"),
            ("timeout_ms = 1000", "timeout_ms = 1000\nretries = 3"),
        ),
        (("/client/users/availability", -0.99),),
    ),
    Pair(
        "too-expensive",
        _with(QUEUE, ("workers = 2", "workers = 2\nreplicas = 9")),
        QUEUE,
        (("/design/cost_per_hour", 5),),
    ),
    Pair(
        "prefetch-hoard",
        _with(
            QUEUE,
            ('kind = "subscribe"', 'kind = "subscribe"\nprefetch = 0'),
            ("rate_per_s = 10", "rate_per_s = 45"),
        ),
        _with(QUEUE, ("rate_per_s = 10", "rate_per_s = 45")),
        (("/component/shop/held/max", 5),),
    ),
    Pair(
        "out-of-order",
        _with(
            QUEUE,
            (
                'event = "order.placed"\n[components.orders]',
                'event = "order.placed"\nkeys = 5\n[components.orders]',
            ),
        ),
        _with(
            QUEUE,
            (
                'event = "order.placed"\n[components.orders]',
                'event = "order.placed"\nkeys = 5\n[components.orders]',
            ),
            ('redeliver_on = "disconnect"', 'redeliver_on = "disconnect"\nlanes = "entity"'),
        ),
        (("/effect/shop/order.placed/out_of_order", 0),),
    ),
    Pair(
        "idle-members",
        _with(STREAM, ("replicas = 4", "replicas = 12"), ("rate_per_s = 40", "rate_per_s = 100")),
        STREAM,
        LAG,
    ),
    Pair(
        "hot-key",
        _with(
            STREAM,
            ("keys = 500", "keys = 500\ngroups = {north = 0.9, east = 0.04, south = 0.03, west = 0.03}"),
            ('kind = "publish"', 'kind = "publish"\nkey = "group"'),
        ),
        STREAM,
        LAG,
    ),
    Pair(
        "retention-gap",
        _with(STREAM, ("partitions = 4", "partitions = 4\nretention_s = 10"))
        + CRASH.replace('"shop"', '"readers"').replace("20\n", "40\n"),
        STREAM + CRASH.replace('"shop"', '"readers"').replace("20\n", "40\n"),
        (("/effect/readers/scan.made/lost", 0),),
    ),
    Pair(
        "skipped-history",
        _with(STREAM, ("replicas = 4", "replicas = 4\nfrom_s = 40")),
        _with(
            STREAM,
            ("replicas = 4", "replicas = 4\nfrom_s = 40"),
            ("batch = 10", 'batch = 10\nfrom_offset = "earliest"'),
        ),
        (("/effect/readers/scan.made/lost", 0),),
    ),
    Pair(
        "not-enough-insync",
        _with(STREAM, ("partitions = 4", "partitions = 4\nreplicas = 3\nmin_insync = 3"))
        + CRASH.replace('"shop"', '"log"'),
        _with(STREAM, ("partitions = 4", "partitions = 4\nreplicas = 3\nmin_insync = 1\nfailover_s = 0"))
        + CRASH.replace('"shop"', '"log"'),
        FAILED,
    ),
    Pair(
        "broker-down",
        _with(STREAM, ("partitions = 4", "partitions = 4\nreplicas = 3")) + CRASH.replace('"shop"', '"log"'),
        _with(
            STREAM,
            ("partitions = 4", "partitions = 4\nreplicas = 3"),
            ('kind = "publish"', 'kind = "publish"\nretries = 50\nbackoff_ms = 500\nbuffer = 5000'),
        )
        + CRASH.replace('"shop"', '"log"'),
        FAILED,
    ),
    Pair(
        "polling-delay",
        POLLED,
        _with(POLLED, ("interval_s = 20", "interval_s = 0.5")),
        (("/effect/mailer/order.placed/delay_ms/p95", 3000),),
    ),
    Pair(
        "polling-load",
        _with(POLLED, ("interval_s = 20", "interval_s = 0.5")),
        _with(POLLED, ("interval_s = 20", "interval_s = 5"), ("scan_ms = 400", "scan_ms = 2")),
        (("/client/users/response_ms/p99", 150),),
    ),
    Pair("ghosts", WRITE_LAST, WRITE_FIRST, (("/effect/mailer/order.placed/ghosts", 0),)),
    Pair(
        "dual-write",
        WRITE_FIRST + COPY + '[[faults]]\nkind = "die-between"\ntarget = "shop"\nprobability = 0.05\n',
        CAPTURED + COPY + '[[faults]]\nkind = "die-between"\ntarget = "shop"\nprobability = 0.05\n',
        (("/database/copy/diverged_keys", 0),),
    ),
    Pair(
        "noisy-neighbour",
        NEIGHBOURS,
        _with(NEIGHBOURS, ("timeout_ms = 10000", "timeout_ms = 10000\nmax_in_flight = 2")),
        (("/effect/good/hook.good/delay_ms/p99", 1000),),
    ),
    Pair(
        "callback-load",
        ASKING,
        _with(ASKING, ('payload = "notification"', 'payload = "state"')),
        (("/client/visitors/response_ms/p95", 400), ("/client/visitors/availability", -0.99)),
    ),
    Pair(
        "schema-break",
        _with(
            TOPIC,
            (
                'to = "orders"\nkind = "publish"',
                'to = "orders"\nkind = "publish"\nschema_change = "breaking"',
            ),
        ),
        TOPIC,
        (("/effect/shop/order.placed/lost", 0), ("/effect/shop/order.placed/pending", 0)),
    ),
    Pair(
        "no-compensation",
        STORY + _with(UNDO, ('to = "flight"', 'to = "bank"')),
        STORY + UNDO,
        (("/effect/flight/trip.requested/orphans", 0),),
    ),
    Pair(
        "rebalance",
        STREAM + DEPLOY,
        _with(STREAM, ("batch = 10", 'batch = 10\nassignment = "static"')),
        (("/effect/readers/scan.made/delay_ms/max", 4000),),
    ),
    Pair(
        "unkeyed-pattern",
        PATTERN,
        _with(PATTERN, ('key = "none"', 'key = "entity"')),
        (("/pattern/detector/recall", -0.9),),
    ),
    Pair(
        "late-events-dropped",
        _with(
            PATTERN,
            ('key = "none"', 'key = "entity"'),
            ("keys = 4000", "keys = 4000\nlate_share = 0.4\nlate_s = 30"),
        ),
        _with(
            PATTERN,
            ('key = "none"', 'key = "entity"'),
            ("keys = 4000", "keys = 4000\nlate_share = 0.4\nlate_s = 30"),
            ("window_s = 120", "window_s = 120\nwatermark_s = 30"),
        ),
        (("/pattern/detector/recall", -0.9),),
    ),
]
"""The pairs of this module."""
