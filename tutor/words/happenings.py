"""The words for the things that happen to events: the engine notes codes, and a reader gets sentences.

A code that has no words is shown as it is: a report may come from a newer version.
"""

from __future__ import annotations

import contextlib
import re

from tutor.words import say

_NUMBER = re.compile(r"\d+")
_PLACES = ("first", "second", "third")


def outcome_words(outcome: str) -> str:
    """Describes how an event ended (``duplicate``, ``out-of-order``), for a reader."""
    return _words("outcome", outcome)


def hop_words(what: str) -> str:
    """Describes what happened to an event at one hop (``dead-lettered``), for a reader."""
    return _words("hop", what)


def detail_words(detail: str) -> str:
    """Describes the detail of a hop or a mark (``attempt 2``, ``lease over``, a kind of fault), for a
    reader.
    """
    numbers = _NUMBER.findall(detail)
    found = dict(zip(_PLACES, map(int, numbers), strict=False))
    return _words("detail", detail, **found)


def mark_kind_words(kind: str) -> str:
    """Describes a kind of mark on the timeline (``breaker-open``), for a reader."""
    return _words("mark", kind)


def slug(code: str) -> str:
    """Returns the key for a code: its words joined by hyphens, with ``n`` for each number."""
    return re.sub(r"[^a-z]+", "-", _NUMBER.sub("n", code).lower()).strip("-")


def _words(group: str, code: str, **numbers: int) -> str:
    if not code:
        return ""
    for key in (f"happenings.{group}.{slug(code)}", f"kinds.title.{code}"):
        with contextlib.suppress(KeyError):
            return say(key, **numbers)
    return code.replace("-", " ") if group != "detail" else code
