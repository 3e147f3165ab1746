"""A level folder that tests can change line by line, and settings under which no test fails for
being slow.
"""

from pathlib import Path

import pytest
from hypothesis import settings

from tutor.catalog import load_level
from tutor.model.level import Level

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LEVEL = """\
format = 1
title = "The Doorbell"
summary = "One sentence."
terms = ["event", "queue"]
shows = ["timeout_ms", "retries", "ack"]
wire_kinds = ["call", "publish", "subscribe"]
min_traffic = 50

[run]
duration_s = 120
drain_s = 60

[components.till]
kind = "client"
fixed = true
event = "order.placed"

[components.kitchen]
kind = "service"
fixed = true
service_ms = 200
locked = ["replicas"]

[components.rail]
kind = "queue"
visibility_timeout_s = 5

[[wires]]
from = "till"
to = "kitchen"
kind = "call"
timeout_ms = 2000
latency_ms = 7

[[wires]]
from = "rail"
to = "kitchen"
fixed = false

[palette.queue]
kind = "queue"
limit = 2
say = "holds orders"

[palette.big-queue]
kind = "queue"
failover_s = 1
replicas = 3
locked = ["replicas"]

[palette.helper]
kind = "service"
service_ms = 50
limit = 1

[unlocked]
publish = ["size_kb"]
[locked]
service = ["workers"]
subscribe = ["*"]

[[faults]]
kind = "crash"
target = "kitchen"
at_s = 40
for_s = 20

[[effects]]
event = "order.placed"
at = "kitchen"

[[goals]]
metric = "/effect/kitchen/order.placed/lost"
at_most = 0
say = "no order is lost"

[par]
cost = {three = 3, two = 5}
speed = {metric = "/effect/kitchen/order.placed/delay_ms/p95", three = 9000, two = 20000}
simplicity = {three = 3, two = 5}

[prediction]
ask = "How many?"
metric = "/client/till/availability"
choices = [{value = 1.0, say = "all"}, {value = 0.83, say = "most"}]

[question]
ask = "Why?"
[[question.choices]]
say = "a"
why = "b"
right = true
[[question.choices]]
say = "c"
why = "d"

[[hints]]
step = "question"
text = "Where?"

[idea]
say = "A queue."
[[idea.without]]
remove = ["queue"]
wires = [{from = "till", to = "kitchen", kind = "call"}]
set = {"rail->kitchen:subscribe" = {ack = "before"}}
"""


@pytest.fixture(scope="session")
def level_text() -> str:
    """The text of a complete level file."""
    return LEVEL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete level folder, ``first-light/doorbell``."""
    path = tmp_path / "first-light" / "doorbell"
    path.mkdir(parents=True)
    (path / "level.toml").write_text(LEVEL)
    (path / "briefing.md").write_text("A story.\n")
    (path / "debrief.md").write_text("What it meant.\n")
    return path


@pytest.fixture
def level(folder: Path) -> Level:
    """The level in that folder."""
    return load_level(folder)
