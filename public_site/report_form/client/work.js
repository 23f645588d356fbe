// The work that is asked for while many reports come: altcha's proof of work, version 2. WebCrypto computes it beside
// the page, so nothing freezes and no worker is needed. Begun while the person writes, it is mostly over when they send.
import { hex } from "../../scanner/client/bytes.js";

/** @typedef {{parameters: {nonce: string, salt: string, cost: number, keyLength: number, keyPrefix: string}, signature: string}} Challenge */

const MOST = 100_000;

/** @param {string} text */
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The answer to a challenge, as it is sent. @param {Challenge} challenge */
export async function solve(challenge) {
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  const place = new DataView(password.buffer);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  for (let counter = 0; counter < MOST; counter++) {
    place.setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
    if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
  throw new Error("no counter fits");
}
