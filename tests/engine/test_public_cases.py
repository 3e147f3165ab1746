"""Problems that people have reported from real systems come out the same in a run: small scenarios in
``cases/``.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.report import Outcome

FOLDER = Path(__file__).parent / "cases"

Fact = tuple[str, str, float, float]
"""(The reported fact, quantity, from, to)."""

FACTS: dict[str, list[Fact]] = {
    "automatic-ack": [
        ("everything in hand dies with the client", "/effect/billing/order.placed/lost", 445, 445),
    ],
    "cut-off-subscriber": [
        ("20 s of five a second are missed", "/effect/archive/message.said/lost", 100, 100),
    ],
    "delay-ring": [
        ("what failed went round", "/component/work/dead_lettered", 170, 260),
        ("nobody is forgotten", "/effect/billing/order.placed/applied", 597, 597),
    ],
    "every-second": [
        ("one program sees about half", "/effect/mail/order.placed/applied", 360, 430),
        ("the other the rest", "/effect/stock/order.placed/applied", 360, 430),
    ],
    "expiry-as-delay": [
        ("each comes out", "/effect/mailer/reminder.set/applied", 599, 599),
        ("a minute later", "/effect/mailer/reminder.set/delay_ms/p50", 60_000, 60_200),
    ],
    "full-circle": [
        ("both stand still: few get round", "/effect/alpha/step.three/applied", 1, 400),
        ("nearly all later ones are refused", "/effect/alpha/step.three/refused", 4_000, 5_200),
    ],
    "group-in-order": [
        ("a group keeps its order", "/effect/ledger/account.changed/out_of_order", 0, 0),
        ("deliveries failed", "/component/fifo/redelivered", 500, 800),
    ],
    "late-answer": [
        ("a repeat for each impatience", "/effect/shop/invoice.paid/duplicates", 138, 138),
    ],
    "lease-in-hand": [
        ("messages go out again and again", "/component/redis/redelivered", 1_000, 10_000),
        ("work is repeated", "/effect/worker/mail.due/duplicates", 400, 700),
    ],
    "overflow-aside": [
        ("what falls out goes to the dead letters", "/component/q/dead_lettered", 1_975, 1_975),
        ("nothing is lost", "/effect/slow+batch/reading.taken/lost", 0, 0),
    ],
    "poll-deadline": [
        ("no progress", "/effect/encoder/video.uploaded/pending", 5, 5),
        ("members are put out", "/component/log/groups/encoder/evictions", 10, 100),
    ],
    "producer-buffer": [
        ("what the buffer cannot hold is refused", "/effect/store/reading.taken/refused", 700, 700),
    ],
    "relay-restart": [
        ("it repeats what came after its position", "/effect/billing/order.placed/duplicates", 560, 640),
    ],
    "retry-queue": [
        ("500, 250, 125 ...: about as many failures", "/component/retry/published", 930, 1_070),
        ("all are done", "/effect/shop/price.set/applied", 1_000, 1_000),
    ],
}


@functools.cache
def outcome_of(name: str, old: str = "", new: str = "") -> Outcome:
    """The outcome of a case, perhaps with one setting changed."""
    text = (FOLDER / f"{name}.toml").read_text()
    assert old in text
    return simulate(parse_scenario(text.replace(old, new)))


@pytest.mark.parametrize(
    ("name", "pointer", "low", "high"),
    [
        pytest.param(name, pointer, low, high, id=f"{name}: {what}")
        for name, facts in FACTS.items()
        for what, pointer, low, high in facts
    ],
)
def test_a_case_comes_out_as_reported(name: str, pointer: str, low: float, high: float) -> None:
    """Each value lies within what was reported; where chance plays no part, it is exact to the last
    message.
    """
    assert low <= outcome_of(name).report.value(pointer) <= high, outcome_of(name).report.value(pointer)


def test_every_case_is_held_to_a_fact() -> None:
    """Every file in the folder is tested."""
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(FACTS)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fault_of_a_case_has_hit(name: str) -> None:
    """Every fault of a case hit work, so the reported failures have their cause."""
    assert outcome_of(name).unhit_faults == ()


def test_one_message_in_hand_never_outlives_its_lease() -> None:
    """With a prefetch of 1 no message waits in a worker's hands, and none is repeated."""
    report = outcome_of("lease-in-hand", "prefetch = 0", "prefetch = 1").report
    assert report.value("/component/redis/redelivered") == 0
    assert report.value("/effect/worker/mail.due/duplicates") == 0


def test_like_rabbitmq_a_delivery_costs_capacity() -> None:
    """Where a channel is *like* RabbitMQ, each delivery costs its one worker 3 ms: it handles 3% less (1,932
    of 1,984), and that much more is dead-lettered.
    """
    report = outcome_of("overflow-aside", 'redeliver_on = "disconnect"', 'like = "rabbitmq"').report
    assert report.value("/component/q/acked") == pytest.approx(1_984 * 100 / 103, rel=0.01)
    assert report.value("/component/q/acked") + report.value("/component/q/dead_lettered") == 3_959


@pytest.mark.parametrize("prefetch", [0, 1, 5])
def test_prefetch_does_not_apply_to_automatic_acknowledgement(prefetch: int) -> None:
    """With automatic acks a crash loses the same backlog, whatever the prefetch (RabbitMQ, "Consumer
    Acknowledgements").
    """
    report = outcome_of("automatic-ack", "prefetch = 1", f"prefetch = {prefetch}").report
    assert report.value("/effect/billing/order.placed/lost") == 445


def test_ack_before_the_work_risks_what_is_at_work() -> None:
    """A manual ack sent before the work loses only the message that the worker had in hand."""
    report = outcome_of("automatic-ack", 'ack = "automatic"', 'ack = "before"').report
    assert report.value("/effect/billing/order.placed/lost") == 1
