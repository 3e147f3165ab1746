"""A design in sentences, for a screen reader to read the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tutor.errors import printable
from tutor.judge.words import names_of
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.setting import settings_of, title_of
from tutor.model.wire import Wire
from tutor.words import say


def render_board(design: Design, level: Level | None = None) -> list[str]:
    """Returns one sentence for each part in the direction of flow, and under it one for each of its outgoing
    wires.
    """
    lines = []
    names = names_of(design)
    for name in _in_flow(design):
        part = design.components[name]
        wired = any(name in (wire.source, wire.target) for wire in design.wires)
        called = (
            say("board.said.labeled", title=part.name, id=name) if part.name.casefold() != name else part.name
        )
        kind = "part" if wired else "loose"
        lines.append(
            _said(
                say(f"board.said.box.{kind}", part=called, kind=say(f"kinds.title.{part.kind}")),
                part,
                level,
                names,
            )
        )
        lines += ["  " + _wire(wire, names, level) for wire in design.wires_from(name)]
    lines += [say("board.said.note", id=note.id, text=printable(note.text)) for note in design.notes.values()]
    return lines or [say("board.said.empty")]


def _wire(wire: Wire, names: Mapping[str, str], level: Level | None) -> str:
    source, target = names.get(wire.source, wire.source), names.get(wire.target, wire.target)
    sentence = say(f"board.said.wire.{wire.kind}", source=source, target=target)
    if wire.id:
        sentence = say("board.said.numbered", sentence=sentence, id=wire.id)
    return _said(sentence, wire, level, names)


def _said(sentence: str, part: Component | Wire, level: Level | None, names: Mapping[str, str]) -> str:
    """Returns the sentence with the settings worth reading: those that the level shows, and those that differ
    from their defaults.
    """
    shown = level.shows if level is not None else ()
    words = []
    for name, described in settings_of(type(part)).items():
        value = getattr(part, name)
        if name in ("title", "at"):
            continue
        if name in shown or value != described.default:
            title = title_of(part.kind, name)
            text = names.get(value, value) if described.names else described.said(value)
            words.append(say("board.said.setting", setting=title, value=text))
    return (
        say("board.said.settings", sentence=sentence, settings=words)
        if words
        else say("board.said.bare", sentence=sentence)
    )


def _in_flow(design: Design) -> Iterator[str]:
    """Yields the parts in the direction of the traffic, each once; unconnected parts come in the design's
    order.
    """
    begun = [name for name, part in design.components.items() if part.kind == "client"]
    todo = begun + [
        name
        for name in design.components
        if name not in begun and not any(True for _ in design.wires_to(name))
    ]
    seen: dict[str, None] = dict.fromkeys(todo)
    while todo:
        name = todo.pop(0)
        for wire in design.wires_from(name):
            if wire.target not in seen:
                seen[wire.target] = None
                todo.append(wire.target)
    yield from seen
    yield from (name for name in design.components if name not in seen)
