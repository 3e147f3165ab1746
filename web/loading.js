// Gets the files of the game and says how far it is: bytes that have really arrived, then what is being done.

const loading = {
  /** Shows what is going on, and how far it is from 0 to 1 where that is known. */
  show(what, share) {
    document.getElementById("loading-what").textContent = what;
    const step = what.replace(/[\d.]+/g, "").trim(); // who listens hears each step once, and not every tenth of a megabyte
    if (step !== this.step) document.getElementById("loading-said").textContent = this.step = step;
    const bar = document.getElementById("loading-bar");
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
  },
};

/** What was written into the one-file edition under this name, packed; null on a site. */
function inlined(name) {
  const element = document.getElementById(name);
  if (!element) return null;
  const text = atob(element.textContent);
  element.remove(); // eight megabytes of text are not needed twice
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return new Blob([bytes]);
}

/** A file of the site as it comes; `arrived` is told of each piece's length. */
async function download(name, arrived) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const counted = new TransformStream({
    transform(piece, next) {
      arrived(piece.length);
      next.enqueue(piece);
    },
  });
  return answer.body.pipeThrough(counted);
}

/** What is in a packed stream. A server that has unpacked it on the way is fine too. */
async function unpacked(stream) {
  const [ahead, all] = stream.tee();
  const reader = ahead.getReader();
  const { value: first } = await reader.read();
  reader.cancel();
  return first[0] === 0x1f && first[1] === 0x8b ? all.pipeThrough(new DecompressionStream("gzip")) : all;
}

/** All of a packed stream, as bytes. */
async function whole(stream) {
  return new Uint8Array(await new Response(await unpacked(stream)).arrayBuffer());
}

/** A packed interpreter, compiled while it comes. */
async function compile(stream) {
  const code = new Response(await unpacked(stream), { headers: { "Content-Type": "application/wasm" } });
  return WebAssembly.compileStreaming(code);
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
  const open = async (name) => inlined(name)?.stream() ?? (await download(name, arrived));
  const [game, module] = await Promise.all([open("game.pack").then(whole), open("python.wasm.pack").then(compile)]);
  return { game, module };
}

const MEMORIES = "tutor-memory-"; // the service worker leaves caches with such a name alone

/** The memory that a visit of this build has kept, as bytes; null without one. A page from a file has no place for it. */
async function keptMemory() {
  try {
    const found = await (await caches.open(MEMORIES + BUILD.digest)).match("memory");
    return found ? new Uint8Array(await found.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

/** Keeps a memory in place of all others. */
async function keepMemory(bytes) {
  try {
    await forgetMemory();
    await (await caches.open(MEMORIES + BUILD.digest)).put("memory", new Response(bytes));
  } catch {
    // a browser that is short of room starts the game from its files
  }
}

async function forgetMemory() {
  const names = (await caches.keys()).filter((name) => name.startsWith(MEMORIES));
  await Promise.all(names.map((name) => caches.delete(name)));
}

function inOneFile() {
  return inOneFileEdition;
}
const inOneFileEdition = Boolean(document.getElementById("worker.js"));

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
  let code = data.modules["worker.js"];
  for (const name of ["pyodide.js", "pyodide.asm.js"]) code = code.replace('"./' + name + '"', JSON.stringify(address(data.modules[name])));
  await import(address(code));
  self.onmessage({ data: data.first, ports });
  early.forEach((one) => self.onmessage(one));
};`;

let modules = null;

/** A worker, and how to send it its first message. */
async function newWorker() {
  if (!inOneFile()) {
    const made = new Worker("worker.js", { type: "module" });
    return { made, begin: (message, transfer) => made.postMessage(message, transfer) };
  }
  if (!modules) {
    const text = async (name) => new TextDecoder().decode(await whole(inlined(name).stream()));
    const names = ["worker.js", "pyodide.js", "pyodide.asm.js"];
    modules = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await text(name)])));
  }
  const made = new Worker(URL.createObjectURL(new Blob([BOOTSTRAP], { type: "text/javascript" })));
  return { made, begin: (first, transfer) => made.postMessage({ modules, first }, transfer) };
}
