// Python in a worker: the page stays quick whatever the game computes. The page talks to it in messages, and so does it to the page.
import { loadPyodide } from "./pyodide.js";
import createPyodideModule from "./pyodide.asm.js";

const HOME = "/kept/tutor"; // in IndexedDB, under this name
const given = new Map();

// The page hands over everything: a worker that asks for anything else would be a mistake, and is refused.
self.fetch = async (address) => {
  const name = String(address?.url ?? address).split("/").pop();
  if (!given.has(name)) throw new TypeError(`the game asks for no files: ${name}`);
  return new Response(given.get(name));
};

/** The files of the packed game as [name, content]; the contents are not copied. */
function* filesOf(game) {
  const length = new DataView(game.buffer, game.byteOffset).getUint32(0, true);
  const listed = JSON.parse(new TextDecoder().decode(game.subarray(4, 4 + length)));
  let place = 4 + length;
  for (const [name, size] of listed) yield [name, game.subarray(place, (place += size))];
}

/** Puts the packages of the game into Python's file system. */
function installGame(FS, site, packages) {
  const made = new Set();
  for (const [name, content] of packages) {
    const path = `${site}/${name}`;
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(folder)) {
      FS.mkdirTree(folder);
      made.add(folder);
    }
    FS.writeFile(path, content, { canOwn: true });
  }
}

/** Connects the learner's folder with IndexedDB; false where the browser keeps nothing. */
async function connectStore(FS) {
  FS.mkdirTree(HOME);
  if (!self.indexedDB) return false;
  try {
    FS.mount(FS.filesystems.IDBFS, {}, HOME);
    await sync(FS, true);
    return true;
  } catch (error) {
    if (FS.lookupPath(HOME).node.mounted ?? false) FS.unmount(HOME);
    return false;
  }
}

const sync = (FS, load) => new Promise((settle, fail) => FS.syncfs(load, (error) => (error ? fail(error) : settle())));

/** Gives the page this worker's memory with the game imported and its first frame drawn once: later visits start from it. Nothing of the learner's is in it. */
function keepMemory(python) {
  python.runPython("from tutor.web.memory import preload; preload()");
  const bytes = python.makeMemorySnapshot();
  postMessage({ kind: "memory", bytes }, [bytes.buffer]);
}

let saving = null;
let again = false;

/** Writes what has changed to IndexedDB; one writing at a time, and one more where something came meanwhile. */
function save(FS) {
  if (saving) {
    again = true;
    return saving;
  }
  saving = sync(FS, false)
    .catch((error) => postMessage({ kind: "unsaved", why: String(error?.message ?? error) }))
    .finally(() => {
      saving = null;
      if (again) {
        again = false;
        return save(FS);
      }
    });
  return saving;
}

/**
 * Starts Python: from the memory that an earlier visit has kept, where there is one, which saves starting it and importing the game. A
 * memory that does not fit is dropped, and Python starts as always.
 */
async function startPython(settings, memory) {
  if (!memory) return loadPyodide(settings);
  const grown = async (given) => {
    const made = await createPyodideModule(given);
    made._free(made._malloc(memory.length)); // the interpreter starts with less room than the memory needs
    return made;
  };
  try {
    return await loadPyodide({ ...settings, createPyodideModule: grown, _makeSnapshot: false, _loadSnapshot: memory });
  } catch (error) {
    postMessage({ kind: "useless", why: String(error?.message ?? error) });
    return loadPyodide(settings);
  }
}

async function start({ module, game, role, options, pack, memory, remember }, ports) {
  // Pyodide compiles its interpreter itself; the page has done that once for all workers.
  WebAssembly.instantiateStreaming = async (_, imports) => ({ module, instance: await WebAssembly.instantiate(module, imports) });
  given.set("pyodide.asm.wasm", new Uint8Array());
  const packages = [];
  for (const [name, content] of filesOf(game)) {
    if (name.startsWith("site-packages/")) packages.push([name.slice("site-packages/".length), content]);
    else given.set(name, content); // the standard library and the like, for which Pyodide asks
  }
  postMessage({ kind: "loading", what: "python", share: 0.82 });
  const settings = {
    indexURL: "https://game.invalid/", // never asked: what Pyodide fetches is in `given`; a page from a file has no address to begin with
    createPyodideModule,
    _makeSnapshot: Boolean(remember),
    env: { HOME, TUTOR_HOME: HOME, TEXTUAL_COLOR_SYSTEM: "truecolor", COLORTERM: "truecolor", TERM: "xterm-256color", ESCDELAY: "20" },
    fsInit: async (FS, { sitePackages }) => installGame(FS, sitePackages, packages),
  };
  const python = await startPython(settings, memory);
  if (role === "scoring") {
    if (remember) keepMemory(python);
    python.pyimport("tutor.web.scoring").serve(ports[0]);
    postMessage({ kind: "ready" });
    return;
  }
  postMessage({ kind: "loading", what: "store", share: 0.92 });
  const kept = await connectStore(python.FS);
  postMessage({ kind: "loading", what: "screen", share: 0.95 });
  const page = {
    write: (text) => postMessage({ kind: "output", text }),
    tell: (kind, values) => postMessage({ kind, ...JSON.parse(values) }),
    download: (name, mime, bytes) => postMessage({ kind: "download", name, mime, bytes: bytes.toJs() }),
  };
  if (pack) python.FS.writeFile("/tmp/asked.pack", pack);
  const known = { ...options, kept, home: HOME, pack_file: "/tmp/asked.pack" };
  const running = python.pyimport("tutor.web.page").start(page, JSON.stringify(known));
  if (kept) setInterval(() => saveChanges(python.FS), 400);
  self.onmessage = async ({ data, ports: more }) => {
    if (data.kind === "flush") {
      if (kept) await saveChanges(python.FS);
      postMessage({ kind: "flushed" });
    } else if (data.kind === "scoring") {
      running.use_scoring(more[0]);
    } else {
      const { kind, bytes, ...values } = data;
      running.receive(kind, JSON.stringify(values), bytes);
    }
  };
  postMessage({ kind: "started", kept });
}

let seen = "";

/** Saves where a file has changed since the last look. Two thousand files are looked through in about a millisecond. */
function saveChanges(FS) {
  let count = 0;
  let size = 0;
  let latest = 0;
  const look = (node) => {
    count++;
    latest = Math.max(latest, Number(node.mtime ?? node.timestamp ?? 0));
    if (FS.isDir(node.mode)) Object.values(node.contents).forEach(look);
    else size += node.usedBytes;
  };
  look(FS.lookupPath(HOME).node);
  const now = `${count} ${size} ${latest}`;
  if (now === seen) return saving;
  seen = now;
  return save(FS);
}

// What comes before the game is there, such as a phone that is turned, waits for it.
const early = [];

self.onmessage = (event) => {
  const { data, ports } = event;
  if (data.kind !== "start") return early.push(event);
  start(data, ports).then(
    () => early.splice(0).forEach((one) => self.onmessage(one)),
    (error) => {
      console.error(error);
      postMessage({ kind: "failed", why: String(error?.message ?? error).trim().split("\n").pop() });
    },
  );
};
