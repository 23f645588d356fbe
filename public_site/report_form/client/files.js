// Files of a report: pictures are drawn anew from their pixels here, before they are sealed, so that nothing of what a
// phone wrote into them leaves it; what this browser cannot draw is refused in words. PDF and sound pass as they are, and
// say so. The twin of registry/reports/files.py.
import { Encrypter } from "age-encryption";
import { hex, sha256 } from "../../scanner/client/bytes.js";
import { taken } from "./taken.js";

export const MOST = 3, LARGEST = 10 << 20, FORM = "2027-01";
const STEP = 1 << 20, LONG_SIDE = 4000, QUALITY = 0.88, POINTS = 50_000_000;
const TYPES = { JPEG: "image/jpeg", PNG: "image/png", WEBP: "image/webp", HEIF: "image/heic", PDF: "application/pdf", M4A: "audio/mp4" };

/** @typedef {import("../../scanner/client/bytes.js").Bytes} Bytes */
/** @typedef {keyof typeof TYPES} Kind */
/** @typedef {{data: Bytes, manifest: {name: string, type: string, size: number, sha256: string, stripped?: boolean, taken?: string}}} Ready */

/** A file that is not taken; `message` names the sentence of the page. */
export class Unfit extends Error {}

/** @param {Uint8Array} data @param {number} from @param {number} to */
const ascii = (data, from, to) => String.fromCharCode(...data.subarray(from, to));

/** What it is by its bytes, whatever it is called. @param {Uint8Array} data @returns {Kind | undefined} */
export function sniffed(data) {
  const head = ascii(data, 0, 12);
  if (head.startsWith("\xff\xd8\xff")) return "JPEG";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "WEBP";
  const tail = new TextDecoder("latin1").decode(data.subarray(-66_000));
  if (head.startsWith("%PDF-")) return /%%EOF\s*$/.test(tail) && !tail.includes("PK\x05\x06") ? "PDF" : undefined;
  if (head.slice(4, 8) !== "ftyp") return undefined;
  if (["heic", "heix", "heim", "heis", "mif1"].includes(head.slice(8))) return "HEIF";
  return ["M4A ", "M4B ", "mp41", "mp42", "isom", "iso2"].includes(head.slice(8)) && onlySound(data) ? "M4A" : undefined;
}

/** Whether its boxes end where it ends, and what is in them is sound and no film. @param {Uint8Array} data */
function onlySound(data) {
  const known = ["ftyp", "moov", "mdat", "free", "skip", "wide", "uuid", "udta", "meta", "moof", "mfra", "styp"];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let kinds = "";
  for (let at = 0, size = 0; at < data.length; at += size) {
    if (at + 8 > data.length) return false;
    size = view.getUint32(at);
    const kind = ascii(data, at + 4, at + 8);
    if (size === 1) size = at + 16 <= data.length ? Number(view.getBigUint64(at + 8)) : 0;
    if (size < 8 || at + size > data.length || !known.includes(kind)) return false;
    const inside = kind === "moov" ? new TextDecoder("latin1").decode(data.subarray(at, at + size)) : "";
    for (const [, found] of inside.matchAll(/hdlr[\s\S]{8}(soun|vide|pict|auxv)/g)) kinds += found;
  }
  return /^(soun)+$/.test(kinds);
}

/** Files as they will be sealed. @param {File[]} chosen @param {boolean} keepTaken @returns {Promise<Ready[]>} */
export async function ready(chosen, keepTaken) {
  if (chosen.length > MOST) throw new Unfit("files-many");
  if (chosen.some(({ size }) => size > LARGEST)) throw new Unfit("files-large");
  const made = [];
  for (const [at, file] of chosen.entries()) made.push(await one(new Uint8Array(await file.arrayBuffer()), at + 1, keepTaken));
  return made;
}

/** @param {Bytes} data @param {number} number @param {boolean} keepTaken @returns {Promise<Ready>} */
async function one(data, number, keepTaken) {
  const kind = sniffed(data);
  if (!kind) throw new Unfit("files-type");
  if (kind === "PDF" || kind === "M4A") return named(data, number, kind, {});
  const said = keepTaken ? taken(data) : "";
  return named(await redrawn(data, TYPES[kind]), number, "JPEG", { stripped: true, ...(said && { taken: said }) });
}

/** @param {Bytes} data @param {number} number @param {"JPEG" | "PDF" | "M4A"} kind @param {object} more @returns {Promise<Ready>} */
async function named(data, number, kind, more) {
  const ending = { JPEG: "jpg", PDF: "pdf", M4A: "m4a" }[kind];
  const manifest = { name: `file-${number}.${ending}`, type: TYPES[kind], size: data.length, sha256: hex(await sha256(data)), ...more };
  return { data, manifest };
}

/** A JPEG of the picture's points, the way up applied. @param {Bytes} data @param {string} type @returns {Promise<Bytes>} */
async function redrawn(data, type) {
  if (!faithful()) throw new Unfit("files-picture");
  let drawn;
  try {
    const picture = await createImageBitmap(new Blob([data], { type }), { imageOrientation: "from-image" });
    if (picture.width * picture.height > POINTS) throw new Unfit("files-large");
    const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
    const [wide, high] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
    const [canvas, pen] = sheet(wide, high);
    pen.drawImage(picture, 0, 0, wide, high);
    picture.close();
    drawn = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  } catch (error) {
    throw error instanceof Unfit ? error : new Unfit("files-picture");
  }
  if (!(drawn instanceof Blob) || drawn.type !== "image/jpeg" || !drawn.size) throw new Unfit("files-picture");
  if (drawn.size > LARGEST) throw new Unfit("files-large");
  return bare(new Uint8Array(await drawn.arrayBuffer()));
}

/** A JPEG with nothing but its picture: browsers add a colour profile, or an Exif of their own. @param {Bytes} jpeg @returns {Bytes} */
export function bare(jpeg) {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at] === 0xff && jpeg[at + 1] !== 0xda && at + 4 < jpeg.length) {
    const end = at + 2 + ((jpeg[at + 2] << 8) | jpeg[at + 3]), kind = jpeg[at + 1];
    const other = (kind > 0xdf && kind < 0xf0 && ascii(jpeg, at + 4, at + 8) !== "JFIF") || kind === 0xfe;
    if (!other) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  if (jpeg[at] !== 0xff || jpeg[at + 1] !== 0xda) throw new Unfit("files-picture");
  const found = new Uint8Array(kept.reduce((sum, { length }) => sum + length, jpeg.length - at));
  let to = 0;
  for (const part of [...kept, jpeg.subarray(at)]) {
    found.set(part, to);
    to += part.length;
  }
  return found;
}

/** White paper. @param {number} wide @param {number} high @returns {[HTMLCanvasElement, CanvasRenderingContext2D]} */
function sheet(wide, high) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext("2d");
  if (!pen) throw new Unfit("files-picture");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, wide, high);
  return [canvas, pen];
}

/** Whether what is drawn is what is read: browsers that hide who they are hand out noise in the place of a picture. */
function faithful() {
  const [, pen] = sheet(16, 16);
  pen.fillStyle = "rgb(18, 52, 86)";
  pen.fillRect(0, 0, 8, 16);
  const read = pen.getImageData(0, 0, 16, 16).data;
  return [...read].every((value, at) => value === (at % 4 === 3 || (at >> 2) % 16 >= 8 ? 255 : [18, 52, 86][at % 4]));
}

/** An age file of its own, to the keys of its envelope, padded to the next MiB. @param {Ready} file @param {string[]} keys */
export async function seal({ data }, keys) {
  const padded = new Uint8Array(Math.ceil(data.length / STEP) * STEP);
  padded.set(data);
  const age = new Encrypter();
  for (const key of keys) age.addRecipient(key);
  return age.encrypt(padded);
}
