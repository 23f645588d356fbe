// The signed copy of the register, the twin of registry/seals/snapshot.py: manifest (signed) -> table (its hash) ->
// shards (theirs). Nothing is believed before its hash was looked at; each way to fail has a sentence of its own.
import { b64url, nameOf, sha256, unb64url, utf8 } from "./bytes.js";
import { read } from "./jws.js";
import { Refused } from "./refused.js";

/** @typedef {{v: number, seq: number, iat: number, exp: number, count: number, root: string, hotlines?: string}} Manifest */
/** @typedef {{name: string, region: string, sha256: string, seq: number, seals: number, size: number}} ShardRef */
/** @typedef {{scheme: string, version: string, name: Record<string, string>, attestation?: string}} Words */
/** @typedef {{v: number, shards?: ShardRef[], schemes?: Words[]}} Table */
/** @typedef {Record<string, any>} Facts */
/**
 * @typedef {object} Entry
 * @property {string} code
 * @property {"vehicle" | "establishment"} kind
 * @property {"valid" | "suspended" | "withdrawn" | "replaced" | "ended"} state
 * @property {string} since
 * @property {string} region
 * @property {string} valid_from
 * @property {string} valid_until
 * @property {string} scheme
 * @property {string} version
 * @property {number} year
 * @property {string} zone
 * @property {Facts} facts
 */

const VERSION = 1;
const MANIFEST = "seal-snapshot+jwt";

/**
 * The manifest, if it is signed by a pinned key, not older than one already seen, and still worth something.
 * @param {string} jws
 * @param {{keys: import("./jws.js").Key[], fallback: () => Promise<import("./jws.js").Fallback>}} pinned
 * @param {{seq: number, root: string}} seen  the highest this phone ever accepted
 * @param {number} now  milliseconds
 * @returns {Promise<Manifest>}
 */
export async function readManifest(jws, pinned, seen, now) {
  /** @type {Manifest} */
  const manifest = await read(jws, pinned.keys, MANIFEST, pinned.fallback);
  if (manifest.v !== VERSION) throw new Refused("version");
  if (manifest.seq < seen.seq) throw new Refused("older");
  if (manifest.seq === seen.seq && seen.root && manifest.root !== seen.root) throw new Refused("forked");
  if (now > manifest.exp * 1000) throw new Refused("expired");
  return manifest;
}

/** @param {Uint8Array<ArrayBuffer>} data @param {Manifest} manifest @returns {Promise<Table>} */
export async function readTable(data, manifest) {
  if ((await nameOf(data)) !== manifest.root) throw new Refused("altered", "table");
  /** @type {Table} */
  const table = JSON.parse(new TextDecoder().decode(data));
  const count = (table.shards ?? []).reduce((sum, ref) => sum + ref.seals, 0);
  if (count !== manifest.count) throw new Refused("incomplete", `${count} of ${manifest.count}`);
  return table;
}

/**
 * The shard's text, if its bytes are the ones the table promises under that name.
 * @param {Uint8Array<ArrayBuffer>} data @param {ShardRef} ref @param {Table} table
 */
export async function readShard(data, ref, table) {
  const name = await nameOf(data);
  if (name !== ref.sha256) {
    const another = (table.shards ?? []).some((other) => other.sha256 === name);
    throw new Refused(another ? "swapped" : "altered", ref.name);
  }
  const text = new TextDecoder().decode(data);
  const shard = JSON.parse(text);
  if (shard.name !== ref.name || shard.region !== ref.region || shard.seq !== ref.seq) throw new Refused("swapped", ref.name);
  if ((shard.records ?? []).length !== ref.seals) throw new Refused("incomplete", ref.name);
  return text;
}

/** Where a code's record is found, without the code standing in the file. @param {string} code */
export const address = async (code) => b64url((await sha256(utf8(`resguardo-seal\n${code}`))).slice(0, 16));

/**
 * The seal with this code in a shard's text, or null. The text is searched before it is parsed: a shard may be megabytes.
 * @param {string} text @param {string} code @returns {Promise<Entry | null>}
 */
export async function find(text, code) {
  const key = await address(code);
  if (!text.includes(`"${key}"`)) return null;
  const shard = JSON.parse(text);
  const record = (shard.records ?? []).find((/** @type {{key: string}} */ one) => one.key === key);
  return record ? reveal(record, shard.seq, code) : null;
}

/**
 * The entry behind a record; a vehicle's opens with its code alone. `seq` is the shard's own.
 * @param {Record<string, any>} record @param {number} seq @param {string} code @returns {Promise<Entry>}
 */
export async function reveal(record, seq, code) {
  let inside = { code: record.code, facts: record.facts };
  if (!inside.facts) {
    try {
      inside = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await xor(unb64url(record.sealed), seq, code)));
    } catch {
      throw new Refused("altered", "record");
    }
  }
  if (inside.code !== code) throw new Refused("altered", "record");
  const { key: _key, sealed: _sealed, ...shown } = record;
  return /** @type {Entry} */ ({ zone: "UTC", ...shown, code, facts: inside.facts });
}

/** Keystream block i = SHA-256(label, seq as 8 bytes, code, i as 4 bytes), big endian.
 * @param {Uint8Array<ArrayBuffer>} data @param {number} seq @param {string} code */
async function xor(data, seq, code) {
  const label = utf8("resguardo-snapshot\n");
  const name = utf8(code);
  const input = new Uint8Array(label.length + 8 + name.length + 4);
  const view = new DataView(input.buffer);
  input.set(label);
  view.setBigUint64(label.length, BigInt(seq));
  input.set(name, label.length + 8);
  const plain = new Uint8Array(data.length);
  for (let block = 0; block * 32 < data.length; block++) {
    view.setUint32(input.length - 4, block);
    const stream = await sha256(input);
    for (let place = block * 32; place < Math.min(data.length, block * 32 + 32); place++)
      plain[place] = data[place] ^ stream[place % 32];
  }
  return plain;
}
