"""Every sentence that is not a level's own, as data: ``say("board.wire.added", part="Kitchen")``.

The sentences are in one folder a language, ``en/*.toml``: a file a room, a key a sentence. A sentence is
whole, with named placeholders; a placeholder says what kind of value fills it (``{part}``, ``{missed:n}``,
``{share:percent}``; the kinds are in :mod:`tutor.words.kinds`). A sentence that changes with a number is a
table with ``one`` and ``other``; the number is ``count`` unless the table names another with ``by``::

    added = "{part} is on the board"
    [lost]
    one = "1 message was lost"
    other = "{count:n} messages were lost"

A file is read when its first sentence is wanted: the first frame needs two of them, and all together take
about 40 ms.
"""

from __future__ import annotations

from pathlib import Path

from tutor.words.catalogue import ENGLISH, FOLDER, Catalogue, Sentence, languages, read_folder
from tutor.words.choice import choose_language

__all__ = [
    "Catalogue",
    "Sentence",
    "choose_language",
    "language",
    "languages",
    "read_all",
    "read_folder",
    "say",
    "sentence",
    "translated",
    "use",
]

_current = Catalogue("en")


def say(key: str, /, **values: object) -> str:
    """Returns the sentence of this key in the language in use, with ``values`` in its placeholders.

    Raises :class:`KeyError` for an unknown key, or a missing or unknown value, and :class:`TypeError` for a
    value of another kind than its placeholder takes: both are slips in code, and tests find them.
    """
    return _current.say(key, values)


def sentence(key: str) -> Sentence:
    """Returns the sentence of this key, not yet filled in; raises :class:`KeyError`."""
    return _current.sentence(key)


def read_all() -> None:
    """Reads every file of the language in use, so that no sentence waits for its file."""
    for file in (FOLDER / ENGLISH).glob("*.toml"):
        _current.sentences(file.stem)


def language() -> str:
    """Returns the code of the language in use, such as ``en``."""
    return _current.language


def translated(path: Path) -> Path:
    """Returns the file of this name in the language in use (``xx/level.toml``), if there is one; else the
    file itself.
    """
    beside = path.parent / language() / path.name
    return beside if beside.is_file() else path


def use(catalogue: Catalogue | str) -> None:
    """Switches to this language from now on; a sentence that it lacks is said in English."""
    global _current
    _current = Catalogue(catalogue) if isinstance(catalogue, str) else catalogue
