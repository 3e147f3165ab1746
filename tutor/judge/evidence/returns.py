"""The reasons why messages came back to a channel: how far their work was when their lease ran out or their
reader went away.
"""

from __future__ import annotations

from collections import Counter

from tutor.judge.evidence.run import RunEvidence
from tutor.model.timeline import Journey

UNREAD = "unread"  # in somebody's hands, and nobody had begun
AT_WORK = "at work"  # somebody had begun and was not done
DONE = "done"  # the work was done: the ack was late, or got lost
FAILED_WORK = "failed"  # the work had failed


def returns(journey: Journey, channel: str, *whys: str) -> list[str]:
    """Returns how far an event's work was at each of its returns to a channel (for these reasons, or all)."""
    found = []
    state = UNREAD
    for hop in journey.hops:
        if hop.where == channel:
            if hop.what == "delivered":
                state = UNREAD
            elif hop.what in ("returned", "dead-lettered"):
                if not whys or hop.detail in whys:
                    found.append(state)
                state = UNREAD
        elif hop.what == "started":
            state = AT_WORK
        elif hop.what in ("done", "applied", "repeated", "skipped"):
            state = DONE if hop.what == "done" or state == DONE else AT_WORK
        elif hop.what == "failed":
            state = FAILED_WORK
    return found


def returns_to(case: RunEvidence, channel: str, *whys: str) -> Counter[str]:
    """Counts how far the work of the followed events was, each time that they came back to a channel."""
    key = (channel, *whys)
    if key not in case.returned:
        back = case.followed_through(channel, "returned", "dead-lettered")
        case.returned[key] = Counter(
            [state for journey in back for state in returns(journey, channel, *whys)]
        )
    return case.returned[key]


def share_of_returns(case: RunEvidence, channel: str, state: str, *whys: str) -> float | None:
    """Returns the share of a channel's followed returns in which the work was this far; None if none was
    followed.
    """
    counts = returns_to(case, channel, *whys)
    total = sum(counts.values())
    return counts[state] / total if total else None
