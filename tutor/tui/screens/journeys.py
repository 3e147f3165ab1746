"""One event's journey: the sampled events of a run at the left, every hop of the highlighted one at the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tutor.model.timeline import Journey, Timeline
from tutor.show.braille import clock
from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.framed import Dialog
from tutor.tui.telling import OUTCOMES, tell_journey
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.line import Line


class Journeys(Dialog[tuple[Journey, float]]):
    """Choose an event and read it; enter puts its turning point on the board."""

    BINDINGS = bindings(BACK)
    AUTO_FOCUS = "#events"
    DEFAULT_CSS = """
    Journeys {
        & > #journeys { width: 94%; max-width: 130; height: 90%; background: $surface; border-left: outer $accent; padding: 1 2 0 2; }
        &.-narrow > #journeys { width: 100%; height: 100%; padding: 1 1 0 1; }
        & #journeys-title { height: 2; }
        & #journeys-panes { height: 1fr; }
        & #journeys-list { width: 34; }
        & #event-search { height: 1; border: none; padding: 0 1; margin: 0 1 1 0; background: $panel; }
        & #events { height: 1fr; }
        & #hops { width: 1fr; padding: 0 0 0 2; border-left: solid $rule; }
        &.-narrow #journeys-list { width: 24; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, timeline: Timeline, item: str = "") -> None:
        super().__init__()
        self.timeline = timeline
        self.item = item

    def compose(self) -> ComposeResult:
        """The events and the hops."""
        with Vertical(id="journeys"):
            count = len(self.timeline.journeys)
            yield Static(
                Content.assemble(("One event's way", "bold $text"), (f"   {count} events of this run, failures first", "$muted")),
                id="journeys-title",
                markup=False,
            )
            with Horizontal(id="journeys-panes"):
                with Vertical(id="journeys-list"):
                    yield Line(placeholder="type to search", id="event-search")
                    yield OptionList(id="events", markup=False)
                with VerticalScroll(id="hops", can_focus=True):
                    yield Static(id="hops-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show all; those that met the part in focus are a search away."""
        self._fill("")

    def _fill(self, words: str) -> None:
        events = self.query_one("#events", OptionList)
        events.clear_options()
        wanted = words.lower().split()
        for index, journey in enumerate(self.timeline.journeys):
            hops = " ".join(f"{hop.where} {hop.what} {hop.detail}" for hop in journey.hops)
            if all(word in f"{journey.event_id} {journey.type} {journey.outcome} {journey.key} {hops}".lower() for word in wanted):
                events.add_option(Option(self._row(journey), id=str(index)))
        if events.option_count:
            events.highlighted = 0
        else:
            self.query_one("#hops-text", Static).update(Content.styled("No sampled event is like that.", "$muted"))

    def _row(self, journey: Journey) -> Content:
        sign, tone = OUTCOMES.get(journey.outcome, ("·", "$muted"))
        start = clock(journey.hops[0].at_s, self.timeline.end_s) if journey.hops else ""
        return Content.assemble((f"{sign} ", tone), (journey.event_id, "$text"), (f"  {start}", "$muted"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the events."""
        event.stop()
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Enter in the search line goes to the events."""
        self.query_one("#events", OptionList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell its way."""
        if event.option_id:
            journey = self.timeline.journeys[int(event.option_id)]
            text = self.query_one("#hops-text", Static)
            text.update(tell_journey(journey, text.size.width))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Put its turning point on the board."""
        event.stop()
        if event.option_id:
            journey = self.timeline.journeys[int(event.option_id)]
            self.dismiss((journey, turning_point(journey)))

    def action_back(self) -> None:
        """Back to the board."""
        self.dismiss(None)

    def describe_focus(self) -> str:
        """What the screen is for."""
        return "The events of the run. Arrows choose one, enter puts the moment where it went wrong on the board, tab reaches the search."


def turning_point(journey: Journey) -> float:
    """The moment where a journey went wrong, or its last one."""
    wrong = ("lost", "dropped", "refused", "failed", "timed-out", "dead-lettered", "rolled-back", "repeated", "returned")
    found = next((hop.at_s for hop in journey.hops if hop.what in wrong), None)
    return found if found is not None else journey.hops[-1].at_s if journey.hops else 0.0
