"""Restraint of a caller: the circuit breaker and the retry budget of a call.

Breakers follow resilience4j (a count-based sliding window; closed, open, half-open), budgets the gRPC retry
throttling and Finagle's RetryBudget.
"""

from __future__ import annotations

from collections import deque

from tutor.model.clock import SECOND

KNOWN, ENOUGH = 50, 20
"""How many outcomes a breaker remembers, and how many it needs to open."""
BUDGET_SECONDS = 10
"""A retry budget saves up at most this many seconds' worth of tokens."""

CLOSED, HALF_OPEN, OPEN = 0, 1, 2


class Breaker:
    """A circuit breaker: opens at a share of failures, lets one probe through after a while, and closes when
    that succeeds.
    """

    __slots__ = ("failures", "known", "probing", "reset", "share", "state", "until")

    def __init__(self, share: float, reset: int) -> None:
        self.share = share
        self.reset = reset
        self.state = CLOSED
        self.known: deque[bool] = deque(maxlen=KNOWN)
        self.failures = 0
        self.until = 0
        self.probing = False

    def allows(self, now: int) -> bool:
        """Returns whether an attempt may go out now."""
        if self.state == CLOSED:
            return True
        if self.state == OPEN and now >= self.until:
            self.state, self.probing = HALF_OPEN, False
        if self.state == HALF_OPEN and not self.probing:
            self.probing = True
            return True
        return False

    def note(self, now: int, ok: bool) -> None:
        """Notes the outcome of an attempt."""
        if self.state == HALF_OPEN:
            self.known.clear()
            self.failures = 0
            self.state = CLOSED if ok else OPEN
            self.until = now + self.reset
        elif self.state == CLOSED:
            if len(self.known) == KNOWN:
                self.failures -= not self.known[0]
            self.known.append(ok)
            self.failures += not ok
            if len(self.known) >= ENOUGH and self.failures >= self.share * len(self.known):
                self.state, self.until = OPEN, now + self.reset


class Budget:
    """A token bucket of retries: each request adds a share of a token, up to ten seconds' worth; a retry
    costs one. It starts full.
    """

    __slots__ = ("begun", "limit", "recent", "share", "tokens")

    def __init__(self, share: float) -> None:
        self.share = share
        self.begun: int | None = None
        self.recent: deque[int] = deque()
        self.limit = 0.0
        self.tokens = 0.0

    def earn(self, now: int) -> None:
        """Earns tokens for a request. Ten seconds' worth is what the last ten seconds' requests earn (at
        first: would, at their rate).
        """
        recent = self.recent
        span = BUDGET_SECONDS * SECOND
        if self.begun is None:
            self.begun = 0 if now < span else now  # traffic from the start of the run has its rate from there
        age = now - self.begun
        recent.append(now)
        while recent[0] <= now - span:
            recent.popleft()
        worth = self.share * len(recent) * span / min(max(age, SECOND), span)
        limit = max(worth, 1.0 if self.share > 0 else 0.0)
        start = (
            limit - self.limit if age < span else 0.0
        )  # it starts full: as the rate becomes known, so does what it started with
        self.tokens = max(0.0, min(self.tokens + self.share + start, limit))
        self.limit = limit

    def spend(self) -> bool:
        """Takes a token for a retry; returns False if there is none."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
