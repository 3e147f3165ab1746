"""The clock and its timers."""

import dataclasses

from tutor.engine.core.kernel import Countdown, Kernel


@dataclasses.dataclass(eq=False)
class Item:
    """An item that may be answered before its timeout."""

    name: str
    open: bool = True
    due: int | None = None
    serial: int = 0


def test_timers_run_by_time_and_then_in_the_order_they_were_set() -> None:
    """Timers run by time, and simultaneous ones in the order in which they were scheduled."""
    kernel, ran = Kernel(100), []
    for time, name in ((5, "b"), (1, "a"), (5, "c")):
        kernel.at(time, lambda now, item: ran.append((now, item)), name)
    assert kernel.advance(1000)
    assert ran == [(1, "a"), (5, "b"), (5, "c")]


def test_nothing_runs_after_the_end() -> None:
    """A timer at the end of the run still runs, and one after it doesn't."""
    kernel, ran = Kernel(10), []
    kernel.at(10, lambda now, item: ran.append(item), "at")
    kernel.at(11, lambda now, item: ran.append(item), "after")
    kernel.advance(1000)
    assert ran == ["at"]


def test_slices_make_no_difference() -> None:
    """A run in slices of one timer equals an uninterrupted run."""

    def run(size: int) -> list[int]:
        kernel, ran = Kernel(50), []

        def act(now: int, left: int) -> None:
            ran.append(now)
            if left:
                kernel.at(now + 3, act, left - 1)

        kernel.at(0, act, 9)
        while not kernel.advance(size):
            pass
        return ran

    assert run(1) == run(1000)


def test_a_countdown_strikes_only_what_is_still_open() -> None:
    """An answer before the timeout cancels it; other items time out at their own times."""
    kernel, struck = Kernel(1000), []
    countdown: Countdown[Item] = Countdown(kernel, 100, lambda now, item: struck.append((now, item.name)))
    items = {name: Item(name) for name in "abc"}
    for start, name in ((0, "a"), (10, "b"), (20, "c")):
        kernel.at(start, lambda now, item: countdown.start(now, item), items[name])
    kernel.at(50, lambda now, item: setattr(item, "open", False), items["a"])
    kernel.advance(1000)
    assert struck == [(110, "b"), (120, "c")]


def test_a_countdown_that_is_renewed_strikes_later() -> None:
    """Starting an item's timeout again postpones it."""
    kernel, struck = Kernel(1000), []
    countdown: Countdown[Item] = Countdown(kernel, 100, lambda now, item: struck.append((now, item.name)))
    item = Item("a")
    for start in (0, 60):
        kernel.at(start, lambda now, item: countdown.start(now, item), item)
    kernel.advance(1000)
    assert struck == [(160, "a")]


def test_withdrawn_timers_do_not_run() -> None:
    """Withdrawn timers are returned in the order in which they would have run."""
    kernel, ran = Kernel(100), []

    def act(now: int, item: str) -> None:
        ran.append(item)

    for time, name in ((9, "later"), (3, "soon"), (5, "stays")):
        kernel.at(time, act, name)
    taken = kernel.withdraw(lambda _act, item: item in ("later", "soon"))
    kernel.advance(100)
    assert [(time, item) for time, _, item in taken] == [(3, "soon"), (9, "later")]
    assert ran == ["stays"]
