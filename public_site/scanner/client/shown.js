// The verdict of the copy, drawn on the page.
import { grouped } from "./code.js";
import { face, moment, put } from "./face.js";
import { fill } from "./fill.js";
import { local, shown as lines } from "./hotlines.js";
import { byId, part } from "./page.js";

/** @typedef {import("./face.js").Words & {call: string, danger: string, protection: string, zone: string, country: string, calling: string}} Spoken */
/**
 * @typedef {object} Said
 * @property {string} code
 * @property {import("./snapshot.js").Entry | null} entry
 * @property {import("./verdict.js").Verdict} verdict
 * @property {number} asOf
 * @property {number} clock  the device's
 * @property {boolean} older  the register online answered something older
 * @property {string} attestation
 * @property {import("./hotlines.js").Line[]} hotlines
 */

/** @param {Said} said @param {Spoken} words */
export function show(said, words) {
  const { entry, verdict, asOf, clock } = said;
  const now = Math.max(clock, asOf);
  const dull = verdict.reason === "old_copy"; // too old to answer is too old to compare with, too
  const told = entry && !dull ? face(entry, verdict, now, words) : {};
  const holes = {
    ...told, code: grouped(said.code), path: said.code, moment: moment(asOf, entry?.zone ?? words.zone, words),
    look: look(verdict),
  };
  const holds = new Set([
    verdict.state, verdict.reason === "expired" ? "expired:expired" : verdict.reason, said.attestation,
    ...(entry && !dull ? ["comparable", entry.kind, `art:${told.art}`] : []),
    ...(verdict.reason === "not_in_register" ? [] : ["dated"]), ...(clock < asOf ? ["behind"] : []), ...(said.older ? ["online-older"] : []),
  ]);
  const box = byId("verdict");
  box.replaceChildren(fill(byId("carried"), holds, holes));
  box.hidden = false;
  part("title").hidden = true;
  numbers(said.hotlines, entry?.region ?? words.country, now, words);
  document.title = document.title.replace(/^.*?(?= · [^·]*$)/, box.querySelector("h1")?.innerText.trim() ?? "");
  box.focus();
  scrollTo(0, 0);
}

/** @param {import("./verdict.js").Verdict} verdict */
function look({ state, reason }) {
  if (reason === "was_valid") return "amber";
  return state === "cannot_confirm" ? "unknown" : state;
}

/** The emergency bar and the numbers of the place, as saved; without any the page keeps its own.
 * @param {import("./hotlines.js").Line[]} saved @param {string} place @param {number} now @param {Spoken} words */
function numbers(saved, place, now, words) {
  const here = lines(saved, place, now);
  if (!here.length) return;
  const named = here.map((line) => ({
    kind: line.kind, number: local(line.numbers[0], words.calling), to: line.numbers[0],
    name: line.names[words.language] ?? line.names.es ?? Object.values(line.names)[0],
  }));
  const [first, second] = ["emergency", "child_protection"].map((kind) => named.find((line) => line.kind === kind));
  if (first) bar(first, second, words);
  for (const line of named) {
    const made = fill(byId("call"), new Set(), line);
    made.querySelector("a")?.setAttribute("href", `tel:${line.to}`);
    part("lines").append(made);
  }
}

/** @typedef {{number: string, to: string}} Call */
/** @param {Call} first @param {Call | undefined} second @param {Spoken} words */
function bar(first, second, words) {
  const link = (/** @type {string} */ label, /** @type {Call} */ line, /** @type {string} */ text) => {
    const made = document.createElement("a");
    made.href = `tel:${line.to}`;
    const number = document.createElement("b");
    number.textContent = text;
    made.append(`${label} `, number);
    return made;
  };
  const links = [link(words.danger, first, put(words.call, { number: first.number }))];
  if (second) links.push(link(words.protection, second, second.number));
  document.querySelector(".emergency")?.replaceChildren(...links);
}
