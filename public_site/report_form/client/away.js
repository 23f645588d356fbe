// Derives a code in a worker of ours, and where there is none, here: in pieces of ten milliseconds, so that the page
// answers all the same, only slower.
import { derive } from "./code.js";

const PATIENCE = 30_000;

/** @param {string} code @param {string} label @param {string} worker its address @returns {Promise<import("./code.js").Derived>} */
export async function deriveAway(code, label, worker) {
  try {
    return await away(code, label, worker);
  } catch {
    return derive(code, label);
  }
}

/** @param {string} code @param {string} label @param {string} address @returns {Promise<import("./code.js").Derived>} */
function away(code, label, address) {
  return new Promise((resolve, reject) => {
    if (!address) throw new Error("not built");
    const worker = new Worker(address);
    const over = setTimeout(() => end(reject), PATIENCE);
    const end = (/** @type {(value?: any) => void} */ then, /** @type {unknown} */ value = undefined) => {
      clearTimeout(over);
      worker.terminate();
      then(value);
    };
    worker.onmessage = ({ data }) => end(resolve, data);
    worker.onerror = worker.onmessageerror = () => end(reject);
    worker.postMessage([code, label]);
  });
}
