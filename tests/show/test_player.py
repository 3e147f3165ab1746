"""The playback's cursor: pace, jumps and steps."""

import pytest

from tutor.model.timeline import ClientTrack, Hop, Journey, Mark, Timeline
from tutor.show.marks import marks_of
from tutor.show.player import WATCH_S, Player


def timeline(**more: object) -> Timeline:
    """Ten minutes with a fault in the middle."""
    marks = [Mark(300.0, "fault", "a", "crash"), Mark(360.0, "fault-over", "a", "crash")]
    return Timeline(step_s=1.0, steps=600, duration_s=600.0, end_s=600.0, marks=marks, **more)  # type: ignore[arg-type]


def watch(player: Player, frame_s: float = 1 / 30) -> float:
    """Seconds of wall-clock time until the end."""
    player.playing = True
    seconds = 0.0
    while not player.advance(frame_s):
        seconds += frame_s
    return seconds + frame_s


@pytest.mark.parametrize("length", [10.0, 600.0, 86_400.0])
def test_a_playback_takes_as_long_whatever_is_simulated(length: float) -> None:
    """Ten seconds and a day take about the same time to watch."""
    run = Timeline(
        step_s=length / 600,
        steps=600,
        duration_s=length,
        end_s=length,
        marks=[Mark(length / 2, "fault", "a", "crash")],
    )
    assert watch(Player(run)) == pytest.approx(WATCH_S, abs=0.2)
    assert 20 <= WATCH_S <= 30


def test_it_slows_down_at_a_fault() -> None:
    """Around a fault the pace is a third of the usual one."""
    player = Player(timeline())
    assert player.pace_at(305.0) == pytest.approx(player.pace_at(100.0) / 3)


def test_speed_changes_the_pace_in_steps_with_ends() -> None:
    """At double speed it takes half the time; the fastest speed doesn't get faster."""
    player = Player(timeline(), speed=2.0)
    assert watch(player) == pytest.approx(WATCH_S / 2, abs=0.2)
    for _ in range(10):
        player.change_speed(1)
    assert player.speed == 8.0


def test_a_step_goes_to_the_next_thing_that_happens() -> None:
    """Steps go to the next hop or mark; where none is known, by one step of the timeline."""
    journey = Journey("c/0", "t", "1", "c", 1, "ok", (Hop(0.25, "c", "requested"), Hop(0.5, "a", "done")))
    player = Player(timeline(journeys=[journey]))
    for at in (0.25, 0.5, 1.5):
        player.step()
        assert player.cursor_s == pytest.approx(at)
    player.seek(299.5)
    player.step()
    assert player.cursor_s == 300.0


def test_a_jump_to_a_fault_wraps_round() -> None:
    """After the last fault the next one is the first again; a run without faults has none."""
    player = Player(timeline())
    player.seek(500.0)
    found = player.next_mark("fault")
    assert found is not None
    assert found.at_s == 300.0
    assert player.next_mark("failover") is None


def test_the_first_failure_is_found_in_the_tracks() -> None:
    """If the run has no mark for it, the middle of the first step with a failed request is the first
    failure.
    """
    failed = [0] * 600
    failed[42] = 1
    run = timeline(clients={"people": ClientTrack(failed=failed)})
    mark = next(mark for mark in marks_of(run) if mark.kind == "first-failure")
    assert (mark.at_s, mark.target) == (42.5, "people")
    assert not [mark for mark in marks_of(timeline()) if mark.kind == "first-failure"]


def test_the_cursor_stays_inside_the_run() -> None:
    """Scrubbing and seeking stop at both ends."""
    player = Player(timeline())
    player.scrub(-3)
    assert player.cursor_s == 0.0
    player.seek(9999.0)
    assert player.cursor_s == 600.0
    assert player.over
