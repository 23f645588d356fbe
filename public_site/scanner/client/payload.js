// What a square says, and whether it is one of our seals. Only our own host is ever opened, and never what the square
// itself says: the code is taken out of it and looked up at this door.
import { check } from "./code.js";

/** Signs that turn the order of letters or are no letters: nobody sees them and everybody is misled by them. */
export const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** @typedef {{kind: "seal", code: string} | {kind: "mistyped" | "other", text: string}} Payload */

/**
 * @param {string} text  as decoded, written by whoever printed the square
 * @param {string[]} bases  our own addresses, "https://sello.example.cr"
 * @returns {Payload}
 */
export function read(text, bases) {
  let address;
  try {
    address = new URL(text);
  } catch {
    return { kind: "other", text };
  }
  const ours = bases.some((base) => new URL(base).origin === address.origin);
  // `https://us@them/` has their origin; `https://somebody@us/` has ours, and no seal of ours is written so.
  const [, typed] = /^\/s\/([^/]+)\/?$/i.exec(address.pathname) ?? [];
  if (!ours || !typed || address.username || address.password) return { kind: "other", text };
  const code = check(typed);
  return code ? { kind: "seal", code } : { kind: "mistyped", text };
}
