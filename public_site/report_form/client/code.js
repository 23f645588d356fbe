// The reference code: 20 digits, made on this phone. The twin of registry/reports/code.py, held to the same vectors
// (tests/vectors/report_codes.json). With a script the code never leaves the browser: only what is derived from it does.
import { hkdf } from "@noble/hashes/hkdf.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { utf8 } from "../../scanner/client/bytes.js";

const DIGITS = 20;
const COST = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 };
/** The zeros of the digits a phone may write: ASCII, Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];

/** What a code is good for: finding the reply box (32 bytes) and opening replies (an age identity). @typedef {{lookup: Uint8Array, identity: string}} Derived */

/** A new code: 19 random digits and a check digit. @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array} [random] */
export function newCode(random = (bytes) => crypto.getRandomValues(bytes)) {
  let body = "";
  while (body.length < DIGITS - 1)
    // 250 is the largest multiple of ten in a byte: what lies above would make small digits likelier.
    for (const byte of random(new Uint8Array(32))) if (byte < 250 && body.length < DIGITS - 1) body += byte % 10;
  return body + String((11 - sum(body)) % 10);
}

/** The 20 digits as somebody typed or pasted them, or null where no report can have them. @param {string} typed */
export function check(typed) {
  const digits = [...typed.replace(/[\s\-._·]/gu, "")].map(digit).join("");
  return digits.length === DIGITS && /^\d+$/.test(digits) && follows(digits) ? digits : null;
}

/**
 * Whether somebody pasted a reference code into a text that others will read: twenty digits that check, in groups of any
 * size with the same sign between them. The twin of registry/reports/typed.py. @param {string} text
 */
export function holdsCode(text) {
  const runs = [...text].map(digit).join("").match(/[0-9]+(?:[ \n\t\-._·]{1,3}[0-9]+)*/g) ?? [];
  return runs.some((run) => coded(run.split(/([ \n\t\-._·]{1,3})/)));
}

/** @param {string[]} parts groups, and what stands between them */
function coded(parts) {
  for (let first = 0; first < parts.length; first += 2) {
    let digits = "";
    for (let last = first; last < parts.length && digits.length < DIGITS; last += 2) {
      if (last > first + 2 && parts[last - 1] !== parts[first + 1]) break;
      digits += parts[last];
    }
    for (let at = 0; at + DIGITS <= digits.length; at++) if (follows(digits.slice(at, at + DIGITS))) return true;
  }
  return false;
}

/** Five groups of four, as shown and read aloud. @param {string} code */
export const grouped = (code) => code.match(/.{4}/g) ?? [];

/**
 * Slow on purpose: half a second and 32 MiB.
 * @param {string} code @param {string} label  the salt of this instance @returns {Promise<Derived>}
 */
export async function derive(code, label) {
  const root = await scryptAsync(utf8(code), utf8(label), COST);
  const part = (/** @type {string} */ use) => hkdf(sha256, root, undefined, utf8(use), 32);
  const identity = bech32.encodeFromBytes("age-secret-key-", part("reply-x25519")).toUpperCase();
  return { lookup: part("lookup"), identity };
}

/** ISO 7064 Mod 11,10: twice what went before, modulo eleven. @param {string} body */
const sum = (body) => ([...body].reduce((before, one) => (((before || 10) * 2) % 11 + Number(one)) % 10, 5) || 10) * 2 % 11;

/** @param {string} digits */
const follows = (digits) => (sum(digits.slice(0, -1)) + Number(digits.at(-1))) % 10 === 1;

/** @param {string} sign */
function digit(sign) {
  const point = sign.codePointAt(0) ?? 0;
  const zero = ZEROS.find((from) => from <= point && point < from + 10);
  return zero === undefined ? sign : String(point - zero);
}
