"""The game as its screens see it; the game itself, which opens the screens, is in ``app``.

So screens know nothing of the application's module, and no import leads round in a circle, not even one for
types.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from tutor.show.library import Library
from tutor.show.preferences import Preferences
from tutor.tui.type_ahead import TypeAhead

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
    type_ahead: TypeAhead
    """The keys that wait for their turn."""
    address: str
    """What a copied link begins with."""
    open_live: OpenLive | None
    """Runs a scenario on a real broker; None where that is not possible."""

    @property
    def progress(self) -> Progress | None:
        """The learner's store; None if nothing is kept."""
        raise NotImplementedError

    def dress(self) -> None:
        """Reads the styles that the first frame does not need."""
        raise NotImplementedError

    def hold_garbage(self) -> None:
        """Keeps the garbage collector out of every frame from now on."""
        raise NotImplementedError

    def tell_notices(self) -> None:
        """Shows the store's notices."""
        raise NotImplementedError

    def tell_trouble(self, error: Exception) -> None:
        """Reports in one line that the game itself has failed."""
        raise NotImplementedError

    def prefer(self, preferences: Preferences) -> None:
        """Sets new preferences, and saves them."""
        raise NotImplementedError

    def open_level(self, level_id: str, design: str = "") -> None:
        """Opens a level, with the text of a design on its board."""
        raise NotImplementedError

    def open_sandbox(self, path: Path | None = None, *, scenario: str = "") -> None:
        """Opens the sandbox, on a file or with the text of a scenario."""
        raise NotImplementedError

    def action_campaign(self) -> None:
        """Goes back to the map."""
        raise NotImplementedError

    def action_progress(self) -> None:
        """Shows the learner's progress."""
        raise NotImplementedError

    def action_hand_in(self) -> None:
        """Makes the file for the teacher."""
        raise NotImplementedError

    def action_sandbox(self) -> None:
        """Opens the sandbox."""
        raise NotImplementedError
