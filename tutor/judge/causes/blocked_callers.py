"""Causes where workers are held by a part they wait for."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, row
from tutor.judge.evidence.paths import patience_ms
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import peak
from tutor.judge.evidence.symptom import BACKLOG, FAILED, LOST, SLOW, Symptom
from tutor.judge.evidence.waits import BLOCKED, BUSY, DOWN
from tutor.judge.words import render_clock, render_ms, render_number, render_share
from tutor.words import say

_ROOT_WORDS = {
    DOWN: "was-down",
    BUSY: "was-overloaded",
    BLOCKED: "waited-itself",
    "": "was-slow",
    "free": "was-slow",
}


def _blocked_callers(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    blocked = _Blocked(case, symptom)
    if not blocked.amounts or blocked.total <= 0:
        return None
    key = max(blocked.amounts, key=lambda one: blocked.amounts[one])
    name, ref = key
    wire = case.design.wire(ref)
    if wire is None:
        return None
    root, root_state = blocked.roots[key]
    # where the end of the chain is merely overloaded, that overload is the cause and the held workers its
    # effect
    factor = 0.6 if root_state == BUSY and not case.faulted(root, "slow", "hang") else 1.0
    share = factor * sum(blocked.amounts.values()) / blocked.total
    track = case.wire_track(ref)
    step, held = peak(track.waiting) if track else (0, 0)
    workers = case.hands(name)
    timeout = patience_ms(wire)
    patience = (
        say("causes.said.waited-up-to", timeout=timeout)
        if timeout
        else say("causes.said.waited-without-limit")
    )
    rows: list[Row] = [
        row("workers", render_number(workers), part=case.name(name)),
        row(
            "calls-waiting",
            say("causes.said.at", count=held, at=case.moment(step)),
            part=case.name(name),
            other=case.name(wire.target),
        ),
        row(
            "timeout-on", render_ms(timeout) if timeout else say("causes.said.no-limit"), wire=case.ends(wire)
        ),
        row("nobody-free-for-it", render_share(case.waits.share(name, BLOCKED)), part=case.name(name)),
    ]
    for kind in ("hang", "slow", "crash"):
        rows += [
            row("fault", say("causes.said.span", start=a, end=b), kind=kind, part=case.name(root))
            for a, b in case.faulted(root, kind)[:2]
        ]
    facts = {
        "part": case.name(name),
        "callee": case.name(wire.target),
        "root": case.name(root),
        "root_does": say(f"causes.said.root.{_ROOT_WORDS.get(root_state, 'was-slow')}"),
        "patience": patience,
        "held": held,
        "workers": workers,
        "from": render_clock(blocked.started[key]),
    }
    return Explanation(
        share, component=name, wire=ref, facts=facts, evidence=tuple(rows), at_s=blocked.started[key]
    )


class _Blocked:
    """The work that was blocked because the workers of a part were held, by part and wire; of each the
    largest root, and when it began.
    """

    def __init__(self, case: RunEvidence, symptom: Symptom) -> None:
        self.amounts: dict[tuple[str, str], float] = {}
        self.roots: dict[tuple[str, str], tuple[str, str]] = {}
        self.started: dict[tuple[str, str], float] = {}
        if symptom.kind in (FAILED, LOST):
            self.total = case.failures.total(symptom)
            for failure in case.failures.near(symptom):
                if failure.state == BLOCKED:
                    self._add(
                        (failure.by, failure.wire),
                        (failure.root, failure.root_state),
                        failure.count,
                        failure.from_s,
                    )
        else:
            self.total = case.waits.total(symptom)
            for wait in case.waits.near(symptom):
                if wait.state == BLOCKED:
                    self._add((wait.by, wait.wire), (wait.root, wait.root_state), wait.seconds, wait.from_s)

    def _add(self, key: tuple[str, str], root: tuple[str, str], amount: float, from_s: float) -> None:
        if key not in self.amounts or amount > self.amounts[key]:
            self.roots[key] = root
        self.amounts[key] = self.amounts.get(key, 0.0) + amount
        self.started[key] = min(self.started.get(key, from_s), from_s)


CAUSES = (
    Cause(
        id="blocked-callers",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOST}),
        concept="synchronous-call",
        find=_blocked_callers,
        depth=1.1,
        follows=frozenset({"cut-off", "deadlock"}),
    ),
)
"""The causes of this family."""
