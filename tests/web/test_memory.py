"""What a worker does before its memory is kept."""

from __future__ import annotations

import subprocess
import sys

REHEARSED = """
import sys
from tutor.web import memory

drawn = []
memory.Nobody.write = lambda nobody, text: drawn.append(text)
memory.preload()
first, known = "".join(drawn), set(sys.modules)
drawn.clear()
memory.rehearse()
new = sorted(set(sys.modules) - known)
print("The Doorbell" in first, "The Doorbell" in "".join(drawn), new)
"""


def test_after_the_rehearsal_a_first_frame_imports_nothing() -> None:
    """The memory that is kept has drawn the map of the game once, and to draw it again no module is
    missing.
    """
    done = subprocess.run([sys.executable, "-c", REHEARSED], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=2) == ["True", "True", "[]\n"]
