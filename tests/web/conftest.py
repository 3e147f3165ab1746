"""A built page, a plain server for it, and a browser that plays in it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_S = float(os.environ.get("TUTOR_WEB_PATIENCE_S", "120"))
"""How long a test waits for a line on the screen: a machine that runs all tests at once is slow."""

SCREEN_TEXT = """() => { if (!screen?.terminal) return '';
    const lines = screen.terminal.buffer.active;
    const rows = Array.from({length: screen.terminal.rows}, (_, row) => lines.getLine(row));
    return rows.map((row) => row?.translateToString() ?? '').join('\\n') }"""
"""A script that returns the text on the terminal."""
FLUSHED = f"""() => new Promise((settle, refuse) => {{ hear.flushed = settle;
    setTimeout(() => refuse(new Error('the store did not answer')), {1000 * PATIENCE_S:.0f});
    worker.postMessage({{ kind: 'flush' }}) }})"""
"""A script that waits until the browser's store has the latest changes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that open a page as slow, and skip them without a browser, unless TUTOR_NEEDS_BROWSER is
    set.
    """
    missing = [
        name
        for name, found in (
            ("chromium", CHROMIUM),
            ("node", shutil.which("node")),
            ("npm", shutil.which("npm")),
        )
        if not found
    ]
    for item in items:
        if Path(__file__).parent in item.path.parents and "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            if missing and not os.environ.get("TUTOR_NEEDS_BROWSER"):
                item.add_marker(pytest.mark.skip(reason=f"not on this machine: {', '.join(missing)}"))


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with ``site/`` and ``tutor.html``, built once for all workers; ``TUTOR_WEB_BUILD`` may name
    a finished one.
    """
    ready = os.environ.get("TUTOR_WEB_BUILD")
    if ready:
        return Path(ready)
    from tutor.web.build import build

    root = tmp_path_factory.getbasetemp()
    shared = (root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root) / "edition"
    cache = os.environ.get("TUTOR_WEB_CACHE")
    try:
        shared.mkdir()
    except FileExistsError:
        for _ in range(600):
            if (shared / "done").exists():
                break
            time.sleep(1)
    else:
        build(shared, Path(cache) if cache else None)
        (shared / "done").touch()
    assert (shared / "done").exists(), "another worker failed to build the page"
    return shared


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A plain file server, as a teacher might run one, which can pretend to be down."""

    daemon_threads = True


class Handler(http.server.SimpleHTTPRequestHandler):
    """A request handler that serves files and logs nothing."""

    extensions_map = {  # noqa: RUF012 - as the base class has it
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "application/x-javascript",  # as Moodle sends it, which knows no .mjs
    }

    memory: ClassVar[bytes] = b""
    """The memory of a visit, to be given to fresh browsers."""

    def do_GET(self) -> None:
        """Serve a file, or the stored memory."""
        if self.path == "/memory":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.memory)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Store the memory of a visit."""
        type(self).memory = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="session")
def site(edition: Path) -> Iterator[str]:
    """The site's address."""
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(edition / "site")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(
    scope="module"
)  # its loop runs as long as it is there, and no test of another module may have one of its own then
def playwright() -> Iterator[Playwright]:
    """Playwright with the system's browser."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium."""
    assert CHROMIUM, "chromium is missing: apt-get install chromium"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


class Visit:
    """One tab with the game in it, and the requests and complaints that it made."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    @property
    def text(self) -> str:
        """The text on the terminal."""
        return str(self.page.evaluate(SCREEN_TEXT))

    def sees(self, *words: str, within_s: float = PATIENCE_S) -> str:
        """Wait until all the words are on the terminal; return its text."""
        until = time.monotonic() + within_s
        while True:
            text = self.text
            if all(word in text for word in words):
                return text
            if time.monotonic() > until:
                told = self.page.inner_text("body")[:300]
                raise AssertionError(
                    f"{words} not seen; page: {told!r}; complaints: {self.complaints}\n{text}"
                )
            time.sleep(0.1)

    def gone(self, words: str, within_s: float = PATIENCE_S) -> None:
        """Wait until none of the words is on the terminal."""
        until = time.monotonic() + within_s
        while words in self.text:
            assert time.monotonic() < until, f"{words!r} is still there:\n{self.text}"
            time.sleep(0.1)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as fast as a quick learner."""
        for key in keys:
            self.page.keyboard.press(key)
            time.sleep(0.15)

    def cell(self, words: str, *, at: int = 0) -> tuple[float, float]:
        """The screen position of the words, in pixels: the middle of their ``at``-th cell."""
        for row, line in enumerate(self.text.split("\n")):
            if words in line:
                return self.point(line.index(words) + at, row)
        raise AssertionError(f"{words!r} is not on the screen:\n{self.text}")

    def point(self, column: int, row: int) -> tuple[float, float]:
        """The middle of a cell, in pixels."""
        box: dict[str, float] = self.page.evaluate(
            """() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();
            return {x: box.x, y: box.y, w: box.width / screen.terminal.cols,
                h: box.height / screen.terminal.rows} }"""
        )
        return box["x"] + (column + 0.5) * box["w"], box["y"] + (row + 0.5) * box["h"]

    def remembers(self) -> None:
        """Wait until the memory from which later visits start is stored."""
        until = time.monotonic() + PATIENCE_S
        while not self.page.evaluate("caches.match('memory').then(Boolean)"):
            assert time.monotonic() < until, "no memory was kept"
            time.sleep(0.3)
        self.page.evaluate(
            """async () => { const body = await (await caches.match('memory')).arrayBuffer();
            await fetch('/memory', { method: 'POST', body }) }"""
        )

    def picture(self, name: str) -> None:
        """Save a screenshot if ``TUTOR_WEB_PICTURES`` names a folder for them."""
        folder = os.environ.get("TUTOR_WEB_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png")

    def kept(self) -> None:
        """Wait until the browser's store has the latest changes."""
        self.page.evaluate(FLUSHED)


def remind(context: BrowserContext, site: str) -> None:
    """Put the memory of an earlier visit into a fresh browser, so that its page starts sooner."""
    page = context.new_page()
    page.goto(site + "licenses.txt")
    page.evaluate(
        """async () => { const [, digest] = /"digest": "(\\w+)"/.exec(await (await fetch('./')).text());
        await (await caches.open('tutor-memory-' + digest)).put('/memory', await fetch('/memory')) }"""
    )
    page.close()


Visits = Callable[..., Visit]


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Visits]:
    """Open a page in a fresh browser, and assert afterwards that it asked no other host and complained of
    nothing.
    """
    contexts: list[BrowserContext] = []
    visits: list[tuple[Visit, str]] = []

    def open_page(
        address: str = "",
        *,
        context: BrowserContext | None = None,
        strict: bool = True,
        script: str = "",
        **options: Any,
    ) -> Visit:
        """Open an address; ``script`` runs before the page's own scripts."""
        if context is None:
            context = chromium.new_context(
                **{"viewport": {"width": 1280, "height": 760}, "color_scheme": "dark", **options}
            )
            contexts.append(context)
            if Handler.memory and "://" not in address:
                remind(context, site)
        made = Visit(context.new_page())
        where = address if re.match(r"\w+:", address) else site + address
        if strict:
            visits.append((made, where))
        if script:
            made.page.add_init_script(script)
        made.page.goto(where)
        return made

    yield open_page
    for context in contexts:
        context.close()
    for made, where in visits:
        origin = "/".join(where.split("/")[:3])
        strangers = [url for url in made.requests if not url.startswith((origin, "blob:", "data:"))]
        assert strangers == [], "a request left the origin"
        assert made.complaints == []
