"""Numbers as a learner reads them."""

import pytest

from tutor.judge.words import (
    capital,
    describe_metric,
    render_metric,
    render_ms,
    render_number,
    render_s,
    render_share,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.999, "99.9%"), (1.0, "100%"), (0.99996, "99.996%"), (0.5, "50%"), (0.0, "0%"), (0.123456, "12.3%")],
)
def test_a_share_is_told_from_all(value: float, text: str) -> None:
    """A share close to one keeps the digits that tell it apart from one."""
    assert render_share(value) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0.5, "0.5 ms"), (250, "250 ms"), (1500, "1.5 s"), (405_000, "6 min 45 s"), (1_200_000, "20 min")],
)
def test_times_have_the_unit_that_reads_best(ms: float, text: str) -> None:
    """Milliseconds become seconds or minutes where those read better."""
    assert render_ms(ms) == text


def test_small_seconds_are_milliseconds() -> None:
    """A time below a second is given in milliseconds."""
    assert render_s(0.02) == "20 ms"


def test_numbers_are_grouped() -> None:
    """Thousands are grouped, and whole numbers have no decimals."""
    assert render_number(12345) == "12,345"
    assert render_number(2.0) == "2"
    assert render_number(0.3333) == "0.333"


def test_unknown_metrics_stay_pointers() -> None:
    """A pointer without a title is shown as it is, and its window is named."""
    assert describe_metric("/engine/events") == "/engine/events"
    assert describe_metric("nonsense") == "nonsense"
    assert (
        describe_metric("/window/after/client/till/failed")
        == "requests from till that fail, in the window after"
    )
    assert render_metric("/client/till/availability", None) == "nothing measured"


def test_a_sentence_may_begin_with_the_name_of_an_event() -> None:
    """A reason begins with a capital letter, and the name of an event is written as it is everywhere."""
    assert capital("orders waits. It is full.") == "Orders waits. It is full."
    assert capital("order.placed reaches Kitchen by 2 paths.") == "order.placed reaches Kitchen by 2 paths."
