"""Builds the browser edition from the installed package: a folder to put on any server, and the same as one
file.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from tutor import __version__
from tutor.errors import InputError
from tutor.web.bundle import pack, read_stage, squeeze, stage
from tutor.web.font import characters, make_font
from tutor.web.packages import DEJAVU, PYODIDE, XTERM, fetch
from tutor.words import say
from tutor.words.catalogue import ENGLISH, Catalogue

SITE_BYTES = 9_500_000
"""The most that a visitor downloads, as servers send it: packed files as they are, the others compressed."""
FILE_BYTES = 13_000_000
"""The most that the one file may weigh, so that it goes into a mail or a course page."""

SCRIPTS = (
    "able.js",
    "words.js",
    "storage.js",
    "loading.js",
    "terminal.js",
    "touch.js",
    "lines.js",
    "page.js",
)
"""The page's own scripts, in the order in which they are loaded."""
PACKED = ("python.wasm.pack", "game.pack")
"""What the page unpacks itself, whatever the server can do."""
MODULES = ("pyodide.js", "pyodide.asm.js", "worker.js")
"""What runs in the worker. Moodle and older servers know no ``.mjs``, and a browser runs no module that is
not sent as JavaScript.
"""
LICENSES = "licenses.txt"


def sources() -> Path:
    """Returns the folder of the page's own sources: inside the installed package, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_web", package.parent / "web"):
        if folder.is_dir():
            return folder
    raise InputError(say("web.build.no-sources"))


def build(folder: Path, cache: Path | None = None) -> dict[str, int]:
    """Makes ``folder/site/`` and ``folder/tutor.html``, and returns their sizes in bytes, by name.

    ``cache`` keeps what comes from the npm registry (``folder/cache`` unless given). Raises
    :class:`InputError` for anything missing on this machine and for a page that is over its budget.
    """
    cache = cache if cache is not None else folder / "cache"
    pyodide, xterm, dejavu = (fetch(package, cache) for package in (PYODIDE, XTERM, DEJAVU))
    with tempfile.TemporaryDirectory(prefix="tutor-web-") as temporary:
        game = _compiled(Path(temporary), pyodide, cache / "byte-code")
        files = _site(Path(temporary) / "app", game, pyodide, xterm, dejavu)
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    for name, content in files.items():
        (site / name).write_bytes(content)
    one = _one_file(files)
    (folder / "tutor.html").write_bytes(one)
    weights = {"site": sum(_sent(name, content) for name, content in files.items()), "tutor.html": len(one)}
    for name, most in (("site", SITE_BYTES), ("tutor.html", FILE_BYTES)):
        if weights[name] > most:
            raise InputError(say("web.build.heavy", bytes=weights[name], most=most), file=str(folder / name))
    return weights


def _sent(name: str, content: bytes) -> int:
    """Returns how many bytes of a file go over the network."""
    return len(content) if name.endswith((".pack", ".woff2", ".png")) else len(gzip.compress(content, 9))


def _compiled(place: Path, pyodide: Path, cache: Path) -> bytes:
    """Returns the packed game: byte code, texts and the standard library."""
    node = shutil.which("node")
    if node is None:
        raise InputError(say("web.build.no-node"))
    stage(place / "app")
    cache.mkdir(exist_ok=True)
    script = Path(__file__).with_name("freeze.py")
    command = [node, str(sources() / "freeze.mjs"), *(str(path) for path in (pyodide, place, cache, script))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script on our own files
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [say("web.build.no-reason")])[-1]
        raise InputError(say("web.build.not-compiled", why=why))
    files = {f"site-packages/{name}": content for name, content in read_stage(place / "app").items()}
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    known = json.dumps(
        {"info": lock["info"], "packages": {}}
    ).encode()  # Pyodide checks that it is its own; no package of it is used
    return pack(
        {"python_stdlib.zip": (place / "python.zip").read_bytes(), "pyodide-lock.json": known, **files}
    )


def _site(app: Path, game: bytes, pyodide: Path, xterm: Path, dejavu: Path) -> dict[str, bytes]:
    """Returns every file of the site, by its name."""
    own = sources()
    texts = [path for path in sorted(app.rglob("*")) if path.suffix in (".md", ".toml", ".tcss")]
    codes = sorted((Path(__file__).resolve().parent.parent).rglob("*.py"))
    ttf = dejavu / "ttf" / "DejaVuSansMono.ttf"
    bold = dejavu / "ttf" / "DejaVuSansMono-Bold.ttf"
    wanted = characters([*texts, *codes])
    files = {
        "game.pack": game,
        "python.wasm.pack": squeeze((pyodide / "pyodide.asm.wasm").read_bytes()),
        "pyodide.js": _without_map((pyodide / "pyodide.mjs").read_bytes()),
        "pyodide.asm.js": _without_map((pyodide / "pyodide.asm.mjs").read_bytes()),
        "worker.js": (own / "worker.js").read_bytes(),
        "xterm.js": _without_map((xterm / "lib" / "xterm.js").read_bytes()),
        "xterm.css": (xterm / "css" / "xterm.css").read_bytes(),
        "font.woff2": make_font(ttf, wanted),
        "font-bold.woff2": make_font(bold, wanted),
        "page.css": (own / "page.css").read_bytes(),
        "manifest.webmanifest": (own / "manifest.webmanifest").read_bytes(),
        "icon.svg": (own / "icon.svg").read_bytes(),
        **{name: (own / name).read_bytes() for name in SCRIPTS},
        LICENSES: _licenses(xterm, dejavu),
    }
    files["index.html"] = _index(own, files)
    files["offline.js"] = _offline(own, files)
    return files


def _without_map(script: bytes) -> bytes:
    """Returns a script without the address of its source map, which is not shipped: a browser's tools would
    ask for it in vain.
    """
    return b"\n".join(line for line in script.split(b"\n") if not line.startswith(b"//# sourceMappingURL="))


def _digest(files: dict[str, bytes]) -> str:
    """Returns a name for exactly these files."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _settings(files: dict[str, bytes]) -> str:
    """Returns the facts the page has to know of its build, as a script."""
    known = {
        "version": __version__,
        "digest": _digest(files),
        "sizes": {name: len(files[name]) for name in PACKED},
        "words": page_words(),
    }
    return f"const BUILD = {json.dumps(known)};"


def page_words() -> dict[str, str]:
    """Returns the sentences of the page around the game, by the keys that its scripts use."""
    found = Catalogue(ENGLISH).sentences("page")
    return {key.partition(".")[2]: sentence.other for key, sentence in found.items()}


def _index(own: Path, files: dict[str, bytes]) -> bytes:
    """Returns the page for a site: everything in files of its own."""
    head = '<link rel="stylesheet" href="xterm.css">\n<link rel="stylesheet" href="page.css">'
    head += '\n<link rel="manifest" href="manifest.webmanifest">\n<link rel="icon" href="icon.svg">'
    scripts = "\n".join(f'<script src="{name}"></script>' for name in ("xterm.js", *SCRIPTS))
    return _filled(own, head, f"<script>{_settings(files)}</script>\n{scripts}")


def _filled(own: Path, head: str, scripts: str) -> bytes:
    page = (own / "index.html").read_text("utf-8")
    return page.replace("<!-- head -->", head).replace("<!-- scripts -->", scripts).encode()


def _offline(own: Path, files: dict[str, bytes]) -> bytes:
    """Returns the service worker; it names every file, and changes as soon as any of them does."""
    listed = json.dumps(sorted(name for name in files if name != "index.html"))
    text = (own / "offline.js").read_text("utf-8")
    return text.replace('"@DIGEST@"', json.dumps(_digest(files))).replace('["@FILES@"]', listed).encode()


def _one_file(files: dict[str, bytes]) -> bytes:
    """Returns the page with everything inside it: binary files are in base64, which scripts can read where
    files can't be fetched.
    """
    style = files["page.css"].decode()
    for name in ("font.woff2", "font-bold.woff2"):
        style = style.replace(f'url("{name}")', f'url("data:font/woff2;base64,{_base64(files[name])}")')
    icon = f"data:image/svg+xml;base64,{_base64(files['icon.svg'])}"
    head = (
        f'<style>{files["xterm.css"].decode()}</style>\n<style>{style}</style>\n<link rel="icon"'
        f' href="{icon}">'
    )
    inside = [_settings({name: files[name] for name in files if name not in ("index.html", "offline.js")})]
    scripts = [f"<script>{text}</script>" for text in inside]
    for name in (*PACKED, *MODULES):
        content = files[name] if name in PACKED else squeeze(files[name])
        scripts.append(f'<script type="text/plain" id="{name}">{_base64(content)}</script>')
    scripts += [f"<script>{_inline(files[name])}</script>" for name in ("xterm.js", *SCRIPTS)]
    return _filled(sources(), head, "\n".join(scripts))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _inline(script: bytes) -> str:
    """Returns a script that may be put inline in a page: nothing in it ends the element."""
    return script.decode().replace("</script", "<\\/script")


def _licenses(xterm: Path, dejavu: Path) -> bytes:
    """Returns the licenses of everything that a page carries."""
    parts = [
        (
            "Pyodide, MPL-2.0",
            "https://pyodide.org; the source of this version is at https://github.com/pyodide/pyodide\n",
        ),
        ("xterm.js, MIT", (xterm / "LICENSE").read_text("utf-8")),
        ("DejaVu Sans Mono, changed and renamed Tutor Mono", (dejavu / "LICENSE").read_text("utf-8")),
        ("Python, PSF-2.0", "https://docs.python.org/3/license.html\n"),
        (
            "Textual, Rich, markdown-it-py, platformdirs, typing-extensions, Pygments",
            "MIT, PSF-2.0 and BSD-2-Clause; see https://pypi.org\n",
        ),
    ]
    return "\n\n".join(f"{title}\n{'-' * len(title)}\n\n{text}" for title, text in parts).encode()
