// When and where a photo says it was taken, as text; or nothing. The twin of registry/reports/files.py `taken`. It is
// read only where its sender ticked that it stays, and only ever as these two: of nothing else a word is looked at.

const EXIF_IFD = 0x8769, GPS_IFD = 0x8825, ORIGINAL = 0x9003, CHANGED = 0x0132;
const MOST = 200;

/** @typedef {Map<number, string | number[]>} Fields */

/** @param {Uint8Array} data @returns {string} `2026-11-20 14:03:00 · 9.934722, -84.087500` */
export function taken(data) {
  // One byte a sign up to 0x7f, and never more or fewer signs than bytes.
  const text = new TextDecoder("latin1").decode(data);
  for (const found of text.matchAll(/exif[\s\S]{0,8}?(?=II\*\0|MM\0\*)/gi))
    try {
      const said = read(data.subarray(found.index + found[0].length));
      if (said) return said;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // what is damaged says nothing
    }
  return "";
}

/** @param {Uint8Array} tiff */
function read(tiff) {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = view.getUint8(0) === 0x49;
  const main = fields(view, view.getUint32(4, little), little);
  const [inside, gps] = [EXIF_IFD, GPS_IFD].map((tag) => {
    const at = main.get(tag);
    return Array.isArray(at) ? fields(view, at[0], little) : new Map();
  });
  const when = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(String(inside.get(ORIGINAL) ?? main.get(CHANGED) ?? ""));
  const where = [degrees(gps, 2, "S"), degrees(gps, 4, "W")];
  const place = where.every(Boolean) ? where.join(", ") : "";
  return [when ? `${when[1]}-${when[2]}-${when[3]} ${when[4]}` : "", place].filter(Boolean).join(" · ");
}

/** @param {DataView} view @param {number} at @param {boolean} little @returns {Fields} */
function fields(view, at, little) {
  /** @type {Fields} */
  const found = new Map();
  const count = Math.min(view.getUint16(at, little), MOST);
  for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
    const [tag, kind, number] = [view.getUint16(entry, little), view.getUint16(entry + 2, little), view.getUint32(entry + 4, little)];
    const size = number * ({ 2: 1, 3: 2, 4: 4, 5: 8 }[kind] ?? 0);
    if (!size || number > MOST) continue;
    const from = size > 4 ? view.getUint32(entry + 8, little) : entry + 8;
    const each = [...Array(number).keys()];
    if (kind === 2) found.set(tag, String.fromCharCode(...each.map((n) => view.getUint8(from + n))).replace(/\0[\s\S]*$/, ""));
    else if (kind === 3) found.set(tag, each.map((n) => view.getUint16(from + 2 * n, little)));
    else if (kind === 4) found.set(tag, each.map((n) => view.getUint32(from + 4 * n, little)));
    else found.set(tag, each.map((n) => view.getUint32(from + 8 * n, little) / view.getUint32(from + 8 * n + 4, little)));
  }
  return found;
}

/** @param {Fields} gps @param {number} tag @param {string} below */
function degrees(gps, tag, below) {
  const parts = gps.get(tag);
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => part >= 0 && part <= 180)) return "";
  const found = parts[0] + parts[1] / 60 + parts[2] / 3600;
  return (String(gps.get(tag - 1) ?? "").startsWith(below) ? -found : found).toFixed(6);
}
