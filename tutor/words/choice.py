"""The choice of a language: the one that was asked for, or that of the environment if it is available."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables of the environment that name a language, the one that counts most first
(POSIX.1-2017, 8.2).
"""


def choose_language(environment: Mapping[str, str], known: Iterable[str]) -> str:
    """Returns the language that the environment asks for, as far as it is among the ``known``; else ``en``.

    ``de_AT.UTF-8`` is answered with ``de_AT`` where that is known, else with ``de``.
    """
    named = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    code = named.partition(".")[0].partition("@")[0]
    there = set(known)
    for candidate in (code, code.partition("_")[0]):
        if candidate in there:
            return candidate
    return "en"
