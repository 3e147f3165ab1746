"""The sandbox's own rules: promises, what is stuck, and faults in words."""

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
    """People order; billing handles it and writes it down."""
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
    """Services on the way and the database at the end are expected to handle every event."""
    assert {(effect.event, effect.at) for effect in chain().effects} == {
        ("order.placed", ("billing",)),
        ("order.placed", ("ledger",)),
    }
    assert Promises(chain()).made == ()


def test_a_promise_takes_the_place_of_what_is_expected_and_follows_its_part() -> None:
    """A promise is made once, gets a deadline, is a sentence, and goes when its part goes."""
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
    """A scenario whose effects are not the ends of its chains brings its promises along."""
    scenario = chain()
    own = Effect(event="order.placed", at=("billing",), deadline_s=5.0)
    assert Promises(Scenario(design=scenario.design, effects=(own,))).made == (own,)


def test_work_that_is_stuck_is_never_passed_over() -> None:
    """A queue that nobody reads is named with what it still holds at the end of the run."""
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
    """A fault names what it strikes as the board does, and when it holds."""
    design = starter().design
    assert target_words("orders->billing", design) == "Orders → Billing"
    assert fault_words(Fault(kind="crash", target="billing", at_s=90, for_s=30)) == "at 1:30 for 30 s"
    assert "to the end" in fault_words(Fault(kind="crash", target="billing", at_s=90))
    assert "every 2 min" in fault_words(Fault(kind="crash", target="billing", at_s=90, for_s=5, every_s=120))


def test_a_client_makes_its_own_event_and_those_of_its_sequences() -> None:
    """A promise can be made only of events that a client sends."""
    assert events_of(Client(id="people", event="order.placed")) == ("order.placed",)


def test_windows_are_measured_on_their_own() -> None:
    """A window has its own numbers beside those of the whole run, and only a free board offers to add one."""
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
    """A service keeps it itself, a channel hands it to its readers; without readers nobody keeps it."""
    design = starter().design
    assert promise_places(design, "billing") == ("billing",)
    assert promise_places(design, "orders") == ("billing",)
    assert promise_places(make_design(design.components.values(), design.wires_to("orders")), "orders") == ()
