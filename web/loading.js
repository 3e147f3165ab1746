// Gets the files of the game and says how far it is: bytes that have really arrived, then what is being done.

const loading = {
  /** Shows what is going on, and how far it is from 0 to 1 where that is known. */
  show(what, share) {
    document.getElementById("loading-what").textContent = what;
    const bar = document.getElementById("loading-bar");
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
  },
};

/** Why this browser cannot run the game, as one sentence; empty where it can. */
function whyNot() {
  if (typeof WebAssembly !== "object") return say("no-wasm");
  if (typeof DecompressionStream !== "function") return say("no-unpack");
  if (typeof Worker !== "function" || !HTMLScriptElement.supports?.("module")) return say("no-workers");
  return "";
}

/** What was written into the one-file edition under this name, as bytes; null on a site. */
function inlined(name) {
  const element = document.getElementById(name);
  if (!element) return null;
  const text = atob(element.textContent);
  element.remove(); // eight megabytes of text are not needed twice
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes;
}

/** The content of a packed file. A server that has unpacked it on the way is fine too. */
async function unpack(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Fetches a file of the site; `arrived` is told of each piece's length. */
async function download(name, arrived) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const pieces = [];
  let length = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
    arrived(value.length);
  }
  const all = new Uint8Array(length);
  let place = 0;
  for (const piece of pieces) {
    all.set(piece, place);
    place += piece.length;
  }
  return all;
}

/** The unpacked game and the compiled interpreter. */
async function loadGame() {
  const total = Object.values(BUILD.sizes).reduce((sum, size) => sum + size, 0);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  document.getElementById("loading-note").textContent = inOneFile() ? "" : say("loading-note", { total: Math.ceil(total / 1e6) });
  let done = 0;
  const arrived = (length) => {
    done = Math.min(total, done + length);
    loading.show(say("loading-game", { done: megabytes(done), total: megabytes(total) }), (0.8 * done) / total);
  };
  arrived(0);
  const get = async (name) => unpack(inlined(name) ?? (await download(name, arrived)));
  const [game, module] = await Promise.all([
    get("game.pack"),
    get("python.wasm.pack").then((code) => WebAssembly.compile(code)),
  ]);
  return { game, module };
}

function inOneFile() {
  return inOneFileEdition;
}
const inOneFileEdition = Boolean(document.getElementById("worker.mjs"));

/**
 * What starts a worker from a file: there a browser starts classic workers only, and lets them import no module that they did not make
 * themselves. So the worker gets the texts of its modules, and makes them.
 */
const BOOTSTRAP = `
self.importScripts = undefined; // by this Pyodide tells a classic worker, in which it refuses to run
const early = [];
self.onmessage = async (event) => {
  const { data, ports } = event;
  if (!data.modules) return early.push(event);
  const address = (code) => URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  let code = data.modules["worker.mjs"];
  for (const name of ["pyodide.mjs", "pyodide.asm.mjs"]) code = code.replace('"./' + name + '"', JSON.stringify(address(data.modules[name])));
  await import(address(code));
  self.onmessage({ data: data.first, ports });
  early.forEach((one) => self.onmessage(one));
};`;

let modules = null;

/** A worker, and how to send it its first message. */
async function newWorker() {
  if (!inOneFile()) {
    const made = new Worker("worker.mjs", { type: "module" });
    return { made, begin: (message, transfer) => made.postMessage(message, transfer) };
  }
  if (!modules) {
    const text = async (name) => new TextDecoder().decode(await unpack(inlined(name)));
    const names = ["worker.mjs", "pyodide.mjs", "pyodide.asm.mjs"];
    modules = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await text(name)])));
  }
  const made = new Worker(URL.createObjectURL(new Blob([BOOTSTRAP], { type: "text/javascript" })));
  return { made, begin: (first, transfer) => made.postMessage({ modules, first }, transfer) };
}
