"""Curves: which are drawn, and how they become dots."""

from tutor.model.level import Goal
from tutor.model.timeline import ClientTrack, ComponentTrack, EffectTrack, Timeline
from tutor.show.braille import bridged, buckets, clock, moment, nice_top, plot, plot_ascii, row_of, short
from tutor.show.series import Curves, curves, smoothed


def test_buckets_keep_every_peak() -> None:
    """Shrinking keeps the largest value of each bucket, stretching repeats values, and gaps stay gaps."""
    assert buckets([1, 9, 2, 3], 2) == [9, 3]
    assert buckets([1, 2], 4) == [1, 1, 2, 2]
    assert buckets([], 2) == [None, None]
    assert buckets([None, None], 1) == [None]


def test_short_gaps_are_bridged_and_long_ones_stay() -> None:
    """A line bridges a short gap and leaves a long one open."""
    assert bridged([0.0, None, 2.0], 2) == [0.0, 1.0, 2.0]
    assert bridged([0.0, None, None, None, 2.0], 2) == [0.0, None, None, None, 2.0]


def test_the_top_of_a_scale_is_a_round_number() -> None:
    """The top is 1, 2, 2.5 or 5 times a power of ten, and at least as large as the largest value."""
    assert [nice_top(value) for value in (0, 0.9, 1.0, 1.1, 2.2, 30, 501, 1000)] == [
        1,
        1,
        1,
        2,
        2.5,
        50,
        1000,
        1000,
    ]


def test_a_rising_line_rises() -> None:
    """The lowest value is at the bottom left, the highest at the top right."""
    rows = plot([0, 1, 2, 3, 4, 5, 6, 7], 4, 2, 7)
    assert len(rows) == 2
    assert all(len(row) == 4 for row in rows)
    assert rows[0][0] == " "
    assert rows[0][3] != " "
    assert rows[1][0] != " "
    assert row_of(7, 2, 7) == 0
    assert row_of(0, 2, 7) == 1


def test_the_plain_chart_is_ascii() -> None:
    """Without braille a column is as high as its value."""
    rows = plot_ascii([0, 10], 2, 2, 10)
    assert rows == [" #", " #"]
    assert "".join(rows).isascii()


def test_numbers_and_moments_are_short() -> None:
    """A number has at most five characters; clock times fit the length of the run."""
    assert [short(value) for value in (0, 0.25, 12.34, 950, 12_000, 3_500_000)] == [
        "0",
        "0.25",
        "12.3",
        "950",
        "12k",
        "3.5M",
    ]
    assert clock(12.34, 30) == "12.3s"
    assert clock(125, 600) == "2:05"
    assert clock(3725, 7200) == "1:02:05"
    assert moment(15.019) == "0:15.02"


def test_a_flow_is_smoothed_without_changing_its_sum() -> None:
    """A moving mean keeps the sum, and a constant stays constant."""
    assert smoothed([2.0] * 50) == [2.0] * 50
    assert max(smoothed([0.0, 9.0, 0.0])) == 4.5
    assert smoothed([]) == []


def test_curves_follow_the_goals() -> None:
    """With a goal on delay, latency is the time until the effect, with its limit; depth is that of the part
    in focus.
    """
    run = Timeline(step_s=1.0, steps=2, duration_s=2.0, end_s=2.0)
    run.clients["c"] = ClientTrack(
        requests=[1, 1], ok=[1, 0], failed=[0, 1], response_ms=[10.0, None], attempts=[1, 1]
    )
    run.effects["s/e"] = EffectTrack(
        applied=[1, 1], duplicates=[0, 0], delay_ms=[100.0, 200.0], outstanding=[0, 0]
    )
    run.components["q"] = ComponentTrack("queue", depth=[3, 4])
    run.components["s"] = ComponentTrack("service", depth=[1, 1])
    goal = Goal("/effect/s/e/delay_ms/p95", "soon", at_most=150.0)
    latency, throughput, depth, errors = curves(run, [goal])
    assert list(latency.values) == [100.0, 200.0]
    assert latency.limit == 150.0
    assert list(depth.values) == [4.0, 5.0]
    assert list(curves(run, [], "q")[2].values) == [3.0, 4.0]
    assert list(curves(run)[0].values) == [10.0, None]
    assert (throughput.unit, errors.unit) == ("/s", "/s")
    assert latency.at(0.99) == 200.0


def test_a_curve_is_worked_out_once() -> None:
    """Whatever has the focus, the curves of a run are the same objects but for the depth, which is that of
    the part; and that one too is the same when the focus comes back.
    """
    run = Timeline(step_s=1.0, steps=2, duration_s=2.0, end_s=2.0)
    run.components["q"] = ComponentTrack("queue", depth=[3, 4])
    kept = Curves(run, called={"q": "Orders"})
    of_q = kept.of("q")
    assert [one is other for one, other in zip(of_q, kept.of(), strict=True)] == [True, True, False, True]
    assert all(one is other for one, other in zip(of_q, kept.of("q"), strict=True))
