"""Designs in progress: a design file for each level beside the store, and some of its earlier states."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

from tutor.disk import write_text
from tutor.errors import InputError
from tutor.words import say

HISTORY = 30
"""How many earlier states of each design in progress are kept."""
SANDBOX = "sandbox"
"""The name under which the free board keeps its design."""

_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?", re.ASCII)


class KeptDesigns:
    """The folder ``designs`` of a learner."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "designs"

    def path(self, name: str) -> Path:
        """Returns the file of a level id, or of :data:`SANDBOX`; raises :class:`InputError` for any other
        name.
        """
        if not _NAME.fullmatch(name):
            raise InputError(say("files.level-id", word=name, words=say("files.id-words")))
        return self.folder / f"{name}.toml"

    def keep(self, name: str, text: str, now: float) -> None:
        """Saves a design atomically; the former state goes to its history. Raises :class:`OSError` or
        :class:`InputError`.
        """
        path = self.path(name)
        before = self.kept(name)
        if before == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if before is not None:
            _remember(path, before, now)
        write_text(path, text)

    def kept(self, name: str) -> str | None:
        """Returns the text of a design; None if there is none."""
        try:
            return self.path(name).read_text("utf-8")
        except (OSError, ValueError):
            return None

    def all(self) -> dict[str, str]:
        """Returns the text of every design in progress, by its name."""
        names = (
            path.relative_to(self.folder).with_suffix("").as_posix()
            for path in sorted(self.folder.rglob("*.toml"))
        )
        texts = {name: self.kept(name) for name in names if _NAME.fullmatch(name)}
        return {name: text for name, text in texts.items() if text is not None}

    def history(self, name: str) -> tuple[Path, ...]:
        """Returns the files of earlier states of a design, oldest first."""
        return tuple(sorted(_history_folder(self.path(name)).glob("*.toml")))

    def set_aside(self, stamp: str) -> None:
        """Renames the folder, so that the next design begins anew and none is lost."""
        with contextlib.suppress(OSError):
            self.folder.rename(self.folder.with_name(f"designs.before-{stamp}"))


def _remember(path: Path, text: str, now: float) -> None:
    folder = _history_folder(path)
    folder.mkdir(exist_ok=True)
    old = sorted(folder.glob("*.toml"))
    number = (
        int(old[-1].stem.partition("-")[0]) + 1 if old and old[-1].stem.partition("-")[0].isdigit() else 1
    )
    write_text(folder / f"{number:06d}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}.toml", text)
    for extra in old[: max(0, len(old) + 1 - HISTORY)]:
        with contextlib.suppress(OSError):
            extra.unlink()


def _history_folder(path: Path) -> Path:
    return path.with_suffix(".history")
