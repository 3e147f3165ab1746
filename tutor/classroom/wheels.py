"""An install without a network: a folder with the game and all its requirements as wheels, and instructions.

The wheels of the requirements are those that this machine's ``pip`` finds; all of them are pure Python, so
one folder serves Windows, macOS and Linux. The game's own wheel is made from the installed files: it need not
be published anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlparse

from tutor.disk import write_text
from tutor.errors import InputError, why_refused
from tutor.words import say

NAME = "eda-tutor"
_LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "entry_points.txt.pyc")
"""Files of an installed distribution that its wheel does not have."""


def gather_wheels(folder: Path) -> list[str]:
    """Fills ``folder`` with the game's wheel, those of its requirements and a page of instructions; returns
    the names of the wheels.

    Raises :class:`InputError` where pip is missing, finds something not, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own = _own_wheel(folder)
    except OSError as error:
        raise InputError(say("class.folder", why=why_refused(error)), file=str(folder)) from None
    _pip("download", "--only-binary=:all:", "--dest", str(folder), str(own))
    wheels = sorted(path.name for path in folder.glob("*.whl"))
    compiled = [name for name in wheels if not name.endswith("-none-any.whl")]
    if compiled:
        raise InputError(say("class.compiled", names=compiled), file=str(folder))
    write_text(folder / "INSTALL.md", say("class.install"))
    return wheels


def _own_wheel(folder: Path) -> Path:
    """Makes the game's own wheel: built from its source if it is installed from there, else packed again from
    the installed files.
    """
    distribution = importlib.metadata.distribution(NAME)
    source = _source_of(distribution)
    if source is not None:
        _pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(source))
        return max(folder.glob("eda_tutor-*.whl"), key=lambda path: path.stat().st_mtime)
    return _packed_again(distribution, folder)


def _source_of(distribution: importlib.metadata.Distribution) -> Path | None:
    """Returns the folder of an editable install; None for any other."""
    text = distribution.read_text("direct_url.json")
    if text is None:
        return None
    told = json.loads(text)
    if not told.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(told["url"]).path))


def _packed_again(distribution: importlib.metadata.Distribution, folder: Path) -> Path:
    """Packs a wheel of the installed files (PyPA, "Binary distribution format": RECORD has each file's hash
    and size).
    """
    wheel = folder / f"eda_tutor-{distribution.version}-py3-none-any.whl"
    records: list[str] = []
    record = ""
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in distribution.files or ():
            name = file.as_posix()
            if name.endswith("/RECORD"):
                record = name
            if file.name in _LEFT_OUT or ".." in file.parts or "__pycache__" in file.parts:
                continue
            data = Path(str(distribution.locate_file(file))).read_bytes()
            archive.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            records.append(f"{name},sha256={digest},{len(data)}")
        archive.writestr(record, "\n".join([*records, f"{record},,"]) + "\n")
    return wheel


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise InputError(say("class.pip", why=lines[-1].strip() if lines else str(done.returncode)))
