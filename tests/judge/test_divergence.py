"""Where two runs of the same traffic diverge."""

import dataclasses

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions
from tutor.judge.divergence import Divergence, find_divergence
from tutor.model.component import Service
from tutor.model.report import Outcome
from tutor.trial import run, with_design

FIRST = "first-light/first-event"


@pytest.fixture(scope="module")
def outcomes() -> tuple[Outcome, Outcome]:
    """The outcomes of the first level's start and of its solution."""
    level = level_by_id(FIRST)
    solved = with_design(level, load_solutions(level_folder(FIRST), level)[0].design)
    return run(level.scenario, timeline=True), run(solved.scenario, timeline=True)


def found(before: Outcome, after: Outcome) -> Divergence:
    """The divergence, which must exist."""
    one = find_divergence(before, after)
    assert one is not None
    return one


def test_the_same_run_twice_does_not_part(outcomes: tuple[Outcome, Outcome]) -> None:
    """Two equal runs have no divergence."""
    assert find_divergence(outcomes[0], outcomes[0]) is None


def test_the_first_event_that_ends_differently_is_named(outcomes: tuple[Outcome, Outcome]) -> None:
    """The divergence is the first event that fails in one run, at the moment its paths diverge; no earlier
    event fared differently.
    """
    one = found(*outcomes)
    before, after = (outcome.timeline for outcome in outcomes)
    assert before is not None
    assert after is not None
    ends = {journey.event_id: journey.outcome for journey in after.journeys}
    first = min(
        (journey for journey in before.journeys if ends[journey.event_id] != journey.outcome),
        key=lambda journey: journey.hops[0].at_s,
    )
    assert one.event == first.event_id == "till/14"
    assert one.where == "rail"
    assert 15 <= one.at_s < 16
    assert "before it fails for its client" in one.what
    assert "now it goes well" in one.what


def test_what_followed_is_counted(outcomes: tuple[Outcome, Outcome]) -> None:
    """The consequences count the events that turned, the failures that the client saw, and where the waiting
    moved.
    """
    said = " ".join(found(*outcomes).followed)
    assert "20 events: failed before, ok now." in said
    assert "From then on, failures that till saw: 20 before, 0 now" in said
    assert "waiting at kitchen: 20 before, 1 now" in said


def test_it_reads_backwards(outcomes: tuple[Outcome, Outcome]) -> None:
    """With the runs swapped, the same event goes from ok to failed."""
    one = found(outcomes[1], outcomes[0])
    assert one.event == "till/14"
    assert one.what.index("goes well") < one.what.index("fails for its client")


def test_times_count_where_all_end_alike() -> None:
    """Two solutions that lose no events diverge where an event first takes a different time."""
    level = level_by_id(FIRST)
    slow = level.scenario.design.components["kitchen"]
    assert isinstance(slow, Service)
    faultless = dataclasses.replace(level.scenario, faults=())
    design = faultless.design
    slower = dataclasses.replace(
        design, components={**design.components, "kitchen": dataclasses.replace(slow, service_ms=200)}
    )
    one = found(
        run(faultless, timeline=True), run(dataclasses.replace(faultless, design=slower), timeline=True)
    )
    assert one.event == "till/0"
    assert "before it took" in one.what


def test_tracks_tell_where_no_event_was_followed_in_both(outcomes: tuple[Outcome, Outcome]) -> None:
    """If the samples share no event, the runs diverge at the first step in which a client's failures differ,
    at a known event.
    """
    before, after = outcomes
    assert after.timeline is not None
    blind = dataclasses.replace(after, timeline=dataclasses.replace(after.timeline, journeys=[], fates={}))
    one = found(before, blind)
    assert "till sees " in one.what
    assert one.event == "till/14"
    assert one.at_s == pytest.approx(17, abs=1.5)


def test_events_that_nobody_followed_count_too(outcomes: tuple[Outcome, Outcome]) -> None:
    """If no event was followed, the first that fared differently is found among all events, and all of them
    are counted.
    """
    bare = [
        dataclasses.replace(one, timeline=dataclasses.replace(one.timeline, journeys=[]))
        for one in outcomes
        if one.timeline
    ]
    one = found(bare[0], bare[1])
    assert one.event == "till/14"
    assert one.followed[0] == "20 of 89 events end differently."


def test_a_loss_comes_before_what_is_merely_late(outcomes: tuple[Outcome, Outcome]) -> None:
    """Among events that end differently, the first lost one is named, even if an earlier one fared worse in
    another way.
    """
    after = outcomes[1]
    assert after.timeline is not None
    (source, fates), *_ = after.timeline.fates.items()
    worse = dataclasses.replace(
        fates, outcomes=f"{fates.outcomes[:5]}T{fates.outcomes[6:40]}L{fates.outcomes[41:]}"
    )
    timeline = dataclasses.replace(after.timeline, fates={source: worse})
    assert found(after, dataclasses.replace(after, timeline=timeline)).event == f"{source}/40"


def test_without_a_timeline_there_is_none(outcomes: tuple[Outcome, Outcome]) -> None:
    """Reports without a timeline have no divergence."""
    assert find_divergence(outcomes[0], dataclasses.replace(outcomes[1], timeline=None)) is None


def test_parts_are_called_what_the_screen_calls_them(outcomes: tuple[Outcome, Outcome]) -> None:
    """Given names, the sentences call parts by title and never by id; the place itself stays an id, for the
    board.
    """
    names = {"till": "Till", "kitchen": "Kitchen", "rail": "Order rail"}
    one = find_divergence(*outcomes, names)
    assert one is not None
    assert one.where == "rail"
    assert "Its paths diverge at Order rail" in one.what
    assert not any(word in " ".join(one.lines).split() for word in names)


def test_what_a_client_waits_for_counts_as_a_time() -> None:
    """Two runs with the same effect times diverge where a client first gets its answer sooner."""
    level = level_by_id(FIRST)
    mistakes = {one.name: one.design for one in load_mistakes(level_folder(FIRST), level)}
    solution = load_solutions(level_folder(FIRST), level)[0].design
    waits, told = (
        run(with_design(level, design).scenario, timeline=True)
        for design in (mistakes["longer-timeout"], solution)
    )
    one = found(waits, told)
    assert "before it took" in one.what
    assert one.event == "till/0"


def test_an_event_that_vanished_is_told_with_where_it_never_came() -> None:
    """If no hop explains the loss of an event, the places that it never reached and its last known
    place do.
    """
    level = level_by_id("who-gets-it/three-teams")
    mistakes = {one.name: one.design for one in load_mistakes(level_folder(level.id), level)}
    scenarios = [level.scenario, with_design(level, mistakes["a-queue-each"]).scenario]
    names = {part.id: part.name for part in level.scenario.design.components.values()}
    before, after = (run(scenario, timeline=True) for scenario in scenarios)
    one = find_divergence(before, after, names)
    assert one is not None
    assert "is lost (never reached " in one.what
    assert "E-mail" in one.what
    assert "Inventory" not in one.what
    assert "last seen at " in one.what


def test_wires_tell_where_no_event_fared_differently(outcomes: tuple[Outcome, Outcome]) -> None:
    """Runs in which all events fare alike diverge where a wire carries more in one of them."""
    before = outcomes[1]
    assert before.timeline is not None
    ref, track = next((ref, track) for ref, track in before.timeline.wires.items() if any(track.sent))
    more = dataclasses.replace(track, sent=[*track.sent[:100], track.sent[100] + 2, *track.sent[101:]])
    wires = {**before.timeline.wires, ref: more}
    one = found(
        before, dataclasses.replace(before, timeline=dataclasses.replace(before.timeline, wires=wires))
    )
    assert " carries " in one.what
    assert one.at_s == pytest.approx(100 * before.timeline.step_s)
    assert one.event == ""
