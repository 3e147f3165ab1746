// The terminal: xterm.js, as large as there is room for, with the keys that are the browser's left to the browser.

const SMALLEST = { columns: 80, rows: 24 }; // the game is drawn for no less
const FONT = '"Tutor Mono", monospace';
const LARGEST_FONT = 15;

/** Control keys that the game gets; and ctrl+c, which copies; every other one, such as ctrl+r or ctrl+t, stays the browser's. */
const GAME_CONTROLS = new Set(["p", "s", "o"]);
/** Keys with names that the game gets; F5, F11 and their like stay the browser's. */
const GAME_KEYS = new Set([
  "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Enter", "Escape", "Tab", "Backspace", "Delete",
  "Home", "End", "PageUp", "PageDown", " ",
]);

function isGameKey(event) {
  if (event.metaKey || event.altKey) return false;
  if (event.ctrlKey) return !event.shiftKey && GAME_CONTROLS.has(event.key.toLowerCase());
  return event.key.length === 1 || GAME_KEYS.has(event.key);
}

/** Makes the terminal in `place`. `typed` hears what is typed and clicked, `resized` how many cells there are, `left` that F6 was pressed. */
function openTerminal(place, { typed, resized, left }) {
  const terminal = new Terminal({
    fontFamily: FONT,
    fontSize: LARGEST_FONT,
    lineHeight: 1,
    letterSpacing: 0,
    scrollback: 0,
    cursorBlink: false,
    cursorInactiveStyle: "none",
    customGlyphs: true,
    allowProposedApi: false,
    macOptionClickForcesSelection: true,
    theme: { background: "#10141b", foreground: "#d7dde6" },
  });
  terminal.open(place);
  terminal.textarea.setAttribute("aria-label", say("screen-label"));
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.key === "F6") {
      if (event.type === "keydown") left();
      event.preventDefault();
      return false;
    }
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "c") {
      // What is marked on the terminal (with shift) is copied here, what is marked in the game by the game.
      if (event.type === "keydown") terminal.hasSelection() ? copyText(terminal.getSelection()) : typed("\x03");
      event.preventDefault();
      return false;
    }
    return isGameKey(event);
  });
  // What the game puts on the clipboard comes as OSC 52, as in any terminal.
  terminal.parser.registerOscHandler(52, (text) => {
    const coded = text.slice(text.indexOf(";") + 1);
    copyText(new TextDecoder().decode(Uint8Array.from(atob(coded), (char) => char.charCodeAt(0))));
    return true;
  });
  terminal.onData(typed);
  terminal.onBinary(typed);
  const fit = () => {
    const size = fitTerminal(terminal, place);
    if (size) resized(size);
  };
  new ResizeObserver(fit).observe(place);
  return { terminal, fit };
}

/** The largest font with which the smallest game fits, and as many cells as there is room for then; null where nothing has changed. */
function fitTerminal(terminal, place) {
  const width = place.clientWidth;
  const height = place.clientHeight;
  if (!width || !height) return null;
  const cell = cellSize();
  const most = Math.min(width / (SMALLEST.columns * cell.width), height / (SMALLEST.rows * cell.height));
  const font = Math.max(5, Math.min(LARGEST_FONT, Math.floor(most * 4) / 4));
  if (terminal.options.fontSize !== font) terminal.options.fontSize = font;
  // xterm.js rounds a cell to whole device pixels: what it has measured counts, where it has.
  const measured = terminal._core?._renderService?.dimensions?.css?.cell;
  const across = measured?.width || cell.width * font;
  const down = measured?.height || cell.height * font;
  const columns = Math.max(20, Math.floor(width / across));
  const rows = Math.max(8, Math.floor(height / down));
  if (columns === terminal.cols && rows === terminal.rows) return null;
  terminal.resize(columns, rows);
  return { columns, rows };
}

/** The width and height of a cell for a font of one pixel: the font is our own, so both are known; see make_font. */
function cellSize() {
  return { width: 1233 / 2048, height: (1901 + 483) / 2048 };
}

/** Puts text on the clipboard; where the browser refuses, shows it to be copied by hand. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    note(say("copied"));
  } catch {
    note(say("not-copied"));
    showText(text);
  }
}
