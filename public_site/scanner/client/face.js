// What a verdict says, as plain words for the page's template: the twin of public_site/verification/page.py. Every word
// that is a language's comes from the page itself (words.py), so that none is spelled here.

import { UNSEEN } from "./payload.js";

/**
 * @typedef {object} Words  what the page knows in its own language
 * @property {string} language
 * @property {string[]} days  by month, "{d} set {y}"
 * @property {string[]} longDays  by month, "{d} de setiembre de {y}"
 * @property {Record<string, string>} zones  "hora de Costa Rica" by IANA name
 * @property {Record<string, string>} premises
 * @property {Record<string, string>} drawings  by premises: car, boat, truck
 * @property {Record<string, string>} paint  colours as they are painted
 * @property {string[]} bands
 * @property {number} firstBandYear
 * @property {string} band
 * @property {string} colour
 * @property {string} licence
 * @property {[string, string]} rooms  one, many
 * @property {string} moment  "{date}, a las {time} ({zone})"
 * @property {Record<string, string>} places
 */

/** @typedef {Record<string, string>} Holes */

/**
 * @param {import("./snapshot.js").Entry} entry
 * @param {import("./verdict.js").Verdict} verdict
 * @param {number} now
 * @param {Words} words
 * @returns {Holes}
 */
export function face(entry, verdict, now, words) {
  const { facts, zone } = entry;
  const vehicle = entry.kind === "vehicle";
  const called = words.premises[facts.premises ?? ""] ?? facts.premises ?? "";
  const owed = facts.surveillance_on && facts.surveillance_on < local(now, zone).day;
  /** @param {string} [date] */
  const dated = (date) => (date ? day(date, words.days) : "");
  /** @param {string | number | null} when */
  const there = (when) => (when === null ? "" : local(+new Date(when), zone).day);
  const since = there(verdict.since);
  return seen({
    title: facts.plate || facts.name || "",
    since: since && day(since, words.longDays),
    since_time: verdict.reason === "expired" && verdict.since ? clock(verdict.since, zone, words) : "",
    renewed: dated(facts.renewed_on),
    granted: dated(there(entry.valid_from)),
    ended: dated(since),
    until: day(there(entry.valid_until), words.longDays),
    plate: vehicle ? plate(facts.plate ?? "") : "",
    name: (vehicle && /\d/.test(facts.name ?? "") ? put(words.licence, { number: facts.name }) : facts.name) ?? "",
    what: vehicle ? painted([called, facts.description], facts.colour ?? "", words) : "",
    who: vehicle ? joined(facts.association || facts.holder, facts.canton, facts.province) : "",
    address: vehicle ? "" : (facts.address ?? ""),
    where: vehicle ? "" : joined(facts.district, facts.canton, facts.province),
    description: vehicle ? "" : joined(called, rooms(facts.rooms ?? 0, words), facts.description, facts.colour),
    band: put(words.band, { year: String(entry.year), colour: band(entry.year, words) }),
    committed: dated(facts.committed_on),
    trained: dated(facts.trained_on),
    audited: dated(facts.audited_on),
    surveillance: owed ? "" : dated(facts.surveillance_on),
    surveillance_owed: owed ? dated(facts.surveillance_on) : "",
    place: facts.province || words.places[entry.region] || entry.region,
    paint: words.paint[folded(facts.colour ?? "")] ?? "none",
    art: words.drawings[facts.premises ?? ""] ?? (vehicle ? "car" : "house"),
  });
}

/** Without what nobody sees and everybody is misled by. @param {Holes} holes @returns {Holes} */
const seen = (holes) =>
  Object.fromEntries(Object.entries(holes).map(([name, word]) => [name, word.replace(UNSEEN, " ")]));

/** "21 nov 2026, a las 14:02 (hora de Costa Rica)". @param {number} when @param {string} zone @param {Words} words */
export function moment(when, zone, words) {
  const { day: date, time } = local(when, zone);
  return put(words.moment, { date: day(date, words.days), time, zone: zoneName(zone, words) });
}

/** `%(name)s` places filled. @param {string} text @param {Record<string, string>} values */
export const put = (text, values) =>
  text.replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "").replace(/%%/g, "%");

/** Date and time of an instant at a place. @param {number} when @param {string} zone */
export function local(when, zone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const part = Object.fromEntries(format.formatToParts(when).map(({ type, value }) => [type, value]));
  return { day: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}

/** @param {string} date "2026-09-03" @param {string[]} months */
function day(date, months) {
  const [year, month, number] = date.split("-").map(Number);
  return months[month - 1].replace("{d}", String(number)).replace("{y}", String(year));
}

/** @param {number} when @param {string} zone @param {Words} words */
const clock = (when, zone, words) => `${local(when, zone).time} (${zoneName(zone, words)})`;

/** @param {string} zone @param {Words} words */
const zoneName = (zone, words) => words.zones[zone] ?? zone.replace(/^.*\//, "").replace(/_/g, " ");

/** With a no-break space between letters and figures, as painted on the car. @param {string} text */
const plate = (text) => text.replace(/(\p{L})(?=\p{Nd})/gu, "$1\u00a0").replace(/ /g, "\u00a0").trim();

/** @param {(string | undefined)[]} parts @param {string} colour @param {Words} words */
function painted(parts, colour, words) {
  const what = parts.filter(Boolean).join(" ");
  return what && colour ? put(words.colour, { what, colour }) : what;
}

/** @param {number} n @param {Words} words */
const rooms = (n, words) => (n ? put(words.rooms[n === 1 ? 0 : 1], { n: String(n) }) : "");

/** @param {number} year @param {Words} words */
function band(year, { bands, firstBandYear }) {
  const place = (year - firstBandYear) % bands.length;
  return bands[place < 0 ? place + bands.length : place];
}

/** Once each, in order. @param {...(string | undefined)} parts */
const joined = (...parts) => [...new Set(parts.filter(Boolean))].join(", ");

/** @param {string} text */
const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").trim();
