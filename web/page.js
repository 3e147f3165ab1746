// The page: claims the game for this tab, loads it, starts its worker, and passes on what one says to the other.

const element = (id) => document.getElementById(id);
const asText = () => location.hash === "#text" || location.hash.startsWith("#text&");

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
  return `${say(!kept ? "not-kept" : safe ? "kept-safely" : "kept")} ${isTouch() ? "" : say("way-out")}`;
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
  const why = whyNot();
  if (why) return tellNotice(why);
  element("to-text").textContent = say("skip-to-text");
  for (const name of ["moves", "acts"]) element(name).setAttribute("aria-label", say(name));
  element("to-text").addEventListener("click", () => setTimeout(reload));
  loading.show(say("loading"), 0);
  claimGame({
    playing: () => play().catch((error) => tellNotice(say("load-failed", { why: error.message }), [[say("reload"), reload]])),
    elsewhere: (take) =>
      tellNotice(say("elsewhere"), [[say("use-here"), () => {
        element("notice").hidden = true;
        element("loading").hidden = false;
        take();
      }]]),
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
  const pack = await askedPack();
  loading.show(say("loading-python"), 0.82);
  document.body.className = asText() ? "lines" : "game";
  await document.fonts.load(`15px ${FONT}`);
  await document.fonts.load(`bold 15px ${FONT}`);
  element("table").hidden = asText();
  if (!asText()) openScreen();
  const { made, begin } = await making;
  worker = made;
  worker.onerror = (event) => tellNotice(say("load-failed", { why: event.message ?? "worker" }), [[say("reload"), reload]]);
  worker.onmessage = ({ data }) => hear[data.kind]?.(data);
  const options = {
    columns: screen?.terminal.cols ?? 80,
    rows: screen?.terminal.rows ?? 24,
    dark: !matchMedia("(prefers-color-scheme: light)").matches,
    calm: matchMedia("(prefers-reduced-motion: reduce)").matches,
    touch: isTouch(),
    lines: asText(),
    link: location.hash.includes("d=") || location.hash.includes("l=") ? location.hash : "",
    address: location.href.replace(/#.*/, ""),
    pack: pack ? pack.name : "",
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

/** The class pack that the address asks for with `?pack=`: a file of this site and of no other. */
async function askedPack() {
  const asked = new URLSearchParams(location.search).get("pack");
  if (!asked) return null;
  const address = new URL(asked, location.href);
  if (address.origin !== location.origin) return note(say("foreign-pack", { address: asked })), null;
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    return { name: address.pathname.split("/").pop(), bytes: new Uint8Array(await answer.arrayBuffer()) };
  } catch {
    note(say("no-such-pack", { address: asked }));
    return null;
  }
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
    showKeys(element("moves"), [...MOVES, [say("keyboard"), keyboard], ["⋯", more, say("more")]], typed);
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
  restart: () => reload(),
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
    ...(asText() ? [] : [
      button(say("copy-link"), say("copy-link-help"), ask("link")),
      button(say("picture"), say("picture-help"), ask("picture")),
    ]),
    ...(packOpen ? [
      button(say("hand-in"), say("hand-in-help"), handIn),
      button(say("close-pack"), say("close-pack-help", { pack: packOpen }), ask("close-pack")),
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

/** Asks for what stands on the hand-in, and has it made. */
function handIn() {
  const name = prompt(say("ask-name"), localStorage.getItem("tutor-name") ?? "");
  if (name === null) return;
  const email = prompt(say("ask-email"), localStorage.getItem("tutor-email") ?? "");
  if (email === null) return;
  localStorage.setItem("tutor-name", name);
  localStorage.setItem("tutor-email", email);
  note(say("checking"));
  worker?.postMessage({ kind: "ask", what: "hand-in", name, email });
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
  if (location.hash.includes("d=") || location.hash.includes("l=")) worker?.postMessage({ kind: "link", link: location.hash });
});
document.addEventListener("visibilitychange", () => document.hidden && worker?.postMessage({ kind: "flush" }));

/** From now on the page opens without a network. Only a site can; the one file needs none. */
function startOffline() {
  if (inOneFile() || !navigator.serviceWorker || !location.protocol.startsWith("http")) return;
  navigator.serviceWorker.register("offline.js").catch(() => {}); // plain http to another machine: playing is all that works
}

begin();
