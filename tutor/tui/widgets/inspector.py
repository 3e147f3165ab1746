"""The inspector: the focused part or wire, its settings, and the meaning of each.

One list has the focus for as long as it is open: rows, the choices under a row, and the line that is typed.
So no key is lost between them, however quickly they come.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.note import Note
from tutor.model.wire import Wire
from tutor.show.entry import Entry
from tutor.show.fields import (
    FAMILIES,
    FIRST,
    GIVEN,
    GROUPS,
    Field,
    Part,
    configuration,
    families_of,
    fields_of,
    first_with,
    has_order,
    product_names,
    stepped,
)
from tutor.show.sandbox import target_words
from tutor.tui.commands import DROP, EDIT, OUT, TAKE, bindings, spelled
from tutor.words import say

ORDER, GROUP, CHOICE, COPY = "order:", "group:", "choice:", "copy:"
"""How the ids of rows begin that are no settings: the order of work, a heading, a choice under a row, a copy
for a product.
"""

LEAST_ROWS = 4
"""Rows of the list that are kept whatever else there is: the one with the cursor and its neighbours."""

LEAST_HELP = 3
"""Rows of help that are kept: a sentence takes two in the narrowest panel, and the keys one."""


def share_rows(total: int, *, heading: int, rows: int, help: int, line: int) -> tuple[int, int, int]:
    """Shares ``total`` rows among the heading, the list and the help; the line for typing comes first.

    What does not fit is taken from the heading, then from the help, and then from the list, which scrolls.
    """
    left = max(1, total - line)
    helped = min(help, max(min(help, LEAST_HELP), left - min(rows, LEAST_ROWS) - 2))
    listed = min(rows, max(1, left - helped - min(heading, 2)))
    return max(0, min(heading, left - helped - listed)), listed, helped


SIGNS_FROM = 20
"""Cells of the line from which there is room for what the mouse can click in it."""


class Fields(OptionList):
    """The rows of the inspector: every key goes to the inspector first."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(EDIT, OUT, TAKE, DROP)

    @property
    def inspector(self) -> Inspector:
        """The inspector around the list."""
        found = next(one for one in self.ancestors if isinstance(one, Inspector))
        assert isinstance(found, Inspector)
        return found

    def on_key(self, event: events.Key) -> None:
        """Passes typing, choosing and opening to the inspector; keys that mean nothing there are commands of
        the list or of the screen.
        """
        if self.inspector.press(event.key, event.character):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Types the pasted text."""
        if self.inspector.paste(event.text):
            event.stop()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Returns whether a key is typed here, and so is not a command."""
        return key == "space" or self.inspector.takes(key, character)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allows enter to set and escape to keep a value while it is typed or chosen; otherwise they open a
        row and go back.
        """
        if action in ("submit", "drop"):
            return self.inspector.changing
        if action in ("select", "out"):
            return not self.inspector.changing
        return super().check_action(action, parameters)

    def action_submit(self) -> None:
        """Sets the typed or chosen value, on a click in the key bar: the key itself is taken before."""
        self.inspector.press("enter", None)
        self.inspector.give_back()

    async def action_out(self) -> None:
        """Closes the choices, or goes back to the board."""
        await self.run_action("screen.back")

    def action_drop(self) -> None:
        """Leaves the value as it was."""
        self.inspector.leave()

    def action_select(self) -> None:
        """Opens the highlighted row, on a click; whoever takes a choice with the mouse is done here."""
        option, changing = self.highlighted_option, self.inspector.changing
        if option is not None:
            self.inspector.open_row(option.id or "")
        if changing:
            self.inspector.give_back()


class ValueLine(Static):
    """The line in which a value is typed; its signs do the same as keys."""

    def action_press(self, key: str) -> None:
        """Presses the key of the sign that was clicked."""
        if isinstance(self.parent, Inspector):
            self.parent.press(key, None)
            self.parent.give_back()


class Inspector(Vertical):
    """Typed fields of one part; it asks for changes and never makes them."""

    DEFAULT_CSS = """
    Inspector {
        background: $surface;
        padding: 1 2 0 2;
        overflow: hidden hidden;
        & #part { height: auto; }
        & #live { height: auto; display: none; padding: 1 0 0 0; }
        & #live.-on { display: block; }
        & #fields { height: auto; margin: 1 0 0 0; text-wrap: nowrap; }
        & #fields { scrollbar-gutter: stable; }
        & #meaning { height: auto; margin: 1 0 0 0; color: $muted; }
        & #value { display: none; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }
        & #value.-on { display: block; }
    }
    .-low Inspector { padding: 0 2 0 2; }
    """

    @dataclasses.dataclass
    class SettingRequested(Message):
        """Asks for a change of one setting."""

        part: Part
        """The part as it is."""
        name: str
        """The setting."""
        value: Any
        """The new value, parsed."""

    @dataclasses.dataclass
    class OrderRequested(Message):
        """Asks for a wire to come earlier or later among its component's wires."""

        ref: str
        """The wire."""
        by: int
        """How many places: below 0 earlier, above 0 later."""

    class Left(Message):
        """Reports that a value was set with the mouse: the keys are the board's again."""

    def __init__(self, level: Level | None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.level = level
        self.part: Part | None = None
        self.entry: Entry | None = None
        """The line that is typed, if any."""
        self._rows: dict[str, Field] = {}
        self._unfolded: set[str] = set()
        self._editing = ""
        self._choosing = ""
        self._typed = ""
        self._order: tuple[int, int] | None = None
        self._problem = ""
        self._note = ""
        self._explained: list[tuple[str, str]] = []
        self._design = Design()

    def compose(self) -> ComposeResult:
        """Shows the part and its state, its settings, the meaning of the highlighted one, the line to type
        in.
        """
        yield Static(id="part", markup=False)
        yield Static(id="live", markup=False)
        yield Fields(id="fields", markup=False)
        yield Static(id="meaning", markup=False)
        yield ValueLine(id="value", markup=False)

    @property
    def changing(self) -> bool:
        """True while a value is typed or chosen."""
        return bool(self._editing or self._choosing)

    @property
    def rows(self) -> Fields:
        """The list of rows."""
        return self.query_one("#fields", Fields)

    # What it shows

    def show_part(
        self,
        part: Part | None,
        *,
        design: Design | None = None,
        name: str = "",
        order: tuple[int, int] | None = None,
        overview: Content | None = None,
        only: Sequence[str] = (),
        about: str = "",
    ) -> None:
        """Shows a part, wire or fault.

        ``design`` is the design that it belongs to: it decides which settings do anything here, and which
        events there are. ``name`` is the learner's name for it, ``order`` a wire's place in its part's work,
        from 1, and of how many, ``overview`` what to say of nothing; ``only`` names the settings to show, all
        where it is empty, and ``about`` is a sentence for what has none of its own.
        """
        same = self.part is not None and part is not None and _name(part) == _name(self.part)
        at = self.rows.highlighted_option
        kept = at.id if same and at is not None else None
        if not same:
            self._stop()
            self._unfolded.clear()
        self.part, self._design = part, design if design is not None else Design()
        self._order = (
            order if isinstance(part, Wire) and design is not None and has_order(part, design) else None
        )
        heading = self._heading(part, name, about) if part is not None else overview or Content("")
        self.query_one("#part", Static).update(heading, layout=False)  # its rows are shared out with the rest
        rows = fields_of(part, self.level, design) if part is not None else ()
        if only:
            rows = tuple(dataclasses.replace(row, group=FIRST) for row in rows if row.name in only)
        self._rows = {row.key: row for row in rows}
        self._fill(kept)

    def show_live(self, words: Content | None) -> None:
        """Shows how the part is at the cursor of the run; None when there is no run."""
        live = self.query_one("#live", Static)
        changed = live.has_class("-on") != (words is not None)
        live.set_class(words is not None, "-on")
        if words is not None:
            width = live.content_size.width
            same = isinstance(live.content, Content) and _height(live.content, width) == _height(words, width)
            live.update(words, layout=False)  # laying the screen out again takes longer than a frame
            changed = changed or not same
        if changed:
            self._share()

    def _heading(self, part: Part, name: str, about: str) -> Content:
        if isinstance(part, Fault):
            return Content.assemble(
                ("▼ ", "bold $error"),
                (part.title, "bold $text"),
                (f"  {target_words(part.target, self._design)}\n", "$muted"),
                (about, "$muted"),
            )
        if isinstance(part, Note):
            return Content.assemble(
                (f"{part.glyph} ", "$accent"),
                (say("kinds.part.note") + "\n", "bold $text"),
                (say("kinds.about.note"), "$muted"),
            )
        if isinstance(part, Component):
            return Content.assemble(
                (f"{part.glyph} ", "$accent"),
                (part.name, "bold $text"),
                (
                    "\n"
                    if part.name == say(f"kinds.part.{part.kind}")
                    else f"  {say(f'kinds.title.{part.kind}')}\n",
                    "$muted",
                ),
                (say(f"kinds.about.{part.kind}"), "$muted"),
            )
        return Content.assemble(
            (name or f"{part.source} → {part.target}", "bold $text"),
            (f"  {say(f'kinds.title.{part.kind}')}\n", "$muted"),
            (say(f"kinds.about.{part.kind}"), "$muted"),
        )

    def _fill(self, kept: str | None) -> None:
        """Fills the rows, with the highlight on the one of this id."""
        options: list[Option] = []
        grouped = {
            group: [row for row in self._rows.values() if row.group == group]
            for group in (FIRST, GIVEN, *GROUPS)
        }
        for row in grouped[FIRST]:
            options += self._options(row)
        if self._order is not None:
            words = say("settings.value.order", place=self._order[0], count=self._order[1])
            options.append(
                Option(self._line(say("settings.title.order"), words, "$text", "$accent"), id=ORDER)
            )
            if self._choosing == ORDER:
                options += self._choice_options()
        for row in grouped[GIVEN]:
            options += self._options(row)
        for group in GROUPS:
            if not grouped[group]:
                continue
            open_ = group in self._unfolded
            heading = Content.assemble(
                ("▾ " if open_ else "▸ ", "$accent"),
                (say(f"settings.group.{group}"), "$muted"),
                (f"  {len(grouped[group])}", "$muted"),
            )
            options.append(Option(heading, id=f"{GROUP}{group}"))
            for row in grouped[group] if open_ else ():
                options += self._options(row)
        options += self._copy_options()
        rows = self.rows
        rows.clear_options()
        rows.add_options(options)
        ids = [option.id for option in options]
        wanted = kept if kept in ids else self._editing or self._choosing
        rows.highlighted = ids.index(wanted) if wanted in ids else 0 if ids else None
        rows.display = bool(ids)
        self._explain()

    def _copy_options(self) -> list[Option]:
        """Returns a heading, and under it a row for each product as whose configuration a channel can be
        copied.
        """
        families = families_of(self.part, self._design) if self.part is not None else ()
        if not families:
            return []
        open_ = "copy" in self._unfolded
        sign = ("▾ " if open_ else "▸ ", "$accent")
        heading = Content.assemble(sign, (say("inspector.copy"), "$muted"), (f"  {len(families)}", "$muted"))
        rows = [
            Option(Content.assemble("   ", (FAMILIES[family], "$text")), id=f"{COPY}{family}")
            for family in families
        ]
        return [Option(heading, id=f"{GROUP}copy"), *(rows if open_ else ())]

    def _copy(self, family: str) -> None:
        """Copies the settings of the channel as the configuration of a product."""
        if self.part is not None:
            text = configuration(self.part, self._design, family)
            self.app.copy_to_clipboard(text)
            lines = sum(not line.startswith("#") for line in text.splitlines())
            self._note = say("inspector.copied", product=FAMILIES[family], count=lines)
            self._explain()

    def _options(self, row: Field) -> list[Option]:
        option = Option(self._row(row), id=row.key)
        return [option, *self._choice_options()] if row.key == self._choosing else [option]

    def _choice_options(self) -> list[Option]:
        found = []
        taken = self._taken()
        for index, choice in enumerate(self._choices()):
            sign = ("▪" if choice in taken else "·") if self._several() else ("●" if choice in taken else "○")
            found.append(
                Option(
                    Content.assemble(("   ", ""), (f"{sign} ", "$accent"), (choice, "$text")),
                    id=f"{CHOICE}{index}",
                )
            )
        return found

    def _choices(self) -> tuple[str, ...]:
        if self._choosing == ORDER and self._order is not None:
            return tuple(
                say("settings.value.order", place=place, count=self._order[1])
                for place in range(1, self._order[1] + 1)
            )
        row = self._rows[self._choosing]
        return row.said(row.choices)

    def _taken(self) -> tuple[str, ...]:
        if self._choosing == ORDER and self._order is not None:
            return (say("settings.value.order", place=self._order[0], count=self._order[1]),)
        row = self._rows[self._choosing]
        return row.said(row.taken())

    def _several(self) -> bool:
        return self._choosing in self._rows and self._rows[self._choosing].several

    def _row(self, row: Field) -> Content:
        if row.locked:
            return self._line(row.title, row.text, "$muted", "$muted", sign="▪ ")
        return self._line(row.title, row.text, "$text", "bold $accent" if row.changed else "$accent")

    def _line(self, name: str, value: str, name_style: str, value_style: str, sign: str = "") -> Content:
        """Returns a row: its name and its whole value; the name gives way, and text wider than the panel
        continues below.
        """
        width = max(20, (self.content_size.width or 35) - 1)  # the last column is the scroll bar's
        worth = Content(value)
        room = width - len(sign) - worth.cell_length - 1
        if room >= 8 or not value:
            shown = Content(name).truncate(max(1, room), ellipsis=True)
            dots = " " * max(1, width - len(sign) - shown.cell_length - worth.cell_length)
            return Content.assemble((sign, "$faint"), (shown.plain, name_style), dots, (value, value_style))
        below = [line.plain.strip() for line in worth.wrap(width - 2)]
        return Content.assemble(
            (sign, "$faint"),
            (name, name_style),
            *((f"\n  {line.rjust(width - 2)}", value_style) for line in below),
        )

    # What is explained

    @property
    def highlighted(self) -> Field | None:
        """The setting whose row, or one of whose choices, has the highlight."""
        option = self.rows.highlighted_option
        name = option.id or "" if option is not None else ""
        return self._rows.get(self._choosing if name.startswith(CHOICE) else name)

    @property
    def word(self) -> str:
        """The glossary's word for the highlighted setting; empty if it has none."""
        row = self.highlighted
        return row.term if row is not None else ""

    def _explain(self) -> None:
        """Explains the highlighted setting: its meaning, its allowed values, and its keys."""
        row = self.highlighted
        pieces: list[tuple[str, str]] = []
        if self._problem or self._note:
            pieces.append((self._problem, "$error") if self._problem else (self._note, "$success"))
        elif row is None:
            option = self.rows.highlighted_option
            if option is not None and (option.id or "").startswith(COPY):
                pieces.append((say("inspector.copy-help"), "$muted"))
            elif option is not None and (option.id or "").startswith((ORDER, CHOICE)):
                pieces.append((say("settings.help.order"), "$muted"))
        else:
            pieces.append((row.help, "$muted"))
            if row.locked:
                pieces.append((f"\n{say('inspector.fixed', reason=row.locked)}", "$warning"))
            elif row.typed:
                pieces.append((f"\n{row.spec.range_text()}", "$text"))
            names = product_names(row.spec)
            if names and not self._editing:
                pieces.append((f"\n{names}", "$text-muted"))
        keys = self._keys(row)
        if keys:
            plain = self.app.has_class("-ascii")
            pieces.append(("\n" + (spelled(keys) if plain else keys), "$muted"))
        if pieces != self._explained:
            self._explained = pieces
            self.query_one("#meaning", Static).update(Content.assemble(*pieces), layout=False)
        self._show_entry()
        self._share()

    def _keys(self, row: Field | None) -> str:
        if self._editing:
            return (
                say("inspector.typing") if self._rows[self._editing].numeric else say("inspector.typing-text")
            )
        if self._choosing:
            return say("inspector.choosing-several") if self._several() else say("inspector.choosing")
        if row is None:
            return ""
        word = "   " + say("inspector.word") if row.term else ""
        if row.locked:
            return word.strip()
        return (
            say("inspector.do-it")
            if row.action
            else say("inspector.type-it")
            if row.typed
            else say("inspector.choose-it")
        ) + word

    def _show_entry(self) -> None:
        line = self.query_one("#value", Static)
        line.set_class(self.entry is not None, "-on")
        entry = self.entry
        if entry is None:
            return
        room = max(4, line.content_size.width or self.content_size.width - 2)
        signs = self._signs(room)
        room -= sum(len(text) for text, _ in signs)
        if entry.fresh:
            text = entry.text[:room] or " "
            line.update(Content.assemble((text, "reverse"), (" " * (room - len(text)), ""), *signs))
            return
        start = max(0, entry.cursor - room + 1)
        before, here, after = (
            entry.text[start : entry.cursor],
            entry.text[entry.cursor : entry.cursor + 1],
            entry.text[entry.cursor + 1 :],
        )
        after = after[: max(0, room - len(before) - 1)]
        gap = " " * (room - len(before) - 1 - len(after))
        line.update(
            Content.assemble((before, "$text"), (here or " ", "reverse"), (after + gap, "$text"), *signs)
        )

    def _signs(self, room: int) -> list[tuple[str, str]]:
        """Returns the mouse signs at the end of the line: set the value, and step it if it is a number."""
        if room < SIGNS_FROM:
            return []
        steps = [("down", " - "), ("up", " + ")] if self._rows[self._editing].numeric else []
        set_ = " enter " if self.app.has_class("-ascii") else " ⏎ "
        return [(sign, f"bold $accent @click=press({key!r})") for key, sign in (*steps, ("enter", set_))]

    def _share(self) -> None:
        """Shares the rows so that the cursor's row, its help and the line for typing are in view, whatever
        else there is.
        """
        width, total = self.content_size.width, self.content_size.height
        if not width or not total:
            return
        part, live, rows, help_ = (
            self.query_one("#part", Static),
            self.query_one("#live", Static),
            self.rows,
            self.query_one("#meaning"),
        )
        heading = _height(part.content, width)
        running = _height(live.content, width) + 1 if live.has_class("-on") else 0
        listed = sum(_height(option.prompt, width - 1) for option in rows.options)
        explained = _height(help_.content, width) if isinstance(help_, Static) else 0
        gaps = 2 if total >= 16 else 0
        top, middle, bottom = share_rows(
            total - gaps,
            heading=heading + running,
            rows=listed,
            help=explained,
            line=1 if self.entry is not None else 0,
        )
        live.styles.height = min(running, top)  # with the blank row above it
        live.display = bool(running) and top > 1
        part.styles.height = max(0, top - (running if live.display else 0))
        rows.styles.height = middle
        help_.styles.height = bottom
        for gap in (rows, help_):
            gap.styles.margin = (1 if gaps else 0, 0, 0, 0)
        rows.call_after_refresh(rows.scroll_to_highlight)

    def on_resize(self) -> None:
        """Shows the rows as wide as the pane."""
        option = self.rows.highlighted_option
        if self._rows:
            self._fill(option.id if option is not None else None)
        else:
            self._share()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Explains the highlighted setting."""
        event.stop()
        self._problem = self._note = ""
        self._explain()
        self.screen.refresh_bindings()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Opens a row."""
        event.stop()
        self.open_row(event.option_id or "")

    def give_back(self) -> None:
        """Reports that a value was set with the mouse, unless one is still typed or chosen."""
        if not self.changing:
            self.post_message(self.Left())

    # Keys

    def takes(self, key: str, character: str | None) -> bool:
        """Returns whether a key belongs to the value being typed or chosen, and so is not a command. The
        key that deletes text never deletes a part from here.
        """
        if key == "delete":
            return True
        if self._editing:
            return key not in ("enter", "escape")
        letter = bool(character) and str(character).isprintable() and character != " "
        if self._choosing:
            return letter
        row = self.highlighted
        if row is None or row.locked or not letter or character in ("g", "?", ","):
            return False
        if row.numeric:
            return bool(character) and str(character) in "0123456789.-"
        return not row.action

    def press(self, key: str, character: str | None) -> bool:
        """Handles a key for the line being typed, the open choices or the row; returns False if it does
        nothing.
        """
        if self.entry is not None:
            self._press_entry(self.entry, key, character)
            return True
        option = self.rows.highlighted_option
        at = option.id or "" if option is not None else ""
        if key in ("enter", "space") and at:
            self.open_row(at)
            return True
        if self._choosing and key == "escape":
            return self.leave()
        if not self.takes(key, character):
            return False
        if key == "delete":
            return True
        if not self._choosing:
            row = self.highlighted
            assert row is not None
            if row.typed:
                self.open_row(at)
                if self.entry is not None:
                    self.entry.insert(character or "")
                    self._show_entry()
                return True
            self.open_row(at)
        self._jump(character or "")
        return True

    def _jump(self, letter: str) -> None:
        """Jumps to the choice that begins with the typed letters."""
        for typed in (self._typed + letter, letter):
            found = first_with(self._choices(), typed)
            if found is not None:
                self._typed = typed
                self.rows.highlighted = self.rows.get_option_index(f"{CHOICE}{found}")
                return

    def _press_entry(self, entry: Entry, key: str, character: str | None) -> None:
        self._problem = "" if key != "enter" else self._problem
        if key == "enter":
            self._submit(entry)
        elif key == "escape":
            self.leave()
        elif key in ("up", "down"):
            self._step(entry, 1 if key == "up" else -1)
        else:
            entry.press(key, character)
        if self.entry is not None:
            self._explain()

    def _step(self, entry: Entry, by: int) -> None:
        row = self._rows[self._editing]
        try:
            now = row.spec.parse_text(entry.text)
        except InputError:
            now = row.value
        entry.replace(row.spec.render(stepped(row.spec, now, by)))

    def paste(self, text: str) -> bool:
        """Types the pasted text; returns False if nothing is being typed."""
        if self.entry is None:
            return False
        self.entry.insert(text)
        self._explain()
        return True

    # Changing

    def open_row(self, name: str) -> None:
        """Unfolds a group, opens the choices of a row, takes a choice, or begins to type."""
        if name.startswith(GROUP):
            self._unfolded ^= {name.removeprefix(GROUP)}
            self._fill(name)
        elif name.startswith(CHOICE):
            self._choose(int(name.removeprefix(CHOICE)))
        elif name.startswith(COPY):
            self._copy(name.removeprefix(COPY))
        elif name == ORDER:
            self._open_choices(name)
        elif (row := self._rows.get(name)) is not None:
            if row.locked:
                self._explain()
            elif row.action:
                self._ask(row, row.pick(""))
            elif row.typed:
                self._begin(row)
            else:
                self._open_choices(name)

    def _open_choices(self, name: str) -> None:
        self._typed = ""
        self._choosing = "" if self._choosing == name else name
        self._fill(name)
        if self._choosing:
            taken = self._taken()
            index = next((number for number, choice in enumerate(self._choices()) if choice in taken), 0)
            self.rows.highlighted = self.rows.get_option_index(f"{CHOICE}{index}")

    def _choose(self, index: int) -> None:
        name = self._choosing
        if name == ORDER and self._order is not None and isinstance(self.part, Wire):
            place = self._order[0]
            self._choosing = ""
            self._fill(name)
            if index + 1 != place:
                self.post_message(self.OrderRequested(self.part.ref, index + 1 - place))
            return
        row = self._rows[name]
        try:
            value = row.pick(row.choices[index])
        except InputError as error:
            self.refuse(error.what)
            return
        if not row.several:
            self._choosing = ""
            self._fill(name)
        self._ask(row, value)

    def _ask(self, row: Field, value: Any) -> None:
        if self.part is not None and value != getattr(self.part, row.name):
            self.post_message(self.SettingRequested(self.part, row.name, value))

    def _begin(self, row: Field) -> None:
        self._editing, self._choosing = row.key, ""
        self.entry = Entry(row.spec.render(row.value))
        self._fill(row.key)
        self.screen.refresh_bindings()

    def _submit(self, entry: Entry) -> None:
        row = self._rows[self._editing]
        try:
            value = row.parse(entry.text)
        except InputError as error:
            self._problem = error.what
            return
        self._stop()
        self._fill(row.key)
        self._ask(row, value)

    def _stop(self) -> None:
        self._editing, self._choosing, self._typed, self._problem, self.entry = "", "", "", "", None

    def refuse(self, reason: str) -> None:
        """Says why a change was not made."""
        self._problem = reason
        self._explain()

    def leave(self) -> bool:
        """Goes one step out: from typing or choosing to the rows. Returns False if there was nothing to
        leave.
        """
        name = self._editing or self._choosing
        if not name:
            return False
        self._stop()
        self._fill(name)
        self.screen.refresh_bindings()
        return True


def _name(part: Part) -> str:
    if isinstance(part, Fault):
        return f"{part.kind} {part.target}"
    return part.ref if isinstance(part, Wire) else part.id


def _height(words: object, width: int) -> int:
    """Returns how many rows some words take."""
    return len(words.wrap(width)) if isinstance(words, Content) and width > 0 else 0
