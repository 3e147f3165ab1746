"""The goals in plain words: open, met or missed, with the measured values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tutor.judge.goals import render_goal
from tutor.judge.words import render_metric
from tutor.model.level import Goal
from tutor.words import say

if TYPE_CHECKING:
    from tutor.judge.goals import GoalResult
    from tutor.judge.verdict import Verdict


class GoalsPane(Widget):
    """The goals as a list if there is room, else in one line."""

    DEFAULT_CSS = """
    GoalsPane { height: auto; padding: 1 2 0 2; background: $surface; }
    GoalsPane.-strip { height: 1; padding: 0 1; background: $background; text-wrap: nowrap;
        text-overflow: ellipsis; }
    """

    def __init__(
        self, goals: Sequence[Goal], names: Mapping[str, str], *, id: str | None = None, strip: bool = False
    ) -> None:
        super().__init__(id=id, classes="-strip" if strip else "")
        self._names = names
        self.goals = tuple(goals)
        self._results: tuple[GoalResult, ...] = ()
        self._seeds = 0
        self._current = True
        self.strip = strip

    def show_verdict(self, verdict: Verdict | None, *, current: bool) -> None:
        """Shows the result of the latest run; ``current`` is whether it was of the present design."""
        self._results = verdict.goals if verdict is not None else ()
        self._seeds = len(verdict.seeds) if verdict is not None else 0
        self._current = current
        self.refresh(layout=True)

    @property
    def _plain(self) -> bool:
        return self.app.has_class("-ascii")

    def _sign(self, index: int) -> tuple[str, str]:
        if index >= len(self._results):
            return ("o" if self._plain else "○", "$faint")
        met = self._results[index].met
        sign = ("+" if met else "x") if self._plain else ("✓" if met else "✗")
        return (sign, ("$success" if met else "bold $error") if self._current else "$muted")

    def render(self) -> Content:
        """Renders the goals."""
        return self._one_line() if self.strip else self._list()

    def _list(self) -> Content:
        parts: list[tuple[str, str] | Content] = [(say("verdict.pane.heading"), "bold $primary")]
        if self._results and not self._current:
            parts.append((f"   {say('verdict.pane.of-last')}", "$muted"))
        elif self._seeds > 1:
            parts.append((f"   {say('verdict.pane.worst', count=self._seeds)}", "$muted"))
        width = max(10, self.content_size.width or 34)
        for index, goal in enumerate(self.goals):
            sign, style = self._sign(index)
            lines = Content(goal.say).wrap(width - 2) if len(goal.say) > width - 2 else [Content(goal.say)]
            parts.append((f"\n{sign} ", style))
            parts.append(
                (
                    "\n  ".join(line.plain for line in lines),
                    "$text" if self._current or not self._results else "$muted",
                )
            )
            if index < len(self._results):
                value = render_metric(goal.metric, self._results[index].value)
                last = len(lines[-1].plain) + 2
                tone = ("$success" if self._results[index].met else "$error") if self._current else "$muted"
                if last + len(value) + 2 <= width:
                    parts.append((" " * (width - last - len(value)) + value, tone))
                else:
                    parts.append(("\n" + " " * (width - len(value)) + value, tone))
        return Content.assemble(*parts)

    def _one_line(self) -> Content:
        stale = bool(self._results) and not self._current
        head = say("verdict.pane.last-run") if stale else say("verdict.pane.goals")
        parts: list[tuple[str, str]] = [(f"{head} ", "$muted")]
        for index in range(len(self.goals)):
            sign, style = self._sign(index)
            parts.append((f"{sign} ", style))
        told = next((index for index, result in enumerate(self._results) if not result.met), None)
        if self._results and told is None:
            parts.append((f"  {say('verdict.pane.all-met')}", "$success" if self._current else "$muted"))
        elif told is not None:
            value = render_metric(self.goals[told].metric, self._results[told].value)
            room = self.size.width - len(head) - 6 - 2 * len(self.goals) - len(value)
            goal = _shortened(self.goals[told].say, room)
            parts += [
                (f"  {say('verdict.pane.goal', goal=goal)} ", "$muted" if stale else "$text"),
                (value, "$error" if self._current else "$muted"),
            ]
        elif self.goals:
            others = len(self.goals) - 1
            more = f"  {say('verdict.pane.more', count=others)}" if others else ""
            room = self.size.width - len(head) - 5 - 2 * len(self.goals) - len(more)
            parts.append((f"  {_shortened(self.goals[0].say, room)}{more}", "$muted"))
        return Content.assemble(*parts)

    async def on_click(self) -> None:
        """Shows the result of the latest run, goal by goal; the briefing if there is no run yet."""
        await self.run_action("screen.verdict" if self._results else "screen.briefing")

    def on_mount(self) -> None:
        """Puts the exact checks into the tooltip."""
        self.tooltip = Content("\n".join(render_goal(goal, self._names) for goal in self.goals))


def _shortened(goal: str, room: int) -> str:
    """Returns the beginning of a goal that fits into ``room`` cells."""
    return goal if len(goal) <= room else goal[: max(8, room - 1)].rstrip() + "…"
