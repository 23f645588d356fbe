// Seals a report on this phone before anything leaves it. Without this script, or where it fails before the button is
// pressed, the form is posted as it is and sealed by our server; once pressed, it is sealed here or not sent.
// Every sentence stands in the page (data-say); nothing is kept by the browser.
import { Untrusted, accept, recipients, verifier } from "./directory.js";
import { TooLong, seal } from "./envelope.js";
import { deriveAway } from "./away.js";
import { grouped, newCode } from "./code.js";
import { Mend, urgent, written } from "./written.js";
import { byId, say } from "../../scanner/client/page.js";
import { namesChild } from "./named.js";
import { replace } from "./page.js";

/** @typedef {{label: string, root: import("./directory.js").Root, chain: string[], directory: number, file: string, ed25519: string, worker: string}} Channel */

const form = /** @type {HTMLFormElement} */ (byId("report"));
/** @type {Channel} */
const channel = JSON.parse(form.dataset.channel ?? "null");
const verify = verifier(async () => (await import(channel.ed25519)).verify);
const language = document.documentElement.lang;
/** @type {{code: string, derived: Promise<import("./code.js").Derived>} | undefined} made while the person writes */
let ahead;
/** @type {{text: string, body: string, code: string} | undefined} what was sealed last: a second press sends the same */
let last;

form.addEventListener("input", () => void prepared(), { once: true });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
byId("text").addEventListener("change", hint);
byId("sealed-here").hidden = false;
byId("sealed-there").hidden = true;

/** Says that a child's full name may stand in the text; nothing is held back for it. */
function hint() {
  const text = /** @type {HTMLTextAreaElement} */ (byId("text")).value;
  byId("named").querySelector("span")?.toggleAttribute("hidden", !namesChild(text));
}

/** Every word that was typed, each under what was asked: the page that gives them back has no fields. */
function givenBack() {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[id]:not([name=website]), textarea"));
  const typed = [...fields].filter(({ type, value }) => !["radio", "checkbox", "hidden"].includes(type) && value.trim());
  return typed.map(({ labels, value }) => `${labels?.[0]?.firstChild?.textContent?.trim() ?? ""}\n${value.trim()}`).join("\n\n");
}

function prepared() {
  if (ahead) return ahead;
  const code = newCode();
  return (ahead = { code, derived: deriveAway(code, channel.label, channel.worker) });
}

async function send() {
  const button = /** @type {HTMLButtonElement} */ (byId("send"));
  if (button.disabled) return;
  button.disabled = true;
  say("told", "sealing");
  try {
    const report = written(new FormData(form), language);
    await deliver(report);
  } catch (error) {
    fail(error);
  } finally {
    button.disabled = false;
  }
}

/** @param {ReturnType<typeof written>} report @param {boolean} [again] */
async function deliver(report, again = false) {
  const text = JSON.stringify(report);
  if (!last || last.text !== text) last = await sealed(report, text);
  say("told", "sending");
  const answer = await fetch(form.action, {
    method: "POST", body: last.body, headers: { "content-type": "application/json" },
    cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", redirect: "error",
  });
  if ((answer.headers.get("content-type") ?? "").startsWith("text/html")) return show(answer, last.code);
  const said = await answer.json();
  last = undefined;
  if (said.code === "report-directory-changed" && !again) {
    Object.assign(channel, said.channel);
    return deliver(report, true);
  }
  if (said.token) /** @type {HTMLInputElement} */ (form.elements.namedItem("token")).value = said.token;
  throw new Refusal(said.detail);
}

/** @param {ReturnType<typeof written>} report @param {string} text */
async function sealed(report, text) {
  const made = prepared();
  const file = await fetch(channel.file, { cache: "no-store", credentials: "omit" });
  const directory = await accept(await file.text(), channel.root, new Date(), verify);
  if (directory.version !== channel.directory) throw new Untrusted("version");
  const keys = recipients(directory, channel.chain);
  const shown = channel.chain.map((id) => {
    const names = directory.records.find(({ authority }) => authority === id)?.names ?? {};
    return names[language] ?? names.es ?? Object.values(names)[0] ?? "";
  });
  const envelope = await seal(report, { chain: channel.chain, directory: directory.version, keys, shown }, await made.derived);
  ahead = undefined; // a code is good for one report
  const data = new FormData(form);
  const gate = { token: data.get("token"), website: data.get("website"), place: report.place.code, premises: report.place.premises ?? "", home: data.get("home") ?? "" };
  return { text, code: made.code, body: JSON.stringify({ ...envelope, ...gate, urgent: urgent(report) }) };
}

/**
 * The page we are answered with: the receipt, into which the code is written here, or the closed gate, with the text.
 * @param {Response} answer @param {string} code
 */
async function show(answer, code) {
  if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
  const typed = givenBack();
  const main = replace(await answer.text());
  last = undefined;
  for (const [at, hole] of main.querySelectorAll("[data-hole=group]").entries()) hole.textContent = grouped(code)[at];
  for (const hole of main.querySelectorAll("[data-hole=given]")) hole.textContent = typed;
}

/** What the server said no to, in its own words. */
class Refusal extends Error {}

/** @param {unknown} error */
function fail(error) {
  const name = error instanceof Mend ? error.message : error instanceof TooLong ? "long" : error instanceof Untrusted ? "untrusted" : "failed";
  if (error instanceof Refusal && error.message) {
    byId("refused").textContent = error.message;
    say("told", "refused");
  } else say("told", name);
  byId("told").scrollIntoView({ block: "center" });
  if (error instanceof Mend || error instanceof TooLong) mend(error instanceof Mend ? error.field : "text");
}

/** To the field that must be mended, also where it is folded away. @param {string} name */
function mend(name) {
  const found = form.elements.namedItem(name);
  const field = found instanceof RadioNodeList ? found[0] : found;
  if (!(field instanceof HTMLElement)) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
}
