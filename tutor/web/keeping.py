"""The files a learner brings and takes: exported progress, class packs, designs, hand-ins. The same for the
terminal and the lines of a page.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.disk import write_text
from tutor.errors import InputError
from tutor.words import say

if TYPE_CHECKING:
    from tutor.classroom.pack import OpenPack
    from tutor.model.pack import PackRules
    from tutor.progress import Progress

OPEN_PACK = "open.pack"
"""The class pack that is open: it stays open until it is closed, also when the page is loaded again."""


def open_kept_pack(home: Path) -> OpenPack | None:
    """Opens the class pack that was opened last and not closed; returns None without one. A pack that has
    become useless is closed.
    """
    file = home / OPEN_PACK
    if not file.is_file():
        return None
    from tutor.classroom.pack import open_pack

    try:
        return open_pack(file, home)
    except InputError:
        file.unlink()
        return None


def keep_pack(home: Path, name: str, content: bytes) -> OpenPack:
    """Opens a class pack and keeps it open; raises :class:`InputError` for a file that is not a pack, and
    leaves everything as it was.
    """
    from tutor.classroom.pack import open_pack

    file = home / ".coming.pack"
    home.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    try:
        opened = open_pack(file, home)
        if opened.rules.variants:  # whose numbers they are has to be known before the first level
            raise InputError(say("class.variant.web"))
        file.replace(home / OPEN_PACK)
    except InputError as error:
        error.file = name
        raise
    finally:
        file.unlink(missing_ok=True)
    return opened


def close_pack(home: Path) -> None:
    """Closes the class pack that is open; its progress is kept."""
    (home / OPEN_PACK).unlink(missing_ok=True)


def exported(progress: Progress) -> bytes:
    """Returns all progress as the JSON that ``tutor progress --export`` writes."""
    from tutor.terminal import finite

    return (json.dumps(finite(progress.export()), indent=2, ensure_ascii=False) + "\n").encode()


def hand_in(
    progress: Progress,
    levels_root: Path | None,
    rules: PackRules | None,
    name: str,
    email: str,
) -> tuple[str, bytes]:
    """Returns the file to hand in, with its name; raises :class:`InputError` if nothing has been played, and
    without a name.
    """
    from tutor.classroom.submit import Submission

    with tempfile.TemporaryDirectory() as folder:
        submission = Submission(
            progress, progress.home, levels_root=levels_root, rules=rules, folder=Path(folder)
        )
        submission.sign(name, email)
        for _ in submission.steps():
            pass
        return submission.path.name, submission.path.read_bytes()


def first_preferences(path: Path, *, dark: bool, calm: bool) -> None:
    """Writes the learner's preferences for the screen from the browser's settings, if nothing is
    written yet.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(
            path, f'theme = "{"dark" if dark else "light"}"\nmotion = "{"reduced" if calm else "full"}"\n'
        )
