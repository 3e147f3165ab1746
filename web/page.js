// The page: claims the game for this tab, loads it, starts its worker, and passes on what one says to the other.

const element = (id) => document.getElementById(id);
const asText = () => location.hash === "#text" || location.hash.startsWith("#text&");

/** The link to a design in the address, also as a program has rewritten it; empty without one. */
const linkHere = () => (/[#&][ld](=|%3d)/i.test(location.hash) ? location.hash : "");

let worker = null;
let scorer = null; // the second worker
let remembered = false; // whether the game has started from a memory
let screen = null; // the terminal, once there is one
let addLines = null;
let kept = false;
let files = null;

/** One line at the foot of the page; goes back to what it says usually after a while. */
function note(text) {
  element("bar-note").textContent = text;
  clearTimeout(note.timer);
  note.timer = setTimeout(() => (element("bar-note").textContent = usualNote()), 6000);
}

let safe = false;

function usualNote() {
  return `${say(!kept ? "not-kept" : safe ? "kept-safely" : "kept")} ${isTouch() || asText() ? "" : say("way-out")}`;
}

/** Stops everything for one plain sentence, with ways on: [label, what happens]. */
function tellNotice(text, ways = []) {
  element("loading").hidden = true;
  element("table").hidden = true;
  element("notice-text").textContent = text;
  element("notice-ways").replaceChildren(...ways.map(([label, act]) => button(label, "", act)));
  element("notice").hidden = false;
}

function button(label, help, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  if (help) made.title = help;
  made.addEventListener("click", act);
  return made;
}

/** Shows text to be copied by hand. */
function showText(text) {
  const field = document.createElement("textarea");
  field.readOnly = true;
  field.value = text;
  field.className = "by-hand";
  field.addEventListener("blur", () => field.remove());
  document.body.append(field);
  field.select();
}

function reload() {
  location.reload();
}

async function begin() {
  window.begun = true;
  if (whyNot()) return; // it has been said
  element("to-text").textContent = say("skip-to-text");
  const signs = { "sign-title": "hand-in", "sign-name-label": "ask-name", "sign-email-label": "ask-email", "sign-cancel": "cancel", "sign-do": "hand-in" };
  for (const [id, key] of Object.entries(signs)) element(id).textContent = say(key);
  for (const name of ["moves", "acts", "bar-buttons"]) element(name).setAttribute("aria-label", say(name));
  element("to-text").hidden = asText();
  element("to-text").addEventListener("click", () => setTimeout(reload));
  loading.show(say("loading"), 0);
  claimGame({
    playing: () => {
      element("notice").hidden = true;
      element("loading").hidden = false;
      play().catch((error) => tellNotice(say("load-failed", { why: error.message }), [[say("reload"), reload]]));
    },
    elsewhere: (take) => tellNotice(say("elsewhere"), [[say("use-here"), take]]),
    taken: () => {
      worker?.terminate();
      scorer?.terminate();
      worker = scorer = null;
      document.body.className = "";
      tellNotice(say("taken-over"), [[say("reload"), reload]]);
    },
  });
}

async function play() {
  const making = newWorker(); // its scripts come while the game does
  const coming = keptMemory();
  files = await loadGame();
  const memory = await coming;
  remembered = Boolean(memory);
  const { pack, trouble } = await askedPack();
  loading.show(say("loading-python"), 0.82);
  document.body.className = asText() ? "lines" : "game";
  await document.fonts.load(`15px ${FONT}`);
  await document.fonts.load(`bold 15px ${FONT}`);
  element("table").hidden = asText();
  if (!asText()) openScreen();
  const { made, begin } = await making;
  worker = made;
  worker.onerror = (event) => {
    const sentence = element("loading").hidden ? "stopped" : "load-failed";
    tellNotice(say(sentence, { why: event.message ?? "worker" }), [[say("reload"), reload]]);
  };
  worker.onmessage = ({ data }) => hear[data.kind]?.(data);
  const options = {
    columns: screen?.terminal.cols ?? 80,
    rows: screen?.terminal.rows ?? 24,
    dark: !matchMedia("(prefers-color-scheme: light)").matches,
    calm: matchMedia("(prefers-reduced-motion: reduce)").matches,
    touch: isTouch(),
    lines: asText(),
    link: linkHere(),
    address: location.href.replace(/#.*/, ""),
    pack: pack ? pack.name : "",
    news: trouble ?? "",
  };
  const game = files.game.slice(); // the worker gets its own: what is here is for the one that scores
  const moved = [game.buffer, ...(memory ? [memory.buffer] : [])];
  begin({ kind: "start", role: "game", module: files.module, game, options, pack: pack?.bytes, memory }, moved);
}

/**
 * A second worker for what takes long, so that a playback never waits for it. It starts when the game is there; until it is ready, and on
 * a machine with little memory or a single core, the first worker does everything in slices.
 */
async function startScoring() {
  if ((navigator.deviceMemory ?? 8) < 4 || (navigator.hardwareConcurrency ?? 2) < 2) return;
  const { port1, port2 } = new MessageChannel();
  const { made, begin } = await newWorker();
  scorer = made;
  const memory = await keptMemory();
  const answer = {
    ready: () => worker?.postMessage({ kind: "scoring" }, [port1]),
    memory: ({ bytes }) => keepMemory(bytes),
    useless: () => forgetMemory(),
    failed: gone,
  };
  made.onmessage = ({ data }) => answer[data.kind]?.(data);
  made.onerror = gone;
  const remember = !memory && !inOneFile() && Boolean(self.caches);
  const { module, game } = files;
  files.game = null;
  begin({ kind: "start", role: "scoring", module, game, options: {}, memory, remember }, [
    game.buffer, port2, ...(memory ? [memory.buffer] : []),
  ]);
}

/** The second worker has died: the first does everything. */
function gone() {
  worker?.postMessage({ kind: "unscored" });
}

/** The class pack that the address asks for with `?pack=`, a file of this site and of no other; or why there is none, for the game to say. */
async function askedPack() {
  const asked = new URLSearchParams(location.search).get("pack");
  if (!asked) return {};
  const address = new URL(asked, location.href);
  if (address.origin !== location.origin) return { trouble: say("foreign-pack", { address: asked }) };
  try {
    const answer = await fetch(address);
    if (!answer.ok) return { trouble: say("no-such-pack", { address: asked }) };
    return { pack: { name: address.pathname.split("/").pop(), bytes: new Uint8Array(await answer.arrayBuffer()) } };
  } catch {
    return { trouble: say("unreached-pack", { address: asked }) };
  }
}

/** Goes back to the course; the address asks for the pack no more, or a reload would open it again. */
function closePack() {
  history.replaceState(null, "", location.pathname + location.hash);
  worker?.postMessage({ kind: "ask", what: "close-pack" });
}

function openScreen() {
  const typed = (data) => worker?.postMessage({ kind: "input", data });
  screen = openTerminal(element("screen"), {
    typed,
    resized: (size) => worker?.postMessage({ kind: "resize", ...size }),
    left: () => element("bar-buttons").querySelector("button")?.focus(),
  });
  screen.fit();
  if (isTouch()) {
    const drags = ([column, row]) => {
      drags.answer = undefined;
      worker?.postMessage({ kind: "under", column: column - 1, row: row - 1 });
    };
    screen.drags = drags;
    listenToFingers(screen.terminal, element("screen"), { typed, drags });
    screen.terminal.textarea.inputMode = "none"; // a phone's keyboard would cover the board; a soft key asks for it
    const keyboard = () => {
      screen.terminal.textarea.inputMode = "text";
      screen.terminal.textarea.blur();
      screen.terminal.focus();
    };
    const more = () => document.body.classList.toggle("more");
    showKeys(element("moves"), [...MOVES, [say("keyboard"), keyboard], ["⋯", more, say("more")], TAB], typed);
    screen.typed = typed;
    watchTurning();
  }
}

/** What the worker says. */
const hear = {
  loading: ({ what, share }) =>
    loading.show(say({ python: "loading-python", store: "loading-store", screen: "loading-screen" }[what]), share),

  output: ({ text }) => {
    if (element("loading").hidden === false) showGame();
    screen.terminal.write(text);
  },

  started: async (data) => {
    kept = data.kept;
    if (kept) safe = await askToKeep();
    element("bar-note").textContent = usualNote();
  },

  lines: ({ lines }) => {
    if (!addLines) {
      element("loading").hidden = true;
      addLines = openLines((line) => worker.postMessage({ kind: "line", line }));
      showBar();
      startOffline();
    }
    addLines(lines, false);
  },

  keys: ({ keys }) => screen?.typed && showKeys(element("acts"), keys, screen.typed),
  under: ({ drags }) => screen?.drags && (screen.drags.answer = drags),
  theme: ({ background, foreground, dark }) => {
    screen.terminal.options.theme = { background, foreground };
    document.documentElement.style.setProperty("--background", background);
    document.documentElement.style.setProperty("--foreground", foreground);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    document.querySelector('meta[name="theme-color"]').content = background;
  },
  copy: ({ text }) => copyText(text),
  note: ({ text }) => note(text),
  title: ({ text }) => (document.title = text),
  address: ({ hash }) => history.replaceState(null, "", hash || location.pathname + location.search),
  pack: ({ open }) => {
    packOpen = open;
    showBar();
  },
  download: ({ name, mime, bytes }) => {
    const address = URL.createObjectURL(new Blob([bytes], { type: mime }));
    const link = Object.assign(document.createElement("a"), { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    note(say("downloaded", { name }));
  },
  open: ({ address }) => window.open(address, "_blank", "noopener"),
  unsaved: ({ why }) => {
    kept = false;
    element("bar-note").textContent = `${usualNote()} (${why})`;
  },
  failed: ({ why }) => tellNotice(say("stopped", { why }), [[say("reload"), reload]]),
  restart: () => {
    hear.flushed = reload; // what was opened or closed has to be in the store by then
    worker?.postMessage({ kind: "flush" });
  },
  useless: ({ why }) => {
    remembered = false;
    console.info(`the kept memory is of no use: ${why}`);
    return forgetMemory();
  },
};

let packOpen = false;

function showGame() {
  element("loading").hidden = true;
  showBar();
  if (!isTouch()) screen.terminal.focus();
  startScoring();
  addEventListener("focus", () => !isTouch() && document.activeElement === document.body && screen.terminal.focus());
  startOffline();
}

/** The buttons around the game. */
function showBar() {
  const ask = (what) => () => worker?.postMessage({ kind: "ask", what });
  const back = () => screen?.terminal.focus();
  const buttons = [
    button(say("copy-link"), say("copy-link-help"), ask("link")),
    ...(asText() ? [] : [button(say("picture"), say("picture-help"), ask("picture"))]),
    ...(packOpen ? [
      button(say("hand-in"), say("hand-in-help"), handIn),
      button(say("close-pack"), say("close-pack-help", { pack: packOpen }), closePack),
    ] : []),
    button(say("download"), "", ask("export")),
    button(say("upload"), say("drop-here"), () => chooseFile()),
    button(asText() ? say("screen-version") : say("text-version"), say("text-help"), () => {
      location.hash = asText() ? "" : "#text";
      reload();
    }),
  ];
  if (!asText()) buttons.push(button(say("back"), "", back));
  element("bar-buttons").replaceChildren(...buttons);
  element("bar-note").textContent = usualNote();
}

/** Asks for what stands on the hand-in, and has it made. A dialog of the page's own: in a frame of another site a browser shows no prompt. */
function handIn() {
  const fields = { name: element("sign-name"), email: element("sign-email") };
  for (const [key, field] of Object.entries(fields)) field.value ||= recalled(key);
  element("sign").showModal();
}

element("sign-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const [name, email] = ["sign-name", "sign-email"].map((id) => element(id).value.trim());
  recall({ name, email });
  element("sign").close();
  note(say("checking"));
  worker?.postMessage({ kind: "ask", what: "hand-in", name, email });
});
element("sign-cancel").addEventListener("click", () => element("sign").close());

/** What was typed for the last hand-in; a browser that keeps nothing recalls nothing. */
function recalled(key) {
  try {
    return localStorage.getItem(`tutor-${key}`) ?? "";
  } catch {
    return "";
  }
}

function recall(values) {
  try {
    for (const [key, value] of Object.entries(values)) localStorage.setItem(`tutor-${key}`, value);
  } catch {
    // it is typed again the next time
  }
}

element("bar-buttons").addEventListener("keydown", (event) => {
  if (event.key !== "F6" && event.key !== "Escape") return;
  event.preventDefault();
  (screen ? screen.terminal : element("lines-input")).focus();
});

function chooseFile() {
  element("file").onchange = ({ target }) => {
    for (const file of target.files) takeFile(file);
    target.value = "";
  };
  element("file").click();
}

const LARGEST_FILE = 20_000_000; // as much as a class pack may weigh

async function takeFile(file) {
  const bytes = new Uint8Array(await file.slice(0, LARGEST_FILE + 1).arrayBuffer());
  worker?.postMessage({ kind: "file", name: file.name, bytes }, [bytes.buffer]);
}

addEventListener("dragover", (event) => {
  event.preventDefault();
  note(say("drop-here"));
});
addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of event.dataTransfer.files) takeFile(file);
});
addEventListener("hashchange", () => {
  if (linkHere()) worker?.postMessage({ kind: "link", link: linkHere() });
});
document.addEventListener("visibilitychange", () => document.hidden && worker?.postMessage({ kind: "flush" }));

/** From now on the page opens without a network. Only a site can; the one file needs none. */
function startOffline() {
  if (inOneFile() || !navigator.serviceWorker || !location.protocol.startsWith("http")) return;
  navigator.serviceWorker.register("offline.js").catch(() => {}); // plain http to another machine: playing is all that works
}

begin();
