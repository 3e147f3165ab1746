"""The sandbox's own rules: promises, stuck work, and faults in words."""

from __future__ import annotations

import dataclasses

from tutor.engine import simulate
from tutor.model.component import Client, Database, Queue, Service
from tutor.model.design import make_design, make_wire
from tutor.model.fault import Fault
from tutor.model.scenario import Effect, Run, Scenario
from tutor.show.measured import measured, window_offers, with_window
from tutor.show.sandbox import (
    Promises,
    events_of,
    expecting,
    fault_words,
    new_fault,
    promise_places,
    promise_words,
    starter,
    stuck_words,
    target_words,
)


def chain() -> Scenario:
    """A design in which people order, and billing handles the order and writes it to a database."""
    design = make_design(
        [
            Client(id="people", title="People", rate_per_s=5, event="order.placed"),
            Service(id="billing", title="Billing"),
            Database(id="ledger", title="Ledger"),
        ]
    )
    wires = [make_wire(design, "people", "billing", "call"), make_wire(design, "billing", "ledger", "write")]
    return expecting(Scenario(design=design.with_wires(wires), run=Run(duration_s=60)))


def test_without_a_promise_the_ends_of_every_chain_count() -> None:
    """Without a promise, services along the way and the database at the end are expected to handle every
    event.
    """
    assert {(effect.event, effect.at) for effect in chain().effects} == {
        ("order.placed", ("billing",)),
        ("order.placed", ("ledger",)),
    }
    assert Promises(chain()).made == ()


def test_a_promise_takes_the_place_of_what_is_expected_and_follows_its_part() -> None:
    """A promise is made once, may have a deadline, reads as a sentence, and is removed with its part."""
    scenario = chain()
    promises = Promises(scenario)
    promises.make("order.placed", "ledger")
    promises.make("order.placed", "ledger")
    promises.set_deadline(0, 30.0)
    made = Effect(event="order.placed", at=("ledger",), deadline_s=30.0)
    assert promises.effects(scenario.design) == (made,)
    assert (
        promise_words(made, scenario.design) == "each order.placed takes effect once at Ledger, within 30 s"
    )
    smaller = make_design([part for part in scenario.design.components.values() if part.id != "ledger"])
    assert made not in promises.effects(smaller)
    promises.drop(0)
    assert promises.effects(scenario.design) == scenario.effects


def test_promises_of_a_file_are_the_learners_own() -> None:
    """A scenario whose effects aren't at the ends of its chains brings them along as promises."""
    scenario = chain()
    own = Effect(event="order.placed", at=("billing",), deadline_s=5.0)
    assert Promises(Scenario(design=scenario.design, effects=(own,))).made == (own,)


def test_work_that_is_stuck_is_never_passed_over() -> None:
    """A queue that no part reads is named with the messages that it still holds at the end."""
    design = make_design(
        [
            Client(id="people", title="People", rate_per_s=5, event="order.placed"),
            Queue(id="orders", title="Orders"),
        ]
    )
    wired = design.with_wires([make_wire(design, "people", "orders", "publish")])
    report = simulate(Scenario(design=wired, run=Run(duration_s=60))).report
    assert "still at Orders" in stuck_words(report, wired)
    calm = starter()
    assert stuck_words(simulate(calm).report, calm.design) == ""


def test_faults_are_said_with_titles_and_times() -> None:
    """A fault names its target by title, and says when it applies."""
    design = starter().design
    assert target_words("orders->billing", design) == "Orders → Billing"
    assert fault_words(Fault(kind="crash", target="billing", at_s=90, for_s=30)) == "at 1:30 for 30 s"
    assert "to the end" in fault_words(Fault(kind="crash", target="billing", at_s=90))
    assert "every 2 min" in fault_words(Fault(kind="crash", target="billing", at_s=90, for_s=5, every_s=120))


def test_a_client_makes_its_own_event_and_those_of_its_sequences() -> None:
    """A promise can only be made of events that a client sends."""
    assert events_of(Client(id="people", event="order.placed")) == ("order.placed",)


def test_windows_are_measured_on_their_own() -> None:
    """A window has its own numbers beside those of the whole run, and only the sandbox offers to add one."""
    scenario = starter()
    scenario = dataclasses.replace(scenario, faults=(new_fault("crash", "billing", scenario),))
    offers = window_offers(scenario, 100.0)
    assert {(one.from_s, one.to_s) for one in offers} >= {
        (0.0, 150.0),
        (150.0, 300.0),
        (0.0, 100.0),
        (90, 120),
    }
    windows = with_window((), next(one for one in offers if one.from_s == 90))
    assert with_window(windows, next(one for one in offers if one.from_s == 90)) == windows
    scenario = dataclasses.replace(scenario, windows=windows)
    card = measured(simulate(scenario), scenario, editable=True)
    text = "".join(piece for piece, _ in card.text)
    assert text.index("The whole run") < text.index("From 1:30 to 2:00")
    assert text.count("Orders: at most") == 2
    assert {reply.id for reply in card.replies} == {"", "window", "remove"}
    assert {reply.id for reply in measured(simulate(scenario), scenario, editable=False).replies} == {""}


def test_a_promise_may_be_dropped_on_any_part() -> None:
    """A service keeps a promise itself and a channel passes it to its readers; without readers it
    is refused.
    """
    design = starter().design
    assert promise_places(design, "billing") == ("billing",)
    assert promise_places(design, "orders") == ("billing",)
    assert promise_places(make_design(design.components.values(), design.wires_to("orders")), "orders") == ()
