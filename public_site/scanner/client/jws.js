// Compact signatures (RFC 7515), the twin of registry/seals/jose.py: one kind of document, keys that were pinned, and
// nothing else. `none`, an HMAC or another key never reach a verification.
import { unb64url, utf8 } from "./bytes.js";
import { Refused } from "./refused.js";

/** @typedef {JsonWebKey & {kid: string}} Key  `kid` absolute: did:web:…#thumbprint */
/** @typedef {(signature: Uint8Array, data: Uint8Array, key: Uint8Array) => Promise<boolean>} Fallback */

/**
 * The payload, after its signature held. Throws Refused("signature").
 * @param {string} jws
 * @param {Key[]} keys
 * @param {string} typ
 * @param {() => Promise<Fallback>} fallback  for browsers without Ed25519 of their own, loaded only then
 * @returns {Promise<any>}
 */
export async function read(jws, keys, typ, fallback) {
  try {
    const [head, body, mark, ...more] = jws.trim().split(".");
    const header = JSON.parse(text(unb64url(head)));
    const key = keys.find(({ kid }) => kid === header.kid);
    if (more.length || !key || header.typ !== typ || header.crit !== undefined) throw new TypeError("another key or document");
    const held = await verified(key, header.alg, unb64url(mark), utf8(`${head}.${body}`), fallback);
    if (held) return JSON.parse(text(unb64url(body)));
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException)) throw error;
  }
  throw new Refused("signature");
}

/**
 * @param {Key} key @param {string} alg @param {Uint8Array<ArrayBuffer>} mark @param {Uint8Array<ArrayBuffer>} data
 * @param {() => Promise<Fallback>} fallback
 */
async function verified(key, alg, mark, data, fallback) {
  const { kty, crv, x, y } = key;
  if (kty === "EC" && crv === "P-256" && alg === "ES256") {
    const curve = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const known = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, false, ["verify"]);
    return crypto.subtle.verify(curve, known, mark, data);
  }
  if (kty !== "OKP" || crv !== "Ed25519" || (alg !== "EdDSA" && alg !== "Ed25519")) return false;
  try {
    const known = await crypto.subtle.importKey("jwk", { kty, crv, x }, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, mark, data);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotSupportedError")) throw error;
    return (await fallback())(mark, data, unb64url(x ?? ""));
  }
}

/** @param {Uint8Array<ArrayBuffer>} data */
const text = (data) => new TextDecoder("utf-8", { fatal: true }).decode(data);
