"""One event's journey: the sampled events of a run at the left, every hop of the highlighted one at the
right.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tutor.model.timeline import Journey, Timeline
from tutor.show.braille import clock
from tutor.show.marks import turning_point
from tutor.show.playback import in_order, overtaken_by
from tutor.show.styled import OUTCOMES, style_journey
from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.line import SearchLine
from tutor.words import say
from tutor.words.happenings import detail_words, hop_words, outcome_words


class Journeys(Dialog[tuple[Journey, float]]):
    """The list of events to choose from and read; enter puts the turning point of one on the board."""

    BINDINGS = bindings(BACK)
    AUTO_FOCUS = "#event-search"
    DEFAULT_CSS = """
    Journeys {
        & > #journeys { width: 94%; max-width: 130; height: 90%; background: $surface;
            border-left: outer $accent; padding: 1 2 0 2; }
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

    def __init__(self, timeline: Timeline, called: Mapping[str, str], traced: Journey | None = None) -> None:
        """Creates the list; ``called`` has the titles of the parts by id, ``traced`` is the event whose path
        is on the board: it comes first.
        """
        super().__init__()
        self.timeline = timeline
        self.called = called
        self.events = sorted(in_order(timeline.journeys), key=lambda one: one is not traced)

    def compose(self) -> ComposeResult:
        """Shows the events and the hops."""
        with Vertical(id="journeys"):
            count = say("journey.count", count=len(self.events))
            title = Content.assemble((say("journey.title"), "bold $text"), (f"   {count}", "$muted"))
            yield Static(title, id="journeys-title", markup=False)
            with Horizontal(id="journeys-panes"):
                with Vertical(id="journeys-list"):
                    yield SearchLine("#events", placeholder=say("journey.search"), id="event-search")
                    yield OptionList(id="events", markup=False)
                with VerticalScroll(id="hops", can_focus=True):
                    yield Static(id="hops-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Shows all events; those that met a part are a search away."""
        self._fill("")

    def on_resize(self) -> None:
        """Fits the hops to another width."""
        self.call_after_refresh(self._show_highlighted)

    def _fill(self, words: str) -> None:
        events = self.query_one("#events", OptionList)
        events.clear_options()
        wanted = words.lower().split()
        for index, journey in enumerate(self.events):
            hops = " ".join(
                f"{self.called.get(hop.where, hop.where)} {hop_words(hop.what)} {detail_words(hop.detail)}"
                for hop in journey.hops
            )
            about = (journey.event_id, journey.type, outcome_words(journey.outcome), journey.key, hops)
            text = " ".join(about).lower()
            if all(word in text for word in wanted):
                events.add_option(Option(self._row(journey), id=str(index)))
        if events.option_count:
            events.highlighted = 0
        else:
            self.query_one("#hops-text", Static).update(Content.styled(say("journey.none"), "$muted"))

    def _row(self, journey: Journey) -> Content:
        sign, tone = OUTCOMES.get(journey.outcome, ("·", "$muted"))
        start = clock(journey.hops[0].at_s, self.timeline.end_s) if journey.hops else ""
        return Content.assemble((f"{sign} ", tone), (journey.event_id, "$text"), (f"  {start}", "$muted"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the events."""
        event.stop()
        self._fill(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Chooses the highlighted event on Enter in the search line."""
        event.stop()
        self.query_one("#events", OptionList).action_select()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Shows the journey of the highlighted event."""
        event.stop()
        self._show_highlighted()

    def _show_highlighted(self) -> None:
        option = self.query_one("#events", OptionList).highlighted_option
        if option is not None and option.id:
            text = self.query_one("#hops-text", Static)
            journey = self.events[int(option.id)]
            told = style_journey(journey, text.size.width, self.called)
            later = overtaken_by(journey, self.timeline.journeys)
            if later is not None:
                told = [*told, ("\n" + say("journey.pair", later=later.version) + "\n\n", "$warning")]
                told += style_journey(later, text.size.width, self.called)
            text.update(Content.assemble(*told))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Puts the turning point of an event on the board."""
        event.stop()
        if event.option_id:
            journey = self.events[int(event.option_id)]
            self.dismiss((journey, turning_point(journey)))

    def action_back(self) -> None:
        """Goes back to the board."""
        self.dismiss(None)

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("journey.about")
