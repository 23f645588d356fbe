// The copy on this phone: files by hash and one record that names them, in IndexedDB. It belongs to no version of the
// worker, so a new one finds it as it was. Written in one transaction: a copy is there whole or as it was before.
import { Refused } from "./refused.js";

const NAME = "resguardo-trip";

/**
 * @typedef {object} Copy
 * @property {string} manifest  the compact signature, kept to be verified again whenever it is read
 * @property {string} table  hash
 * @property {string[]} regions
 * @property {boolean} whole  every region there is
 * @property {string[]} files  hashes of the shards, the table and the hotlines
 * @property {string} hotlines  hash, or ""
 * @property {number} seq  the highest ever accepted
 * @property {string} root
 * @property {number} bytes
 */

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    if (!globalThis.indexedDB) return reject(new Refused("no-storage"));
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("files");
      asked.result.createObjectStore("copy");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(new Refused("no-storage", String(asked.error)));
    asked.onblocked = () => reject(new Refused("no-storage", "blocked"));
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore, copy: IDBObjectStore) => IDBRequest<T> | void} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const all = base.transaction(["files", "copy"], mode);
      /** @type {IDBRequest<T> | void} */
      let asked;
      all.oncomplete = () => resolve(/** @type {T} */ (asked ? asked.result : undefined));
      all.onerror = all.onabort = () => reject(refusal(all.error));
      try {
        asked = work(all.objectStore("files"), all.objectStore("copy"));
      } catch (error) {
        reject(refusal(/** @type {DOMException} */ (error)));
        all.abort();
      }
    });
  } finally {
    base.close();
  }
}

/** @param {{name?: string, message?: string} | null} error */
const refusal = (error) => new Refused(error?.name === "QuotaExceededError" ? "full" : "no-storage", error?.message);

/** @returns {Promise<Copy | undefined>} */
export const recall = () => within("readonly", (_files, copy) => copy.get("copy"));

/** @param {string} name @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} */
export const file = async (name) => {
  const data = await within("readonly", (files) => files.get(name));
  return data && new Uint8Array(data);
};

/** @returns {Promise<Set<string>>} */
export const held = async () => new Set(/** @type {string[]} */ (await within("readonly", (files) => files.getAllKeys())));

/** The new copy in place of the old one. @param {Copy} copy @param {Map<string, Uint8Array<ArrayBuffer>>} fresh @param {Set<string>} old */
export const keep = (copy, fresh, old) =>
  within("readwrite", (files, copies) => {
    for (const [name, data] of fresh) files.put(data.buffer, name);
    for (const name of old) if (!copy.files.includes(name)) files.delete(name);
    copies.put(copy, "copy");
  });

/** Everything, at the traveller's wish. @returns {Promise<void>} */
export const forget = () =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = () => resolve();
    asked.onerror = asked.onblocked = () => reject(new Refused("no-storage"));
  });
