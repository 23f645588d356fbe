// "Save for my trip", on the page: what can be saved and what it costs, the copy that is here, its age, and its end.
import * as copies from "./copy.js";
import { moment } from "./face.js";
import { fill } from "./fill.js";
import { byId, given, part, say, write } from "./page.js";
import { Refused } from "./refused.js";
import { show } from "./shown.js";
import { LIMITS, verdict } from "./verdict.js";

/** @type {import("./shown.js").Spoken} */
const words = given("trip-more", "words");
const pinned = {
  keys: given("trip-more", "keys"),
  fallback: async () => (await import(byId("scanner").dataset.ed25519 ?? "")).verify,
};
/** @type {copies.Held | null} */
let held = null;
/** @type {copies.Offer | null} */
let offer = null;
/** @type {any} the browser's own question about the home screen, kept until it is asked for */
let install = null;

/** Once: the copy that is here, if any. */
export async function begin() {
  byId("save").addEventListener("submit", save);
  byId("save").addEventListener("change", price);
  byId("never").addEventListener("click", () => settle());
  byId("update").addEventListener("click", update);
  byId("delete").addEventListener("click", forget);
  byId("install").addEventListener("click", () => install?.prompt());
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    install = event;
    byId("install").hidden = false;
  });
  await tried(async () => {
    held = await copies.held(pinned);
    settle();
    if (held && navigator.onLine) await copies.freshen(held, pinned, Date.now()).then(adopt, () => {}); // it keeps what it has
  });
}

/** @param {copies.Held | null} newer */
function adopt(newer) {
  if (!newer) return;
  held = newer;
  settle();
}

/** What can be saved, with its size before anything is fetched. */
export async function choose() {
  await tried(async () => {
    say("trip-told", "looking");
    offer = await copies.offered(pinned, Date.now());
    say("trip-told");
    const box = byId("regions");
    box.replaceChildren();
    for (const region of copies.regionsOf(offer.table)) {
      const { keep } = await copies.cost(offer, [region]);
      const made = fill(byId("region"), new Set(), { name: words.places[region] ?? region, size: size(keep) });
      const input = /** @type {HTMLInputElement} */ (made.querySelector("input"));
      input.value = region;
      input.checked = held ? held.copy.regions.includes(region) : true;
      box.append(made);
    }
    part("offer").hidden = true;
    part("choice").hidden = false;
    await price();
  });
}

const chosen = () =>
  [...document.querySelectorAll("#regions input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value);

async function price() {
  if (!offer) return;
  const { keep } = await copies.cost(offer, chosen());
  write(part("choice"), "total", chosen().length ? size(keep) : "");
}

/** @param {Event} event */
async function save(event) {
  event.preventDefault();
  if (!chosen().length) return say("trip-told", "nowhere");
  await tried(async () => {
    if (!offer) return;
    await kept(offer, chosen());
    part("choice").hidden = true;
    settle();
    say("trip-told", "saved");
  });
}

async function update() {
  await tried(async () => {
    if (!held) return;
    say("trip-told", "looking");
    const fresh = await copies.offered(pinned, Date.now());
    const same = fresh.manifest.iat === held.manifest.iat;
    await kept(fresh, held.copy.whole ? copies.regionsOf(fresh.table) : held.copy.regions);
    settle();
    say("trip-told", same ? "same" : "saved");
  });
}

/** @param {copies.Offer} from @param {string[]} regions */
async function kept(from, regions) {
  say("trip-told", "saving");
  const bar = /** @type {HTMLProgressElement} */ (byId("progress"));
  held = await copies.save(await copies.newest(from, pinned, Date.now()), regions, (done, of) => (bar.value = done / of));
}

async function forget() {
  await tried(async () => {
    await copies.forget();
    held = null;
    settle();
    say("trip-told", "deleted");
  });
}

/** The section as it now stands. */
function settle() {
  part("choice").hidden = true;
  part("offer").hidden = Boolean(held);
  part("held").hidden = !held;
  if (!held) return;
  const made = held.manifest.iat * 1000;
  const box = part("held");
  write(box, "copied", moment(made, words.zone, words));
  write(box, "where", held.copy.regions.map((region) => words.places[region] ?? region).join(", "));
  write(box, "kept", size(held.copy.bytes));
  const aged = /** @type {HTMLElement} */ (box.querySelector('[data-say="aged"]'));
  aged.hidden = Date.now() - made <= LIMITS.vehicle.green;
}

/**
 * What this phone's copy says of a code; false where the seal's own page online is the better answer.
 * @param {string} code @returns {Promise<boolean>}
 */
export async function answer(code) {
  if (!held) return false;
  let answered = false;
  await tried(async () => {
    if (!held) return;
    const before = held;
    held = await copies.current(before, pinned); // another tab may have updated it, or deleted it
    if (held !== before) settle();
    if (!held) return;
    const { copy, manifest, table } = held;
    const online = await copies.online(held, code);
    if (online === "newer") return;
    const entry = await copies.find(held, code);
    const asOf = manifest.iat * 1000;
    const clock = Date.now();
    const scheme = (table.schemes ?? []).find((one) => one.scheme === entry?.scheme && one.version === entry?.version);
    show({
      code, entry, asOf, clock, verdict: verdict(entry, clock, asOf, copy.whole), older: online === "older",
      attestation: scheme?.attestation === "recognition" ? "recognition" : "certificate",
      hotlines: await copies.hotlines(held),
    }, words);
    answered = true;
  });
  return answered || Boolean(held && !navigator.onLine);
}

/** Says in words what went wrong. @param {() => Promise<unknown>} work */
async function tried(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say("trip-told", `refused-${error.code}`);
    byId("trip").scrollIntoView();
  }
}

/** @param {number} bytes */
function size(bytes) {
  const small = bytes < 1_000_000;
  const unit = { style: "unit", unit: small ? "kilobyte" : "megabyte", maximumFractionDigits: small ? 0 : 1 };
  return new Intl.NumberFormat(words.language, /** @type {Intl.NumberFormatOptions} */ (unit)).format(small ? Math.max(1, bytes / 1000) : bytes / 1_000_000);
}
