// What is refused, and each with its own message (seals.md 7, check 14); what is opened, and to whom (check 16).
import assert from "node:assert/strict";
import test from "node:test";
import { verifyAsync } from "@noble/ed25519";
import { unb64url } from "../../../../public_site/scanner/client/bytes.js";
import { read } from "../../../../public_site/scanner/client/jws.js";
import * as snapshot from "../../../../public_site/scanner/client/snapshot.js";
import { bytes, vectors } from "./vectors.js";

const copy = vectors("carried_copy");
const record = vectors("snapshot");
const now = copy.iat * 1000 + 60_000;
const nothing = { seq: 0, root: "" };
const pinned = { keys: copy.keys, fallback: () => Promise.reject(new Error("no fallback is needed here")) };
const file = (/** @type {string} */ name) => bytes(copy.files[name]);

async function published() {
  const manifest = await snapshot.readManifest(copy.manifest, pinned, nothing, now);
  return { manifest, table: await snapshot.readTable(file(manifest.root), manifest) };
}

/** @param {() => Promise<unknown>} work @param {string} code */
const refuses = (work, code) => assert.rejects(work, (/** @type {any} */ error) => error.code === code, code);

test("every seal of a publication is found and says what the registry wrote; nobody else is", async () => {
  const { table } = await published();
  const texts = await Promise.all((table.shards ?? []).map((ref) => snapshot.readShard(file(ref.sha256), ref, table)));
  for (const [code, entry] of Object.entries(copy.entries)) {
    const found = (await Promise.all(texts.map((text) => snapshot.find(text, code)))).filter((one) => one !== null);
    assert.equal(found.length, 1);
    for (const name of ["code", "kind", "state", "valid_until", "region", "facts"])
      assert.deepEqual(/** @type {any} */ (found[0])[name], /** @type {any} */ (entry)[name]);
  }
  for (const text of texts) assert.equal(await snapshot.find(text, copy.unknown), null);
});

for (const [code, manifests] of Object.entries(copy.refused))
  test(`a manifest is refused: ${code}`, async () => {
    const { manifest } = await published();
    for (const jws of /** @type {string[]} */ (manifests))
      await refuses(() => snapshot.readManifest(jws, pinned, { seq: manifest.seq, root: manifest.root }, now), code);
  });

test("one that has run out is refused by the clock alone", async () => {
  await refuses(() => snapshot.readManifest(copy.manifest, pinned, nothing, now + 7 * 86_400_000), "expired");
});

test("one changed bit anywhere in a shard or the table is refused", async () => {
  const { manifest, table } = await published();
  const [ref] = table.shards ?? [];
  for (let place = 0; place < ref.size; place += 97) {
    const data = file(ref.sha256);
    data[place] ^= 1 << place % 8;
    await refuses(() => snapshot.readShard(data, ref, table), "altered");
  }
  const data = file(manifest.root);
  data[5] ^= 1;
  await refuses(() => snapshot.readTable(data, manifest), "altered");
});

test("two shards that changed places are refused, and said to have", async () => {
  const { table } = await published();
  const [one, two] = table.shards ?? [];
  await refuses(() => snapshot.readShard(file(two.sha256), one, table), "swapped");
});

test("fewer seals than were signed for are refused", async () => {
  const manifest = await snapshot.readManifest(copy.incomplete, pinned, nothing, now);
  await refuses(() => snapshot.readTable(file(manifest.root), manifest), "incomplete");
});

test("no other algorithm is verified", async () => {
  const [, body, mark] = copy.manifest.split(".");
  const kid = copy.keys[0].kid;
  for (const alg of ["none", "HS256", "ES256", "RS256"]) {
    const head = Buffer.from(JSON.stringify({ alg, typ: "seal-snapshot+jwt", kid })).toString("base64url");
    await refuses(() => snapshot.readManifest(`${head}.${body}.${mark}`, pinned, nothing, now), "signature");
  }
});

test("a browser without Ed25519 verifies with the fallback, and refuses with it", async (t) => {
  const known = crypto.subtle.importKey.bind(crypto.subtle);
  t.mock.method(crypto.subtle, "importKey", (/** @type {any[]} */ ...given) =>
    given[2].name === "Ed25519" ? Promise.reject(new DOMException("no", "NotSupportedError")) : known(.../** @type {[any, any, any, any, any]} */ (given)));
  const fallback = async () => verifyAsync;
  assert.equal((await read(copy.manifest, copy.keys, "seal-snapshot+jwt", fallback)).seq, 41);
  await refuses(() => read(copy.refused.signature[0], copy.keys, "seal-snapshot+jwt", fallback), "signature");
});

test("a key of the other curve is read too", async () => {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const key = { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid: "k" };
  const packed = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const message = `${packed({ alg: "ES256", typ: "t", kid: "k" })}.${packed({ said: 1 })}`;
  const mark = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, Buffer.from(message));
  assert.deepEqual(await read(`${message}.${Buffer.from(mark).toString("base64url")}`, [key], "t", pinned.fallback), { said: 1 });
});

test("a vehicle's record opens to its code and to no other", async () => {
  assert.equal(await snapshot.address(record.code), record.address);
  const entry = await snapshot.reveal(record.record, record.seq, record.code);
  assert.deepEqual(entry.facts, record.entry.facts);
  await refuses(() => snapshot.reveal(record.record, record.seq, "3FJ7YX4N6PCAT0G9"), "altered");
  await refuses(() => snapshot.reveal(record.record, record.seq + 1, record.code), "altered");
});

test("plates are not found in the bytes that travel", async () => {
  const { table } = await published();
  for (const ref of table.shards ?? []) {
    const text = Buffer.from(file(ref.sha256)).toString("latin1");
    for (const entry of /** @type {any[]} */ (Object.values(copy.entries)))
      if (entry.facts.plate) for (const secret of [entry.facts.plate, entry.facts.holder, entry.code]) assert.ok(!text.includes(secret));
  }
  const sealed = unb64url(record.record.sealed);
  assert.ok(!Buffer.from(sealed).toString("latin1").includes(record.entry.facts.plate));
});
