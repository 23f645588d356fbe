// Opens /scan/ without a network, for whoever saved a copy for a trip: this page and nothing else of the site. It holds
// pages and scripts only; the copy of the register is the page's own (store.js), so a new version of this loses nothing.
// SHELL stands before this text (routes.py): when a page, a script or a number on them changes, so does this file.

/** @typedef {{version: string, pages: Record<string, string>, files: string[]}} Shell */
/** @typedef {{waitUntil(work: Promise<unknown>): void}} Lasting */
/** @typedef {{matchAll(which: {includeUncontrolled: boolean}): Promise<{postMessage(said: unknown): void}[]>}} Open */
/** @typedef {Lasting & {request: Request, respondWith(answer: Promise<Response>): void}} Asked */

const scope = /** @type {{SHELL: Shell, addEventListener(name: string, work: (event: any) => void): void, clients: Open}} */ (
  /** @type {unknown} */ (self)
);
const { version, pages, files } = scope.SHELL;
const CACHE = `scan-${version}`;
const PATIENCE = 4000;

scope.addEventListener("install", (/** @type {Lasting} */ event) => {
  const wanted = [...Object.values(pages), ...files].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(filled(wanted));
});

/** All of it, or nothing and why: of an installation that failed the browser tells the page only that it failed.
 * @param {Request[]} wanted */
async function filled(wanted) {
  try {
    await (await caches.open(CACHE)).addAll(wanted);
  } catch (error) {
    for (const page of await scope.clients.matchAll({ includeUncontrolled: true }))
      page.postMessage({ unkept: /** @type {Error} */ (error)?.name ?? "" });
    await caches.delete(CACHE).catch(() => false);
    throw error;
  }
}

scope.addEventListener("activate", (/** @type {Lasting} */ event) => {
  event.waitUntil(tidied());
});

scope.addEventListener("fetch", (/** @type {Asked} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/scan/") event.respondWith(page(request, url));
  else if (files.includes(url.pathname + url.search)) event.respondWith(file(request));
});

/** The network's page when it comes in time, ours otherwise. @param {Request} request @param {URL} url */
async function page(request, url) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) return answer;
  } catch {
    // no network, or one that does not answer
  }
  return (await kept(pages[spoken(url.searchParams.get("lang"))])) ?? Response.error();
}

/** @param {Request} request */
const file = async (request) => (await kept(request.url)) ?? fetch(request);

/** @param {string} url */
const kept = async (url) => (await caches.open(CACHE)).match(url, { ignoreVary: true });

/** @param {string | null} wanted */
function spoken(wanted) {
  const asked = [wanted ?? "", ...navigator.languages].map((tag) => tag.toLowerCase().split("-")[0]);
  return asked.find((tag) => tag in pages) ?? Object.keys(pages)[0];
}

async function tidied() {
  for (const name of await caches.keys()) if (name.startsWith("scan-") && name !== CACHE) await caches.delete(name);
}
