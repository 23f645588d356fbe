// What stands in an envelope, checked before anything of it is shown: the twin of registry/reports/envelope.py and of
// agent/alone.py. Everything is a stranger's: sizes and depth are bounded, and what is not text, number or yes is refused.

/** Why it is not shown; `message` names the sentence of the page. */
export class Refused extends Error {}

const STEPS = [4096, 16384, 65536];
const PROOF = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PRINT = /^[0-9a-f]{16}$/;
const KEY = /^age1[0-9a-z]{58}$/;
const PLACE = /^[A-Z]{2}(-[A-Z0-9]{1,3}(\/[0-9]{1,8})?)?$/;
const KNOWN = new Set(["schema", "proof", "context", "report", "reply_recipient", "shown", "drill", "attachments"]);
const FORM = "2027-01";
const FORMS = /^20\d\d-\d\d$/;
const FILE = /^file-[1-3]\.(jpg|pdf|m4a)$/;
const HASH = /^[0-9a-f]{64}$/;
export const LARGEST = 10 << 20, STEP = 1 << 20;
const DEEPEST = 5;
const LONGEST = 12_000;

/** @typedef {{envelope: string, chain: string[], keys: string[], directory: number, form: string}} Context */
/** @typedef {{name: string, type: string, size: number, sha256: string, stripped?: boolean, taken?: string}} Manifest */
/** @typedef {{schema: string, proof: string, context: Context, report: Record<string, any>, drill?: boolean, attachments?: Manifest[]}} Inner */

/** The age identities of a key file, as `age-keygen` and our own keygen write them. @param {string} file */
export function identities(file) {
  const found = file.split(/\r?\n/).map((line) => line.trim()).filter((line) => /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/.test(line));
  if (!found.length) throw new Refused("key");
  return found;
}

/** How many X25519 keys an age file is sealed to, by its head. @param {Uint8Array} file */
export function sealedTo(file) {
  const head = new TextDecoder("latin1").decode(file.subarray(0, 20_000)).split("\n--- ", 1)[0];
  return head.split("\n").filter((line) => line.startsWith("-> X25519 ")).length;
}

/** @param {Uint8Array} plain @returns {Inner} */
export function read(plain) {
  if (!STEPS.includes(plain.length)) throw new Refused("schema");
  let inner;
  try {
    inner = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  } catch {
    throw new Refused("schema");
  }
  if (newer(inner)) throw new Refused("newer");
  if (!sound(inner)) throw new Refused("schema");
  return inner;
}

/**
 * Whether it is what it lies in. @param {Inner} inner @param {{prints: string[], sealed: number, office: string, number: string}} outside
 */
export function belongs({ context }, { prints, sealed, office, number }) {
  const ours = prints.some((print) => context.keys.includes(print));
  const here = !office || context.chain.includes(office);
  const same = !number || context.envelope.replace(/-/g, "").toUpperCase().startsWith(number);
  if (!ours || !here || !same || context.keys.length !== sealed) throw new Refused("moved");
}

/** The number in a file's name, as the desk gave it: 7C41-0E9D.age. @param {string} name */
export function numbered(name) {
  const found = /^([0-9A-F]{4})-([0-9A-F]{4})/.exec(name.toUpperCase());
  return found ? found[1] + found[2] : "";
}

/** The turn of a file in the manifest, by the name the desk gave it: 7C41-0E9D.file-1.age. @param {string} name */
export const turn = (name) => Number(/\.file-([1-3])\.age$/.exec(name)?.[1] ?? 0);

/** A file of the envelope without what it was padded with; nothing where it is not the one that was sealed. @param {Uint8Array} padded @param {Manifest} said @param {(data: Uint8Array<ArrayBuffer>) => Promise<string>} hash */
export async function unpadded(padded, said, hash) {
  const data = padded.slice(0, said.size);
  const whole = padded.length === Math.ceil(said.size / STEP) * STEP && padded.subarray(said.size).every((byte) => byte === 0);
  return whole && (await hash(data)) === said.sha256 ? data : undefined;
}

/** Everything but the narrative, as a path and its words. @param {unknown} value @param {string} [path] @returns {[string, string[]][]} */
export function rows(value, path = "") {
  if (Array.isArray(value)) {
    if (value.some((one) => typeof one === "object")) return value.flatMap((one, at) => rows(one, `${path} ${at + 1}`));
    return [[path, value.map(String)]];
  }
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [[path, [String(value)]]];
  return Object.entries(value).filter(([name]) => path || name !== "narrative")
    .flatMap(([name, inside]) => rows(inside, path ? `${path}.${name}` : name));
}

/** Whether it came after this page: then the page must be renewed, and nothing is wrong with the envelope. @param {any} inner */
function newer(inner) {
  const form = plainObject(inner) && plainObject(inner.context) ? inner.context.form : "";
  return matches(form, FORMS) && form > FORM;
}

/** @param {any} inner */
function sound(inner) {
  if (!plainObject(inner) || !bounded(inner, 0) || Object.keys(inner).some((name) => !KNOWN.has(name))) return false;
  const { schema, proof, context, report, reply_recipient: reply, drill, attachments = [] } = inner;
  return schema === "sectt-report/1" && matches(proof, PROOF) && matches(reply, KEY) && [undefined, true, false].includes(drill)
    && plainObject(context) && matches(context.envelope, UUID) && list(context.chain, UUID, 4) && list(context.keys, PRINT, 16)
    && Number.isInteger(context.directory) && context.directory > 0 && typeof context.form === "string"
    && plainObject(report) && plainObject(report.place) && matches(report.place.code, PLACE)
    && typeof report.narrative === "string" && report.narrative.length > 0
    && Array.isArray(attachments) && attachments.length <= 3 && attachments.every(file);
}

/** @param {any} said */
const file = (said) => plainObject(said) && matches(said.name, FILE) && matches(said.sha256, HASH)
  && ["image/jpeg", "application/pdf", "audio/mp4"].includes(said.type) && Number.isInteger(said.size) && said.size > 0
  && said.size <= LARGEST && ["undefined", "boolean"].includes(typeof said.stripped) && ["undefined", "string"].includes(typeof said.taken);

/** @param {unknown} value @param {RegExp} shape */
const matches = (value, shape) => typeof value === "string" && shape.test(value);

/** @param {unknown} value @param {RegExp} shape @param {number} most */
const list = (value, shape, most) => Array.isArray(value) && value.length > 0 && value.length <= most && value.every((one) => matches(one, shape));

/** @param {unknown} value */
const plainObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** @param {unknown} value @param {number} depth @returns {boolean} */
function bounded(value, depth) {
  if (depth > DEEPEST) return false;
  if (typeof value === "string") return [...value].length <= LONGEST;
  if (typeof value === "number") return Number.isFinite(value);
  if (value === null || typeof value === "boolean") return true;
  const inside = /** @type {object} */ (value);
  return Object.keys(inside).length <= 64 && Object.values(inside).every((one) => bounded(one, depth + 1));
}
