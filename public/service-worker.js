// Keeps the app usable without a network. The page and the worker are asked for first and kept as the spare; files whose name
// carries a hash never change, so the kept one is as good as the server's. The share store (/api) is never kept.
const CACHE = "headroom-1";
const HASHED = /-[0-9a-f]{8,}(_bg)?\.(js|wasm|css)$/;

self.addEventListener("install", event => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const page = await fetch("/", { cache: "reload" });
    const text = await page.clone().text();
    await cache.put("/", page);
    await keepAll(cache, text);
    await self.skipWaiting();
  })());
});

// Everything that a page needs, also what it would only ask for later. A new page brings new parts: those of the old are let go.
async function keepAll(cache, text) {
  const named = [...text.matchAll(/(?:href|from|module_or_path:)\s*=?\s*["'](\/[^"']+)["']/g)].map(match => match[1]);
  const worker = ["worker", "importer", "analyst"]
    .flatMap(name => [`/${name}_loader.js`, `/${name}.js`, `/${name}_bg.wasm`]);
  const parts = (await Promise.all(named.filter(path => path.startsWith("/app-parts-")).map(partsOf))).flat();
  const wanted = new Set([...named, ...worker, ...parts]);
  const missing = [];
  for (const path of wanted) {
    if (!HASHED.test(path) || !(await cache.match(path))) missing.push(path);
  }
  const kept = await Promise.allSettled(missing.map(path => cache.add(path)));
  if (kept.some(one => one.status === "rejected")) return;
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (HASHED.test(path) && !wanted.has(path)) await cache.delete(request);
  }
}

// Parts of the page come when they are first opened; without a network that would be too late.
async function partsOf(loader) {
  const text = await (await fetch(loader)).text();
  return [...text.matchAll(/"\.\/(part-[^"]+\.wasm)"/g)].map(match => `/${match[1]}`);
}

self.addEventListener("activate", event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", event => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (/^\/(api|healthz|readyz|metrics)/.test(address.pathname)) return;
  event.respondWith(HASHED.test(address.pathname) ? kept(event.request) : fresh(event));
});

// After an update the page names other files than the kept one.
async function renewed(cache, before, now) {
  const text = await now.text();
  if (!before || (await before.text()) !== text) await keepAll(cache, text);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function fresh(event) {
  const request = event.request;
  const cache = await caches.open(CACHE);
  // Every address of the app is the same page; other pages, such as the report of validation, are their own.
  const isApp = request.mode === "navigate" && !new URL(request.url).pathname.endsWith(".html");
  const key = isApp ? "/" : request;
  try {
    const answer = await fetch(request);
    if (!answer.ok) return answer;
    if (isApp) event.waitUntil(renewed(cache, await cache.match(key), answer.clone()));
    await cache.put(key, answer.clone());
    return answer;
  } catch (error) {
    const known = await cache.match(key);
    if (known) return known;
    throw error;
  }
}
