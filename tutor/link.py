"""A design as a link, and back: ``#l=LEVEL&d=1.CHECKSUM.TEXT``.

``TEXT`` is the design file, squeezed (raw DEFLATE) and written in URL-safe base64; the checksum (CRC-32) is
over the level and these letters, so that a link that lost one in a mail is refused, and distinguished from
one of a newer version. Without a level the file is a scenario, and opens the sandbox. A link is input from
outside: it is read within budgets, and its content is validated like any file.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
import zlib
from urllib.parse import unquote

from tutor.errors import InputError
from tutor.words import say

VERSION = "1"
"""The version of the form; another one is refused with a sentence that says so."""
MAX_TEXT = 64 * 1024
"""A design that is longer, in bytes, goes into no link and comes out of none."""
MAX_LINK = 2 * MAX_TEXT
"""A longer link is refused unread: base64 makes four letters of three bytes, and no design squeezes to more
than itself.
"""

_MARK = re.compile(r"#[ld](=|%3d)", re.ASCII | re.IGNORECASE)
_AROUND = " \t\r\n.,;:!?)>]}\"'"
"""What a mail or a chat puts after a link: none of it can be the end of one."""
_LEVEL = re.compile(r"[a-z0-9-]+/[a-z0-9-]+", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class DesignLink:
    """The content of a link."""

    level: str
    """The id of the level that the design answers; empty for a sandbox."""
    text: str
    """A design file where there is a level, a scenario file where there is none; empty where the link only
    opens the level.
    """


def is_link(word: str) -> bool:
    """Returns whether a word is meant as a link rather than as the name of a level or a file."""
    return bool(_MARK.search(word))


def render_link(link: DesignLink, address: str = "") -> str:
    """Returns the link as text; ``address`` is that of a browser edition, and may be left out: ``tutor play``
    takes both.

    Raises :class:`InputError` for a design that is too long for a link.
    """
    packed = link.text.encode()
    if len(packed) > MAX_TEXT:
        raise InputError(say("link.too-long", most=MAX_TEXT // 1024))
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = base64.urlsafe_b64encode(squeezer.compress(packed) + squeezer.flush()).decode().rstrip("=")
    level = f"l={link.level}&" if link.level else ""
    return f"{address}#{level}d={VERSION}.{_checksum(link.level, text)}.{text}"


def parse_link(word: str) -> DesignLink:
    """Parses a link; raises :class:`InputError` with one sentence for one that is broken, too long or from a
    newer version.
    """
    if len(word) > MAX_LINK:
        raise InputError(say("link.too-long", most=MAX_TEXT // 1024))
    told = unquote(word.partition("#")[2]).replace("&amp;", "&").rstrip(_AROUND)  # as programs rewrite links
    fields = dict(field.split("=", 1) for field in told.split("&") if "=" in field)
    level, packed = fields.get("l", ""), fields.get("d", "")
    if (level and not _LEVEL.fullmatch(level)) or not (level or packed):
        raise InputError(say("link.broken"))
    if not packed:
        return DesignLink(level, "")
    version, _, rest = packed.partition(".")
    checksum, _, text = rest.partition(".")
    if version.isdigit() and version != VERSION:
        raise InputError(say("link.newer"))
    if version != VERSION or checksum != _checksum(level, text):
        raise InputError(say("link.broken"))
    return DesignLink(level, _unpacked(text))


def _checksum(level: str, text: str) -> str:
    return f"{zlib.crc32(f'{level} {text}'.encode()):08x}"


def _unpacked(text: str) -> str:
    """Unpacks the text of a design, never more than :data:`MAX_TEXT` bytes of it."""
    try:
        squeezed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        opener = zlib.decompressobj(-zlib.MAX_WBITS)
        packed = opener.decompress(squeezed, MAX_TEXT + 1)
        if len(packed) > MAX_TEXT:
            raise InputError(say("link.too-long", most=MAX_TEXT // 1024))
        if not opener.eof:
            raise InputError(say("link.broken"))
        return packed.decode()
    except (binascii.Error, zlib.error, ValueError):
        raise InputError(say("link.broken")) from None
