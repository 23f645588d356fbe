// Whether a reply is what it says: the twin of registry/reports/notary.py. The server that carries it can leave one out at
// the end, and nothing else: what it changes, moves, repeats or makes up does not hold.
import { canonical } from "./directory.js";
import { hex, sha256, unb64url, utf8 } from "../../scanner/client/bytes.js";

/** @typedef {{envelope?: string, sha256?: string, counter: number, body: Uint8Array<ArrayBuffer>, signature: string}} Sent */

/** Whether this key signed these bytes as this number of this report. @param {Sent} sent @param {string} key @param {import("./directory.js").Verify} verify */
export async function attested({ envelope, sha256: report, counter, body, signature }, key, verify) {
  if (!envelope || !report || !Number.isInteger(counter)) return false;
  const said = canonical({ statement: "reply", envelope, sha256: report, counter, reply: hex(await sha256(body)) });
  try {
    return await verify(unb64url(signature), utf8(said), unb64url(key));
  } catch {
    return false;
  }
}

/** Says of each number that comes whether it is the next one, one that came before, or one after a gap. */
export function inOrder() {
  const seen = new Set();
  let next = 1;
  return (/** @type {number} */ counter) => {
    const word = seen.has(counter) ? "again" : counter === next ? "held" : "order";
    seen.add(counter);
    next = Math.max(next, counter + 1);
    return word;
  };
}
