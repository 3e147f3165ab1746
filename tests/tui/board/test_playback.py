"""Parts' states and moving events at a cursor position."""

from __future__ import annotations

import pytest

from tutor.model.component import Client, Database, Queue, Service, Stream
from tutor.model.design import Design, make_design
from tutor.model.timeline import ClientTrack, ComponentTrack, Mark, Timeline, WireTrack
from tutor.model.wire import Call, Publish, Subscribe
from tutor.show.picture.drawing import Animation, Highlights
from tutor.show.picture.glyphs import UNICODE
from tutor.show.picture.scene import make_scene
from tutor.show.states import OPEN, PLAYBACK_S, States

STEPS = 100


def design() -> Design:
    """A till, a queue and a kitchen, and the call that the till once made."""
    return make_design(
        [
            Client(id="till"),
            Queue(id="rail", max_length=10),
            Service(id="kitchen", workers=2),
            Stream(id="log", partitions=2),
        ],
        [
            Call(source="till", target="kitchen"),
            Publish(source="till", target="rail"),
            Subscribe(source="rail", target="kitchen"),
            Subscribe(source="log", target="kitchen"),
        ],
    )


def run(**wires: WireTrack) -> Timeline:
    """A run of 100 seconds in 100 steps; the kitchen is down from 40 to 60 s."""
    down = [0.0 if 40 <= step < 60 else 1.0 for step in range(STEPS)]
    return Timeline(
        step_s=1.0,
        steps=STEPS,
        duration_s=80,
        end_s=100.0,
        components={
            "kitchen": ComponentTrack(
                "service",
                depth=[0] * STEPS,
                busy=[1] * STEPS,
                capacity=[2] * STEPS,
                up=down,
                failed=[0] * STEPS,
            ),
            "rail": ComponentTrack(
                "queue",
                depth=list(range(STEPS)),
                up=[1.0] * STEPS,
                extra={"dead_lettered": [float(step) for step in range(STEPS)]},
            ),
            "log": ComponentTrack(
                "stream",
                depth=[4] * STEPS,
                extra={"partition/0/lag": [4.0] * STEPS, "partition/1/lag": [0.0] * STEPS},
            ),
        },
        wires={key.replace("_", "->", 1).replace("__", ":"): track for key, track in wires.items()},
        clients={"till": ClientTrack(requests=[1] * STEPS, ok=[1] * STEPS, failed=[0] * 40 + [1] * 60)},
        marks=[Mark(40.0, "fault", "kitchen", "crash"), Mark(60.0, "fault-over", "kitchen", "crash")],
    )


def test_state_is_that_of_the_step_under_the_cursor() -> None:
    """Depth, health, totals and dead letters are those at the cursor, whether it moves forward or
    backward.
    """
    playback = States(run())
    assert playback.part("rail", 7.5).depth == 7
    assert playback.part("rail", 3.0).depth == 3
    assert playback.part("rail", 9.0).dead_letters == 9
    assert playback.part("kitchen", 50.0).up == 0.0
    assert playback.part("kitchen", 61.0).up == 1.0
    assert (playback.part("till", 49.5).ok_total, playback.part("till", 49.5).failed_total) == (50, 10)
    assert playback.part("log", 0.0).partitions == (4, 0)


def test_fault_is_on_from_its_mark_to_its_end() -> None:
    """A part shows a fault while it lasts, and not afterwards."""
    playback = States(run())
    assert playback.part("kitchen", 39.9).faults == ()
    assert playback.part("kitchen", 40.0).faults == ("crash",)
    assert playback.part("kitchen", 60.0).faults == ()


def test_cursor_beyond_either_end_shows_the_end() -> None:
    """A cursor outside the run shows the nearest step."""
    playback = States(run())
    assert playback.part("rail", -5.0).depth == 0
    assert playback.part("rail", 1e6).depth == STEPS - 1


def test_event_reaches_the_end_when_it_was_sent() -> None:
    """A single event moves from the first cell to the last, in order, and then disappears."""
    sent = [0] * STEPS
    sent[50] = 1
    playback = States(run(till_kitchen__call=WireTrack("call", sent=sent)))
    places = []
    moment = 46.0
    while moment < 52:
        cells, _ = playback.moving("till->kitchen:call", moment, 20)
        places += cells
        moment += 0.05
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == 19
    assert playback.moving("till->kitchen:call", 50.6, 20)[0] == []


def test_many_events_become_a_flow() -> None:
    """With more than one event for two cells, a flow is drawn instead of single events."""
    playback = States(run(till_kitchen__call=WireTrack("call", sent=[50] * STEPS)))
    cells, crowd = playback.moving("till->kitchen:call", 50.0, 20)
    assert cells == []
    assert crowd > 0.5


def test_failed_attempt_runs_back_and_fades() -> None:
    """A failed attempt starts at the end of the wire, moves back towards its start and disappears."""
    failed = [0] * STEPS
    failed[50] = 1
    playback = States(run(till_kitchen__call=WireTrack("call", sent=failed, failed=failed)))
    early, late = (
        playback.bouncing("till->kitchen:call", 50.6, 20),
        playback.bouncing("till->kitchen:call", 52.0, 20),
    )
    assert early == [19]
    assert late
    assert late[0] < 19
    assert playback.bouncing("till->kitchen:call", 50 + 100 / PLAYBACK_S * 2, 20) == []


def text_of(animation: Animation, cursor_s: float) -> str:
    """Every sign drawn over the scene, in rows."""
    overlay = animation.overlay(cursor_s, Highlights())
    return "\n".join("".join(run[0] for _, run in sorted(overlay[y].items())) for y in sorted(overlay))


@pytest.fixture
def animation() -> Animation:
    """An animation with an open breaker and waiting callers."""
    wires = {
        "till_kitchen__call": WireTrack(
            "call", sent=[1] * STEPS, failed=[1] * STEPS, waiting=[3] * STEPS, breaker=[0] * 50 + [OPEN] * 50
        ),
        "till_rail__publish": WireTrack("publish", sent=[1] * STEPS),
    }
    return Animation(make_scene(design(), (158, 40), UNICODE), States(run(**wires)), UNICODE)


def test_box_tells_that_it_is_down_and_why(animation: Animation) -> None:
    """A part that is down says so, has another frame, and names the fault."""
    drawn = text_of(animation, 50.0)
    assert "down" in drawn
    assert "↯crash" in drawn
    assert UNICODE.frames["down"][0] in drawn
    assert "down" not in text_of(animation, 10.0)


def test_wire_tells_what_holds_it(animation: Animation) -> None:
    """Waiting callers and an open breaker replace the wire's label."""
    assert "3 callers wait" in text_of(animation, 10.0)
    assert "open" in text_of(animation, 80.0)


def test_failure_has_another_shape(animation: Animation) -> None:
    """A failed attempt is a cross, a request a disc, and a message a diamond."""
    drawn = text_of(animation, 30.3)
    assert UNICODE.failed in drawn
    assert UNICODE.moving["publish"] in drawn
    assert UNICODE.moving["call"] != UNICODE.moving["publish"] != UNICODE.failed


def test_reduced_motion_moves_nothing() -> None:
    """With reduced motion, two moments of the same step look the same, and failures are still shown."""
    timeline = run(till_kitchen__call=WireTrack("call", sent=[1] * STEPS, failed=[1] * STEPS))
    still = Animation(make_scene(design(), (158, 40), UNICODE), States(timeline), UNICODE, still=True)
    assert still.overlay(30.1, Highlights()) == still.overlay(30.8, Highlights())
    assert UNICODE.failed in text_of(still, 30.1)


def test_queue_at_its_limit_is_full() -> None:
    """A queue at its limit has a full, marked bar."""
    animation = Animation(make_scene(design(), (158, 40), UNICODE), States(run()), UNICODE)
    overlay = animation.overlay(20.0, Highlights())
    styles = {run[1] for row in overlay.values() for run in row.values()}
    assert "bar-full" in styles
    assert "bar-full" not in {
        run[1] for row in animation.overlay(5.0, Highlights()).values() for run in row.values()
    }


def test_unknown_part_and_wire_are_quiet() -> None:
    """A part that isn't in the timeline is drawn at rest."""
    playback = States(Timeline(step_s=1.0, steps=0, duration_s=0, end_s=0))
    assert playback.part("nobody", 0.0).depth == 0
    assert playback.moving("a->b:call", 0.0, 10) == ([], 0.0)


def test_what_has_just_happened_is_said_for_a_moment() -> None:
    """A rebalance is named on the part when it happens, and not long before or after."""
    timeline = run()
    timeline.marks.append(Mark(70.0, "rebalance", "kitchen", "3 members, eager"))
    animation = Animation(make_scene(design(), (158, 40), UNICODE), States(timeline), UNICODE)
    assert "rebalance" in text_of(animation, 70.5)
    assert "rebalance" not in text_of(animation, 69.9)
    assert "rebalance" not in text_of(animation, 85.0)


def test_copy_tells_how_many_keys_differ() -> None:
    """A diverged copy shows by how many keys it differs, in place of its bar."""
    parts = make_design(
        [Client(id="till"), Service(id="kitchen"), Database(id="copy", title="The copy of the menu")]
    )
    timeline = run()
    timeline.components["copy"] = ComponentTrack(
        "database", capacity=[20] * STEPS, extra={"diverged_keys": [0.0] * 50 + [7.0] * 50}
    )
    animation = Animation(make_scene(parts, (158, 40), UNICODE), States(timeline), UNICODE)
    assert "7 differ" in text_of(animation, 60.0)
    assert "differ" not in text_of(animation, 40.0)
