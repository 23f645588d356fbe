// What an envelope may hold before the page shows it; the Python twin is held to the same by test_envelope.py.
import assert from "node:assert/strict";
import test from "node:test";
import { Refused, belongs, identities, numbered, read, rows } from "../../../../../registry/reports/agent/client/inside.js";

const id = "0a0b0c0d-0000-4000-8000-000000000001";
const good = {
  schema: "sectt-report/1", proof: "0".repeat(26),
  context: { envelope: id, chain: [id], keys: ["0123456789abcdef"], directory: 1, form: "2026-11" },
  report: { place: { code: "CR-G" }, narrative: "x" }, reply_recipient: `age1${"q".repeat(58)}`,
};
/** @param {unknown} value */
const sealed = (value) => new TextEncoder().encode(JSON.stringify(value).padEnd(4096));
/** @param {object} changed */
const refused = (changed) => assert.throws(() => read(sealed({ ...good, ...changed })), Refused, JSON.stringify(changed));

test("a report in our form is read", () => {
  assert.equal(read(sealed(good)).report.narrative, "x");
  assert.equal(read(sealed({ ...good, report: { ...good.report, children: [{ count: 2 }] } })).proof, good.proof);
});

test("what came by a newer form is said to be newer, and what names no form at all is not ours", () => {
  const by = (/** @type {unknown} */ form) => sealed({ ...good, more: 1, context: { ...good.context, form } });
  for (const form of ["2027-02", "2099-12"]) assert.throws(() => read(by(form)), (error) => error instanceof Refused && error.message === "newer");
  for (const form of ["2026-12", "2027-01", "2000-01", "3000-01", "2027-01-01", "x", null, 2027]) assert.throws(() => read(by(form)), (error) => error instanceof Refused && error.message === "schema");
});

test("what is not in our form is not shown", () => {
  for (const changed of [
    { schema: "sectt-report/2" }, { proof: "x" }, { more: 1 }, { context: {} }, { context: { ...good.context, chain: [] } },
    { context: { ...good.context, keys: Array(17).fill("0123456789abcdef") } }, { report: null }, { report: [] },
    { report: { narrative: "x" } }, { report: { ...good.report, narrative: "" } }, { report: { ...good.report, narrative: {} } },
    { report: { ...good.report, place: { code: "<b>" } } }, { report: { ...good.report, narrative: "x".repeat(12_001) } },
    { report: { ...good.report, a: { b: { c: { d: { e: { f: 1 } } } } } } }, { drill: "yes" },
    { report: { ...good.report, wide: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [at, at])) } },
  ]) refused(changed);
  for (const bytes of [new Uint8Array(4096), new Uint8Array(10), sealed(null), sealed([]), new TextEncoder().encode("[".repeat(4096))])
    assert.throws(() => read(bytes), Refused);
  assert.throws(() => read(sealed(good).fill(0xff, 10, 20)), Refused);
});

test("an envelope of another office, key, number or another count of keys is not shown", () => {
  const here = { prints: ["0123456789abcdef"], sealed: 1, office: id, number: "0A0B0C0D" };
  belongs(/** @type {any} */ (good), here);
  for (const changed of [{ prints: ["ffffffffffffffff"] }, { sealed: 2 }, { office: "0a0b0c0d-0000-4000-8000-000000000002" }, { number: "00000000" }])
    assert.throws(() => belongs(/** @type {any} */ (good), { ...here, ...changed }), Refused);
});

test("keys and numbers are found where they stand", () => {
  assert.equal(identities(`# public key: age1\r\nAGE-SECRET-KEY-1${"Q".repeat(58)}\r\n`).length, 1);
  assert.throws(() => identities("ssh-rsa AAAA"), Refused);
  assert.equal(numbered("0a0b-0c0d.age"), "0A0B0C0D");
  assert.equal(numbered("envelope.age"), "");
});

test("rows are made of whatever there is, the narrative apart", () => {
  assert.deepEqual(rows({ narrative: "n", what: ["paid"], children: [{ count: 2 }], place: { code: "CR" } }),
    [["what", ["paid"]], ["children 1.count", ["2"]], ["place.code", ["CR"]]]);
});
