"""The inspector: what the part or wire with the focus is, how it is set, and what each setting means."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.wire import Wire
from tutor.tui.commands import DROP, EDIT, OUT, TAKE, bindings, spelled
from tutor.tui.widgets.fields import Field, Part, fields_of, stepped
from tutor.tui.widgets.line import Line

MORE = "more:"
"""The id of the row that unfolds the rest."""


class Fields(OptionList):
    """The rows of the inspector; left and right step the value of the highlighted one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(EDIT, OUT),
        Binding("left", "step(-1)", "less", show=False, tooltip="One step down"),
        Binding("right", "step(1)", "more", show=False, tooltip="One step up"),
    ]

    def action_step(self, by: int) -> None:
        """Ask for the next value."""
        option = self.highlighted_option
        if option is not None and option.id:
            self.post_message(Inspector.Stepped(option.id, by))


class Value(Line):
    """The line in which a value is typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(TAKE, DROP)


class Inspector(Vertical):
    """Typed fields of one part; it asks for changes and never makes them."""

    DEFAULT_CSS = """
    Inspector {
        background: $surface;
        padding: 1 2 0 2;
        overflow-y: auto;
        & #part { height: auto; padding: 0 0 1 0; }
        & #live { height: auto; display: none; padding: 0 0 1 0; }
        & #live.-on { display: block; }
        & #fields { height: auto; max-height: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & #fields { scrollbar-gutter: stable; }
        & #meaning { height: auto; padding: 1 0 0 0; color: $muted; }
        & #value { display: none; height: 1; border: none; padding: 0 1; margin: 1 0 0 0; background: $panel; }
        & #value.-on { display: block; }
    }
    """

    @dataclasses.dataclass
    class SettingRequested(Message):
        """A change of one setting is asked for."""

        part: Part
        """The part as it is."""
        name: str
        """The setting."""
        value: Any
        """The new value, parsed."""

    @dataclasses.dataclass
    class OrderRequested(Message):
        """A wire is to come earlier or later among its component's wires."""

        ref: str
        """The wire."""
        by: int
        """-1 earlier, 1 later."""

    @dataclasses.dataclass
    class Stepped(Message):
        """The highlighted row is to go one step up or down."""

        name: str
        """The setting."""
        by: int
        """-1 or 1."""

    class Left(Message):
        """The learner is done here."""

    def __init__(self, level: Level | None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.level = level
        self.part: Part | None = None
        self._rows: dict[str, Field] = {}
        self._unfolded = False
        self._editing = ""
        self._order = ""

    def compose(self) -> ComposeResult:
        """What it is, how it is now, its settings, what the highlighted one means, the line to type in."""
        yield Static(id="part", markup=False)
        yield Static(id="live", markup=False)
        yield Fields(id="fields", markup=False)
        yield Static(id="meaning", markup=False)
        yield Value(id="value")

    def show_part(
        self,
        part: Part | None,
        *,
        name: str = "",
        order: str = "",
        overview: Content | None = None,
        only: Sequence[str] = (),
        about: str = "",
    ) -> None:
        """Shows a part, wire or fault.

        ``name`` is what the learner calls it, ``order`` a wire's place in its component's work ("2 of 3"), ``overview`` what to say of
        nothing; ``only`` names the settings to show, all where it is empty, and ``about`` is a sentence for what has none of its own.
        """
        same = self.part is not None and part is not None and _name(part) == _name(self.part)
        fields = self.query_one("#fields", Fields)
        kept = fields.highlighted if same else None
        if not same:
            self._stop_editing()
            self._unfolded = False
        self.part, self._order = part, order
        self.query_one("#part", Static).update(self._heading(part, name, about) if part is not None else overview or Content(""))
        rows = fields_of(part, self.level) if part is not None else ()
        if only:
            rows = tuple(dataclasses.replace(row, section="first") for row in rows if row.setting.name in only)
        self._rows = {row.setting.name: row for row in rows}
        self._fill(kept)

    def show_live(self, words: Content | None) -> None:
        """Shows how the part is at the cursor of the run; None when there is no run."""
        live = self.query_one("#live", Static)
        live.set_class(words is not None, "-on")
        if words is not None:
            width = live.content_size.width
            same = isinstance(live.content, Content) and _rows(live.content, width) == _rows(words, width)
            live.update(words, layout=not same)  # laying the screen out again takes longer than a frame

    def _heading(self, part: Part, name: str, about: str) -> Content:
        if isinstance(part, Fault):
            return Content.assemble(("▼ ", "bold $error"), (part.kind, "bold $text"), (f"  {part.target}\n", "$muted"), (about, "$muted"))
        if isinstance(part, Component):
            return Content.assemble(
                (f"{part.glyph} ", "$accent"),
                (part.name, "bold $text"),
                ("\n" if part.name.lower() == part.kind else f"  {part.kind}\n", "$muted"),
                (part.blurb, "$muted"),
            )
        return Content.assemble(
            (name or f"{part.source} → {part.target}", "bold $text"),
            (f"  {part.kind}\n", "$muted"),
            (part.blurb, "$muted"),
        )

    def _fill(self, kept: int | None) -> None:
        fields = self.query_one("#fields", Fields)
        fields.clear_options()
        sections = {section: [row for row in self._rows.values() if row.section == section] for section in ("first", "given", "more")}
        for row in sections["first"]:
            fields.add_option(Option(self._row(row), id=row.setting.name))
        if self._order:
            fields.add_option(Option(self._line("order of work", self._order, "$text", "$accent"), id="order:"))
        for row in sections["given"]:
            fields.add_option(Option(self._row(row), id=row.setting.name))
        if sections["more"]:
            sign = "▾" if self._unfolded else "▸"
            words = Content.assemble((f"{sign} ", "$accent"), ("more", "$muted"), (f"  {len(sections['more'])}", "$muted"))
            fields.add_option(Option(words, id=MORE))
            for row in sections["more"] if self._unfolded else ():
                fields.add_option(Option(self._row(row), id=row.setting.name))
        if fields.option_count:
            fields.highlighted = min(kept or 0, fields.option_count - 1)
        fields.display = bool(fields.option_count)
        self._explain()

    def _row(self, row: Field) -> Content:
        if row.locked:
            return self._line(row.setting.name, row.text, "$muted", "$muted", sign="▪ ")
        return self._line(row.setting.name, row.text, "$text", "bold $accent" if row.changed else "$accent")

    def _line(self, name: str, value: str, name_style: str, value_style: str, sign: str = "") -> Content:
        width = max(20, (self.content_size.width or 35) - 1)  # the last column is the scroll bar's
        room = width - len(name) - len(sign) - 1
        shown = value if len(value) <= room else value[: max(1, room - 1)] + "…"
        dots = " " * max(1, width - len(name) - len(sign) - len(shown))
        return Content.assemble((sign, "$faint"), (name, name_style), dots, (shown, value_style))

    def on_resize(self) -> None:
        """The rows are as wide as the pane."""
        if self._rows:
            self._fill(self.query_one("#fields", Fields).highlighted)

    @property
    def highlighted(self) -> Field | None:
        """The row that has the highlight."""
        option = self.query_one("#fields", Fields).highlighted_option
        return self._rows.get(option.id or "") if option is not None else None

    def _explain(self, problem: str = "") -> None:
        meaning = self.query_one("#meaning", Static)
        row = self.highlighted
        if problem:
            meaning.update(Content.styled(problem, "$error"))
        elif row is None:
            meaning.update("")
        elif row.locked:
            meaning.update(Content.assemble((f"{row.setting.doc}\n", "$muted"), ("▪ fixed: ", "$warning"), (row.locked, "$muted")))
        else:
            keys = "\n← → step, ⏎ type"
            keys = spelled(keys) if self.app.has_class("-ascii") else keys
            meaning.update(Content.assemble((f"{row.setting.doc}\n", "$muted"), (row.setting.range_text(), "$text"), (keys, "$muted")))

    def on_option_list_option_highlighted(self) -> None:
        """Say what the highlighted setting means."""
        self._explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Unfold, flip or type."""
        event.stop()
        name = event.option_id or ""
        if name == MORE:
            self._unfolded = not self._unfolded
            self._fill(event.option_index)
        elif name == "order:":
            self._explain("← comes earlier, → comes later")
        elif (row := self._rows.get(name)) is not None:
            if row.locked:
                self._explain()
            elif row.setting.shape in ("flag", "choice"):
                self._ask(row, stepped(row.setting, row.value, 1))
            else:
                self._edit(row)

    def on_inspector_stepped(self, event: Stepped) -> None:
        """Left or right on a row."""
        event.stop()
        if event.name == "order:" and isinstance(self.part, Wire):
            self.post_message(self.OrderRequested(self.part.ref, event.by))
        elif (row := self._rows.get(event.name)) is not None and not row.locked:
            self._ask(row, stepped(row.setting, row.value, event.by))

    def _ask(self, row: Field, value: Any) -> None:
        if self.part is not None and value != row.value:
            self.post_message(self.SettingRequested(self.part, row.setting.name, value))

    def _edit(self, row: Field) -> None:
        self._editing = row.setting.name
        line = self.query_one("#value", Input)
        line.value = row.setting.render(row.value)
        line.placeholder = row.setting.range_text()
        line.add_class("-on")
        line.focus()
        line.action_select_all()

    def _stop_editing(self) -> None:
        if self._editing:
            self._editing = ""
            self.query_one("#value", Input).remove_class("-on")
            self.query_one("#fields", Fields).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask for what was typed, or say what would be right."""
        event.stop()
        row = self._rows.get(self._editing)
        if row is None:
            return
        try:
            value = row.setting.parse_text(event.value)
        except InputError as error:
            self._explain(error.what)
            return
        self._stop_editing()
        self._ask(row, value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A new attempt: the last complaint is over."""
        event.stop()
        self._explain()

    def refuse(self, reason: str) -> None:
        """Says why a change was not made."""
        self._explain(reason)

    def leave(self) -> bool:
        """One step out: from typing to the rows. False when there was nothing to leave."""
        if self._editing:
            self._stop_editing()
            self._explain()
            return True
        return False


def _name(part: Part) -> str:
    if isinstance(part, Fault):
        return f"{part.kind} {part.target}"
    return part.id if isinstance(part, Component) else part.ref


def _rows(words: Content, width: int) -> int:
    """How many rows some words take."""
    return len(words.wrap(width)) if width else 0
