"""Saved files load back as the same value, and saving replaces a file completely or not at all."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tutor.catalog import (
    load_design,
    load_design_text,
    load_level,
    load_scenario,
    parse_scenario,
    render_design,
    render_scenario,
    save_design,
    save_scenario,
)
from tutor.catalog.writing import toml_value
from tutor.errors import InputError
from tutor.model.component import KINDS, Component, Database
from tutor.model.design import Design, make_design
from tutor.model.edit import AddComponent, apply
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.limits import misfits
from tutor.model.price import Prices
from tutor.model.records import Autoscale, PatternStep, Sequence, SequenceStep
from tutor.model.scenario import Effect, Run, Scenario, Window
from tutor.model.setting import Setting, settings_of
from tutor.model.wire import WIRES, Wire, legal_kinds
from tutor.rules import may_set, new_component, palette_left

WORDS = st.text(st.sampled_from('abc é"\\.[]{}=#->'), max_size=6).map(lambda word: word.strip())


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Valid values for a setting, as the model holds them."""
    low = (
        setting.above + 0.5
        if setting.above is not None
        else setting.at_least
        if setting.at_least is not None
        else 0.0
    )
    high = setting.at_most if setting.at_most is not None else low + 1000
    numbers = st.floats(low, high, allow_nan=False)
    pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=3).map(tuple)
    by_shape: dict[str, st.SearchStrategy[Any]] = {
        "number": numbers,
        "integer": st.integers(int(low), int(high)),
        "flag": st.booleans(),
        "choice": st.sampled_from(setting.choices or ("",)),
        "text": WORDS,
        "texts": (
            st.lists(st.sampled_from(setting.choices) if setting.choices else WORDS, max_size=3).map(tuple)
        ),
        "number-by-event": (
            numbers
            | st.dictionaries(WORDS, numbers, min_size=1, max_size=3).map(lambda table: tuple(table.items()))
        ),
        "pairs": pairs,
        "profile": (
            st.dictionaries(st.floats(0, 1000), numbers, max_size=3).map(
                lambda steps: tuple(sorted(steps.items()))
            )
        ),
        "distribution": (
            st.sampled_from(["exponential", "constant"]) | st.just(((0.95, 3000.0), (0.05, 45000.0)))
        ),
        "groups": (
            st.dictionaries(WORDS, st.floats(0.5, 5), max_size=3).map(lambda table: tuple(table.items()))
        ),
        "autoscale": st.just(Autoscale(1, 4, 10, 2.5)),
        "position": st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
        "steps": st.just(
            (PatternStep("a.b", 3, 10.0), PatternStep("c", absent=True, within_s=1.5, differs=True))
        ),
        "sequences": st.just(
            (Sequence("fraud", 0.5, (SequenceStep("a"), SequenceStep("b", 2.5, exact=True, group="x"))),)
        ),
    }
    values = by_shape[setting.shape]
    return st.none() | values if setting.optional else values


@st.composite
def parts(draw: st.DrawFn, /, cls: type, **fixed: Any) -> Any:
    """A component, wire or record with some settings changed."""
    names = [
        name for name in settings_of(cls) if name not in fixed and name not in ("owner", "copy_of", "boot_s")
    ]
    chosen = draw(st.lists(st.sampled_from(names), max_size=5, unique=True)) if names else []
    return cls(**fixed, **{name: draw(values_of(settings_of(cls)[name])) for name in chosen})


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """A design of some parts and legal wires."""
    components: list[Component] = [
        draw(parts(KINDS[kind], id=f"{kind}-{number}"))
        for number, kind in enumerate(draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=5)))
    ]
    wires: dict[str, Wire] = {}
    for source in components:
        for target in components:
            kinds = legal_kinds(source.kind, target.kind) if source is not target else ()
            drawn: bool = draw(st.booleans())
            if kinds and drawn:
                wire = draw(
                    parts(
                        WIRES[draw(st.sampled_from(kinds))],
                        source=source.id,
                        target=target.id,
                        id=draw(st.sampled_from(["", "b"])),
                    )
                )
                wires[wire.ref] = wire
    design = make_design(components, draw(st.permutations(list(wires.values()))))
    assume(not any(misfits(design)))
    return design


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(designs())
def test_designs_come_back(design: Design) -> None:
    """A saved design loads back as the same design, whatever its settings."""
    assert load_design_text(render_design(design)) == design


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(designs(), parts(Run, warmup_s=1.0, duration_s=5000.0, timeline_step_s=None), parts(Prices))
def test_scenarios_come_back(design: Design, run: Run, prices: Prices) -> None:
    """A saved scenario loads back as the same scenario."""
    service = next(
        (part.id for part in design.components.values() if part.kind in ("service", "database", "job")), None
    )
    faults = (Fault(kind="crash", target=service, at_s=3.5, mtbf_s=9000.0, mttr_s=1.0),) if service else ()
    scenario = Scenario(
        design=design, run=run, faults=faults, windows=(Window(id="a", from_s=0.0, to_s=9.5),), prices=prices
    )
    text = render_scenario(scenario)
    assert parse_scenario(text) == scenario
    assert render_scenario(parse_scenario(text)) == text


def test_effects_come_back(tmp_path: Path) -> None:
    """An effect may name one place or several, and loads back as it was saved."""
    text = (
        '[components.c]\nkind = "client"\nevent = "e"\n[components.a]\nkind = "service"\n[components.b]\nkind'
        ' = "service"\n'
    )
    scenario = parse_scenario(
        text + '[[effects]]\nevent = "e"\nat = "a"\n[[effects]]\nevent = "e"\nat = ["a", "b"]\ndeadline_s = 5'
    )
    assert scenario.effects == (
        Effect(event="e", at=("a",)),
        Effect(event="e", at=("a", "b"), deadline_s=5.0),
    )
    save_scenario(scenario, tmp_path / "s.toml")
    assert load_scenario(tmp_path / "s.toml") == scenario


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_learners_designs_come_back(level_once: Level, data: st.DataObject) -> None:
    """A design within a level's rules loads back as it was saved, with any unlocked settings changed and its
    wires in any order.
    """
    level = level_once
    design = make_design(
        part
        for name, part in level.scenario.design.components.items()
        if name in level.fixed or data.draw(st.booleans(), label=name)
    )
    for _ in range(data.draw(st.integers(0, 3))):
        entries = [entry for entry, left in palette_left(level, design) if left != 0]
        design = apply(AddComponent(new_component(data.draw(st.sampled_from(entries)), design)), design)
    components = [changed(part, level, data) for part in design.components.values()]
    design = make_design(components)
    drawable = [
        wire
        for source in components
        for target in components
        if source is not target
        for kind in legal_kinds(source.kind, target.kind)
        if kind in level.wires
        for wire in [start_wire(level, WIRES[kind](source=source.id, target=target.id))]
    ]
    wires = data.draw(st.lists(st.sampled_from(drawable), unique=True)) if drawable else []
    held = [wire for wire in level.scenario.design.wires if wire.ref in level.fixed and wire not in wires]
    order = data.draw(st.permutations([*held, *wires]))
    design = design.with_wires(changed(wire, level, data) for wire in order)
    assume(not any(misfits(design)))
    text = render_design(design, level)
    assert load_design_text(text, level=level) == design
    assert render_design(load_design_text(text, level=level), level) == text


def start_wire(level: Level, wire: Wire) -> Wire:
    """The wire as the level starts with it."""
    return level.scenario.design.wire(wire.ref) or wire


def changed(part: Any, level: Level, data: st.DataObject) -> Any:
    """The part with some of its unlocked settings changed."""
    settings_here = settings_of(type(part))
    names = [
        name for name in settings_here if may_set(level, part, name) and name not in ("owner", "copy_of")
    ]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []:
        part = dataclasses.replace(part, **{name: data.draw(values_of(settings_here[name]))})
    return part


@pytest.fixture(scope="module")
def level_once(tmp_path_factory: pytest.TempPathFactory, level_text: str) -> Level:
    """A level with a fixed part and a fixed wire beside the others."""
    folder = tmp_path_factory.mktemp("levels") / "first-light" / "doorbell"
    folder.mkdir(parents=True)
    fixed = (
        '[components.audit]\nkind = "queue"\nfixed = true\n[[wires]]\nfrom = "kitchen"\nto = "audit"\nfixed ='
        " true\n[palette.queue]"
    )
    (folder / "level.toml").write_text(level_text.replace("[palette.queue]", fixed))
    for name in ("briefing.md", "debrief.md"):
        (folder / name).write_text("x")
    return load_level(folder)


def test_only_the_learners_part_is_written(level: Level) -> None:
    """Unchanged fixed parts and defaults are left out; the level is named."""
    head = 'level = "first-light/doorbell"\n\n[components.orders]\nkind = "queue"\nmax_deliveries = 5\n'
    text = head + '\n[[wires]]\nfrom = "till"\nto = "orders"\nkind = "publish"\n'
    assert render_design(load_design_text(text, level=level), level) == text


def test_parts_of_other_entries_say_so(level: Level) -> None:
    """A part that isn't from the first palette entry of its kind is saved with its entry's name."""
    design = load_design_text(
        'level = "first-light/doorbell"\n[components.x]\npart = "big-queue"\n', level=level
    )
    assert 'kind = "queue"\npart = "big-queue"\n' in render_design(design, level)


def test_saving_is_atomic(tmp_path: Path, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the last step fails, the old file is still there unchanged, with no other file beside it."""
    path = tmp_path / "d.toml"
    path.write_text("old")
    path.chmod(0o640)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(InputError, match="can't be written: No space left"):
            save_design(level.scenario.design, path, level)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["d.toml"]
    assert path.read_text() == "old"
    save_design(level.scenario.design, path, level)
    assert load_design(path, level) == level.scenario.design
    assert path.stat().st_mode & 0o777 == 0o640


def test_places_that_cannot_be_written(tmp_path: Path, level: Level) -> None:
    """A missing folder, or a file in place of a folder, is reported in one line."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "no" / "d.toml", tmp_path / "file" / "d.toml"):
        with pytest.raises(InputError, match="can't be written") as caught:
            save_design(level.scenario.design, path, level)
        assert caught.value.file == str(path)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts_are_written_as_toml_reads_them(text: str) -> None:
    """Any text written as a basic string reads back unchanged."""
    assert tomllib.loads(f"x = {toml_value(text)}")["x"] == text


def test_a_database_keeps_its_links() -> None:
    """A database is written with the owner and the original that it names."""
    design = make_design(
        [KINDS["service"](id="s"), Database(id="a", owner="s"), Database(id="b", copy_of="a")]
    )
    assert load_design_text(render_design(design)) == design
