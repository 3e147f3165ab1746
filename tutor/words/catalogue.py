"""The sentences of one language, read a file at a time, with English behind them."""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tutor.words.kinds import KINDS

FOLDER = Path(__file__).parent
"""Where the languages are: a folder each, named by its code."""
ENGLISH = "en"
"""The language that has every sentence."""
FORMS = ("one", "other")
"""The forms that a sentence has where it changes with a number."""

Files = Callable[[str], Mapping[str, object]]
"""What a language has in a file of this name; empty where it lacks the file."""


def read_folder(folder: Path) -> Files:
    """Reads the files of the language in this folder; raises :class:`ValueError` for one that is not TOML."""

    def read(name: str) -> Mapping[str, object]:
        import tomllib  # most commands say nothing, and do not pay for it

        try:
            return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    return read


def languages(*more: Path) -> dict[str, Path]:
    """Returns the folder of every language by its code, English first: those of the product, then those in
    ``more`` folders, which a translator may have beside it.
    """
    found = {ENGLISH: FOLDER / ENGLISH}
    for folder in (FOLDER, *more):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and any(path.glob("*.toml")):
                found.setdefault(path.name, path)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, in one form or in two."""

    key: str
    """Its key: the file, a dot, and the path in the file."""
    other: str
    """The text; where the sentence changes with a number, the one for all numbers but 1."""
    one: str | None = None
    """The text for exactly 1."""
    by: str = "count"
    """The value that decides the form."""

    @property
    def forms(self) -> tuple[str, ...]:
        """The texts of all forms."""
        return (self.other,) if self.one is None else (self.one, self.other)

    @property
    def placeholders(self) -> dict[str, str]:
        """The kind of value that each placeholder takes, by its name; over all forms, with the number that
        decides.
        """
        found = {name: kind for form in self.forms for text, name, kind in _pieces(form) if name}
        if self.one is not None:
            found.setdefault(self.by, "n")
        return found

    def fill(self, values: Mapping[str, object]) -> str:
        """Returns the sentence with these values; raises :class:`KeyError` and :class:`TypeError` as
        :func:`tutor.words.say`.
        """
        form = self.one if self.one is not None and values[self.by] == 1 else self.other
        pieces = _PIECES.get(form)
        if pieces is None:
            pieces = _PIECES[form] = tuple(_pieces(form))
        return "".join(text + (KINDS[kind](values[name]) if name else "") for text, name, kind in pieces)


_PIECES: dict[str, tuple[tuple[str, str, str], ...]] = {}


def _pieces(form: str) -> Iterator[tuple[str, str, str]]:
    """Yields the text before a placeholder, its name and its kind; the last name is empty if text ends the
    sentence.
    """
    for text, name, kind, _ in string.Formatter().parse(form):
        yield text, name or "", kind or ""


class Catalogue:
    """The sentences of one language; missing ones come from ``behind``, English unless told otherwise."""

    def __init__(self, language: str, files: Files | None = None, behind: Catalogue | None = None) -> None:
        self.language = language
        self._files = files or read_folder(FOLDER / language)
        self._behind = behind if behind is not None or language == ENGLISH else Catalogue(ENGLISH)
        self._read: dict[str, dict[str, Sentence]] = {}

    def say(self, key: str, values: Mapping[str, object]) -> str:
        """Returns the sentence of this key with ``values`` in its placeholders."""
        found = self.sentence(key)
        if len(values) > len(found.placeholders):
            raise KeyError(
                f"{key} has no place for {', '.join(sorted(set(values) - set(found.placeholders)))}"
            )
        return found.fill(values)

    def sentence(self, key: str) -> Sentence:
        """Returns the sentence of this key; raises :class:`KeyError`."""
        found = self.sentences(key.partition(".")[0]).get(key)
        if found is not None:
            return found
        if self._behind is not None:
            return self._behind.sentence(key)
        raise KeyError(key)

    def sentences(self, file: str) -> dict[str, Sentence]:
        """Returns all sentences that this language itself has in a file, by key."""
        known = self._read.get(file)
        if known is None:
            known = self._read[file] = {one.key: one for one in _sentences(file, self._files(file))}
        return known


def _sentences(prefix: str, table: Mapping[str, object]) -> Iterator[Sentence]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, str):
            yield Sentence(key, value)
        elif isinstance(value, Mapping) and "other" in value:
            if not set(value) <= {*FORMS, "by"} or not all(isinstance(text, str) for text in value.values()):
                raise ValueError(
                    f"{key}: a sentence with forms has the texts one, other and by, and nothing else"
                )
            yield Sentence(key, value["other"], value.get("one"), value.get("by", "count"))
        elif isinstance(value, Mapping):
            yield from _sentences(key, value)
        else:
            raise ValueError(f"{key}: a sentence is a text, or a table with one and other")
