// The signed directory: which keys a report may be sealed to. The twin of registry/authorities/directory.py and root.py.
// The page names the custodians; the keys come from the published file, and only if enough custodians signed it.
import { b64url, hex, sha256, unb64url, utf8 } from "../../scanner/client/bytes.js";

/** @typedef {{authority: string, names: Record<string, string>, working: string[], recovery: string, signing: string}} Office */
/** @typedef {{format: string, version: number, issued_at: string, expires_at: string, previous: string, records: Office[]}} Directory */
/** @typedef {{threshold: number, keys: string[]}} Root */
/** @typedef {(signature: Uint8Array, data: Uint8Array, key: Uint8Array) => Promise<boolean>} Verify */

const FORMAT = "resguardo-directory/2";
const FURTHEST = 40;

/** Something is not as it must be, so nothing is sealed. `name` of the sentence on the page. */
export class Untrusted extends Error {}

/**
 * The directory, once everything about it holds. Throws Untrusted.
 * @param {string} file @param {Root} root @param {Date} now @param {Verify} verify
 * @returns {Promise<Directory>}
 */
export async function accept(file, root, now, verify) {
  const directory = await signedBy(file, root, verify);
  if (!(Date.parse(directory.issued_at) <= now.getTime() && now.getTime() < Date.parse(directory.expires_at)))
    throw new Untrusted("expired");
  return directory;
}

/**
 * The directory of a file, if enough custodians signed it; it may be over. Throws Untrusted.
 * @param {string} file @param {Root} root @param {Verify} verify @returns {Promise<Directory>}
 */
async function signedBy(file, root, verify) {
  /** @type {{directory: Directory, signatures: {root: string, signature: string}[]}} */
  let signed;
  try {
    signed = JSON.parse(file);
  } catch {
    throw new Untrusted("unreadable");
  }
  const { directory, signatures } = signed;
  if (directory?.format !== FORMAT || !Array.isArray(signatures)) throw new Untrusted("format");
  const said = utf8(canonical(directory));
  const good = new Set();
  for (const { root: key, signature } of signatures.slice(0, 7))
    if (root.keys.includes(key) && (await holds(verify, signature, said, key))) good.add(key);
  if (!root.keys.length || root.threshold < 1 || good.size < root.threshold) throw new Untrusted("signature");
  return directory;
}

/**
 * An office as it stood before its signing key was another, the newest first, and until when. The twin of
 * registry/authorities/past.py: ends where a version is missing or does not hold.
 * @param {(version: number) => Promise<string>} published @param {Root} root @param {Directory} directory
 * @param {string} authority @param {Verify} verify
 * @returns {AsyncGenerator<{office: Office, until: Date}>}
 */
export async function* formerly(published, root, directory, authority, verify) {
  const of = (/** @type {Directory} */ one) => one.records.find((record) => record.authority === authority);
  let after = directory;
  for (let version = after.version - 1; version > Math.max(0, directory.version - 1 - FURTHEST); version -= 1) {
    const before = await published(version).then((file) => signedBy(file, root, verify)).catch(() => null);
    if (before?.version !== version || hex(await sha256(utf8(canonical(before)))) !== after.previous) return;
    const office = of(before);
    if (office && of(after)?.signing !== office.signing) yield { office, until: new Date(after.issued_at) };
    after = before;
  }
}

/**
 * The keys of a chain, in the order they are named outside and inside. Throws Untrusted when an office is missing.
 * @param {Directory} directory @param {string[]} chain
 */
export function recipients(directory, chain) {
  return chain.flatMap((id) => {
    const office = directory.records.find(({ authority }) => authority === id);
    if (!office) throw new Untrusted("office");
    return [...office.working, office.recovery];
  });
}

/** Ed25519 of the browser, or of a package loaded only where it has none. @param {() => Promise<Verify>} fallback @returns {Verify} */
export const verifier = (fallback) => async (signature, data, key) => {
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x: b64url(key) };
    const known = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, bytes(signature), bytes(data));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotSupportedError")) throw error;
    return (await fallback())(signature, data, key);
  }
};

/** RFC 8785 for what our documents hold: objects, lists, texts, whole numbers, true, false and null. @param {unknown} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inside = /** @type {Record<string, unknown>} */ (value);
  return `{${Object.keys(inside).sort().map((name) => `${JSON.stringify(name)}:${canonical(inside[name])}`).join(",")}}`;
}

/** @param {Verify} verify @param {string} signature @param {Uint8Array} said @param {string} key */
async function holds(verify, signature, said, key) {
  try {
    return await verify(unb64url(signature), said, unb64url(key));
  } catch {
    return false;
  }
}

/** @param {Uint8Array} data */
const bytes = (data) => /** @type {Uint8Array<ArrayBuffer>} */ (data);
