"""The inspector's fields for a part: which settings, under which titles, with which choices."""

from __future__ import annotations

import dataclasses

import pytest

from tutor.catalog import load_glossary
from tutor.errors import InputError
from tutor.model.component import KINDS, Client, Database, Queue, Service, Stream, Topic
from tutor.model.design import Design, make_design
from tutor.model.fault import Fault
from tutor.model.records import Autoscale, PatternStep, Sequence, SequenceStep
from tutor.model.setting import settings_of, title_of
from tutor.model.wire import WIRES, Call, Publish, Subscribe, legal_kinds
from tutor.show.entry import Entry
from tutor.show.fields import (
    GROUPS,
    HIDDEN,
    TERMS,
    Field,
    applies,
    configuration,
    events_of,
    families_of,
    fields_of,
    has_order,
    product_names,
    stepped,
)
from tutor.words import sentence

GLOSSARY = {term.id for term in load_glossary()}

DECLARED = [
    (kind, name)
    for kind, cls in {**KINDS, **WIRES, "fault": Fault}.items()
    for name in settings_of(cls)
    if name not in HIDDEN
]


@pytest.mark.parametrize(("kind", "name"), DECLARED, ids=lambda word: str(word))
def test_every_setting_has_a_name_of_its_own_and_a_place(kind: str, name: str) -> None:
    """Every declared setting has a unique title that fits the narrowest panel, and is under exactly one
    heading.
    """
    keys = [f"settings.title.{word}" for word in (f"{kind}-{name.replace('_', '-')}", name.replace("_", "-"))]
    known = []
    for key in keys:
        try:
            known.append(sentence(key))
        except KeyError:
            continue
    assert known, f"{kind}: {name} has no title in words/en/settings.toml"
    assert len(title_of(kind, name)) <= 24
    assert kind == "fault" or [group for group, names in GROUPS.items() if name in names], (
        f"{name} stands under no heading"
    )
    assert sum(names.count(name) for names in GROUPS.values()) <= 1


@pytest.mark.parametrize("name", sorted({name for kind, name in DECLARED if kind != "fault"}))
def test_every_setting_leads_to_the_glossary(name: str) -> None:
    """Every setting of a part or wire has a word of the glossary, except the name and the price of a
    part.
    """
    assert (name in TERMS) != (name in ("title", "price_per_hour"))
    assert TERMS.get(name, "event") in GLOSSARY


def test_durable_is_two_settings_with_two_names() -> None:
    """A broker's durability across crashes and a topic's durable subscriptions are two settings with two
    titles.
    """
    assert title_of("queue", "durable") == title_of("stream", "durable") != title_of("subscribe", "durable")


def design() -> Design:
    """A client, a queue, a topic, a stream, a service and a database."""
    return make_design(
        [
            Client(id="shop", event="order.placed"),
            Queue(id="queue"),
            Topic(id="topic"),
            Stream(id="stream"),
            Service(id="mail"),
            Database(id="ledger"),
        ],
        [
            *(Publish(source="shop", target=channel) for channel in ("queue", "topic", "stream")),
            *(Subscribe(source=channel, target="mail") for channel in ("queue", "topic", "stream")),
        ],
    )


def row(part: object, key: str, around: Design | None = None) -> Field:
    """A field of a part, on a board where everything may be changed."""
    return next(field for field in fields_of(part, None, around or design()) if field.key == key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wire", "name", "there"),
    [
        ("queue->mail:subscribe", "batch", False),
        ("queue->mail:subscribe", "session_timeout_s", False),
        ("stream->mail:subscribe", "batch", True),
        ("topic->mail:subscribe", "durable", True),
        ("queue->mail:subscribe", "durable", False),
        ("shop->queue:publish", "acks", True),
        ("shop->stream:publish", "acks", True),
        ("shop->topic:publish", "key", False),
        ("shop->topic:publish", "on", False),
    ],
)
def test_settings_that_do_nothing_here_are_not_shown(wire: str, name: str, there: bool) -> None:
    """Batches and keys are shown for streams, and confirms for every channel."""
    found = design().wire(wire)
    assert found is not None
    assert applies(found, name, design()) is there
    assert (name in {field.name for field in fields_of(found, None, design())}) is there


def test_what_needs_another_setting_comes_with_it() -> None:
    """Backoff is shown once there are retries, and the breaker's reset once there is a breaker."""
    for quiet, loud, name in (
        (Call(source="shop", target="mail"), Call(source="shop", target="mail", retries=2), "backoff_ms"),
        (
            Call(source="shop", target="mail"),
            Call(source="shop", target="mail", breaker_failures=0.5),
            "breaker_reset_s",
        ),
    ):
        assert not applies(quiet, name, design())
        assert applies(loud, name, design())


def test_order_of_work_is_for_parts_that_work() -> None:
    """A service handles its wires in order; a topic sends to all of them at once and has no order."""
    for source, target, there in (("mail", "ledger", True), ("topic", "mail", False)):
        around = design()
        kind = legal_kinds(around.kind_of(source), around.kind_of(target))[0]
        assert has_order(WIRES[kind](source=source, target=target), around) is there


def test_events_are_picked_from_those_that_exist() -> None:
    """A wire's filter offers all, and each event of the design; deselecting every event means all."""
    around = design()
    assert events_of(around) == ("order.placed",)
    wire = around.wire("queue->mail:subscribe")
    events = row(wire, "events", around)
    assert events.choices == ("all", "order.placed")
    assert events.text == "all"
    assert events.taken() == ("all",)
    only = dataclasses.replace(events, value=events.pick("order.placed"))
    assert only.value == ("order.placed",)
    assert only.taken() == ("order.placed",)
    assert only.pick("order.placed") == ()
    assert only.pick("all") == ()


def test_autoscaling_is_four_fields_with_names() -> None:
    """Autoscaling has fields for the fewest and most replicas, the backlog and the start-up time; each is
    typed alone and checked with the others.
    """
    off = Service(id="mail")
    switch = row(off, "autoscale")
    assert [field.key for field in fields_of(off, None, design()) if field.name == "autoscale"] == [
        "autoscale"
    ]
    started = switch.pick("yes")
    assert isinstance(started, Autoscale)
    on = dataclasses.replace(off, autoscale=started)
    inner = [field for field in fields_of(on, None, design()) if field.name == "autoscale"]
    assert [field.key for field in inner] == [
        "autoscale",
        *(f"autoscale.{name}" for name in ("min", "max", "depth", "start_s")),
    ]
    assert row(on, "autoscale.max").parse("9") == dataclasses.replace(started, max=9)
    with pytest.raises(InputError):
        row(on, "autoscale.max").parse("0")
    assert row(on, "autoscale").pick("no") is None


def test_patterns_and_scripts_are_fields() -> None:
    """Each step has an event, a count, a time and two yes-no fields; steps can be added and removed, and no
    raw data is shown.
    """
    plain = Service(id="guard")
    added = row(plain, "pattern.add").pick("")
    assert added == (PatternStep("order.placed"),)
    watching = dataclasses.replace(plain, pattern=added)
    assert row(watching, "pattern.0.count").parse("3") == (PatternStep("order.placed", count=3),)
    assert row(watching, "pattern.0.within_s").parse("5") == (PatternStep("order.placed", within_s=5.0),)
    assert row(watching, "pattern.0.absent").pick("yes") == (PatternStep("order.placed", absent=True),)
    assert row(watching, "pattern.remove").pick("") == ()
    script = Sequence("fraud", 0.1, (SequenceStep("card.used"), SequenceStep("card.used", 5.0)))
    client = Client(id="cards", sequences=(script,))
    assert row(client, "sequences.0.1.after_s").parse("7")[0].steps[1] == SequenceStep("card.used", 7.0)
    assert row(client, "sequences.0.rate").parse("2")[0].rate_per_s == 2
    stepped_rate = Client(id="shop", profile=((0.0, 1.0), (10.0, 5.0)))
    assert row(stepped_rate, "profile.1.rate").parse("8") == ((0.0, 1.0), (10.0, 8.0))
    mixed = Service(id="mail", service_ms=(("order.placed", 20.0), ("page.viewed", 5.0)))
    assert row(mixed, "service_ms.1").parse("6") == (("order.placed", 20.0), ("page.viewed", 6.0))
    for part in (watching, client, stepped_rate, mixed):
        assert not [field.text for field in fields_of(part, None, design()) if set(field.text) & set("[]{}")]


def test_values_are_written_in_full_with_their_units() -> None:
    """Values have all their digits and their units in words, and switched off is a word."""
    assert row(Client(id="shop", rate_per_s=5), "rate_per_s").text == "5 a second"
    assert row(Queue(id="queue", max_length=11024), "max_length").text == "11024"
    assert row(Queue(id="queue"), "max_length").text == "none"
    assert row(Queue(id="queue"), "durable").text == "yes"


def test_numbers_step_to_round_ones_and_stay_in_range() -> None:
    """Whole numbers step by one, others by half their order of magnitude; never out of range."""
    service, queue = settings_of(Service), settings_of(Queue)
    assert stepped(service["replicas"], 1, 1) == 2
    assert stepped(service["replicas"], 1, -1) == 1
    assert stepped(queue["visibility_timeout_s"], 30.0, 1) == 35
    assert stepped(queue["max_deliveries"], None, 1) == 1


def test_the_sandbox_shows_what_matters_first() -> None:
    """In the sandbox physics may be changed, and rates and times come first."""
    rows = fields_of(Client(id="people", rate_per_s=5), None)
    assert rows[0].name == "rate_per_s"
    assert not rows[0].locked


def test_a_line_that_is_typed() -> None:
    """The first letter replaces the old value; then letters go in at the cursor, and keys move it and delete
    letters.
    """
    line = Entry("250")
    for key in "75":
        assert line.press(key, key)
    assert line.text == "75"
    for key, text, cursor in (
        ("left", "75", 1),
        ("0", "705", 2),
        ("backspace", "75", 1),
        ("delete", "7", 1),
        ("home", "7", 0),
        ("end", "7", 1),
    ):
        assert line.press(key, key if key == "0" else None)
        assert (line.text, line.cursor) == (text, cursor)
    assert not line.press("f5", None)
    line.insert("\x1b5")
    assert line.text == "75"
    kept = Entry("250")
    kept.press("end", None)
    kept.press("backspace", "\x7f")
    assert kept.text == "25"


def test_settings_say_what_products_call_them() -> None:
    """A setting's help has the terms of Kafka, RabbitMQ, NATS and SQS, where they have one."""
    assert "Amazon SQS" in product_names(row(Queue(id="queue"), "visibility_timeout_s").spec)
    assert "RabbitMQ" in product_names(row(Queue(id="queue"), "max_deliveries").spec)
    wire = design().wire("stream->mail:subscribe")
    assert "max.poll.records" in product_names(row(wire, "batch").spec)


def test_a_channel_is_copied_as_the_configuration_of_a_product() -> None:
    """The copy has a heading, a line for each setting that the product has, and the wires' settings under
    their own headings.
    """
    around = design().with_component(Queue(id="queue", title="Orders", max_deliveries=4))
    queue = around.components["queue"]
    families = families_of(queue, around)
    assert "rabbitmq" in families
    assert "sqs" in families
    for family in families:
        heading, *lines = configuration(queue, around, family).splitlines()
        assert heading.startswith("# Orders: queue, ")
        assert all(line.startswith("# ") or " = " in line for line in lines)
    assert families_of(around.components["mail"], around) == ()
