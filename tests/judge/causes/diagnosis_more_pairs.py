"""More causes, each with a neighbor that misses the same goal for another reason, or meets it."""

from tests.judge.causes.diagnosis_pairs import CALL, CRASH, PATTERN, RUN, STREAM, TOPIC, Pair, _with

HANG = CRASH.replace('"crash"', '"hang"')
LONG_WAIT = (("/client/users/response_ms/p95", 2000),)

ONE_DATABASE = (
    RUN
    + """
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.shop]
kind = "service"
service_ms = 10
workers = 20
[components.ledger]
kind = "database"
connections = 2
write_ms = 20
read_ms = 300
[components.boss]
kind = "client"
rate_per_s = 8
event = "report.asked"
[components.reports]
kind = "service"
service_ms = 5
workers = 20
[[wires]]
from = "users"
to = "shop"
kind = "call"
timeout_ms = 60000
[[wires]]
from = "shop"
to = "ledger"
kind = "write"
[[wires]]
from = "boss"
to = "reports"
kind = "call"
timeout_ms = 60000
[[wires]]
from = "reports"
to = "ledger"
kind = "read"
[[effects]]
event = "order.placed"
at = "shop"
"""
)

SLOW_BATCHES = _with(
    STREAM,
    ("batch = 10", "batch = 400\npoll_deadline_s = 10"),
    ("rate_per_s = 40", "rate_per_s = 60"),
)
AWAY = """
[[faults]]
kind = "crash"
target = "readers"
at_s = 20
for_s = 40
"""

KEYED = _with(STREAM, ("rate_per_s = 40", "rate_per_s = 70"), ("keys = 500", "keys = 40"))
RESHUFFLED = (
    KEYED
    + AWAY
    + """
[[faults]]
kind = "repartition"
target = "log"
at_s = 50
partitions = 7
"""
)
DISORDER = (("/effect/readers/scan.made/out_of_order", 0),)

REPLICATED = _with(
    STREAM, ("partitions = 4", "partitions = 4\nreplicas = 3\nfailover_s = 5\nreplication_lag_ms = 1000")
)
LEADER_GONE = """
[[faults]]
kind = "crash"
target = "log"
at_s = 40
for_s = 30
replica = 1
[[faults]]
kind = "hang"
target = "readers"
at_s = 30
for_s = 30
"""
TRUSTING = _with(
    REPLICATED,
    ("replicas = 3", "replicas = 3\nmin_insync = 2"),
    ('kind = "publish"', 'kind = "publish"\nacks = "leader"\nretries = 100\nbuffer = 5000'),
)
SCANS_LOST = (("/effect/readers/scan.made/lost", 0),)

FAT = _with(TOPIC, ('to = "orders"\nkind = "publish"', 'to = "orders"\nkind = "publish"\nsize_kb = 200'))
EGRESS = (("/component/orders/egress_kb_per_s", 15),)

HISTORY = """
[components.anew]
kind = "service"
service_ms = 5
replicas = 4
from_s = 60
[components.mailer]
kind = "service"
service_ms = 5
workers = 50
[[wires]]
from = "readers"
to = "mailer"
kind = "call"
timeout_ms = 5000
[[wires]]
from = "log"
to = "anew"
kind = "subscribe"
from_offset = "earliest"
[[effects]]
event = "scan.made"
at = "mailer"
"""
REPLAYED = STREAM + HISTORY + '[[wires]]\nfrom = "anew"\nto = "mailer"\nkind = "call"\ntimeout_ms = 5000\n'
MAILED_TWICE = (("/effect/mailer/scan.made/duplicates", 0),)

ONE_IS_ENOUGH = _with(
    PATTERN,
    (
        'pattern = [{event = "charge.tiny"}, {event = "charge.big", within_s = 100}]',
        'pattern = [{event = "charge.normal"}]',
    ),
    ('key = "none"', 'key = "entity"'),
)

MORE_PAIRS = [
    Pair(
        "waits-too-long",
        _with(CALL, ("timeout_ms = 1000", "timeout_ms = 20000")) + HANG,
        CALL + HANG,
        LONG_WAIT,
    ),
    Pair(
        "shared-database",
        ONE_DATABASE,
        _with(
            ONE_DATABASE,
            ("read_ms = 300", "read_ms = 1"),
            ("service_ms = 10\nworkers = 20", "service_ms = 210\nworkers = 2"),
        ),
        (("/client/users/response_ms/p95", 1000),),
    ),
    Pair(
        "evicted",
        SLOW_BATCHES + AWAY,
        _with(SLOW_BATCHES, ("poll_deadline_s = 10", "poll_deadline_s = 300")) + AWAY,
        (("/effect/readers/scan.made/delay_ms/max", 4000),),
    ),
    Pair(
        "repartitioned",
        RESHUFFLED,
        _with(KEYED, ('kind = "publish"', 'kind = "publish"\nkey = "none"')) + AWAY,
        DISORDER,
    ),
    Pair(
        "unreplicated-ack",
        TRUSTING + LEADER_GONE,
        _with(TRUSTING, ('acks = "leader"', 'acks = "all"')) + LEADER_GONE,
        SCANS_LOST,
    ),
    Pair("fat-events", FAT, _with(TOPIC, ("rate_per_s = 10", "rate_per_s = 20")), EGRESS),
    Pair("side-effects-replayed", REPLAYED, STREAM + HISTORY, MAILED_TWICE),
    Pair(
        "too-slow",
        _with(CALL, ("service_ms = 40", 'service_ms = 40\ndistribution = "constant"')),
        CALL + HANG,
        (("/client/users/response_ms/p50", 39),),
    ),
    Pair(
        "false-alarms",
        ONE_IS_ENOUGH,
        _with(PATTERN, ('key = "none"', 'key = "entity"')),
        (("/pattern/detector/precision", -0.9),),
    ),
]
"""The pairs of this module."""
