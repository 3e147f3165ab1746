"""What has been learned, as the commands open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.terminal import tell

if TYPE_CHECKING:
    from tutor.progress import Progress


def kept_progress(levels_root: Path | None, home: Path | None = None) -> Progress:
    """The learner's progress; a folder of levels of its own has its own, and so has a pack, at its ``home``."""
    from tutor.progress import open_progress

    if home is not None:
        return open_progress(home)
    return open_progress(pack=str(levels_root.absolute()) if levels_root is not None else "")


def tell_notices(kept: Progress) -> None:
    """What the store has to say, such as that it was set aside: a line each."""
    for notice in kept.take_notices():
        tell(notice)
