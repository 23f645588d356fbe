// /scan: shows what a script can do here, and loads each thing at its tap: the camera and its reader, the copy for a trip.
import { check } from "./code.js";
import { byId, given, part, say, sealPage } from "./page.js";
import { read, UNSEEN } from "./payload.js";

/** @typedef {typeof import("./camera.js")} Camera */
/** @typedef {typeof import("./trip.js")} Trip */

const root = byId("scanner");
/** @type {import("./camera.js").Watching | null} */
let watching = null;
/** @type {Promise<Trip> | null} */
let trip = null;

// Inside the worker's scope from here on, so that reloading, a bookmark or the home screen find the saved page.
if (location.pathname === "/scan" && !byId("code-error")) history.replaceState(null, "", `/scan/${location.search}${location.hash}`);

part("camera").hidden = false;
part("trip").hidden = false;
byId("start").addEventListener("click", start);
byId("stop").addEventListener("click", () => close(true));
byId("torch").addEventListener("click", light);
byId("photo").addEventListener("change", photo);
byId("typed").addEventListener("submit", typed);
byId("choose").addEventListener("click", async () => (await saving())?.choose());
document.addEventListener("visibilitychange", () => {
  if (document.hidden && watching) {
    close(false);
    say("told", "hidden");
  }
});
addEventListener("pagehide", () => close(false));
// Somebody who saved a copy finds it at once; nobody else loads a byte of it.
void saved().then((here) => (here ? saving() : null));

async function start() {
  say("told", "loading");
  part("foreign").hidden = true;
  const camera = await loaded(/** @type {() => Promise<Camera>} */ (() => import(root.dataset.camera ?? "")), "told");
  if (!camera) return;
  part("ways").hidden = true;
  part("finder").hidden = false;
  try {
    const video = /** @type {HTMLVideoElement} */ (byId("video"));
    watching = await camera.watch(video, { text: (text) => (close(false), settle(text)), slow: () => say("told", "slow") });
    byId("torch").hidden = !watching.torch;
    say("told");
    byId("stop").focus();
  } catch (error) {
    close(false);
    say("told", camera.trouble(error));
  }
}

/** @param {boolean} asked whether the traveller did it, whose keyboard then stands on the button again */
function close(asked) {
  watching?.stop();
  watching = null;
  part("finder").hidden = true;
  part("ways").hidden = false;
  byId("torch").setAttribute("aria-pressed", "false");
  say("told");
  if (asked) byId("start").focus();
}

async function light() {
  const on = byId("torch").getAttribute("aria-pressed") !== "true";
  await watching?.torch?.(on).then(() => byId("torch").setAttribute("aria-pressed", String(on)), () => {});
}

async function photo() {
  const input = /** @type {HTMLInputElement} */ (byId("photo"));
  const [file] = input.files ?? [];
  if (!file) return;
  say("told", "loading");
  part("foreign").hidden = true;
  const camera = await loaded(/** @type {() => Promise<Camera>} */ (() => import(root.dataset.camera ?? "")), "told");
  if (camera) {
    try {
      const text = await camera.photo(file);
      if (text) await settle(text);
      else say("told", "no-square");
    } catch {
      say("told", "no-photo");
    }
  }
  input.value = "";
}

/** What a square said. @param {string} text */
async function settle(text) {
  const payload = read(text, given("scanner", "bases"));
  if (payload.kind === "seal") {
    say("told", "read");
    await go(payload.code);
    return;
  }
  if (payload.kind === "mistyped") {
    say("told", "mistyped");
    return;
  }
  say("told");
  byId("said").textContent = payload.text.slice(0, 500).replace(UNSEEN, "\ufffd");
  // What is told, if the traveller wishes to tell: not the password of somebody's network.
  const told = /^wifi:/i.test(payload.text) ? "WIFI" : payload.text;
  /** @type {HTMLInputElement} */ (byId("seen-code")).value = told.slice(0, 40);
  /** @type {HTMLInputElement} */ (byId("seen")).value = told.slice(0, 190);
  part("foreign").hidden = false;
  part("foreign").querySelector("h3")?.focus();
}

/** @param {Event} event */
async function typed(event) {
  event.preventDefault();
  const box = /** @type {HTMLInputElement} */ (byId("code"));
  const code = check(box.value);
  byId("code-error")?.remove();
  const wrong = code ? "" : box.value.trim() ? "code-mistyped" : "code-missing";
  for (const name of ["code-mistyped", "code-missing"]) byId(name).hidden = name !== wrong;
  box.setAttribute("aria-describedby", `code-hint ${wrong}`.trim());
  if (code) {
    box.removeAttribute("aria-invalid");
    await go(code);
  } else {
    box.setAttribute("aria-invalid", "true");
    box.focus();
  }
}

/** To the seal: its own page, or what the copy on this phone says. @param {string} code */
async function go(code) {
  const answered = trip && (await (await saving())?.answer(code));
  say("told");
  if (!answered) location.assign(sealPage(code));
}

/** Whether this phone holds the worker of a saved copy. */
async function saved() {
  try {
    return Boolean(await navigator.serviceWorker?.getRegistration("/scan/"));
  } catch {
    return false;
  }
}

/** The copy's own script and sentences, which most people never need. @returns {Promise<Trip | null>} */
async function saving() {
  say("trip-load", trip ? undefined : "loading");
  const module = await loaded(() => (trip ??= fetched()), "trip-load");
  if (!module) trip = null;
  else say("trip-load");
  return module;
}

/** @returns {Promise<Trip>} */
async function fetched() {
  const answer = await fetch(root.dataset.words ?? "");
  if (!answer.ok) throw new Error(String(answer.status));
  const more = new DOMParser().parseFromString(await answer.text(), "text/html");
  part("trip").append(...more.body.children);
  /** @type {Trip} */
  const module = await import(root.dataset.trip ?? "");
  await module.begin();
  return module;
}

/** @template T @param {() => Promise<T>} load @param {string} box @returns {Promise<T | null>} */
async function loaded(load, box) {
  try {
    return await load();
  } catch {
    say(box, "no-script");
    return null;
  }
}
