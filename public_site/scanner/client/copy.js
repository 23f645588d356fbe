// "Save for my trip": taking a signed copy along, keeping it fresh, and answering from it where there is no network.
import { nameOf } from "./bytes.js";
import { Refused } from "./refused.js";
import * as snapshot from "./snapshot.js";
import * as store from "./store.js";

const SCOPE = "/scan/";
const FILES = "/log/";
const PATIENCE = 4000;
const SAID_WITHIN = 1000;
const SMALL = 250_000; // bytes that are fetched anew without asking

/** @typedef {{keys: import("./jws.js").Key[], fallback: () => Promise<import("./jws.js").Fallback>}} Pinned */
/** @typedef {{jws: string, manifest: snapshot.Manifest, table: snapshot.Table, data: Uint8Array<ArrayBuffer>}} Offer */
/** @typedef {{copy: store.Copy, manifest: snapshot.Manifest, table: snapshot.Table}} Held */
/** @typedef {(done: number, of: number) => void} Progress */

/** The copy on this phone, verified again, or null when there is none. @param {Pinned} pinned @returns {Promise<Held | null>} */
export async function held(pinned) {
  const copy = await store.recall();
  if (!copy) return null;
  // Its age is judged by whoever answers from it (verdict.js): an old copy is grey, not forged.
  const manifest = await snapshot.readManifest(copy.manifest, pinned, { seq: copy.seq, root: copy.root }, 0);
  return { copy, manifest, table: await snapshot.readTable(await kept(copy.table), manifest) };
}

/** What the register offers now. @param {Pinned} pinned @param {number} now @returns {Promise<Offer>} */
export async function offered(pinned, now) {
  const before = await store.recall();
  const jws = new TextDecoder().decode(await fetched("snapshot/manifest", "no-store"));
  const seen = before ? { seq: before.seq, root: before.root } : { seq: 0, root: "" };
  const manifest = await snapshot.readManifest(jws, pinned, seen, now);
  const data = await fetched(`snapshot/${manifest.root}`);
  return { jws, manifest, table: await snapshot.readTable(data, manifest), data };
}

/** The same copy, or what another tab has put in its place since. @param {Held} before @param {Pinned} pinned */
export async function current(before, pinned) {
  const copy = await store.recall();
  const same = copy && copy.manifest === before.copy.manifest && copy.files.length === before.copy.files.length;
  return same ? before : held(pinned);
}

/** This offer, or a new one where another tab has saved a newer copy since. @param {Offer} offer @param {Pinned} pinned @param {number} now */
export async function newest(offer, pinned, now) {
  const copy = await store.recall();
  return copy && copy.seq > offer.manifest.seq ? offered(pinned, now) : offer;
}

/** What saving these regions would fetch, and what it would take on the phone. @param {Offer} offer @param {string[]} regions */
export async function cost(offer, regions) {
  const have = await store.held().catch(() => new Set());
  const wanted = shards(offer.table, regions);
  const size = (/** @type {snapshot.ShardRef[]} */ refs) => refs.reduce((sum, ref) => sum + ref.size, 0);
  return { fetch: size(wanted.filter((ref) => !have.has(ref.sha256))), keep: size(wanted) };
}

/** One tab at a time: each deletes what its own copy does not need. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
const alone = (work) => (navigator.locks ? navigator.locks.request("resguardo-trip", work) : work());

/**
 * Fetch, verify, keep; then the pages, so that they open without a network. All or nothing.
 * @param {Offer} offer @param {string[]} regions @param {Progress} progress
 * @returns {Promise<Held>}
 */
export const save = (offer, regions, progress) => alone(() => taken(offer, regions, progress));

/** @param {Offer} offer @param {string[]} regions @param {Progress} progress @returns {Promise<Held>} */
async function taken(offer, regions, progress) {
  const { table, manifest } = offer;
  const before = await store.recall();
  if (before && before.seq > manifest.seq) throw new Refused("older");
  await room((await cost(offer, regions)).keep);
  await pages();
  const old = await store.held();
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */
  const fresh = new Map([[manifest.root, offer.data]]);
  const wanted = shards(table, regions);
  let done = 0;
  for (const ref of wanted) {
    if (!old.has(ref.sha256)) {
      const data = await fetched(`snapshot/${ref.sha256}`);
      await snapshot.readShard(data, ref, table);
      fresh.set(ref.sha256, data);
    }
    progress(++done, wanted.length);
  }
  const hotlines = await numbers(manifest, fresh);
  const copy = {
    manifest: offer.jws, table: manifest.root, regions, whole: whole(table, regions), hotlines,
    files: [manifest.root, ...wanted.map((ref) => ref.sha256), ...(hotlines ? [hotlines] : [])],
    seq: manifest.seq, root: manifest.root, bytes: wanted.reduce((sum, ref) => sum + ref.size, offer.data.length),
  };
  await store.keep(copy, fresh, old);
  return { copy, manifest, table };
}

/** The copy made new when that is little to fetch. Null when nothing changed or it is too much to do unasked.
 * @param {Held} held @param {Pinned} pinned @param {number} now */
export async function freshen(held, pinned, now) {
  const offer = await offered(pinned, now);
  const regions = held.copy.whole ? regionsOf(offer.table) : held.copy.regions;
  if (offer.manifest.iat <= held.manifest.iat || (await cost(offer, regions)).fetch > SMALL) return null;
  return save(offer, regions, () => {});
}

/** The seal with this code in the copy; null when it holds none. @param {Held} held @param {string} code */
export async function find({ copy, table }, code) {
  for (const ref of shards(table, copy.regions)) {
    const found = await snapshot.find(await snapshot.readShard(await kept(ref.sha256), ref, table), code);
    if (found) return found;
  }
  return null;
}

/** Whom to call, as saved. @param {Held} held @returns {Promise<import("./hotlines.js").Line[]>} */
export async function hotlines({ copy }) {
  const data = copy.hotlines ? await store.file(copy.hotlines) : undefined;
  if (!data || (await nameOf(data)) !== copy.hotlines) return [];
  return JSON.parse(new TextDecoder().decode(data)).hotlines ?? [];
}

/**
 * What the register says online: "newer" (go and read it), "older" than the copy on this phone, or nothing in time.
 * @param {Held} held @param {string} code @returns {Promise<"newer" | "older" | "silent">}
 */
export async function online({ copy }, code) {
  if (!navigator.onLine) return "silent";
  try {
    const answer = await fetch(`/s/${code}.json`, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
    const said = await answer.json();
    if (said.state === "cannot_confirm") return "silent";
    return said.copy.seq < copy.seq ? "older" : "newer";
  } catch {
    return "silent";
  }
}

/** Everything away, at the traveller's wish. */
export async function forget() {
  await alone(store.forget);
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  await registration?.unregister();
  for (const name of await caches.keys()) if (name.startsWith("scan-")) await caches.delete(name);
}

/** @param {snapshot.Table} table */
export const regionsOf = (table) => [...new Set((table.shards ?? []).map((ref) => ref.region))].sort();

/** @param {snapshot.Table} table @param {string[]} regions */
const shards = (table, regions) => (table.shards ?? []).filter((ref) => regions.includes(ref.region));

/** @param {snapshot.Table} table @param {string[]} regions */
const whole = (table, regions) => regionsOf(table).every((region) => regions.includes(region));

/** @param {string} name */
async function kept(name) {
  const data = await store.file(name);
  if (!data) throw new Refused("gone", name);
  return data;
}

/** The numbers to call: the list the manifest answers for, under its own hash. Where it names none, the list as it is;
 * without any the page has its own. @param {snapshot.Manifest} manifest @param {Map<string, Uint8Array<ArrayBuffer>>} fresh */
async function numbers(manifest, fresh) {
  const bound = manifest.hotlines;
  const data = await fetched(bound ? `snapshot/${bound}` : "hotlines.json", bound ? "default" : "no-cache").catch(() => null);
  if (!data) return "";
  const name = await nameOf(data);
  if (bound && name !== bound) throw new Refused("altered", "hotlines");
  fresh.set(name, data);
  return name;
}

/** @param {string} name @param {RequestCache} [cache] @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function fetched(name, cache = "default") {
  try {
    const answer = await fetch(FILES + name, { cache });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  } catch {
    // no network: said below
  }
  throw new Refused("unreachable", name);
}

/** @param {number} bytes */
async function room(bytes) {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota !== undefined && usage !== undefined && quota - usage < bytes * 1.2) throw new Refused("full");
  // Firefox asks the traveller, who may never answer: nothing waits for it.
  void navigator.storage?.persist?.().catch(() => {});
}

/** The worker that opens these pages without a network; in this one place of the site, and only when asked for. */
async function pages() {
  if (!navigator.serviceWorker) throw new Refused("no-storage");
  try {
    const registration = await navigator.serviceWorker.register("/scan/worker.js", { scope: SCOPE });
    await settled(registration);
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(navigator.onLine ? "no-storage" : "unreachable", String(error));
  }
}

/** @param {ServiceWorkerRegistration} registration */
async function settled(registration) {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  /** @type {Promise<string>} */
  const told = new Promise((resolve) => {
    const hear = (/** @type {MessageEvent} */ { data }) => typeof data?.unkept === "string" && resolve(data.unkept);
    navigator.serviceWorker.addEventListener("message", hear);
  });
  await new Promise((resolve) => {
    const look = () => worker && worker.state !== "installing" && resolve(undefined);
    worker?.addEventListener("statechange", look);
    look();
  });
  if (worker?.state !== "redundant") return;
  // The worker's own word of why, and that it failed, come by two ways: the word may be the later one.
  const why = await Promise.race([told, new Promise((resolve) => setTimeout(resolve, SAID_WITHIN, ""))]);
  throw new Refused(unkept(why), `the pages were not kept ${why}`);
}

/** What an installation that ended with this error is called on the page. @param {string} name @returns {import("./refused.js").Code} */
export const unkept = (name) =>
  name === "QuotaExceededError" ? "full" : ["", "TypeError", "NetworkError", "AbortError"].includes(name) ? "unreachable" : "no-storage";
