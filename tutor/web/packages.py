"""The packages from the npm registry: pinned by version and by the digest of the archive."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

from tutor.errors import InputError
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Package:
    """A package of the npm registry."""

    name: str
    version: str
    sha512: str
    """The digest of its archive, as the registry's ``dist.integrity`` has it."""

    @property
    def spec(self) -> str:
        """The package's name and version in npm's form."""
        return f"{self.name}@{self.version}"

    @property
    def archive(self) -> str:
        """The name of the file that ``npm pack`` writes."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


PYODIDE = Package(
    "pyodide",
    "314.0.7",
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
)
XTERM = Package(
    "@xterm/xterm",
    "6.0.0",
    "TQwDdQGtwwDt+2cgKDLn0IRaSxYu1tSUjgKarSDkUM0ZNiSRXFpjxEsvc/Zgc5kq5omJ+V0a8/kIM2WD3sMOYg==",
)
DEJAVU = Package(
    "dejavu-fonts-ttf",
    "2.37.3",
    "f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
)
PACKAGES = (PYODIDE, XTERM, DEJAVU)


def fetch(package: Package, cache: Path) -> Path:
    """Returns the folder of an unpacked package; its archive is kept in ``cache`` and fetched if it is not
    there.

    Raises :class:`InputError` where npm is missing, the registry cannot be reached or the archive is another
    than the pinned one.
    """
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / package.archive
    if not archive.is_file():
        _npm_pack(package, cache)
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        raise InputError(say("web.build.not-pinned", package=package.spec), file=str(archive))
    folder = cache / package.archive.removesuffix(".tgz")
    if not folder.is_dir():
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder / "package"


def _npm_pack(package: Package, cache: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise InputError(say("web.build.no-npm"))
    done = subprocess.run(  # noqa: S603 - a pinned name and nothing of anybody else's
        [npm, "pack", "--silent", package.spec],
        cwd=cache,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode or not (cache / package.archive).is_file():
        why = (done.stderr.strip().splitlines() or [say("web.build.no-reason")])[-1]
        raise InputError(say("web.build.not-fetched", package=package.spec, why=why))
