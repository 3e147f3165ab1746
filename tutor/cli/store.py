"""The learner's progress, as the commands open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.terminal import tell

if TYPE_CHECKING:
    from tutor.model.pack import PackRules
    from tutor.progress import Progress


def kept_progress(
    levels_root: Path | None, home: Path | None = None, rules: PackRules | None = None
) -> Progress:
    """The learner's progress; a folder of levels of its own has its own, and so has a pack, at its ``home``.

    A pack may want signs of the lesson: they are left after each step.
    """
    from tutor.progress import home_folder, open_progress
    from tutor.progress.signature import load_signature

    if home is None:
        return open_progress(pack=str(levels_root.absolute()) if levels_root is not None else "")
    progress = open_progress(home)
    if rules is not None and rules.report_to:
        from tutor.classroom.beacon import Beacon

        name = load_signature(home_folder()).name or player_name()
        progress.watcher = Beacon(progress, rules.report_to, rules.token, name)
    return progress


def player_name() -> str:
    """What a student is called on the teacher's screen: ``$TUTOR_NAME``, or the name of the account."""
    import getpass
    import os

    given = os.environ.get("TUTOR_NAME", "").strip()
    try:
        return given or getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return ""


def tell_notices(kept: Progress) -> None:
    """Print the store's notices, such as that it was set aside: one line each."""
    for notice in kept.take_notices():
        tell(notice)
