"""The kinds of value that fill a placeholder, and how each is written.

``{part}`` takes a text; ``{missed:n}`` a whole number; the word after the colon names the kind. Times are in
seconds unless the kind says milliseconds. Numbers are written as English writes them; another language may
bring marks of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = [
    "KINDS",
    "clock",
    "commas",
    "either",
    "joined",
    "milliseconds",
    "number",
    "percent",
    "seconds",
    "text",
    "whole",
]

GROUPED = 10_000
"""Whole numbers from here on have their thousands set apart, as English style sheets have it: 9999, but
10,000.
"""


def text(value: object) -> str:
    """Returns a name or a ready phrase, as it is."""
    if not isinstance(value, str):
        raise TypeError(f"a text is wanted, not {value!r}")
    return value


def whole(value: object) -> str:
    """Writes a whole number: ``7``, ``9999``, ``10,000``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError(f"a whole number is wanted, not {value!r}")
    return f"{int(value):,}" if abs(value) >= GROUPED else str(int(value))


def number(value: object) -> str:
    """Writes a number with three significant digits: ``0.05``, ``12.5``, ``10,400``."""
    got = _real(value)
    if isinstance(value, int) or (abs(got) < 1e15 and got == int(got)):
        return whole(value)
    if 1000 <= abs(got) < 1e15:
        return whole(round(got))
    return f"{got:.3g}"


def percent(value: object) -> str:
    """Writes a share from 0 to 1: ``95%``, ``99.95%``, ``0.4%``; 100% and 0% only if it is all or nothing."""
    share = _real(value)
    shown = ""
    for digits in range(1, 6):  # five digits tell 99.999% from all
        shown = f"{share * 100:.{digits}f}"
        if (float(shown) == 100) == (share == 1) and (float(shown) == 0) == (share == 0):
            break
    return shown.rstrip("0").rstrip(".") + "%"


def milliseconds(value: object) -> str:
    """Writes a time in milliseconds, in the unit that reads best: ``0.5 ms``, ``120 ms``, ``2.5 s``, ``4
    min``.
    """
    got = _real(value)
    if abs(got) < 100:
        return f"{got:.3g} ms"
    if abs(got) < 1000:
        return f"{got:.0f} ms"
    return seconds(got / 1000)


def seconds(value: object) -> str:
    """Writes a time in seconds, in the unit that reads best: ``200 ms``, ``30 s``, ``4 min 10 s``, ``2 h 5
    min``.
    """
    got = _real(value)
    if got == 0:
        return "0 s"
    if abs(got) < 1:
        return f"{got * 1000:.3g} ms"
    if abs(got) < 100:
        return f"{got:.3g} s"
    minutes, rest = divmod(round(got), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{round(got / 60)} min"
    hours, minutes = divmod(round(got / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(value: object) -> str:
    """Writes a moment of a run, in seconds from its start: ``0:07``, ``2:10``, ``1:02:10``."""
    got = int(_real(value))
    hours, rest = divmod(got, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"


def money(value: object) -> str:
    """Writes a price per hour: ``4.50``."""
    return f"{_real(value):,.2f}"


def joined(value: object) -> str:
    """Joins several texts into one phrase: ``a``, ``a and b``, ``a, b and c``."""
    return _ended("lists.and", value)


def either(value: object) -> str:
    """Joins several texts of which one is meant: ``a``, ``a or b``, ``a, b or c``."""
    return _ended("lists.or", value)


def commas(value: object) -> str:
    """Joins several texts in a row: ``a``, ``a, b``, ``a, b, c``."""
    return ", ".join(_texts(value))


def _ended(key: str, value: object) -> str:
    from tutor.words import say  # which reads a language that is made of these kinds

    parts = _texts(value)
    return say(key, before=", ".join(parts[:-1]), last=parts[-1]) if len(parts) > 1 else "".join(parts)


def _texts(value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"several texts are wanted, not {value!r}")
    return [text(part) for part in value]


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number is wanted, not {value!r}")
    return float(value)


KINDS: dict[str, Callable[[object], str]] = {
    "": text,
    "n": whole,
    "number": number,
    "percent": percent,
    "ms": milliseconds,
    "s": seconds,
    "clock": clock,
    "money": money,
    "list": joined,
    "or": either,
    "comma": commas,
}
"""Every kind by the word that stands for it in a placeholder."""
