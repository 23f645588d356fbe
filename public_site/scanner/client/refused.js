// Why a copy was not taken, or not kept. Each code has its own sentence on the page (data-say="refused-<code>").

/** @typedef {"signature" | "version" | "altered" | "swapped" | "older" | "forked" | "expired" | "incomplete" | "unreachable"
 *  | "full" | "no-storage" | "gone"} Code */

export class Refused extends Error {
  /** @param {Code} code @param {string} [detail] */
  constructor(code, detail = "") {
    super(`${code} ${detail}`.trim());
    this.code = code;
  }
}
