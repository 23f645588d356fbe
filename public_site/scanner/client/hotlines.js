// Whom to call, from the copy's hotlines.json: what registry/authorities/hotlines.py and verification/page.py show.

const DAY = 86_400_000;
const ORDER = ["emergency", "child_protection", "police", "listening", "deaf", "other"];

/** @typedef {{kind: string, country: string, place?: string, names: Record<string, string>, numbers: string[], checked_on: string}} Line */

/**
 * The lines of a place: emergency first, then the province's, then the country's; those not rung for a year left out,
 * unless none would be left; those not rung for half a year are not offered for more than the emergency.
 * @param {Line[]} lines @param {string} place  "CR-SJ" @param {number} now
 */
export function shown(lines, place, now) {
  const age = (/** @type {Line} */ line) => (now - Date.parse(line.checked_on)) / DAY;
  const here = lines.filter((line) => line.country === place.split("-")[0] && ["", place].includes(line.place ?? ""));
  here.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || +!a.place - +!b.place);
  const fresh = here.filter((line) => age(line) <= 365);
  return (fresh.length ? fresh : here).filter((line) => line.kind === "emergency" || age(line) <= 180);
}

/** A number as people of its country write it: 2555-0147. @param {string} number @param {string} calling "+506" */
export function local(number, calling) {
  if (!number.startsWith("+")) return number;
  const rest = number.startsWith(calling) ? number.slice(calling.length) : "";
  return rest.length === 8 ? `${rest.slice(0, 4)}-${rest.slice(4)}` : number;
}
