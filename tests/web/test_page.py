"""The browser edition in a real browser: the whole loop by key and by mouse, and what survives closing the
page.

Tests look for signs, titles and numbers rather than for sentences, which are edited more often than the game.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.conftest import PATIENCE_S, Visit, Visits
from tutor.catalog import find_levels_root, level_by_id, load_course, render_scenario
from tutor.classroom.pack import write_pack
from tutor.link import DesignLink, parse_link, render_link
from tutor.model.pack import PackRules
from tutor.web.build import page_words, sources
from tutor.web.page import LOOK_S

FIRST = "first-light/first-event"
WORDS = page_words()
COLORS = """() => [document.documentElement.style.getPropertyValue('--background'),
    screen.terminal.options.theme.background]"""
"""A script that returns the background colors of the page and of the terminal."""
WATCHED = """window.told = []; addEventListener('DOMContentLoaded', () => { const show = loading.show;
    loading.show = (what, share) => { told.push([what, share ?? 0]); show(what, share) } }, true)"""
"""A script that records the page's messages and progress while it loads."""
COURSE = load_course()
ORDER = [level for chapter in COURSE.chapters for level in chapter.levels]
SOLUTION = sorted((find_levels_root() / FIRST / "solutions").glob("*.toml"))[0]
PLAYING = "▶ 0:"
"""The sign on the axis of a playback that is playing."""
CARD = "▌   "
"""A card over the level has it on its left."""
VERDICT = ("5 seeds", CARD)
"""A card with the verdict has both."""
LINK = render_link(DesignLink(FIRST, SOLUTION.read_text("utf-8")))

SANDBOX = render_link(DesignLink("", render_scenario(level_by_id(FIRST).scenario)))


def title(level_id: str) -> str:
    """A level's title."""
    return level_by_id(level_id).title


def to_the_board(game: Visit) -> None:
    """Go from the map to the board of the first level."""
    game.sees(title(FIRST))
    game.press("Enter")
    game.sees("▌   " + title(FIRST))
    game.press("Escape")
    game.sees("ack after")


def to_the_verdict(game: Visit) -> None:
    """Run the design on the board, skip the playback and wait for all five seeds."""
    game.press("r")
    game.sees(PLAYING)
    game.press("v")
    game.sees(*VERDICT)


def board(game: Visit) -> str:
    """The text left of the panel and above the charts."""
    return "\n".join(line[:96] for line in game.text.split("\n")[:28])


def wire_key(text: str, part: str) -> str:
    """The key that draws a wire to a part, as the part's box shows it."""
    lines = text.split("\n")
    row = next(row for row, line in enumerate(lines) if part in line)
    key = re.search(r"\[(\w)\]", lines[row - 1])
    assert key, text
    return key.group(1)


def wire_by_mouse(game: Visit, source: str, target: str) -> None:
    """Drag from the right edge of one part to the middle of another."""
    row, column = edge(game, source)
    game.page.mouse.move(*game.point(column, row))
    game.page.mouse.down()
    game.page.mouse.move(*game.cell(target), steps=6)
    game.page.mouse.up()


def test_the_whole_loop_is_played_in_a_page(visit: Visits) -> None:
    """Map, level, run, playback, verdict, why, wiring by key and mouse, a pass, the question and the next
    level work, and a reload keeps them.
    """
    game = visit(script=WATCHED)
    game.sees(title(FIRST))
    said, shares = game.page.evaluate("[told.map(([words]) => words), told.map(([, share]) => share)]")
    for word in ("loading-game", "loading-python", "loading-store", "loading-screen"):
        assert any(words.startswith(WORDS[word].partition("{")[0]) for words in said), "it says what it does"
    assert shares == sorted(shares), "the bar never goes back"
    assert len({words for words in said if words.startswith(WORDS["loading-game"][:20])}) > 3, "by bytes"
    game.picture("map")
    game.press("Enter")
    game.sees("▌   " + title(FIRST))
    game.picture("briefing")
    game.press("r")
    early = game.sees(PLAYING, "call")
    time.sleep(1)
    assert game.sees("▶") != early, "events move"
    game.picture("playback")
    game.press("v")
    game.sees("✗", "Kitchen", "5 seeds")
    game.picture("verdict")
    game.press("y")
    game.sees("Kitchen", "▌")
    game.picture("why")
    game.press("Escape", "Escape", "Escape")
    game.press("Tab", "x")
    game.gone("call 2s")
    game.press("w")  # the wire by key: the rail's box shows which
    game.press(wire_key(game.sees("esc cancel"), "Order rail"))
    game.sees("publish")
    game.press("u")  # and again by mouse
    game.gone("publish")
    wire_by_mouse(game, "Till", "Order rail")
    game.sees("publish")
    game.picture("wired")
    to_the_verdict(game)
    game.sees("★★★")
    game.picture("passed")
    game.press("Enter")
    question = level_by_id(FIRST).question
    assert question is not None
    game.sees(question.text.split()[-1])
    game.picture("question")
    right = next(place for place, choice in enumerate(question.choices, 1) if choice.right)
    game.press(str(right))
    for _ in range(6):
        time.sleep(1)
        if title(ORDER[1]) in game.text:
            break
        game.press("Enter")
    game.sees(title(ORDER[1]))
    game.kept()
    game.page.reload()
    assert re.search(rf"✓ +1 +{re.escape(title(FIRST))}", game.sees(title(FIRST), "★★★"))


def test_one_tab_plays_and_the_other_says_so(visit: Visits) -> None:
    """A second tab writes nothing and offers to take over; if it does, the first stops instead of
    overwriting.
    """
    one = visit()
    one.sees(title(FIRST))
    two = visit(context=one.page.context)
    notice = two.page.locator("#notice")
    notice.wait_for(state="visible")
    assert two.page.evaluate("worker === null"), "the second tab has no game"
    two.picture("elsewhere")
    notice.get_by_role("button").click()
    two.sees(title(FIRST))
    one.page.locator("#notice").wait_for(state="visible")
    assert one.page.evaluate("worker === null"), "the first tab has stopped"
    three = visit(context=one.page.context)
    three.page.locator("#notice").wait_for(state="visible")
    two.page.close()
    three.page.wait_for_function("() => worker !== null", timeout=PATIENCE_S * 1000)
    assert three.page.locator("#notice").is_hidden(), "a tab that waits starts when the other is closed"


def test_after_one_visit_the_page_opens_without_a_network(visit: Visits) -> None:
    """Offline, the page loads from the service worker's cache with its progress, and the game starts from the
    first visit's memory, or without it if it is damaged.
    """
    game = visit()
    to_the_board(game)
    game.press("Tab", "x")
    game.gone("call 2s")
    game.kept()
    game.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    game.remembers()
    game.page.context.set_offline(True)
    game.page.reload()
    to_the_board(game)
    assert "call 2s" not in board(game)
    game.page.wait_for_function("() => remembered")
    assert game.page.evaluate("caches.match('memory').then(Boolean)"), "the memory was of use"
    game.page.evaluate(
        "caches.open(MEMORIES + BUILD.digest).then((cache) => cache.put('memory', new Response('x')))"
    )
    game.page.reload()
    to_the_board(game)
    assert "call 2s" not in board(game)
    game.page.context.set_offline(False)


def test_the_one_file_plays_from_a_disk_and_keeps_progress(visit: Visits, edition: Path) -> None:
    """``tutor.html`` from ``file://`` plays without a server or a request, and a reload keeps the design."""
    game = visit((edition / "tutor.html").as_uri())
    to_the_board(game)
    game.press("Tab", "x")
    game.gone("call 2s")
    game.kept()
    game.page.reload()
    to_the_board(game)
    assert "call 2s" not in board(game)


def test_a_class_pack_opens_by_address_and_by_drop_and_is_handed_in(
    visit: Visits, edition: Path, tmp_path: Path
) -> None:
    """A pack opens by ``?pack=`` or by dropping its file, and the hand-in is a download with the designs."""
    rules = PackRules("Week One", True, False, "course")
    write_pack(edition / "site" / "week-1.pack", find_levels_root(), ORDER[:2], rules)
    game = visit("?pack=week-1.pack")
    game.sees(title(ORDER[0]), title(ORDER[1]))
    assert title(ORDER[4]) not in game.text
    to_the_board(game)
    game.press("Tab", "x")
    game.gone("call 2s")
    game.page.get_by_role("button", name="Hand in").click()
    dialog = game.page.get_by_role("dialog")
    dialog.get_by_label(WORDS["ask-name"]).fill("Ada Lovelace")
    dialog.get_by_label(WORDS["ask-email"]).fill("ada@example.org")
    game.picture("hand-in")
    with game.page.expect_download() as coming:
        dialog.get_by_role("button", name="Hand in").click()
    assert coming.value.suggested_filename == "ada.toml"
    coming.value.save_as(tmp_path / "ada.toml")
    text = (tmp_path / "ada.toml").read_text("utf-8")
    assert "ada@example.org" in text
    assert FIRST in text
    other = tmp_path / "week-2.pack"
    write_pack(other, find_levels_root(), ORDER[2:5], PackRules("Week Two", True, False, "open"))
    game.page.evaluate(
        """async (bytes) => { const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(bytes)], 'week-2.pack'));
        document.body.dispatchEvent(new DragEvent('drop',
            { dataTransfer: files, bubbles: true, cancelable: true })) }""",
        list(other.read_bytes()),
    )
    game.sees(title(ORDER[2]), title(ORDER[4]))
    game.picture("pack")


def copied(game: Visit, start: str) -> str:
    """The link on the clipboard, once there is one with this beginning."""
    until = time.monotonic() + PATIENCE_S
    while not (link := str(game.page.evaluate("navigator.clipboard.readText()"))).startswith(start):
        assert time.monotonic() < until, link
        time.sleep(0.1)
    return link


def test_a_link_puts_its_design_on_the_board_and_undo_brings_back_ones_own(visit: Visits) -> None:
    """A link opens its level with its design, copying gives a link with the same content, and a broken link
    gives one sentence.
    """
    game = visit(LINK, permissions=["clipboard-read", "clipboard-write"])
    game.sees("▌   " + title(FIRST))
    game.press("Escape")
    game.sees("publish", "ack after")
    assert "#" not in game.page.url, "a reload does not put it there again"
    game.press("L")
    assert "rail" in parse_link(copied(game, f"{game.page.url}#l={FIRST}")).text
    game.press("u")
    game.sees("call 2s")
    with game.page.expect_download() as coming:
        game.page.get_by_role("button", name="Picture").click()
    picture = Path(coming.value.path()).read_text("utf-8")
    assert coming.value.suggested_filename.endswith(".svg")
    assert "Kitchen" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", ""), (
        "the picture asks for nothing from elsewhere"
    )
    game.page.evaluate("(link) => { location.hash = link }", SANDBOX)
    game.sees("Sandbox", "planned", "Kitchen", "△")
    game.page.get_by_role("button", name="Copy link").click()
    assert parse_link(copied(game, f"{game.page.url}#d=")) == parse_link(SANDBOX), "with traffic and faults"
    game.page.evaluate("(link) => { location.hash = link }", LINK[:-4])
    game.sees("This link is broken")


TAPPED = """(() => { const Channel = MessageChannel; const post = Worker.prototype.postMessage;
  Object.assign(window, { asked: 0, held: [], holding: true, ready: false, drawn: 0 });
  window.MessageChannel = function () {
    const near = new Channel(), far = new Channel();
    let large = 0;
    near.port2.onmessage = ({ data }) => { asked++; large = 0; far.port1.postMessage(data) };
    far.port1.onmessage = ({ data }) => {
      if (holding && large) held.push(data); else near.port2.postMessage(data);
      if (data.byteLength > 1000) large++;
    };
    window.release = () => {
      holding = false;
      held.splice(0).forEach((data) => near.port2.postMessage(data));
    };
    return { port1: near.port1, port2: far.port2 };
  };
  Worker.prototype.postMessage = function (data, ...more) {
    if (data.kind === 'scoring') window.ready = true;
    return post.call(this, data, ...more);
  } })()"""
"""A script that listens between the two workers and holds back what comes after the first seed: the first
large answer has it.
"""


def test_the_verdict_comes_from_the_second_worker_and_the_playback_goes_on(visit: Visits) -> None:
    """A second worker scores the seeds while frames are drawn, and without its answer there is no verdict; if
    it dies, the first worker scores.
    """
    game = visit(f"#l={FIRST}", script=TAPPED)
    game.sees("▌   " + title(FIRST))
    game.press("Escape")
    game.gone("▌   ")
    game.page.wait_for_function("() => ready", timeout=PATIENCE_S * 1000)
    game.page.evaluate("screen.terminal.onRender(() => drawn++)")
    game.press("r")
    game.sees(PLAYING)
    game.page.evaluate("drawn = 0")
    game.page.wait_for_function("() => held.length", timeout=PATIENCE_S * 1000)
    game.page.wait_for_function("() => drawn >= 5", timeout=PATIENCE_S * 1000)
    game.press("v")
    time.sleep(1)
    assert "5 seeds" not in game.text, "nobody else has a verdict"
    assert game.page.evaluate("asked") == 1
    game.page.evaluate("release()")
    game.sees(*VERDICT)
    game.page.evaluate("holding = true")
    game.press("Escape")
    game.gone(CARD)
    game.press("r")
    game.page.wait_for_function("() => held.length", timeout=PATIENCE_S * 1000)
    game.page.evaluate("scorer.dispatchEvent(new ErrorEvent('error')); scorer.terminate()")
    game.press("v")
    game.sees(*VERDICT)


def test_the_keys_of_the_browser_stay_its_own_and_f6_leads_out(visit: Visits) -> None:
    """Ctrl+R, Ctrl+T and F5 stay the browser's, and letters, Ctrl+P and Ctrl+C, which copies, go to the game;
    F6 goes to the buttons and back; q at the map ends nothing.
    """
    game = visit(script="navigator.storage.persist = () => { window.asked = true; return false }")
    game.sees(title(FIRST))
    assert game.page.evaluate("window.asked"), "the browser is asked to keep the progress"
    assert WORDS["kept"] in game.page.inner_text("#bar-note"), "the page says where progress is"
    taken = game.page.evaluate("""() => { const field = screen.terminal.textarea;
        const taken = (key, extra = {}) => !field.dispatchEvent(new KeyboardEvent('keydown',
          { key, keyCode: key.length === 1 ? key.toUpperCase().charCodeAt(0) : 0, bubbles: true,
              cancelable: true, ...extra }));
        return { r: taken('r', { ctrlKey: true }), t: taken('t', { ctrlKey: true }), c: taken('c',
            { ctrlKey: true }),
          w: taken('w', { ctrlKey: true }), f5: taken('F5', { keyCode: 116 }), f11: taken('F11',
              { keyCode: 122 }),
          back: taken('ArrowLeft', { altKey: true, keyCode: 37 }), p: taken('p', { ctrlKey: true }) } }""")
    assert taken == {
        "r": False,
        "t": False,
        "c": True,
        "w": False,
        "f5": False,
        "f11": False,
        "back": False,
        "p": True,
    }
    game.sees("▌  ")  # the commands, which ctrl+p has opened
    game.press("Escape")
    game.gone("▌  ")
    game.press("F6")
    assert game.page.evaluate("document.activeElement.closest('#bar-buttons') !== null")
    game.press("Tab", "F6")
    assert game.page.evaluate("document.activeElement === screen.terminal.textarea")
    game.press("q", "q")
    game.sees(title(FIRST))
    assert game.page.locator("#notice").is_hidden()
    before = game.page.evaluate(COLORS)
    game.press(",")
    game.sees("Settings")
    game.press("ArrowRight")
    game.page.wait_for_function(f"(before) => String(({COLORS})()) !== String(before)", arg=before)
    page, terminal = game.page.evaluate(COLORS)
    assert page == terminal, "the page follows the theme of the game"


def test_progress_is_taken_from_one_browser_to_another(visit: Visits, tmp_path: Path) -> None:
    """Progress downloaded from one browser and loaded in another brings the design in progress along."""
    game = visit()
    to_the_board(game)
    game.press("Tab", "x")
    game.gone("call 2s")
    with game.page.expect_download() as coming:
        game.page.get_by_role("button", name="Download progress").click()
    file = tmp_path / "progress.json"
    coming.value.save_as(file)
    assert FIRST in json.loads(file.read_text("utf-8"))["designs"]
    other = visit()
    other.sees(title(FIRST))
    other.page.set_input_files("#file", file)
    other.page.evaluate("(name) => takeFile(document.getElementById(name).files[0])", "file")
    other.page.get_by_role("status").filter(has_text="0 levels are newly passed").wait_for()
    to_the_board(other)
    assert "call 2s" not in board(other)


def test_the_text_version_is_real_text(visit: Visits) -> None:
    """The text version shows a level as paragraphs in a log for screen readers, and answers typed
    commands.
    """
    game = visit("#text")
    log = game.page.get_by_role("log")
    log.get_by_text(title(FIRST)).first.wait_for()
    for line in ("remove till->kitchen:call", "wire till rail", "run"):
        game.page.get_by_role("textbox").fill(line)
        game.page.keyboard.press("Enter")
    log.get_by_text("★").or_(log.get_by_text("stars")).first.wait_for(timeout=120_000)
    game.picture("text")


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [("phone-across", 844, 390), ("small-phone-across", 667, 375), ("tablet", 1024, 768)],
)
def test_a_level_is_played_by_touch_alone(visit: Visits, name: str, width: int, height: int) -> None:
    """A level is opened, run, rewired and passed with taps, a drag and soft keys, and every button is at
    least 44 pixels in each direction.
    """
    game = visit(
        viewport={"width": width, "height": height}, has_touch=True, is_mobile=True, device_scale_factor=2
    )

    def soft(label: str) -> None:
        """Tap a soft key, found by its whole label, once the keys are settled: a new one moves the others."""
        keys, before = game.page.locator(".keys button"), [""]
        until = time.monotonic() + PATIENCE_S
        while (now := keys.all_text_contents()) != before:
            assert time.monotonic() < until, (before, now)
            before = now
            time.sleep(2 * LOOK_S)
        game.page.locator(".keys button", has_text=re.compile(f"^{label}$")).tap()

    def look(moment: str) -> None:
        """Assert that every visible button is large enough for a finger, and save a screenshot."""
        sizes = game.page.evaluate(
            """() => [...document.querySelectorAll('button')].filter((one) => one.offsetParent)
            .map((one) => [one.textContent, one.offsetWidth, one.offsetHeight,
                one.scrollWidth > one.clientWidth + 1])"""
        )
        assert len(sizes) > 10
        assert [one for one in sizes if min(one[1:3]) < 44 or one[3]] == []
        game.picture(f"{name}-{moment}")

    game.sees(title(FIRST))
    game.page.locator("#acts button").nth(3).wait_for()
    look("map")
    soft("⏎")
    game.sees("▌", title(FIRST), "Mona")
    look("briefing")
    soft("esc")
    game.sees("call 2s", "Order rail")
    game.page.touchscreen.tap(*game.cell("call"))
    soft("delete")
    game.sees("Till → Kitchen")
    row, column = edge(game, "Till")
    drag(game, game.point(column, row), game.cell("Order rail"))
    game.sees("Till → Order rail")
    look("board")
    soft("run")
    game.sees(PLAYING)
    look("playback")
    soft("verdict")
    game.sees("★★★", "5 seeds")
    look("verdict")


def edge(game: Visit, part: str) -> tuple[int, int]:
    """The row and column of a part's right edge, where a wire starts."""
    lines = game.text.split("\n")
    row = next(row for row, line in enumerate(lines) if part in line)
    found = re.search("[│┃║]", lines[row][lines[row].index(part) :])
    assert found, lines[row]
    return row, lines[row].index(part) + found.start()


def drag(game: Visit, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag a finger over the screen."""
    touches = game.page.context.new_cdp_session(game.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        """Send one touch event to the screen."""
        at = [{"x": x, "y": y} for x, y in points]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
        time.sleep(0.1)

    touch("touchStart", start)
    time.sleep(0.3)
    for step in range(1, 7):
        share = step / 6
        touch("touchMove", tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)))  # type: ignore[arg-type]
    touch("touchEnd")
    touches.detach()


def test_a_phone_held_upright_is_asked_to_be_turned(visit: Visits) -> None:
    """Held upright, a phone shows one sentence and a way to play small; turned, it shows the game."""
    game = visit(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    game.page.locator("#turn").wait_for(state="visible")
    game.picture("phone-upright")
    game.page.set_viewport_size({"width": 844, "height": 390})
    game.sees(title(FIRST))
    assert game.page.locator("#turn").is_hidden()


@pytest.mark.parametrize(
    ("missing", "word"),
    [
        ("delete window.WebAssembly", "no-wasm"),
        ("delete window.DecompressionStream", "no-unpack"),
        ("delete HTMLScriptElement.supports", "no-workers"),
    ],
)
def test_a_browser_that_cannot_run_it_gets_one_sentence(
    chromium: Browser, site: str, missing: str, word: str
) -> None:
    """A browser without WebAssembly, unpacking or module workers gets one sentence and downloads nothing."""
    page = chromium.new_page()
    page.add_init_script(missing)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    page.locator("#notice").wait_for(state="visible")
    assert page.inner_text("#notice").strip() == WORDS[word]
    assert not [url for url in asked if url.endswith(".pack")]
    page.close()


def test_a_browser_too_old_for_the_scripts_is_told_so(chromium: Browser, site: str) -> None:
    """The script that says so is in the JavaScript of 2009, and speaks up where no other could start."""
    script = (sources() / "able.js").read_text("utf-8")
    assert not re.search(r"=>|`|\b(let|const|class|async|of)\b|\?\.|\.\.\.", re.sub(r"/[/*].*", "", script))
    page = chromium.new_page()
    page.route(
        "**/page.js", lambda route: route.fulfill(body="let one = two?.", content_type="text/javascript")
    )
    page.goto(site)
    page.locator("#notice").wait_for(state="visible")
    assert page.inner_text("#notice").strip() == WORDS["not-begun"]
    page.close()


def test_a_frame_that_may_not_read_the_files_says_so(chromium: Browser, site: str) -> None:
    """In a frame that a learning platform has sandboxed, the page says one sentence with its address."""
    page = chromium.new_page()
    page.goto(site + "licenses.txt")
    page.set_content(f'<iframe sandbox="allow-scripts" src="{site}"></iframe>')
    notice = page.frame_locator("iframe").locator("#notice")
    notice.wait_for(state="visible")
    assert notice.inner_text().strip() == WORDS["in-frame"].replace("{address}", site)
    page.close()
