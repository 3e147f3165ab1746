"""Design files joined with their level."""

from pathlib import Path

import pytest

from tutor.catalog import (
    load_design,
    load_design_file,
    load_design_text,
    load_mistakes,
    load_solutions,
    parse_design_file,
)
from tutor.errors import InputError, LockedSetting
from tutor.model.component import Queue, Service
from tutor.model.level import Level, Stars
from tutor.model.wire import Call

HEAD = 'level = "first-light/doorbell"\n'


def test_the_level_adds_what_it_fixes(level: Level) -> None:
    """A design file that names no parts gets the fixed parts, and none of the start's removable parts or
    wires.
    """
    design = load_design_text(HEAD, level=level)
    assert set(design.components) == {"till", "kitchen"}
    assert design.wires == ()


def test_what_is_not_named_stays_as_the_level_has_it(level: Level) -> None:
    """Naming a part or wire of the start keeps its settings and physics; "none" switches an optional setting
    off.
    """
    text = HEAD + '[components.rail]\n[[wires]]\nfrom = "till"\nto = "kitchen"\n'
    design = load_design_text(text, level=level)
    assert design.components["rail"] == Queue(id="rail", visibility_timeout_s=5.0)
    assert design.wires == (Call(source="till", target="kitchen", timeout_ms=2000.0, latency_ms=7.0),)
    off = load_design_text(text + 'timeout_ms = "none"\n', level=level)
    assert off.wires == (Call(source="till", target="kitchen", timeout_ms=None, latency_ms=7.0),)


def test_palette_entries_give_physics(level: Level) -> None:
    """A part takes its physics from the first palette entry of its kind, or from the entry that it names."""
    design = load_design_text(
        HEAD + '[components.a]\nkind = "queue"\n[components.b]\npart = "big-queue"\n[components.c]\nkind ='
        ' "service"\n',
        level=level,
    )
    assert design.components["a"] == Queue(id="a")
    assert design.components["b"] == Queue(id="b", replicas=3, failover_s=1.0)
    assert design.components["c"] == Service(id="c", service_ms=50.0)


@pytest.mark.parametrize(
    ("text", "line", "key", "words", "locked"),
    [
        (
            "[components.kitchen]\nservice_ms = 1",
            3,
            "components.kitchen.service_ms",
            "part of the world you're given",
            True,
        ),
        ("[components.kitchen]\nreplicas = 2", 3, "components.kitchen.replicas", "this level keeps", True),
        ("[components.kitchen]\nworkers = 2", 3, "components.kitchen.workers", "this level keeps", True),
        ('[components.kitchen]\nkind = "queue"', 3, "components.kitchen.kind", "stays a service", True),
        ('[components.kitchen]\npart = "helper"', 3, "components.kitchen.part", "belongs to the level", True),
        (
            "[components.till]\nrate_per_s = 0",
            3,
            "components.till.rate_per_s",
            "part of the world you're given",
            True,
        ),
        (
            "[components.till]\nprice_per_hour = 0",
            3,
            "components.till.price_per_hour",
            "part of the world you're given",
            True,
        ),
        (
            "[components.kitchen]\nmixture = [[1, 2]]",
            3,
            "components.kitchen.mixture",
            "part of the world you're given",
            True,
        ),
        ('[components.x]\nkind = "database"', 3, "components.x.kind", "palette has no database", False),
        ('[components.x]\nkind = "client"', 3, "components.x.kind", "palette has no client", False),
        ("[components.x]\nreplicas = 2", 2, "components.x", '"kind" is missing', False),
        ('[components.x]\npart = "bigqueue"', 3, "components.x.part", 'did you mean "big-queue"', False),
        ('[components.x]\nkind = "topic"\npart = "queue"', 3, "components.x.kind", "is a queue", False),
        (
            '[components.x]\npart = "big-queue"\nreplicas = 1',
            4,
            "components.x.replicas",
            "this level keeps",
            True,
        ),
        (
            '[components.x]\nkind = "queue"\nfailover_s = 0',
            4,
            "components.x.failover_s",
            "part of the world you're given",
            True,
        ),
        (
            '[components.x]\nkind = "service"\n[components.y]\nkind = "service"',
            4,
            "components.y",
            "all 1 of",
            False,
        ),
        ('[components.x]\nkind = "queue"\nsize = 3', 4, "components.x.size", 'unknown key "size"', False),
        (
            '[[wires]]\nfrom = "till"\nto = "kitchen"\nlatency_ms = 0',
            5,
            "wires.latency_ms",
            "you may change timeout",
            True,
        ),
        ('[[wires]]\nfrom = "rail"\nto = "kitchen"', 3, "wires.from", "name it: [components.rail]", False),
        (
            '[components.rail]\n[[wires]]\nfrom = "rail"\nto = "kitchen"\nack = "before"',
            6,
            "wires.ack",
            "this level keeps",
            True,
        ),
        ('[components.rail]\n[[wires]]\nfrom = "rail"\nto = "rail"', 5, "wires.to", "itself", False),
        (
            '[components.q]\nkind = "queue"\n[components.r]\nkind = "queue"\n[[wires]]\nfrom = "q"\nto = "r"',
            6,
            "wires",
            "no dead-letter",
            False,
        ),
        (
            '[[wires]]\nfrom = "till"\nto = "kitchen"\n[[wires]]\nfrom = "till"\nto = "kitchen"',
            5,
            "wires",
            "line 2",
            False,
        ),
        ("[run]\nduration_s = 5", 2, "run", "come from the level", False),
        ("[palette.x]\na = 5", 2, "palette", 'unknown key "palette"', False),
        ("stars = {cost = 3}", 2, "stars", '"speed" is missing', False),
        ("stars = {cost = 4, speed = 1, simplicity = 1}", 2, "stars.cost", "from 0 to 3", False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refused(level: Level, text: str, line: int, key: str, words: str, locked: bool) -> None:
    """What the level doesn't allow is reported with its line, its key and a reason."""
    with pytest.raises(InputError) as caught:
        load_design_text(HEAD + text, name="d.toml", level=level)
    said = str(caught.value)
    assert words in said, said
    assert (caught.value.line, caught.value.key) == (line, key), said
    assert isinstance(caught.value, LockedSetting) is locked


def test_naming_what_is_so_anyway_is_no_change(level: Level) -> None:
    """A locked setting may be repeated with its current value."""
    design = load_design_text(
        HEAD + '[components.kitchen]\nkind = "service"\nservice_ms = 200\nreplicas = 1\n', level=level
    )
    assert design.components["kitchen"] == level.scenario.design.components["kitchen"]


def test_unlocked_physics_may_change(level: Level) -> None:
    """The learner may change a setting that the level unlocks by kind."""
    text = HEAD + '[components.q]\nkind = "queue"\n[[wires]]\nfrom = "till"\nto = "q"\nsize_kb = 4\n'
    assert getattr(load_design_text(text, level=level).wires[0], "size_kb") == 4.0  # noqa: B009 - a publish wire


def test_another_levels_design(level: Level) -> None:
    """A design is refused by any level other than the one it answers."""
    with pytest.raises(
        InputError, match=r'^d:1: level: this design answers "a/b", not "first-light/doorbell"'
    ):
        load_design_text('level = "a/b"', name="d", level=level)


def test_without_a_level_a_design_is_complete(tmp_path: Path) -> None:
    """In the sandbox, a design may set everything."""
    path = tmp_path / "d.toml"
    path.write_text(
        '[components.a]\nkind = "client"\nrate_per_s = 5\n[components.b]\nkind = "service"\n[[wires]]\nfrom ='
        ' "a"\nto = "b"\n'
    )
    assert load_design(path).wires == (Call(source="a", target="b"),)
    assert load_design_file(path).level == ""


def test_the_head_is_read_without_the_level() -> None:
    """Level, title, stars and diagnosis can be read before the design is joined with its level."""
    file = parse_design_file(
        'level = "a/b"\ntitle = "t"\nstars = {cost = 3, speed = 2, simplicity = 0}\ndiagnosis = "retry-storm"'
    )
    assert (file.level, file.title, file.stars, file.diagnosis) == ("a/b", "t", Stars(3, 2, 0), "retry-storm")


def test_solutions_and_mistakes(folder: Path, level: Level) -> None:
    """Solutions and mistakes are loaded by name; one without its stars or diagnosis, or for another level, is
    refused.
    """
    for kind in ("solutions", "mistakes"):
        (folder / kind).mkdir()
    (folder / "solutions" / "b.toml").write_text(
        HEAD + 'title = "B"\nstars = {cost = 3, speed = 3, simplicity = 3}\n'
    )
    (folder / "solutions" / "a.toml").write_text(HEAD + "stars = {cost = 1, speed = 1, simplicity = 1}\n")
    (folder / "mistakes" / "m.toml").write_text(HEAD + 'diagnosis = "retry-storm"\n')
    assert [(one.name, one.title, one.stars.cost) for one in load_solutions(folder, level)] == [
        ("a", "a", 1),
        ("b", "B", 3),
    ]
    assert [one.diagnosis for one in load_mistakes(folder, level)] == ["retry-storm"]
    (folder / "mistakes" / "m.toml").write_text(HEAD)
    with pytest.raises(InputError, match='"diagnosis" is missing'):
        load_mistakes(folder, level)
    (folder / "solutions" / "a.toml").write_text(HEAD)
    with pytest.raises(InputError, match='"stars" is missing'):
        load_solutions(folder, level)
    (folder / "solutions" / "a.toml").write_text('level = "x/y"\n')
    with pytest.raises(InputError, match='write level = "first-light/doorbell"'):
        load_solutions(folder, level)
