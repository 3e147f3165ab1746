"""The README's animated picture can be regenerated at any time."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import tutor

SCRIPT = Path(tutor.__file__).parents[1] / "docs" / "make_pictures.py"


@pytest.mark.skipif(not SCRIPT.exists(), reason="the docs are not installed with the package")
def test_the_picture_shows_a_level_lost_and_won(tmp_path: Path) -> None:
    """One command draws the first level (a failing run, the change, a passing run) in one self-contained
    file.
    """
    subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], check=True, timeout=120)
    text = (tmp_path / "first-level.svg").read_text(encoding="utf-8")
    ET.fromstring(text)
    assert len(text) < 200_000
    for outside in ("href=", "<script", "url("):
        assert outside not in text
    shown = text.replace("&#160;", " ")
    assert text.count("<animate ") > 10
    assert "not passed" in shown
    assert "passed" in shown.replace("not passed", "")
