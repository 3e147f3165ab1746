"""Settings: one description parses, checks, shows and writes a value."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.errors import InputError
from tutor.model.component import KINDS, Client, Service
from tutor.model.fault import Fault
from tutor.model.price import Prices
from tutor.model.records import Autoscale
from tutor.model.scenario import Effect, Run, Window
from tutor.model.setting import Setting, settings_of, suggest
from tutor.model.wire import WIRES

DESCRIBED = [*KINDS.values(), *WIRES.values(), Run, Fault, Effect, Window, Prices]


@pytest.mark.parametrize("cls", DESCRIBED, ids=lambda cls: cls.__name__)
def test_every_setting_is_described(cls: type) -> None:
    """Every setting has a sentence for learners, and a default that its own parser accepts."""
    for name, setting in settings_of(cls).items():
        assert setting.name == name
        assert setting.doc.endswith((".", "?"))
        if setting.shape not in ("text", "texts", "choice") and name != "to_s":
            assert setting.parse(setting.plain(setting.default)) == setting.default


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("replicas", 3, 3),
        ("replicas", 3.0, 3),
        ("service_ms", 12, 12.0),
        ("service_ms", {"order.placed": 5}, (("order.placed", 5.0),)),
        ("distribution", "constant", "constant"),
        ("distribution", [[0.95, 3000], [0.05, 45000]], ((0.95, 3000.0), (0.05, 45000.0))),
        ("distribution", {"mixture": [[1, 2]]}, ((1.0, 2.0),)),
        ("autoscale", [2, 8, 20, 10], Autoscale(2, 8, 20, 10.0)),
        ("queue_limit", "none", None),
        ("dedup_window_s", "forever", None),
    ],
)
def test_a_value_is_read_as_files_write_it(name: str, raw: object, value: object) -> None:
    """Numbers, tables, mixtures and the words for "off" are parsed into model values."""
    assert settings_of(Service)[name].parse(raw) == value


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("replicas", 0),
        ("replicas", 2.5),
        ("replicas", True),
        ("replicas", "two"),
        ("service_ms", -1),
        ("service_ms", math.inf),
        ("service_ms", math.nan),
        ("service_ms", {}),
        ("failure_rate", 1.5),
        ("idempotent", 1),
        ("idempotent", "yes"),
        ("discipline", "random"),
        ("distribution", "normal"),
        ("distribution", []),
        ("autoscale", [8, 2, 20, 10]),
        ("autoscale", [2, 8]),
        ("pattern", [{"events": "a"}]),
        ("pattern", [{"count": 2}]),
        ("pattern", "a, b"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_remedy(name: str, raw: object) -> None:
    """A value out of range or of another shape is refused with a sentence, and never raises another
    exception.
    """
    with pytest.raises(InputError) as refused:
        settings_of(Service)[name].parse(raw)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) > 20


def test_a_misspelt_choice_is_met_with_the_nearest_one() -> None:
    """A misspelled choice is refused with the nearest one."""
    with pytest.raises(InputError, match='did you mean "lifo"'):
        settings_of(Service)["discipline"].parse("lifoo")


@given(st.text(max_size=30))
def test_typed_text_never_breaks_the_parser(text: str) -> None:
    """Any text typed into a field gives a value or an InputError."""
    for setting in settings_of(Service).values():
        try:
            value = setting.parse_text(text)
        except InputError:
            continue
        assert setting.parse(setting.plain(value)) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("replicas", "3", 3),
        ("service_ms", "1_000", 1000.0),
        ("idempotent", "yes", True),
        ("queue_limit", "none", None),
        ("autoscale", "[1, 4, 10, 5]", Autoscale(1, 4, 10, 5.0)),
        ("distribution", "constant", "constant"),
    ],
)
def test_typed_text_is_read_as_a_learner_means_it(name: str, text: str, value: object) -> None:
    """The inspector and plain mode accept the same words."""
    assert settings_of(Service)[name].parse_text(text) == value


def test_sequences_are_read_into_steps() -> None:
    """A scripted sequence has a name, a rate and steps; a step without an event is refused."""
    setting = settings_of(Client)["sequences"]
    (fraud,) = setting.parse(
        [
            {
                "name": "fraud",
                "rate_per_s": 0.1,
                "steps": [{"event": "small"}, {"event": "large", "after_s": 15}],
            }
        ]
    )
    assert [step.event for step in fraud.steps] == ["small", "large"]
    assert setting.parse(setting.plain((fraud,))) == (fraud,)
    with pytest.raises(InputError, match="event"):
        setting.parse([{"rate_per_s": 1, "steps": [{"after_s": 1}]}])


def test_ranges_are_told_in_words() -> None:
    """The range in an error message is the range that is checked."""
    text = settings_of(Service)["replicas"].range_text()
    assert "whole number" in text
    assert "1" in text
    assert "1000" in text
    assert (
        Setting("x", "number", 0, above=0, optional=True, off="forever").range_text()
        == 'a number above 0, or "forever"'
    )


def test_suggestions_name_the_nearest_word_or_all() -> None:
    """A near miss is answered with the nearest word, and any other with the full list."""
    assert suggest("quue", ["queue", "topic"]) == 'did you mean "queue"?'
    assert suggest("zzz", ["queue", "topic"]) == "known: queue, topic"
    assert suggest("zzz", [f"a{number}" for number in range(32)]).endswith("a28, a29 and 2 more")


def test_model_values_are_frozen() -> None:
    """A component can't be changed in place."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Service(id="a").replicas = 2  # type: ignore[misc]


def test_a_refused_flag_is_shown_as_it_is_written() -> None:
    """An error shows TOML's true, not Python's True."""
    with pytest.raises(InputError, match=r"^true doesn't fit"):
        settings_of(Service)["replicas"].parse(True)


@pytest.mark.parametrize(
    ("setting", "raw", "most"),
    [
        (settings_of(Service)["service_ms"], 1e12, "100,000,000,000"),
        (settings_of(Service)["service_ms"], {"order.placed": 2**62}, "100,000,000,000"),
        (settings_of(Run)["warmup_s"], 1e9, "100,000,000"),
        (settings_of(Prices)["job"], 1e300, "1,000,000,000,000"),
        (settings_of(Run)["seed"], 1e300, "9,223,372,036,854,775,807"),
    ],
)
def test_a_number_that_no_clock_holds(setting: Setting, raw: object, most: str) -> None:
    """A setting without a maximum of its own has its unit's maximum."""
    with pytest.raises(InputError, match=f"too large: give at most {most}"):
        setting.parse(raw)


def test_a_time_that_no_clock_tells() -> None:
    """A time that must be positive is at least a microsecond; one that may be zero may be shorter."""
    with pytest.raises(InputError, match=r"the finest time: give at least 0.000001"):
        settings_of(Service)["window_s"].parse(1e-9)
    assert settings_of(Service)["window_s"].parse(1e-6) == 1e-6
    assert settings_of(Service)["service_ms"].parse(1e-9) == 1e-9


def test_a_profile_s_rate_has_the_upper_end_of_a_rate() -> None:
    """Each rate of a profile is at most a million a second, like a client's own rate, and its times are
    limited like all times.
    """
    profile = settings_of(Client)["profile"]
    assert profile.parse([[0, 1], [2e6, 1_000_000]]) == ((0.0, 1.0), (2e6, 1e6))
    with pytest.raises(InputError, match=r"2,000,000 from 5 s on is too large: give at most 1,000,000"):
        profile.parse([[0, 1], [5, 2e6]])
    with pytest.raises(InputError, match="too large"):
        profile.parse([[1e9, 1]])
