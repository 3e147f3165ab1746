"""A level in lines and typed commands: for screen readers, dumb terminals and scripts.

It shows the words of the session and holds no rules of its own. Where nobody types (standard input is no
terminal) there is no prompt.
"""

from tutor.plain.commands import COMMANDS
from tutor.plain.game import Reviewing
from tutor.plain.loop import play, typed_lines

__all__ = ["COMMANDS", "Reviewing", "play", "typed_lines"]
