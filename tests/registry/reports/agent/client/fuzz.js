// Random and nearly good plaintexts through the opener's validation: each is refused or sound, none throws anything else.
import { Refused, belongs, identities, numbered, read, rows, sealedTo } from "../../../../../registry/reports/agent/client/inside.js";

const id = "0a0b0c0d-0000-4000-8000-000000000001";
const good = JSON.stringify({
  schema: "sectt-report/1", proof: "0".repeat(26),
  context: { envelope: id, chain: [id], keys: ["0123456789abcdef"], directory: 1, form: "2026-11" },
  report: { place: { code: "CR-G" }, narrative: "x", what: ["paid"] }, reply_recipient: `age1${"q".repeat(58)}`,
});
const pieces = ["{", "}", "[", "]", '"', ",", ":", "null", "1e999", "-0", "true", "\u202e", "\\u0000", '"__proto__":', "[".repeat(900), "{\"a\":".repeat(700)];
let seed = Number(process.argv[2] ?? 1);
const next = (/** @type {number} */ below) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
const count = Number(process.argv[3] ?? 2000);
let sound = 0;
for (let n = 0; n < count; n++) {
  let text = good;
  for (let times = next(5); times >= 0; times--) {
    const at = next(text.length);
    text = text.slice(0, at) + pieces[next(pieces.length)] + text.slice(at + next(4));
  }
  const bytes = new TextEncoder().encode(text.padEnd(4096)).slice(0, next(9) ? 4096 : next(5000));
  if (!next(3)) bytes[next(bytes.length)] = next(256);
  sealedTo(bytes);
  numbered(text);
  try {
    identities(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  try {
    const inner = read(bytes);
    belongs(inner, { prints: ["0123456789abcdef"], sealed: 1, office: id, number: "" });
    if (rows(inner.report).some(([path, words]) => typeof path !== "string" || words.some((word) => typeof word !== "string"))) throw new Error("rows");
    sound++;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}
console.log(JSON.stringify({ count, sound }));
