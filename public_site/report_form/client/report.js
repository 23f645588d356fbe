// Seals a report on this phone before anything leaves it. Without this script, or where it fails before the button is
// pressed, the form is posted as it is and sealed by our server; once pressed, it is sealed here or not sent.
// Every sentence stands in the page (data-say); nothing is kept by the browser.
import { Untrusted, accept, recipients, verifier } from "./directory.js";
import { TooLong, seal } from "./envelope.js";
import * as files from "./files.js";
import { deriveAway } from "./away.js";
import { newCode } from "./code.js";
import { Mend, urgent, written } from "./written.js";
import { byId, say } from "../../scanner/client/page.js";
import { givenBack } from "./given.js";
import { mend, mended } from "./mend.js";
import { namesChild } from "./named.js";
import { receipt } from "./receipt.js";
import { replace } from "./page.js";
import { solve } from "./work.js";

/** @typedef {{work?: import("./work.js").Challenge, label: string, root: import("./directory.js").Root, chain: string[], directory: number, file: string, ed25519: string, worker: string}} Channel */

const form = /** @type {HTMLFormElement} */ (byId("report"));
/** @type {Channel} */
const channel = JSON.parse(form.dataset.channel ?? "null");
const verify = verifier(async () => (await import(channel.ed25519)).verify);
const AGAIN = 4; // the work may become more while it is done, and the offices may change: that is nothing to bother anybody with
const language = document.documentElement.lang;
/** @type {{code: string, derived: Promise<import("./code.js").Derived>} | undefined} made while the person writes */
let ahead;
/** @type {{text: string, sealed: object, files: Uint8Array<ArrayBuffer>[], code: string} | undefined} what was sealed last: a second press sends the same */
let last;
/** @type {Promise<string> | undefined} what is asked of us while many write; begun while the person writes */
let work;

form.addEventListener("input", () => void prepared(), { once: true });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
byId("text").addEventListener("change", hint);
const chosen = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("files"));
if (chosen) letGo(chosen, byId("none"));
// One sentence of the two: a browser that knows neither style nor script never reads the other.
byId("sealed").textContent = byId("sealed").dataset.here ?? "";

/** Says that a child's full name may stand in the text; nothing is held back for it. */
function hint() {
  const text = /** @type {HTMLTextAreaElement} */ (byId("text")).value;
  byId("named").querySelector("span")?.toggleAttribute("hidden", !namesChild(text));
}

/** A way to take files out again: most telephones have none. @param {HTMLInputElement} field @param {HTMLElement} way */
function letGo(field, way) {
  const tell = () => (way.hidden = !field.files?.length);
  field.addEventListener("change", tell);
  way.addEventListener("click", () => {
    field.value = "";
    tell();
    field.focus();
  });
  tell(); // a browser that comes back may have kept them
}

/** @param {import("./work.js").Challenge} challenge */
function begin(challenge) {
  const begun = (work = solve(challenge));
  begun.catch(() => (work = undefined)); // whoever waits for it hears of it, and the next press is asked again
}

function prepared() {
  if (channel.work && !work) begin(channel.work);
  channel.work = undefined;
  if (ahead) return ahead;
  const code = newCode();
  return (ahead = { code, derived: deriveAway(code, channel.label, channel.worker) });
}

async function send() {
  const button = /** @type {HTMLButtonElement} */ (byId("send"));
  if (button.disabled) return;
  button.disabled = true;
  mended(form);
  say("told", "sealing");
  try {
    const data = new FormData(form);
    const report = written(data, language);
    await deliver(report, await attached(data));
  } catch (error) {
    fail(error);
  } finally {
    button.disabled = false;
  }
}

/** The files of the form, drawn anew where they are pictures. @param {FormData} data */
async function attached(data) {
  const chosen = data.getAll("files").filter((file) => file instanceof File && file.size > 0);
  if (!chosen.length) return [];
  say("told", "drawing");
  return files.ready(/** @type {File[]} */ (chosen), Boolean(data.get("keep_taken")));
}

/** @param {ReturnType<typeof written>} report @param {files.Ready[]} beside @param {number} [tries] @returns {Promise<void>} */
async function deliver(report, beside, tries = 0) {
  const manifest = beside.map((file) => file.manifest);
  const text = JSON.stringify([report, manifest]);
  if (!last || last.text !== text) last = await sealed(report, text, beside);
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("token"));
  if (work) say("told", "working");
  const pow = await work;
  say("told", "sending");
  const said = JSON.stringify({ ...last.sealed, token: token.value, website: trap()?.value ?? "", ...(pow && { pow }) });
  const answer = await fetch(beside.length ? /** @type {HTMLButtonElement} */ (byId("send")).formAction : form.action, {
    method: "POST", ...(beside.length ? { body: parcel(said, last.files) } : { body: said, headers: { "content-type": "application/json" } }),
    cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", redirect: "error",
  });
  if ((answer.headers.get("content-type") ?? "").startsWith("text/html")) {
    if (answer.status === 404 && beside.length) throw new files.Unfit("files-off"); // since the page was opened
    return show(answer, last.code);
  }
  const refused = await answer.json();
  work = undefined;
  // The same form may be sent again as it is, and so must the same envelope: then it counts once.
  if (refused.token && refused.token !== token.value) last = undefined;
  if (refused.token) token.value = refused.token;
  if (refused.work) begin(refused.work);
  if (refused.code === "report-directory-changed") Object.assign(channel, refused.channel);
  if (tries < AGAIN && (refused.work || refused.code === "report-directory-changed")) return deliver(report, beside, tries + 1);
  if (refused.code === "form-hidden-field") trap()?.remove(); // a browser fills it that helps too much, and would again
  throw new Refusal(refused.detail);
}

/** One form of several parts; files have no name but their turn. @param {string} said @param {Uint8Array<ArrayBuffer>[]} sealedFiles */
function parcel(said, sealedFiles) {
  const parts = new FormData();
  parts.append("report", said);
  for (const file of sealedFiles) parts.append("files", new Blob([file]), "file");
  return parts;
}

/** The field that nobody sees. @returns {HTMLInputElement | null} */
const trap = () => /** @type {HTMLInputElement | null} */ (form.elements.namedItem("website"));

/** @param {ReturnType<typeof written>} report @param {string} text @param {files.Ready[]} beside */
async function sealed(report, text, beside) {
  const made = prepared();
  const file = await fetch(channel.file, { cache: "no-store", credentials: "omit" });
  const directory = await accept(await file.text(), channel.root, new Date(), verify);
  if (directory.version !== channel.directory) throw new Untrusted("version");
  const keys = recipients(directory, channel.chain);
  const shown = channel.chain.map((id) => {
    const names = directory.records.find(({ authority }) => authority === id)?.names ?? {};
    return names[language] ?? names.es ?? Object.values(names)[0] ?? "";
  });
  const to = { chain: channel.chain, directory: directory.version, keys, shown };
  const envelope = await seal(report, to, await made.derived, beside.map((file) => file.manifest));
  const closed = [];
  for (const file of beside) closed.push(/** @type {Uint8Array<ArrayBuffer>} */ (await files.seal(file, keys)));
  ahead = undefined; // a code is good for one report
  const data = new FormData(form);
  const gate = { place: report.place.code, premises: report.place.premises ?? "", home: data.get("home") ?? "" };
  return { text, code: made.code, files: closed, sealed: { ...envelope, ...gate, urgent: urgent(report) } };
}

/**
 * The page we are answered with: the receipt, into which the code is written here, or the closed gate, with the text.
 * @param {Response} answer @param {string} code
 */
async function show(answer, code) {
  if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
  const typed = givenBack(form);
  const main = replace(await answer.text());
  last = undefined;
  receipt(code);
  for (const hole of main.querySelectorAll("[data-hole=given]")) hole.textContent = typed;
}

/** What the server said no to, in its own words. */
class Refusal extends Error {}

/** @param {unknown} error */
function fail(error) {
  if (error instanceof Mend) return beside(error.message, error.field);
  if (error instanceof TooLong) return beside("long", "text");
  const name = error instanceof Untrusted ? "untrusted" : error instanceof files.Unfit ? error.message : "failed";
  if (error instanceof Refusal && error.message) {
    byId("refused").textContent = error.message;
    say("told", "refused");
  } else say("told", name);
  if (error instanceof files.Unfit) byId("files").focus();
  byId("told").scrollIntoView({ block: "center" });
}

/** The sentence at the field that is to be mended: under the button nobody would see it. @param {string} name @param {string} field */
function beside(name, field) {
  say("told");
  mend(form, field, byId("told").querySelector(`[data-say=${name}]`)?.textContent ?? "");
}
