// The browser's sealing against the register's own vectors (tests/vectors/report_channel.json, report_codes.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { check, derive, grouped, newCode } from "../../../../public_site/report_form/client/code.js";
import { Untrusted, accept, canonical, formerly, recipients, verifier } from "../../../../public_site/report_form/client/directory.js";
import { TooLong, newProof, openReply, plaintext, recipientOf, seal } from "../../../../public_site/report_form/client/envelope.js";
import { attested, inOrder } from "../../../../public_site/report_form/client/replies.js";
import { Mend, urgent, written } from "../../../../public_site/report_form/client/written.js";
import { hex, sha256, unb64url, utf8 } from "../../../../public_site/scanner/client/bytes.js";

/** @param {string} name @returns {any} */
const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8"));
const channel = vectors("report_channel");
const codes = vectors("report_codes").codes;
const now = new Date(channel.now);
const verify = verifier(() => assert.fail("node has Ed25519 of its own"));

/** @param {[string, string][]} fields */
function form(fields) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
}

test("a code gives the lookup and the reply key that the register derives", async () => {
  const [{ code, label, lookup, reply_identity, reply_recipient }] = codes;
  const derived = await derive(code, label);
  assert.deepEqual([hex(derived.lookup), derived.identity], [lookup, reply_identity]);
  assert.equal(await recipientOf(derived.identity), reply_recipient);
});

test("codes of the vectors are read in every spelling, and one wrong digit is caught", () => {
  for (const { code } of codes) {
    assert.equal(check(code), code);
    assert.equal(check(grouped(code).join(" - ")), code);
    assert.equal(check([...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join("")), code);
    for (let at = 0; at < 20; at++)
      for (const digit of "0123456789") if (digit !== code[at]) assert.equal(check(code.slice(0, at) + digit + code.slice(at + 1)), null);
  }
  for (const typed of ["", "12", `${codes[0].code}0`, "x".repeat(20), "1e19"]) assert.equal(check(typed), null, typed);
});

test("new codes differ, carry their check digit, and use every digit alike", () => {
  const made = Array.from({ length: 2000 }, () => newCode());
  assert.equal(new Set(made).size, made.length);
  const counts = new Map();
  for (const code of made) {
    assert.equal(check(code), code);
    for (const digit of code.slice(0, 19)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  for (const count of counts.values()) assert.ok(Math.abs(count - 3800) < 350, `${count}`);
  const biased = newCode((bytes) => bytes.fill(255, 0, 20).fill(7, 20));
  assert.match(biased, /^7{19}\d$/, "bytes above 249 are thrown away");
});

test("a directory is used only if two custodians signed it and its time holds", async () => {
  for (const [name, file] of Object.entries(channel.directories)) {
    const found = await accept(file, channel.root, now, verify).catch((error) => error);
    if (name.startsWith("good")) assert.equal(found.version, 3, name);
    else assert.ok(found instanceof Untrusted, name);
  }
  await assert.rejects(accept(channel.directories.good, { threshold: 0, keys: [] }, now, verify), Untrusted);
});

test("any changed byte of it is refused, or changes nothing that is signed", async () => {
  const good = channel.directories.good;
  const meant = JSON.stringify(await accept(good, channel.root, now, verify));
  for (let at = 0; at < good.length; at += 7) {
    const changed = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ 1) + good.slice(at + 1);
    const found = await accept(changed, channel.root, now, verify).catch((error) => error);
    assert.ok(found instanceof Untrusted || JSON.stringify(found) === meant, `byte ${at}`);
  }
});

test("the keys of a chain come in its order, and a missing office is refused", async () => {
  const directory = await accept(channel.directories.good, channel.root, now, verify);
  assert.deepEqual(recipients(directory, channel.chain), channel.recipients);
  assert.throws(() => recipients(directory, [...channel.chain, crypto.randomUUID()]), Untrusted);
});

test("a form says the same in the browser and at the register", () => {
  for (const { fields, report } of channel.forms)
    if (typeof report === "string") assert.throws(() => written(form(fields), "es"), (error) => error instanceof Mend && report.startsWith(`${error.field}: report-`));
    else {
      const filled = written(form(fields), "es");
      assert.equal(JSON.stringify(filled), JSON.stringify(report));
      assert.equal(urgent(filled), report.when === "now" || "happening_now" in report);
    }
});

test("what is sealed is the same to the byte", async () => {
  const { schema, ...inner } = channel.inner;
  assert.equal(newProof(Uint8Array.from(Buffer.from(channel.proof_bytes, "hex"))), inner.proof);
  const { plain, step } = plaintext(inner);
  assert.equal(step, channel.step);
  assert.equal(hex(await sha256(plain)), channel.plain_sha256);
  assert.throws(() => plaintext({ ...inner, report: { narrative: "x".repeat(65536) } }), TooLong);
});

test("a reply sealed by an authority opens with the code's key and with no other", async () => {
  const { identity, body, text } = channel.reply;
  assert.equal(await openReply(unb64url(body), identity), text);
  await assert.rejects(openReply(unb64url(body), channel.identities[0]));
});

test("a reply holds only as its office signed it: for this report, this number and these bytes", async () => {
  const { keys, sign } = await office();
  const sent = { envelope: channel.chain[0], sha256: "ab".repeat(32), counter: 1, body: unb64url(channel.reply.body) };
  const signature = await sign({ statement: "reply", envelope: sent.envelope, sha256: sent.sha256, counter: 1, reply: hex(await sha256(sent.body)) });
  assert.ok(await attested({ ...sent, signature }, keys, verify));
  const other = Uint8Array.from(sent.body);
  other[other.length - 1] ^= 1;
  for (const changed of [{ envelope: channel.chain[1] }, { sha256: "cd".repeat(32) }, { counter: 2 }, { counter: NaN }, { body: other }, { signature: "" }, { signature: "é" }])
    assert.equal(await attested({ ...sent, signature, ...changed }, keys, verify), false, JSON.stringify(Object.keys(changed)));
  assert.equal(await attested({ ...sent, signature }, (await office()).keys, verify), false);
});

test("an office as it was before its key was changed is found by the way back that custodians signed, and not further", async () => {
  const custodian = await office();
  const root = { threshold: 1, keys: [custodian.keys] };
  /** @param {number} version @param {string} previous @param {string} signing */
  const edition = (version, previous, signing) => ({
    format: "resguardo-directory/2", version, previous, issued_at: `2026-0${version}-01T00:00:00Z`, expires_at: "2027-01-01T00:00:00Z",
    records: [{ authority: "a", names: { es: `A${version}` }, signing }],
  });
  const first = edition(1, "", "one"), second = edition(2, await digest(first), "two");
  const third = edition(3, await digest(second), "two"), fourth = edition(4, await digest(third), "four");
  const files = await Promise.all([first, second, third].map(async (one) =>
    JSON.stringify({ directory: one, signatures: [{ root: custodian.keys, signature: await custodian.sign(one) }] })));
  /** @param {any} now @param {(version: number) => Promise<string>} [published] */
  const walked = async (now, published = async (version) => files[version - 1]) => {
    const found = [];
    for await (const { office: was, until } of formerly(published, root, now, "a", verify)) found.push(`${was.signing} ${until.toISOString().slice(0, 7)}`);
    return found;
  };
  assert.deepEqual(await walked(fourth), ["two 2026-04", "one 2026-02"]);
  assert.deepEqual(await walked({ ...fourth, records: [] }), ["two 2026-04", "one 2026-02"], "an office that is gone");
  assert.deepEqual(await walked({ ...fourth, previous: "ab" }), []);
  assert.deepEqual(await walked(fourth, async (version) => (version === 2 ? Promise.reject(new Error("404")) : files[version - 1])), ["two 2026-04"]);
  assert.deepEqual(await walked(fourth, async (version) => files[version - 1].replace('"two"', '"own"')), []);
  assert.deepEqual(await walked(fourth, async () => files[0]), []);
});

/** @param {unknown} directory */
const digest = async (directory) => hex(await sha256(utf8(canonical(directory))));

test("a gap, another order and a repetition are told apart", () => {
  const said = (/** @type {number[]} */ ...counters) => counters.map(inOrder());
  assert.deepEqual(said(1, 2, 3), ["held", "held", "held"]);
  assert.deepEqual(said(1, 1, 2), ["held", "again", "held"]);
  assert.deepEqual(said(2, 1, 3), ["order", "order", "held"]);
  assert.deepEqual(said(1, 3), ["held", "order"]);
});

test("nothing of the report, its code or its reply key stands in what is sent", async () => {
  const canary = "CANARIO-7f3a";
  const code = newCode();
  const derived = await derive(code, "x");
  const to = { chain: channel.chain, directory: 3, keys: channel.recipients, shown: ["a", "b"] };
  const report = { place: { code: "CR-G" }, narrative: canary };
  const sent = await seal(report, to, derived);
  const bytes = Buffer.concat([Buffer.from(JSON.stringify(sent)), Buffer.from(sent.sealed, "base64url")]).toString("latin1");
  for (const secret of [canary, code, derived.identity, derived.identity.toLowerCase()]) assert.ok(!bytes.includes(secret));
  assert.equal(sent.size_step, 4096);
  assert.notEqual(sent.sealed, (await seal(report, to, derived)).sealed, "each time another file key");
  assert.equal(sent.lookup, Buffer.from(derived.lookup).toString("base64url"));
  assert.equal(hex(await sha256(utf8(sent.envelope))).length, 64);
});

/** An office that signs. */
async function office() {
  const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]));
  const keys = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("base64url");
  const sign = async (/** @type {object} */ said) =>
    Buffer.from(await crypto.subtle.sign("Ed25519", pair.privateKey, utf8(canonical(said)))).toString("base64url");
  return { keys, sign };
}
