"""What a screen may ask of the game; the game itself, which opens the screens, is in ``app``.

So screens know nothing of the application's module, and no import leads round in a circle, not even one for
types.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from tutor.show.library import Library
from tutor.show.preferences import Preferences

if TYPE_CHECKING:
    from tutor.progress import Progress
    from tutor.show.live import OpenLive


MIN_WIDTH, MIN_HEIGHT = 80, 23
"""The smallest terminal that the game is drawn for."""


class GameApp(App[None]):
    """The application as its screens see it."""

    library: Library
    """The course."""
    preferences: Preferences
    """How the learner likes the screen."""
    touched_at: float
    """When the latest key or mouse event came, on the performance counter."""
    address: str
    """What a copied link begins with."""
    open_live: OpenLive | None
    """Runs a scenario on a real broker; None where that is not possible."""

    @property
    def progress(self) -> Progress | None:
        """The learner's store; None where nothing is kept."""
        raise NotImplementedError

    def dress(self) -> None:
        """Read the styles that the first frame does not need."""
        raise NotImplementedError

    def hold_garbage(self) -> None:
        """Let no frame wait for the garbage collector from now on."""
        raise NotImplementedError

    def tell_notices(self) -> None:
        """Show what the store has to say."""
        raise NotImplementedError

    def tell_trouble(self, error: Exception) -> None:
        """Say in one line that the game itself has failed at something."""
        raise NotImplementedError

    def prefer(self, preferences: Preferences) -> None:
        """Set new preferences, and save them."""
        raise NotImplementedError

    def open_level(self, level_id: str, design: str = "") -> None:
        """Open a level, with the text of a design on its board."""
        raise NotImplementedError

    def open_sandbox(self, path: Path | None = None, *, scenario: str = "") -> None:
        """Open the sandbox, on a file or with the text of a scenario."""
        raise NotImplementedError

    def action_campaign(self) -> None:
        """Go back to the map."""
        raise NotImplementedError

    def action_progress(self) -> None:
        """Show what has been learned."""
        raise NotImplementedError

    def action_hand_in(self) -> None:
        """Make the file for the teacher."""
        raise NotImplementedError

    def action_sandbox(self) -> None:
        """Open the sandbox."""
        raise NotImplementedError
