"""The learner's progress on disk: one SQLite file, and the designs in progress beside it.

The names are imported when they are first used: code that asks for the folder alone, such as the game before
its first frame, does not wait for the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.progress.learner import Progress, open_progress
    from tutor.progress.records import Guess, Review, ScoredDesign, Standing
    from tutor.progress.store import home_folder

__all__ = ["Guess", "Progress", "Review", "ScoredDesign", "Standing", "home_folder", "open_progress"]


def __getattr__(name: str) -> Any:
    """Imports one of the names above when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "home_folder":
        from tutor.progress.store import home_folder

        return home_folder
    from tutor.progress import learner, records

    return getattr(learner if name in ("Progress", "open_progress") else records, name)
