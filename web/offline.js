// The service worker: keeps the files of one build, and serves them and no others. A new build has a new digest, and takes over when no
// page of the old one is open any more, so that a page never mixes two builds.
const DIGEST = "@DIGEST@";
const FILES = ["@FILES@"];
const HERE = new URL("./", self.location).pathname;
const MINE = `tutor ${HERE} `; // caches belong to the whole origin: on user.github.io each repository may have a tutor of its own
const KEPT = MINE + DIGEST;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(["./", ...FILES].map((name) => new Request(name, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith(MINE) && name !== KEPT);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin || !address.pathname.startsWith(HERE)) return;
  const name = address.pathname.slice(HERE.length);
  if (name === "" || name === "index.html") event.respondWith(kept("./", event.request));
  else if (FILES.includes(name)) event.respondWith(kept(name, event.request));
});

async function kept(name, request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(name, { ignoreSearch: true })) ?? fetch(request);
}
