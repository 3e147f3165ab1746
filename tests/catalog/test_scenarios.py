"""Scenario files: what is read, and which line a refusal names."""

from pathlib import Path

import pytest

from tutor.catalog import load_scenario, parse_scenario
from tutor.errors import InputError
from tutor.model.component import Client, Service
from tutor.model.wire import Call

BASE = """\
[run]
duration_s = 100
drain_s = 10
[components.till]
kind = "client"
event = "order.placed"
[components.kitchen]
kind = "service"
[components.orders]
kind = "queue"
[components.db]
kind = "database"
[[wires]]
from = "till"
to = "kitchen"
timeout_ms = 500
"""
LINES = BASE.count("\n")


def test_a_scenario_is_read() -> None:
    """Parts, wires with an inferred kind, and run settings are read into the model's values."""
    scenario = parse_scenario(BASE)
    till = scenario.design.components["till"]
    assert isinstance(till, Client)
    assert till.event == "order.placed"
    assert scenario.design.wires == (Call(source="till", target="kitchen", timeout_ms=500.0),)
    assert (scenario.run.duration_s, scenario.run.warmup_s, scenario.run.drain_s) == (100.0, 0.0, 10.0)


@pytest.mark.parametrize(
    "lines",
    [
        "distribution = [[0.95, 3000], [0.05, 45000]]",
        "distribution = {mixture = [[0.95, 3000], [0.05, 45000]]}",
        'distribution = "mixture"\nmixture = [[0.95, 3000], [0.05, 45000]]',
        "mixture = [[0.95, 3000], [0.05, 45000]]",
    ],
)
def test_all_ways_to_write_a_mixture(lines: str) -> None:
    """A mixture of service times is accepted in each form that people try."""
    service = parse_scenario(f'[components.a]\nkind = "service"\n{lines}').design.components["a"]
    assert isinstance(service, Service)
    assert service.distribution == ((0.95, 3000.0), (0.05, 45000.0))


@pytest.mark.parametrize(
    ("more", "line", "key", "words"),
    [
        ('[components.x]\nkind = "servise"', 2, "components.x.kind", 'did you mean "service"'),
        ("[components.x]\nreplicas = 1", 1, "components.x", '"kind" is missing'),
        ("[components.x]\nkind = 3", 2, "components.x.kind", "give one of client"),
        ('[components.Bad]\nkind = "queue"', 1, "components.Bad", "lower-case"),
        ('[components."a b"]\nkind = "queue"', 1, 'components."a b"', "lower-case"),
        (
            '[components.q]\nkind = "queue"\nmax_delivery = 5',
            3,
            "components.q.max_delivery",
            'did you mean "max_deliveries"',
        ),
        (
            '[components.q]\nkind = "queue"\nmax_deliveries = 0',
            3,
            "components.q.max_deliveries",
            "of at least 1",
        ),
        (
            '[components.q]\nkind = "queue"\nvisibility_timeout_s = nan',
            3,
            "components.q.visibility_timeout_s",
            "above 0",
        ),
        ('[components.q]\nkind = "queue"\nreplicas = true', 3, "components.q.replicas", "whole number"),
        ('[components.q]\nkind = "queue"\ntitle = """a\nb"""', 3, "components.q.title", "several lines"),
        (
            '[components.s]\nkind = "service"\ndistribution = "mixture"',
            3,
            "components.s.distribution",
            "mixture = ",
        ),
        (
            '[components.s]\nkind = "service"\ndistribution = "constant"\nmixture = [[1, 2]]',
            3,
            "components.s.distribution",
            "goes with",
        ),
        ('[components.s]\nkind = "service"\nmixture = "constant"', 3, "components.s.mixture", "share"),
        (
            '[components.s]\nkind = "database"\nowner = "kitchn"',
            3,
            "components.s.owner",
            'did you mean "kitchen"',
        ),
        ('[components.s]\nkind = "database"\ncopy_of = "s"', 3, "components.s.copy_of", "known: db"),
        (
            '[components.c]\nkind = "client"\nkey_skew = 1\nkeys = 2000000',
            4,
            "components.c.keys",
            "at most 1,000,000",
        ),
        (
            '[components.s]\nkind = "service"\nreplicas = 1000\nworkers = 9000',
            4,
            "components.s.workers",
            "at most 100",
        ),
        (
            '[components.s]\nkind = "service"\npattern = [{event = "a", absent = true}]',
            3,
            "components.s.pattern",
            "stays away",
        ),
        (
            '[[wires]]\nfrom = "orders"\nto = "kitchen"\nprefetch = 10001',
            4,
            "wires.prefetch",
            "from 0 to 10,000",
        ),
        (
            '[[faults]]\nkind = "crash"\ntarget = "kitchen"\nevery_s = 1e-4\nfor_s = 1e-5',
            4,
            "faults.every_s",
            "100,000 times",
        ),
        (
            '[[faults]]\nkind = "crash"\ntarget = "kitchen"\nmtbf_s = 1e-4\nmttr_s = 1e-4',
            4,
            "faults.mtbf_s",
            "100,000 times",
        ),
        ('[[wires]]\nfrom = "till"', 1, "wires", '"to" is missing'),
        ('[[wires]]\nfrom = "till"\nto = "kitchn"', 3, "wires.to", 'did you mean "kitchen"'),
        ('[[wires]]\nfrom = "till"\nto = "kitchen"\nkind = "cal"', 4, "wires.kind", 'did you mean "call"'),
        ('[[wires]]\nfrom = "till"\nto = "orders"\nkind = "call"', 4, "wires.kind", "publish"),
        (
            '[[wires]]\nfrom = "till"\nto = "orders"\nmax_in_flight = 4',
            4,
            "wires.max_in_flight",
            'unknown key "max_in_flight"',
        ),
        ('[[wires]]\nfrom = "till"\nto = "till"', 3, "wires.to", "itself"),
        ('[[wires]]\nfrom = "kitchen"\nto = "db"', 1, "wires", "write or read"),
        ('[[wires]]\nfrom = "till"\nto = "kitchen"', 1, "wires", "already on line 13"),
        ('[[wires]]\nfrom = "till"\nto = "kitchen"\nid = "B"', 4, "wires.id", "lower-case"),
        ("[[faults]]\nat_s = 1", 1, "faults", '"kind" is missing'),
        ('[[faults]]\nkind = "crash"', 1, "faults", '"target" is missing'),
        ('[[faults]]\nkind = "crush"\ntarget = "kitchen"', 2, "faults.kind", 'did you mean "crash"'),
        ('[[faults]]\nkind = "crash"\ntarget = "kitchn"', 3, "faults.target", 'did you mean "kitchen"'),
        ('[[faults]]\nkind = "crash"\ntarget = "till"', 3, "faults.target", "clients are people"),
        ('[[faults]]\nkind = "crash"\ntarget = "till->kitchen"', 3, "faults.target", "not a wire"),
        (
            '[[faults]]\nkind = "partition"\ntarget = "till->kitchn"',
            3,
            "faults.target",
            'did you mean "till->kitchen"',
        ),
        ('[[faults]]\nkind = "burst"\ntarget = "kitchen"', 3, "faults.target", "clients"),
        ('[[faults]]\nkind = "crash"\ntarget = "kitchen"\nfactor = 3', 4, "faults.factor", 'no "factor"'),
        ('[[faults]]\nkind = "crash"\ntarget = "kitchen"\nat = 3', 4, "faults.at", 'did you mean "at_s"'),
        (
            '[[faults]]\nkind = "crash"\ntarget = "kitchen"\nmtbf_s = 3',
            4,
            "faults.mtbf_s",
            '"mttr_s" is missing',
        ),
        (
            '[[faults]]\nkind = "crash"\ntarget = "kitchen"\nmttr_s = 3',
            4,
            "faults.mttr_s",
            '"mtbf_s" is missing',
        ),
        (
            '[[faults]]\nkind = "slow"\ntarget = "kitchen"\nfor_s = 9\nevery_s = 3',
            5,
            "faults.every_s",
            "at least",
        ),
        ('[[effects]]\nevent = "order.placed"', 1, "effects", '"at" is missing'),
        (
            '[[effects]]\nevent = "order.plced"\nat = "kitchen"',
            2,
            "effects.event",
            'did you mean "order.placed"',
        ),
        ('[[effects]]\nevent = "order.placed"\nat = "till"', 3, "effects.at", "is a client"),
        (
            '[[effects]]\nevent = "order.placed"\nat = ["kitchen", "kitchn"]',
            3,
            "effects.at",
            'did you mean "kitchen"',
        ),
        ('[[effects]]\nevent = "order.placed"\nat = []', 3, "effects.at", "empty"),
        ('[[effects]]\nevent = "order.placed"\nat = "kitchen"\n' * 2, 4, "effects", "already in the file"),
        ("[[windows]]\nfrom_s = 1\nto_s = 2", 1, "windows", '"id" is missing'),
        ('[[windows]]\nid = "a"\nfrom_s = 3\nto_s = 2', 4, "windows.to_s", "before it begins"),
        ('[[windows]]\nid = "a"\nfrom_s = 300\nto_s = 400', 3, "windows.from_s", "over after 110"),
        ("[prices]\nqueue = 2", 2, "prices.queue", 'unknown key "queue"'),
        ("[price]\nqueue = 2", 1, "price", 'did you mean "prices"'),
    ],
)
def test_refused(more: str, line: int, key: str, words: str) -> None:
    """Each error in a scenario is reported with its line and key, and says what would be right."""
    with pytest.raises(InputError) as caught:
        parse_scenario(BASE + more, "s.toml")
    error = caught.value
    said = str(error)
    assert words in said, said
    assert (error.file, error.line, error.key) == ("s.toml", LINES + line, key), said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nduration_s = 5", "at least one part"),
        ('level = "a/b"', '"tutor check" scores it'),
        ("[[components]]\nx = 1", r"write \[components\]"),
        ("components = 3", r"write \[components\]"),
        ("[components]\na = 1", r"write \[components.a\]"),
        ('[components.a]\nkind = "client"\n[[run]]\nx = 1', r"write \[run\]"),
        ('wires = [3]\n[components.a]\nkind = "client"', r"write \[\[wires\]\]"),
        ('[components.a]\nkind = "client"\n[run]\nduration_s = 10\nwarmup_s = 10', "warm-up"),
        ('[components.a]\nkind = "client"\n[run]\nduration_s = inf', "doesn't fit"),
        ('[components.a]\nkind = "client"\n[run]\ntimeline_step_s = 0.0001', "longer step"),
    ],
)
def test_refused_as_a_whole(text: str, words: str) -> None:
    """The error for a file that isn't a scenario says what is missing."""
    with pytest.raises(InputError, match=words):
        parse_scenario(text, "s.toml")


def test_two_wires_of_a_kind_need_ids() -> None:
    """A second wire of one kind between the same parts is accepted if it has an id of its own."""
    more = '[[wires]]\nfrom = "till"\nto = "kitchen"\nid = "b"\n'
    assert [wire.ref for wire in parse_scenario(BASE + more).design.wires] == [
        "till->kitchen:call",
        "till->kitchen:call#b",
    ]


def test_events_that_are_derived_are_not_refused() -> None:
    """Where a service derives events or a wire renames them, effects may name types that no client sends."""
    renamed = (
        '[[wires]]\nfrom = "kitchen"\nto = "orders"\nevent = "bread.baked"\n[[effects]]\nevent ='
        ' "bread.baked"\nat = "kitchen"\n'
    )
    assert parse_scenario(BASE + renamed).effects[0].event == "bread.baked"
    windowed = (
        BASE.replace('kind = "service"', 'kind = "service"\nwindow_s = 5')
        + '[[effects]]\nevent = "any"\nat = "kitchen"\n'
    )
    assert parse_scenario(windowed).effects[0].event == "any"


def test_random_faults() -> None:
    """A fault with both ``mtbf_s`` and ``mttr_s`` is a random fault."""
    fault = parse_scenario(
        BASE + '[[faults]]\nkind = "crash"\ntarget = "kitchen"\nmtbf_s = 90\nmttr_s = 10\n'
    ).faults[0]
    assert (fault.mtbf_s, fault.mttr_s, fault.for_s) == (90.0, 10.0, None)


def test_load_scenario_names_the_file(tmp_path: Path) -> None:
    """The error line begins with the path as it was given."""
    path = tmp_path / "s.toml"
    path.write_text(BASE + "[run2]\n")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f"{path}:{LINES + 1}: run2: ")


def test_a_level_is_no_scenario() -> None:
    """Simulating a level file gives one line that says what a level is for."""
    with pytest.raises(
        InputError, match=r"level.toml:1: format: this is a level, not a scenario: .tutor play. plays it"
    ):
        parse_scenario("format = 1\n" + BASE, "level.toml")
