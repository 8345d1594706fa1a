// Keeps the app usable without a network. The page and the workers are asked for first and kept as the spare; files whose name
// carries a hash never change, so the kept one is as good as the server's. The share store (/api) is never kept.
//
// A page is kept only once all it needs is: whoever loses the network during an update has the version of before, whole.
const CACHE = "headroom-1";
const HASHED = /-[0-9a-f]{8,}(_bg)?\.(js|wasm|css)$/;
// The list of what the kept page needs; no address of the app.
const NEEDED = "/needed.kept";

// Whether the page that was fetched last is kept with all it needs.
let renewal = Promise.resolve(true);

self.addEventListener("install", event => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const page = await fetch("/", { cache: "reload" });
    if (!page.ok || !(await keepAll(cache, page))) throw new Error("not all of the app arrived");
    await self.skipWaiting();
  })());
});

// Everything that a page needs, also what it would only ask for later, and last the page; false when something is missing.
async function keepAll(cache, page) {
  try {
    const text = await page.clone().text();
    const named = [...text.matchAll(/(?:href|from|module_or_path:)\s*=?\s*["'](\/[^"']+)["']/g)].map(match => match[1]);
    const worker = ["worker", "importer", "analyst"]
      .flatMap(name => [`/${name}_loader.js`, `/${name}.js`, `/${name}_bg.wasm`]);
    const parts = (await Promise.all(named.filter(path => path.startsWith("/app-parts-")).map(partsOf))).flat();
    const needed = [...new Set([...named, ...worker, ...parts])];
    const missing = [];
    for (const path of needed) {
      if (!HASHED.test(path) || !(await cache.match(path))) missing.push(path);
    }
    // All or nothing: the files without a hash in their names must fit each other.
    const answers = await Promise.all(missing.map(path => fetch(path)));
    if (!answers.every(answer => answer.ok)) return false;
    await Promise.all(missing.map((path, index) => cache.put(path, answers[index])));
    await cache.put(NEEDED, new Response(JSON.stringify(needed)));
    await cache.put("/", page);
    return true;
  } catch {
    return false;
  }
}

// Parts of the page come when they are first opened; without a network that would be too late.
async function partsOf(loader) {
  const text = await (await fetch(loader)).text();
  return [...text.matchAll(/"\.\/(part-[^"]+\.wasm)"/g)].map(match => `/${match[1]}`);
}

// Parts of older pages, unless such a page may still be open in another tab: it may need one yet, and the server has it no more.
async function letGo(cache) {
  // By then the page on its way is a window, and the one it takes the place of is none any more.
  await new Promise(done => setTimeout(done, 2000));
  if ((await self.clients.matchAll({ type: "window", includeUncontrolled: true })).length > 1) return;
  const needed = new Set(await (await cache.match(NEEDED))?.json() ?? []);
  for (const request of needed.size ? await cache.keys() : []) {
    const path = new URL(request.url).pathname;
    if (HASHED.test(path) && !needed.has(path)) await cache.delete(request);
  }
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
async function renewed(cache, now) {
  const before = await cache.match("/");
  const same = before && (await before.text()) === (await now.clone().text());
  return same || keepAll(cache, now);
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
  try {
    const answer = await fetch(request);
    if (answer.status >= 500) {
      // What stands before a server that is down answers in its place: the app needs neither.
      const known = await cache.match(isApp ? "/" : request);
      if (known) return known;
    }
    if (!answer.ok) return answer;
    const copy = answer.clone();
    if (isApp) {
      renewal = renewed(cache, copy).catch(() => false);
      event.waitUntil(renewal.then(whole => whole && letGo(cache)));
    } else event.waitUntil(renewal.then(whole => whole && cache.put(request, copy)));
    return answer;
  } catch (error) {
    const known = await cache.match(isApp ? "/" : request);
    if (known) return known;
    throw error;
  }
}
