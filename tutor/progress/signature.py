"""The learner's signature: the name and the address given once, for hand-ins and the lesson."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from tutor.disk import write_text
from tutor.errors import InputError, printable, why_refused
from tutor.words import say

FILE = "student.toml"
"""Where it is kept, in the folder of the learner's progress."""
MOST = 200
"""A longer name or address is cut."""
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Signature:
    """A name and an e-mail address; empty strings if nothing was given yet."""

    name: str = ""
    """The name, as the teacher knows it."""
    email: str = ""
    """The e-mail address; may be left empty."""

    def __bool__(self) -> bool:
        """Returns whether the signature names anyone."""
        return bool(self.name or self.email)

    @property
    def file_name(self) -> str:
        """The file name of this learner's hand-in: the address before the @, else the name."""
        stem = re.sub(r"[^\w.-]+", "-", (self.email.partition("@")[0] or self.name).casefold()).strip("-.")
        return f"{stem or 'hand-in'}.toml"


def parse_signature(name: str, email: str, *, address_needed: bool = False) -> Signature:
    """Cleans the typed name and address.

    Raises :class:`InputError` for an empty name, and for an address that is none; an empty address will do
    unless ``address_needed``.
    """
    found = Signature(printable(name, " ").strip()[:MOST], printable(email, " ").strip()[:MOST])
    if not found.name:
        raise InputError(say("class.signature.nameless"), key="--name")
    if found.email and not _ADDRESS.fullmatch(found.email):
        raise InputError(say("class.signature.address", given=found.email), key="--email")
    if address_needed and not found.email:
        raise InputError(say("class.signature.addressless"), key="--email")
    return found


def load_signature(home: Path) -> Signature:
    """Loads the signature that is kept; an empty one if there is none, or none that can be read."""
    import tomllib

    try:
        found = tomllib.loads((home / FILE).read_text("utf-8"))
        return parse_signature(str(found.get("name", "")), str(found.get("email", "")))
    except (OSError, ValueError, InputError):
        return Signature()


def save_signature(home: Path, signature: Signature) -> None:
    """Keeps a signature; raises :class:`InputError` if it can't be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(say("files.unwritable", why=why_refused(error)), file=str(home)) from None
    write_text(home / FILE, f"name = {quoted(signature.name)}\nemail = {quoted(signature.email)}\n")


def quoted(text: str) -> str:
    """Returns a text as a TOML string of one line."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
