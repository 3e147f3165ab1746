"""Scripted sequences and late events: traffic that follows a story, and events that arrive after they
happened.
"""

from typing import Any

import pytest

from tutor.engine import Simulation, simulate
from tutor.engine.core.events import Event
from tutor.engine.services.clients import ClientPart
from tutor.model.component import Client, Queue, Service
from tutor.model.design import make_design
from tutor.model.records import Sequence, SequenceStep
from tutor.model.report import Outcome
from tutor.model.scenario import Effect, Run, Scenario
from tutor.model.wire import Publish, Subscribe

STORY = Sequence(
    "trip",
    0.5,
    (SequenceStep("booked"), SequenceStep("paid", 20.0), SequenceStep("left", 5.0, exact=True, group="away")),
)


def scene(*sequences: Sequence, duration: float = 1000.0, **client: Any) -> Scenario:
    """A client with ordinary traffic and sequences, and one service that handles its events."""
    parts = [
        Client(id="shop", sequences=sequences, **{"rate_per_s": 2.0, "event": "seen", "keys": 500, **client}),
        Queue(id="line"),
        Service(id="desk", workers=50, service_ms=10.0),
    ]
    wires = [Publish(source="shop", target="line"), Subscribe(source="line", target="desk")]
    types = dict.fromkeys(["seen", *(step.event for sequence in sequences for step in sequence.steps)])
    effects = tuple(Effect(event=type, at=("desk",)) for type in types)
    return Scenario(
        design=make_design(parts, wires), run=Run(duration_s=duration, drain_s=60), effects=effects
    )


def events_of(scenario: Scenario) -> list[Event]:
    """All events that the client sent, in order."""
    simulation = Simulation(scenario)
    part = simulation._world.parts["shop"]
    assert isinstance(part, ClientPart)
    sent: list[Event] = []
    send, request = part._send, part.request
    assert send is not None

    def of_traffic(now: int, event: Event, turn: int, handling: Any) -> bool | None:
        sent.append(event)
        return send(now, event, turn, handling)

    def of_script(now: int, event: Event) -> None:
        sent.append(event)
        request(now, event)

    part._send = of_traffic
    part.request = of_script  # type: ignore[method-assign]
    while not simulation.advance():
        pass
    return sent


def told(outcome: Outcome, type: str) -> dict[str, Any]:
    """The effect of one type of event at the desk."""
    numbers: dict[str, Any] = outcome.report.value(f"/effect/desk/{type}")
    return numbers


def test_events_of_a_story_are_requests() -> None:
    """Every event of a sequence is counted, published and handled like any other request."""
    report = simulate(scene(STORY)).report
    kinds = [told(simulate(scene(STORY)), type)["expected"] for type in ("seen", "booked", "paid", "left")]
    assert report.value("/client/shop/requests") == sum(kinds)
    assert report.value("/client/shop/availability") == 1
    assert kinds[1] == pytest.approx(500, abs=3 * 500**0.5)
    assert kinds[1] >= kinds[2] >= kinds[3] > 400


def test_base_traffic_is_the_same() -> None:
    """A sequence changes neither the times nor the keys of the ordinary traffic or of another sequence."""
    other = Sequence("visit", 0.3, (SequenceStep("came"), SequenceStep("went", 10.0)))
    plain = [(event.made, event.key, event.happened) for event in events_of(scene(late_share=0.3, late_s=20))]
    both = events_of(scene(other, STORY, late_share=0.3, late_s=20))
    assert plain == [(event.made, event.key, event.happened) for event in both if event.flow.type == "seen"]
    alone = [
        (event.made, event.key)
        for event in events_of(scene(STORY, late_share=0.3, late_s=20))
        if event.flow.type == "paid"
    ]
    assert alone == [(event.made, event.key) for event in both if event.flow.type == "paid"]


def test_a_story_has_one_key() -> None:
    """The steps of a story share a key and come in order with exact gaps; a step may override the group."""
    events = [
        event
        for event in events_of(scene(STORY, rate_per_s=0.0, groups=(("home", 1.0),), keys=10**6))
        if event.flow.type != "seen"
    ]
    stories: dict[int, list[Event]] = {}
    for event in events:
        stories.setdefault(event.key, []).append(event)
    full = [story for story in stories.values() if len(story) == 3]
    assert len(full) > 400
    for booked, paid, left in full:
        assert [event.flow.type for event in (booked, paid, left)] == ["booked", "paid", "left"]
        assert left.made - paid.made == 5_000_000
        assert (booked.group, left.group) == ("home", "away")
        assert [event.version for event in (booked, paid, left)] == [1, 2, 3]
    mean = sum(paid.made - booked.made for booked, paid, _ in full) / len(full) / 1e6
    assert mean == pytest.approx(20, rel=0.15)


def test_versions_count_across_all_of_a_key() -> None:
    """Ordinary events and stories of one key share one version counter."""
    events = events_of(scene(STORY, keys=1))
    assert [event.version for event in events] == list(range(1, len(events) + 1))


def test_nothing_arrives_after_the_end() -> None:
    """A story that would continue after the end of the traffic is cut off there."""
    events = events_of(
        scene(Sequence("long", 0.5, (SequenceStep("began"), SequenceStep("ended", 600.0, exact=True))))
    )
    assert max(event.made for event in events) < 1000 * 1_000_000
    began, ended = ([event for event in events if event.flow.type == type] for type in ("began", "ended"))
    assert len(ended) == sum(event.made < 400 * 1_000_000 for event in began)


def test_late_events_arrive_after_they_happened() -> None:
    """The given share of events is late, evenly up to ``late_s``, in ordinary traffic and in stories."""
    for type in ("seen", "booked"):
        events = [
            event
            for event in events_of(scene(STORY, late_share=0.3, late_s=30.0, duration=8000.0))
            if event.flow.type == type
        ]
        late = [event.made - event.happened for event in events if event.made != event.happened]
        assert len(late) / len(events) == pytest.approx(0.3, abs=0.03)
        assert max(late) <= 30_000_000
        assert sum(late) / len(late) / 1e6 == pytest.approx(15, rel=0.1)


def test_late_steps_are_overtaken() -> None:
    """A late first step may arrive after the second one: the times in the script are event time."""
    pair = Sequence("pair", 1.0, (SequenceStep("first"), SequenceStep("second", 5.0, exact=True)))
    events = events_of(scene(pair, rate_per_s=0.0, late_share=0.5, late_s=30.0, keys=10**7))
    order: dict[int, list[Event]] = {}
    for event in events:
        order.setdefault(event.key, []).append(event)
    pairs = [pair for pair in order.values() if len(pair) == 2]
    assert sum(pair[0].flow.type == "second" for pair in pairs) > 50
    for one in pairs:
        first, second = sorted(one, key=lambda event: event.happened)
        assert (first.flow.type, second.happened - first.happened) == ("first", 5_000_000)


def test_stories_are_on_the_timeline() -> None:
    """A timeline's requests include the stories, and some stories are followed under their client's name."""
    outcome = simulate(scene(STORY), timeline=True)
    assert outcome.timeline is not None
    assert sum(outcome.timeline.clients["shop"].requests) == outcome.report.value("/client/shop/requests")
    followed = [journey for journey in outcome.timeline.journeys if journey.type == "paid"]
    assert followed
    assert all(journey.hops[0].where == "shop" for journey in followed)
