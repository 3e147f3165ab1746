"""What tests of level files share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.catalog import load_level
from tutor.errors import InputError


@pytest.fixture
def refuse(folder: Path, level_text: str) -> Callable[[str, str], None]:
    """Check that a level with more text in its file is refused, with the file, a line and these words."""

    def check(more: str, words: str) -> None:
        (folder / "level.toml").write_text(level_text + more)
        with pytest.raises(InputError, match=words) as caught:
            load_level(folder)
        assert "level.toml:" in str(caught.value)

    return check
