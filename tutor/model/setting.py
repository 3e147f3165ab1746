"""Settings, the parameters of components, wires, faults and effects: shape, unit, range, default and meaning.

Each field of a model class carries one :class:`Setting`. Reading files, checking values, the inspector's
fields, help texts and the JSON Schema are all made from it, so a parameter is described once.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tutor.errors import InputError, is_control
from tutor.model.product import AS_PRODUCT
from tutor.model.records import Autoscale, PatternStep, Sequence, SequenceStep, plain_record, plain_value
from tutor.words import say

Shape = Literal[
    "number",  # a finite float
    "integer",  # a whole number
    "flag",  # true or false
    "choice",  # one of ``choices``
    "text",  # one line of text
    "texts",  # a list of texts; one text alone is a list of one
    "number-by-event",  # a number, or a table of event type -> number
    "profile",  # steps in time: a list of [at_s, number]
    "distribution",  # "exponential", "constant" or a mixture: a list of [share, ms]
    "groups",  # a table name -> share, or a list of shares
    "steps",  # the steps of a pattern: a list of tables
    "sequences",  # scripted sequences of events: a list of tables
    "autoscale",  # [min, max, depth, start_s]
    "position",  # [column, row] on the board
]

NOTHING_WORDS = ("none", "forever", "off")
"""How a file says that an optional setting is switched off."""

LARGEST = {"s": 1e8, "ms": 1e11}
"""The largest number of a unit where a setting has no upper end of its own: three years. Clocks in whole
microseconds hold it.
"""
LARGEST_OTHER = 1e12
"""The same for numbers of any other unit."""

LARGEST_WHOLE = 2**63 - 1
"""The same for whole numbers: what TOML has."""

SMALLEST = {"s": 1e-6, "ms": 1e-3}
"""A time that has to be more than nothing is a microsecond at least."""

MOST_NAMED = 30
"""How many known words an error lists where none is near."""


@dataclasses.dataclass(frozen=True, slots=True)
class ProductName:
    """A product's name for a setting, and how its number differs: ``times`` ours, and ``add``."""

    name: str
    """Its word for it."""
    add: int = 0
    """What is added to our number: -1 where it counts what comes after the first."""
    times: int = 1
    """How many times larger its number is, by its unit: 1000 for milliseconds of our seconds."""

    def value(self, ours: object) -> str:
        """Returns our value as this product has it."""
        if isinstance(ours, bool):
            return str(ours).lower()
        return f"{ours * self.times + self.add:g}" if isinstance(ours, int | float) else str(ours)


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One parameter: how to read it, its allowed values, and its meaning."""

    name: str
    """The key in files and the field's name."""
    shape: Shape
    """What kind of value it is."""
    default: Any
    """The value when nothing is said."""
    unit: str = ""
    """ms, s, per_s, ... or nothing for a plain number."""
    at_least: float | None = None
    """The smallest value allowed."""
    at_most: float | None = None
    """The largest value allowed."""
    above: float | None = None
    """The value must be larger than this."""
    choices: tuple[str, ...] = ()
    """The words allowed where the shape is ``choice``."""
    optional: bool = False
    """Whether it can be switched off; a file says "none"."""
    off: str = "none"
    """The word for switched off: none, forever or off."""
    physics: bool = False
    """Physics is locked for learners unless a level unlocks it; the rest is policy."""
    implied: bool = False
    """Whether it follows from the product that a channel is like, where nobody sets it."""
    passive: bool = False
    """Whether it only tells people something: no run's numbers change with it."""
    names: str = ""
    """The kind of part whose id the value is; empty where the value is no part."""
    called: Mapping[str, ProductName] = dataclasses.field(default_factory=dict)
    """What products call it, by product family: rabbitmq, sqs, jetstream, redis, kafka."""
    owner: str = ""
    """The kind that declares it: where its meaning is in ``meanings.toml``; empty for a part of a value."""

    @property
    def doc(self) -> str:
        """The meaning of the setting, in one sentence for learners; empty for a part of a value."""
        return say(f"meanings.{self.owner}.{self.name.replace('_', '-')}") if self.owner else ""

    def called_by(self, family: str, value: object) -> str:
        """Returns this setting at this value in a product's own terms, such as ``x-delivery-limit = 4``; an
        empty text if the product has none or nothing is set.
        """
        name = self.called.get(family)
        if name is None or value is None:
            return ""
        return f"{name.name} = {name.value(value)}"

    def range_text(self) -> str:
        """Returns the allowed values in words, as an error message or an inspector shows them."""
        match self.shape:
            case "choice":
                text = say("settings.choices", words=[f'"{word}"' for word in self.choices])
            case "number" | "integer":
                limits = {"above": self.above, "least": self.at_least, "most": self.at_most}
                given = {name: limit for name, limit in limits.items() if limit is not None}
                text = say(f"settings.range.{self.shape}.{'-'.join(given) or 'any'}", **given)
            case "text" if self.at_most is not None:
                text = say("settings.length", least=self.at_least or 0, most=self.at_most)
            case _:
                text = say(f"settings.range.{self.shape}")
        return say("settings.or-off", range=text, off=self.off) if self.optional else text

    def parse(self, raw: object) -> Any:
        """Returns the value for ``raw``, as it comes from a TOML file or an input field's converted text.

        Raises :class:`InputError` without a place when it does not fit; the text says what would be right.
        """
        if self.optional and (raw is None or (isinstance(raw, str) and raw in NOTHING_WORDS)):
            return None
        try:
            value = _PARSERS[self.shape](self, raw)
        except (TypeError, ValueError, OverflowError):
            raise InputError(say("settings.error.fit", value=_shown(raw), range=self.range_text())) from None
        return value

    def parse_text(self, text: str) -> Any:
        """Returns the value for a text that a learner typed into a field or after ``set``; raises
        :class:`InputError`.
        """
        text = text.strip()
        match self.shape:
            case "flag":
                words: dict[str, object] = {
                    "true": True,
                    "yes": True,
                    "on": True,
                    "false": False,
                    "no": False,
                    "off": False,
                }
                return self.parse(words.get(text.lower(), text))
            case "number" | "integer" | "number-by-event":
                try:
                    number = float(text.replace("_", ""))
                except ValueError:
                    return self.parse(text)
                return self.parse(int(number) if number.is_integer() else number)
            case "texts":
                return self.parse(
                    [] if text == "all" else [word.strip() for word in text.split(",") if word.strip()]
                )
            case "choice" | "text" | "distribution":
                return self.parse(text.strip("\"'"))
            case _:
                import tomllib

                if self.optional and text in NOTHING_WORDS:
                    return None
                try:
                    return self.parse(tomllib.loads(f"value = {text}")["value"])
                except tomllib.TOMLDecodeError:
                    raise InputError(
                        say("settings.error.fit", value=_shown(text), range=self.range_text())
                    ) from None

    def plain(self, value: object) -> Any:
        """Returns ``value`` as plain TOML data (numbers, text, lists, tables), which :meth:`parse` reads
        back.
        """
        if value is None:
            return self.off
        if self.shape in ("number-by-event", "groups") and isinstance(value, tuple):
            return dict(value)
        if self.shape in ("steps", "sequences") and isinstance(value, tuple):
            return [plain_record(record) for record in value]
        return plain_value(value)

    def render(self, value: object) -> str:
        """Returns ``value`` as a learner types it, which :meth:`parse_text` reads back."""
        if value is None:
            return self.off
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:g}"
        plain = self.plain(value)
        if isinstance(plain, list) and self.shape == "texts":
            return ", ".join(plain) or "all"
        return str(plain)

    def said(self, value: Any) -> str:
        """Returns ``value`` with its unit, as the screen shows it: nothing of it is left out."""
        if value is None:
            return self.off
        if isinstance(value, bool):
            return say("settings.value.yes") if value else say("settings.value.no")
        if isinstance(value, int | float):
            shown = f"{value:.12g}" if abs(value) < 1e12 else str(int(value))
            return (
                say(f"settings.unit.{self.unit}", number=shown)
                if self.unit in ("s", "ms", "per_s", "kb")
                else shown
            )
        if isinstance(value, tuple):
            if not value:
                return say("settings.value.all") if self.shape == "texts" else say("settings.value.none")
            return ", ".join(self._piece(one) for one in value)
        return str(value) or say("settings.value.none")

    def _piece(self, one: Any) -> str:
        if isinstance(one, tuple):
            first, second = one
            return (
                f"{first} {second:.0%}"
                if self.shape == "groups"
                else f"{first:g}: {second:g}"
                if isinstance(first, float)
                else f"{first} {second:g}"
            )
        return str(getattr(one, "name", "") or getattr(one, "event", one))


def setting(
    default: Any,
    shape: Shape,
    *,
    unit: str = "",
    at_least: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
    choices: tuple[str, ...] = (),
    off: str | None = None,
    physics: bool = False,
    implied: bool = False,
    passive: bool = False,
    names: str = "",
    called: Mapping[str, ProductName] | None = None,
) -> Any:
    """Creates a dataclass field that carries its :class:`Setting`; ``off`` names the word for switched off
    and makes it optional.

    With ``implied`` the field itself has no value until the part is made: the class fills it in by its
    product.
    """
    described = Setting(
        name="",
        shape=shape,
        default=default,
        unit=unit,
        at_least=at_least,
        at_most=at_most,
        above=above,
        choices=choices,
        optional=off is not None,
        off=off or "none",
        physics=physics,
        implied=implied,
        passive=passive,
        names=names,
        called=called or {},
    )
    if implied:
        return dataclasses.field(default=AS_PRODUCT, metadata={"setting": described})
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"setting": described})
    return dataclasses.field(default=default, metadata={"setting": described})


def settings_of(cls: type) -> dict[str, Setting]:
    """Returns the settings of a model class by name, in the order of its fields; a shared mapping, not to be
    changed.
    """
    return _settings_of(cls)


@functools.cache
def _settings_of(cls: type) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for field in dataclasses.fields(cls):
        described = field.metadata.get("setting")
        if described is not None:
            owner = next(
                one for one in reversed(cls.__mro__) if field.name in vars(one).get("__annotations__", ())
            )
            found[field.name] = dataclasses.replace(described, name=field.name, owner=_called(owner))
    return found


def _called(cls: type) -> str:
    """Returns the section of ``meanings.toml`` for a class: its name as files write names, such as
    dead-letter.
    """
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__)
    return "part" if name == "-component" else name[1:]


def title_of(kind: str, name: str) -> str:
    """Returns the title of a setting on screen, by kind of part or wire; an unknown setting keeps its key."""
    word = name.replace("_", "-")
    for key in (f"{kind}-{word}", word):
        try:
            return say(f"settings.title.{key}")
        except KeyError:
            continue
    return name.replace("_", " ")


def nearest(word: str, known: Iterable[str]) -> str:
    """Returns the known word that is most like this one; an empty text if none is like it."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def suggest(word: str, known: Iterable[str]) -> str:
    """Returns ``, did you mean "..."?`` for the nearest known word, else the list of them; for the end of an
    error line.
    """
    words = list(known)
    near = nearest(word, words)
    if near:
        return say("errors.suggest.near", word=near)
    if len(words) > MOST_NAMED:
        return say("errors.suggest.more", words=words[:MOST_NAMED], count=len(words) - MOST_NAMED)
    return say("errors.suggest.known", words=words) if words else say("errors.suggest.none")


def _shown(raw: object) -> str:
    text = f'"{raw}"' if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else repr(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def _number(spec: Setting, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise TypeError
    value = float(raw)
    _in_range(spec, value)
    largest = LARGEST.get(spec.unit, LARGEST_OTHER)
    if spec.at_most is None and value > largest:
        raise InputError(say("settings.error.too-large", value=value, largest=largest))
    smallest = SMALLEST.get(spec.unit, 0.0)
    if spec.above == 0 and value < smallest:
        raise InputError(say("settings.error.too-small", value=value, smallest=f"{smallest:f}"))
    return value


def _integer(spec: Setting, raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or int(raw) != raw:
        raise TypeError
    _in_range(spec, int(raw))
    if spec.at_most is None and int(raw) > LARGEST_WHOLE:
        raise InputError(say("settings.error.too-large", value=raw, largest=LARGEST_WHOLE))
    return int(raw)


def _in_range(spec: Setting, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError
    if spec.at_least is not None and value < spec.at_least:
        raise ValueError
    if spec.at_most is not None and value > spec.at_most:
        raise ValueError
    if spec.above is not None and value <= spec.above:
        raise ValueError


def _flag(spec: Setting, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _choice(spec: Setting, raw: object) -> str:
    if raw not in spec.choices:
        if isinstance(raw, str):
            raise InputError(
                say("settings.error.choice", value=_shown(raw), suggestion=suggest(raw, spec.choices))
            )
        raise ValueError
    return str(raw)


def _text(spec: Setting, raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    if not raw.isprintable() and any(is_control(char) and char not in "\n\t\r" for char in raw):
        raise InputError(say("files.control"))
    if spec.at_most is not None and not (spec.at_least or 0) <= len(raw) <= spec.at_most:
        raise ValueError
    return raw


def _texts(spec: Setting, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = (raw,)
    if not isinstance(raw, list | tuple):
        raise TypeError
    found = tuple(_text(spec, item) for item in raw)
    for item in found if spec.choices else ():
        _choice(spec, item)
    return found


def _number_by_event(spec: Setting, raw: object) -> float | tuple[tuple[str, float], ...]:
    if isinstance(raw, Mapping):
        if not raw:
            raise ValueError
        return tuple((_text(spec, event), _number(spec, number)) for event, number in raw.items())
    return _number(spec, raw)


TIME = Setting("at_s", "number", 0.0, unit="s", at_least=0)
"""The first number of each step of a profile: when the step begins."""


def _profile(spec: Setting, raw: object) -> tuple[tuple[float, float], ...]:
    steps = _pairs(dataclasses.replace(spec, at_most=None), raw, TIME)
    for at_s, number in steps:
        if spec.at_most is not None and number > spec.at_most:
            raise InputError(say("settings.error.profile", value=number, at=at_s, largest=spec.at_most))
    return steps


def _pairs(spec: Setting, raw: object, first: Setting | None = None) -> tuple[tuple[float, float], ...]:
    """Reads pairs of numbers; ``first`` is the setting of the first of each, if it has another one."""
    if not isinstance(raw, list | tuple):
        raise TypeError
    pairs = []
    for pair in raw:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise TypeError
        pairs.append((_number(first or spec, pair[0]), _number(spec, pair[1])))
    return tuple(pairs)


def _distribution(spec: Setting, raw: object) -> str | tuple[tuple[float, float], ...]:
    if isinstance(raw, Mapping) and set(raw) == {"mixture"}:
        raw = raw["mixture"]
    if isinstance(raw, str):
        return _choice(dataclasses.replace(spec, choices=("exponential", "constant")), raw)
    pairs = _pairs(dataclasses.replace(spec, at_least=0), raw)
    if not pairs or sum(share for share, _ in pairs) <= 0:
        raise ValueError
    return pairs


def _groups(spec: Setting, raw: object) -> tuple[tuple[str, float], ...]:
    if isinstance(raw, list | tuple):
        raw = {f"group-{index}": share for index, share in enumerate(raw, 1)}
    if not isinstance(raw, Mapping):
        raise TypeError
    shares = tuple(
        (_text(spec, name), _number(dataclasses.replace(spec, at_least=0), share))
        for name, share in raw.items()
    )
    if shares and sum(share for _, share in shares) <= 0:
        raise ValueError
    return shares


def _steps(spec: Setting, raw: object) -> tuple[PatternStep, ...]:
    known = {
        "event": Setting("event", "text", ""),
        "count": Setting("count", "integer", 1, at_least=1),
        "within_s": Setting("within_s", "number", None, unit="s", above=0, optional=True),
        "absent": Setting("absent", "flag", False),
        "differs": Setting("differs", "flag", False),
    }
    return tuple(PatternStep(**_record(step, known)) for step in _tables(raw))


def _sequences(spec: Setting, raw: object) -> tuple[Sequence, ...]:
    step_keys = {
        "event": Setting("event", "text", ""),
        "after_s": Setting("after_s", "number", 0.0, unit="s", at_least=0),
        "exact": Setting("exact", "flag", False),
        "group": Setting("group", "text", ""),
    }
    found = []
    for table in _tables(raw):
        steps = tuple(SequenceStep(**_record(step, step_keys)) for step in _tables(table.get("steps")))
        keys = {
            "name": Setting("name", "text", ""),
            "rate_per_s": Setting("rate_per_s", "number", 0.0, above=0, at_most=1_000_000),
        }
        rest = {key: value for key, value in table.items() if key != "steps"}
        found.append(Sequence(steps=steps, **{"name": "sequence", **_record(rest, keys)}))
    return tuple(found)


def _tables(raw: object) -> list[Mapping[str, Any]]:
    if not isinstance(raw, list | tuple) or not all(isinstance(item, Mapping) for item in raw):
        raise TypeError
    return list(raw)


def _record(table: Mapping[str, Any], known: Mapping[str, Setting]) -> dict[str, Any]:
    for key in table:
        if key not in known:
            raise InputError(say("settings.error.key", key=key, suggestion=suggest(key, known)))
    if "event" in known and "event" not in table:
        raise InputError(say("settings.error.step"))
    if "rate_per_s" in known and "rate_per_s" not in table:
        raise InputError(say("settings.error.sequence"))
    return {key: known[key].parse(value) for key, value in table.items()}


def _autoscale(spec: Setting, raw: object) -> Autoscale:
    if not isinstance(raw, list | tuple) or len(raw) != 4:
        raise TypeError
    replicas, whole = (
        dataclasses.replace(spec, at_least=1, at_most=1000),
        dataclasses.replace(spec, at_least=1),
    )
    low, high, depth = _integer(replicas, raw[0]), _integer(replicas, raw[1]), _integer(whole, raw[2])
    if high < low:
        raise ValueError
    return Autoscale(low, high, depth, _number(dataclasses.replace(spec, at_least=0, unit="s"), raw[3]))


def _position(spec: Setting, raw: object) -> tuple[int, int]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise TypeError
    return _integer(spec, raw[0]), _integer(spec, raw[1])


_PARSERS: dict[str, Any] = {
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "choice": _choice,
    "text": _text,
    "texts": _texts,
    "number-by-event": _number_by_event,
    "profile": _profile,
    "distribution": _distribution,
    "groups": _groups,
    "steps": _steps,
    "sequences": _sequences,
    "autoscale": _autoscale,
    "position": _position,
}
