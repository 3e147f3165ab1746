// Fingers: a tap is a click, a drag on the board is a drag, a drag on text scrolls it; and soft keys for what has no tap.

const MOVES = [
  ["↑", "\x1b[A"], ["↓", "\x1b[B"], ["←", "\x1b[D"], ["→", "\x1b[C"], ["⏎", "\r"], ["esc", "\x1b"],
];
const TAB = ["tab", "\t"]; // the last one: a small phone shows eight keys, and a tap on a part does what tab does
const SCROLL_ROWS = 2; // one turn of the wheel for every two rows that a finger has moved

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

/** Makes the terminal answer to fingers. `typed` takes what a mouse would have sent; `drags` asks whether there is something to drag. */
function listenToFingers(terminal, place, { typed, drags }) {
  const cellOf = (touch) => {
    const box = place.querySelector(".xterm-screen").getBoundingClientRect();
    const column = Math.floor(((touch.clientX - box.left) / box.width) * terminal.cols);
    const row = Math.floor(((touch.clientY - box.top) / box.height) * terminal.rows);
    return [Math.max(0, Math.min(terminal.cols - 1, column)) + 1, Math.max(0, Math.min(terminal.rows - 1, row)) + 1];
  };
  const send = (code, [column, row], released = false) => typed(`\x1b[<${code};${column};${row}${released ? "m" : "M"}`);
  let from = null;
  let last = null;
  let dragging = null; // null: nothing has moved yet; else whether what moves is dragged

  const claim = (event) => event.cancelable && event.preventDefault(); // a browser that lags has given some away, and complains

  place.addEventListener("touchstart", (event) => {
    claim(event);
    last = from = cellOf(event.touches[0]);
    dragging = null;
    drags(from); // the answer is there before a finger has moved a cell
  }, { passive: false, capture: true });

  place.addEventListener("touchmove", (event) => {
    claim(event);
    event.stopPropagation();
    const now = cellOf(event.touches[0]);
    if (now[0] === last[0] && now[1] === last[1]) return;
    if (dragging === null) {
      dragging = drags.answer === true && event.touches.length === 1;
      if (dragging) send(0, from);
    }
    if (dragging) {
      send(32, now);
      last = now;
    } else if (Math.abs(now[1] - last[1]) >= SCROLL_ROWS) {
      send(now[1] < last[1] ? 65 : 64, from);
      last = now;
    }
  }, { passive: false, capture: true });

  place.addEventListener("touchend", (event) => {
    claim(event);
    if (!from) return;
    if (dragging === null) {
      send(35, from); // the pointer comes first, as it does with a mouse
      send(0, from);
      send(0, from, true);
    } else if (dragging) {
      send(0, last, true);
    }
    from = null;
  }, { passive: false, capture: true });
}

/** Asks for a phone that is held upright to be turned; who would rather see the board small can say so. */
function watchTurning() {
  const upright = matchMedia("(orientation: portrait) and (max-width: 600px)");
  const turn = document.getElementById("turn");
  let anyway = false;
  const way = document.createElement("button");
  way.type = "button";
  way.textContent = say("turn-anyway");
  const show = () => {
    turn.hidden = !upright.matches || anyway;
    document.body.classList.toggle("upright", upright.matches && !anyway);
  };
  way.addEventListener("click", () => {
    anyway = true;
    show();
  });
  document.getElementById("turn-text").textContent = say("turn");
  turn.append(way);
  upright.addEventListener("change", show);
  show();
}

/** Fills a column with keys; each is [label, what it types, what it does]. */
function showKeys(column, keys, typed) {
  const made = keys.map(([label, sends, help]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    if (help) button.title = help;
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it is
    button.addEventListener("click", () => (typeof sends === "function" ? sends() : typed(sends)));
    return button;
  });
  column.replaceChildren(...made);
}
