"""An illegal wire is refused with the same sentence everywhere."""

import itertools
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_course, load_design_text, load_level
from tutor.errors import InputError
from tutor.model.component import KINDS
from tutor.model.design import Design, make_design
from tutor.model.edit import AddWire
from tutor.model.level import Level
from tutor.model.wire import Publish
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame
from tutor.rules import apply_edit, draw_wire, why_no_wire, wire_end
from tutor.session import Session
from tutor.tui.board.wiring import Drawing, ends_from

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]


def board_says(level: Level | None, design: Design, source: str, target: str) -> str:
    """The board's refusal of a wire; empty if the wire is legal."""
    try:
        Drawing(source, ends_from(level, design, source)).choose_end(target)
    except InputError as error:
        return str(error)
    return ""


def plain_says(session: Session, source: str, target: str) -> str:
    """Plain mode's refusal of a wire; empty if the wire is legal or only needs its kind."""
    game = PlainGame(session)
    (line,) = answer(game, f"wire {source} {target}")
    if line.startswith("Wired"):
        session.undo()
        return ""
    return "" if line.endswith("say which") else line


@pytest.mark.parametrize("level_id", LEVELS)
def test_board_and_plain_mode_refuse_alike(level_id: str) -> None:
    """For every pair of parts of a level, board and plain mode give the same refusal."""
    level = load_level(ROOT / level_id)
    design = level.scenario.design
    session = Session(level)
    for source, target in itertools.product(design.components, repeat=2):
        assert plain_says(session, source, target) == board_says(level, design, source, target)


def test_every_pair_of_kinds_is_answered_alike_without_a_level() -> None:
    """In the sandbox each pair of kinds can be joined, or is refused with one sentence that names the parts
    by title.
    """
    design = make_design(
        cls(id=f"{kind}-{end}", title=f"The {kind} {end}")
        for kind, cls in KINDS.items()
        for end in ("a", "b")
    )
    for source, target in itertools.product(design.components, repeat=2):
        refused = board_says(None, design, source, target)
        assert refused == wire_end(None, design, source, target).refusal
        assert source not in refused
        if refused:
            with pytest.raises(InputError) as caught:
                draw_wire(None, design, source, target)
            assert str(caught.value) == refused


def test_a_part_may_publish_to_a_channel_twice_in_the_sandbox() -> None:
    """A second publish wire to one channel is allowed, since it may be for failures; a second call isn't."""
    design = make_design([KINDS["service"](id="a"), KINDS["service"](id="b"), KINDS["queue"](id="q")])
    design = design.with_wires([draw_wire(None, design, "a", "q"), draw_wire(None, design, "a", "b")])
    assert wire_end(None, design, "a", "q").kinds == ("publish",)
    assert "already have a" in wire_end(None, design, "a", "b").refusal


def test_a_part_that_keeps_its_wires_gets_no_new_one(folder: Path, level_text: str) -> None:
    """With ``new_wires = false`` only a fixed part's own wires may be drawn again; a design file gets the
    same refusal.
    """
    head = '[components.till]\nkind = "client"\n'
    (folder / "level.toml").write_text(level_text.replace(head, head + "new_wires = false\n"))
    level = load_level(folder)
    design = level.scenario.design
    refusal = wire_end(level, design, "till", "rail").refusal
    assert "part of the world" in refusal
    with pytest.raises(InputError) as drawn:
        apply_edit(AddWire(Publish(source="till", target="rail")), design, level)
    with pytest.raises(InputError) as written:
        load_design_text('[components.rail]\n[[wires]]\nfrom = "till"\nto = "rail"\n', level=level)
    assert drawn.value.what == written.value.what == refusal
    without = design.with_wires(wire for wire in design.wires if wire.source != "till")
    assert wire_end(level, without, "till", "kitchen").kinds == ("call",)


def test_only_a_fixed_part_keeps_its_wires(folder: Path, level_text: str) -> None:
    """``new_wires = false`` is refused for a part that the learner may remove."""
    head = '[components.rail]\nkind = "queue"\n'
    (folder / "level.toml").write_text(level_text.replace(head, head + "new_wires = false\n"))
    with pytest.raises(InputError, match="add fixed = true"):
        load_level(folder)


def test_a_start_without_any_end_says_what_is_wrong_with_the_start() -> None:
    """Where no wire may start, the reason is that of the start, then that of a wire it has, and only then one
    of a part that nothing could be wired to.
    """
    level = load_level(ROOT / "night-job" / "one-table")
    design = level.scenario.design
    assert why_no_wire(level, design, "customers").startswith("the wires of Customers are part of the world")
    assert why_no_wire(level, design, "shipping-db").startswith("a database starts no work")
    doorbell = load_level(ROOT / "first-light" / "first-event")
    assert why_no_wire(doorbell, doorbell.scenario.design, "rail").startswith(
        "Order rail and Kitchen already"
    )
