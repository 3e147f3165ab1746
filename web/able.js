// Whether this browser can run the game. Written in the JavaScript of 2009: a browser that cannot read the other scripts can read this one.

/** Why this browser, or the frame that the page is in, cannot run the game, as one sentence; empty where it can. */
function whyNot() {
  var element = window.HTMLScriptElement;
  if (typeof WebAssembly !== "object") return BUILD.words["no-wasm"];
  if (typeof DecompressionStream !== "function") return BUILD.words["no-unpack"];
  if (typeof Worker !== "function" || !element.supports || !element.supports("module")) return BUILD.words["no-workers"];
  // A frame that is sandboxed without "allow-same-origin" may not read the page's own files. The one file has everything inside it.
  if (self.origin === "null" && location.protocol.indexOf("http") === 0 && !document.getElementById("worker.js")) {
    return BUILD.words["in-frame"].replace("{address}", location.href.replace(/#.*/, ""));
  }
  return "";
}

(function () {
  function tell(why) {
    document.getElementById("loading").style.display = "none";
    document.getElementById("notice-text").appendChild(document.createTextNode(why));
    document.getElementById("notice").removeAttribute("hidden");
  }
  var why = whyNot();
  if (why) return tell(why);
  window.addEventListener("load", function () {
    if (!window.begun) tell(BUILD.words["not-begun"]);
  });
})();
