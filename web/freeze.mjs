// Runs Python's own compiler inside Pyodide, under Node.js: byte code is only good for the Python that made it.
//   node freeze.mjs PYODIDE STAGE CACHE SCRIPT
// PYODIDE is the unpacked npm package, STAGE and CACHE are folders that SCRIPT reads and writes as /stage and /cache.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, stage, cache, script] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);
// Without the columns that a traceback underlines, byte code packs to two thirds: nobody reads them on a page.
const python = await loadPyodide({ indexURL: pyodide, env: { HOME: "/home/pyodide", PYTHONNODEBUGRANGES: "1" } });
python.mountNodeFS("/stage", stage);
python.mountNodeFS("/cache", cache);
python.runPython(readFileSync(script, "utf8"));
