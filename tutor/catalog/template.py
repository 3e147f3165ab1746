"""A level folder to start from: complete, playable, and short enough to be understood before
it is changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tutor.catalog.schema import SCHEMAS, render_schema
from tutor.disk import write_text
from tutor.errors import InputError, why_refused
from tutor.words import say

FILES: dict[str, str] = {
    "level.toml": """\
#:schema ../../level.schema.json
format = 1
title = "{title}"
summary = "One sentence for the map: what goes wrong here."
terms = ["event", "queue"]
shows = ["timeout_ms", "retries", "ack"]
wire_kinds = ["call", "publish", "subscribe"]
lesson_edits = 3 # a pass with fewer changes would miss the lesson: tutor lint --shortest looks for one

[run]
duration_s = 120
drain_s = 60
seed = 1

# What the learner finds. Fixed parts stay; their traffic and work
# are physics, which is not the learner's to change.
[components.till]
kind = "client"
fixed = true
rate_per_s = 1
event = "order.placed"

[components.kitchen]
kind = "service"
fixed = true
service_ms = 200
locked = ["replicas", "workers"]

[[wires]]
from = "till"
to = "kitchen"
kind = "call"
timeout_ms = 2000

# What the learner may add.
[palette.queue]
kind = "queue"
limit = 1
say = "Holds orders until someone is ready."

[palette.topic]
kind = "topic"
limit = 1
say = "Gives every subscriber a copy of each order, and holds it too."

# What goes wrong, and what must happen all the same.
[[faults]]
kind = "hang"
target = "kitchen"
at_s = 40
for_s = 20

[[effects]]
event = "order.placed"
at = "kitchen"

[[goals]]
metric = "/client/till/failed"
at_most = 0
say = "the till turns nobody away"

[[goals]]
metric = "/client/till/response_ms/p95"
at_most = 1000
say = "the till is free again within a second"

[[goals]]
metric = "/effect/kitchen/order.placed/lost"
at_most = 0
say = "no order is lost"

[[goals]]
metric = "/effect/kitchen/order.placed/pending"
at_most = 0
say = "no order is still waiting at the end"

[par]
cost = {{three = 2, two = 3}}
speed = {{metric = "/effect/kitchen/order.placed/delay_ms/p95", three = 25000, two = 40000}}
simplicity = {{three = 4, two = 6}}

[prediction]
ask = "The kitchen hangs for 20 of 120 seconds. What share of the orders is answered?"
metric = "/client/till/availability"
choices = [
    {{value = 1.0, say = "all of them"}},
    {{value = 0.83, say = "about five in six"}},
    {{value = 0.5, say = "half"}},
]

[question]
ask = "Why did the orders survive?"
[[question.choices]]
say = "Something held them while the kitchen was away."
why = "The till is done when the queue has the order; the kitchen takes it when it is back."
right = true
[[question.choices]]
say = "The kitchen came back sooner."
why = "It was away for the same twenty seconds."

[[hints]]
step = "question"
text = "Where is an order while the kitchen is away?"
[[hints]]
step = "concept"
text = "An order that only the caller knows is gone when the caller gives up."
[[hints]]
step = "lead"
text = "Put something between till and kitchen that holds orders."

[idea]
say = "A queue lets one side be away without the other noticing."
[[idea.without]]
remove = ["queue", "topic"]
wires = [{{from = "till", to = "kitchen", kind = "call", timeout_ms = 2000}}]
""",
    "briefing.md": """\
The till calls the kitchen and waits for an answer. When the kitchen takes a break,
the till turns people away.

Make sure that every order is taken, and cooked in the end. The break stays.
""",
    "debrief.md": """\
The queue took the orders while nobody was there to cook them. The price: an order may wait,
and the till no longer knows when it is done.

Say here what the trade-off is, where the same idea is in real brokers, which incident shows it,
and what this level leaves out.
""",
    "solutions/queue.toml": """\
#:schema ../../../design.schema.json
level = "{id}"
title = "a queue between till and kitchen"
stars = {{cost = 3, speed = 3, simplicity = 3}}

[components.queue]
kind = "queue"

[[wires]]
from = "till"
to = "queue"

[[wires]]
from = "queue"
to = "kitchen"
""",
    "solutions/topic.toml": """\
#:schema ../../../design.schema.json
level = "{id}"
title = "a topic that the kitchen subscribes to"
stars = {{cost = 3, speed = 3, simplicity = 3}}

[components.topic]
kind = "topic"

[[wires]]
from = "till"
to = "topic"

[[wires]]
from = "topic"
to = "kitchen"
""",
    "mistakes/patience.toml": """\
#:schema ../../../design.schema.json
level = "{id}"
title = "wait five times as long"
diagnosis = "single-point-of-failure"

[[wires]]
from = "till"
to = "kitchen"
kind = "call"
timeout_ms = 10000
""",
    "mistakes/retries.toml": """\
#:schema ../../../design.schema.json
level = "{id}"
title = "try again a few times"
diagnosis = "retry-storm"

[[wires]]
from = "till"
to = "kitchen"
kind = "call"
timeout_ms = 2000
retries = 3
""",
}
"""The files of a new level by their path in its folder.

Editors with Taplo or Tombi obey the ``#:schema`` lines.
"""


def copy_level(root: Path, level_id: str, source: Path) -> Path:
    """Writes a copy of the level in ``source`` under ``root``, with its designs answering the copy, and
    returns its folder.
    """
    old = f"{source.parent.name}/{source.name}"
    files = {
        file.relative_to(source).as_posix(): file.read_text("utf-8").replace(
            f'level = "{old}"', f'level = "{level_id}"'
        )
        for file in sorted(source.rglob("*"))
        if file.suffix in (".toml", ".md")
    }
    return write_new_level(root, level_id, files)


def template(level_id: str) -> dict[str, str]:
    """Returns the files of a small level that works, by their path in its folder."""
    title = level_id.partition("/")[2].replace("-", " ").capitalize()
    return {
        name: text.format(id=level_id, title=title) if name.endswith(".toml") else text
        for name, text in FILES.items()
    }


def write_new_level(root: Path, level_id: str, files: Mapping[str, str] | None = None) -> Path:
    """Writes a level folder under ``root`` and returns it; with the files of the template if none are given.

    The folder is there whole or not at all, and ``root`` has the schemas. ``level_id`` is
    ``<chapter>/<level>``, already checked. Raises :class:`InputError` where something is there already, or it
    cannot be written.
    """
    folder = root / level_id
    if folder.exists():
        raise InputError(say("files.new.exists"), file=str(folder))
    try:
        chapter_is_new = not folder.parent.exists()
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for name, text in (files if files is not None else template(level_id)).items():
                (scratch / name).parent.mkdir(exist_ok=True)
                (scratch / name).write_text(text, "utf-8")
            scratch.chmod(0o755)
            if chapter_is_new:
                chapter = folder.parent.name.replace("-", " ").capitalize()
                (folder.parent / "chapter.toml").write_text(
                    f'title = "{chapter}"\nblurb = "What this chapter is about."\n', "utf-8"
                )
            scratch.rename(folder)
            for name in SCHEMAS:
                if not (root / name).exists():
                    write_text(root / name, render_schema(name))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise InputError(say("files.unwritable", why=why_refused(error)), file=str(folder)) from None
    return folder
