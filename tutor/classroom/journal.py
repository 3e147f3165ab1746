"""The journal of a grading: finished results, one JSON line each, so that an interrupted grading resumes
where it stopped.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tutor.classroom.grading import Grade, grade_of
from tutor.errors import InputError, why_refused
from tutor.words import say


class Journal:
    """Results by the key of their task, in memory and appended to a file.

    A torn last line, as a crash leaves it, is passed over. Use it as a context manager.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._grades: dict[str, Grade] = {}
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            torn = self._load()
            self._file = self.path.open("a", encoding="utf-8")
            if torn:
                self._file.write("\n")
        except OSError as wrong:
            raise InputError(say("class.journal", why=why_refused(wrong)), file=str(self.path)) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def __len__(self) -> int:
        return len(self._grades)

    def get(self, key: str) -> Grade | None:
        """Returns the finished result of a task, if there is one."""
        return self._grades.get(key)

    def add(self, key: str, grade: Grade) -> None:
        """Keeps a result; it is on disk when this returns."""
        self._grades[key] = grade
        if self._file is not None:
            self._file.write(
                json.dumps({"key": key, "grade": grade.plain()}, ensure_ascii=True, allow_nan=False) + "\n"
            )
            self._file.flush()

    def _load(self) -> bool:
        """Reads the file; returns whether the last line was torn."""
        if not self.path.exists():
            return False
        text = self.path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                self._grades[entry["key"]] = grade_of(entry["grade"])
            except (ValueError, KeyError, TypeError):
                continue
        return bool(text) and not text.endswith("\n")
