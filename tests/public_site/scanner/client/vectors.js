import { readFileSync } from "node:fs";

/** @param {string} name @returns {any} */
export const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8"));

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
