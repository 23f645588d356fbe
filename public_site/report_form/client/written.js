// The report in a form, as it is sealed: the twin of registry/reports/told.py `written`, field by field and in
// its order. Empty fields are left out; nothing typed is dropped or cut; there is no field for a child's name.
import { holdsCode } from "./code.js";

export const LONGEST = 12_000;
const SIGNS = ["offered", "paid", "unregistered", "controlled", "asked_help", "adults_in_and_out", "online", "other"];
const WHEN = ["now", "today", "days", "before"];
const AGES = ["0-5", "6-11", "12-17", "unknown"];
const SEXES = ["female", "male", "both", "unknown"];
const TOLD = ["hotel", "police", "guide", "nobody", "other"];
const ROLES = ["traveller", "staff", "driver", "guide", "resident", "child", "trained", "other"];
const NO = ["", "no", "0", "false", "unknown"];
const DAY = /^(19|20)\d\d-\d\d-\d\d$/;
const TIME = /^((?:[01]\d|2[0-3]):[0-5]\d)(?::[0-5]\d)?$/;
const LINE = 500, SHORT = 40, LANGUAGES = 8;
/** Letters that a field holds; any other holds a line. @type {Record<string, number>} */
const MOST = { text: LONGEST, children_description: 950, adults_description: 950, online_handle: 950, when_date: 200, when_time: 200 };
/** The fields in which somebody writes words, in the order of the page. */
const TEXTS = ["text", "spot", "locality", "unit", "when_date", "when_time", "children_count", "children_description",
  "adults_count", "adults_description", "adults_nationality", "adults_language", "adults_name", "plate", "vehicle_make",
  "vehicle_colour", "online_platform", "online_handle", "languages", "contact"];

/** Something to mend; `message` names the sentence of the page, `field` what to mend. */
export class Mend extends Error {
  /** @param {string} name @param {string} [field] */
  constructor(name, field = "text") {
    super(name);
    this.field = field;
  }
}

/** A stranger's text: line ends of one kind, control signs gone, length bounded. @param {unknown} text @param {number} longest */
export function clean(text, longest) {
  const kept = String(text ?? "").replace(/\r\n/g, "\n").replace(/(?![ \n\t\u200d])[\p{C}\p{Z}]/gu, "");
  return [...kept.trim()].slice(0, longest).join("");
}

/** One line of it. @param {unknown} text @param {number} [longest] */
const line = (text, longest = LINE) => clean(text, longest).replace(/\n/g, " ");

/** @typedef {{place: {code: string, premises?: string}, narrative: string, when?: string, happening_now?: boolean, child_in_danger_now?: boolean}} Report */

/** @param {FormData} form @param {string} language @returns {Report} */
export function written(form, language) {
  const narrative = clean(form.get("text"), LONGEST + 1);
  if (!narrative) throw new Mend("words");
  for (const name of TEXTS) if (tooLong(form, name)) throw new Mend("long", name);
  for (const name of TEXTS) if (form.getAll(name).some((text) => holdsCode(clean(text, LONGEST)))) throw new Mend("code", name);
  const said = (/** @type {string} */ name) => line(form.get(name), MOST[name]);
  const yes = (/** @type {string} */ name) => !NO.includes(String(form.get(name) ?? ""));
  const chosen = (/** @type {string} */ name, /** @type {string[]} */ from) => from.filter((one) => form.getAll(name).includes(one));
  const when = String(form.get("when"));
  const [children, several] = counted(said("children_count"));
  const [adults, others] = counted(said("adults_count"));
  return /** @type {Report} */ (filled({
    place: filled({
      code: String(form.get("place")), spot: said("spot"), premises: line(form.get("premises"), SHORT),
      locality: said("locality"), unit: said("unit"), business: line(form.get("business"), SHORT),
    }),
    narrative,
    when: WHEN.includes(when) && when,
    what: chosen("what", SIGNS),
    contact: said("contact"),
    language,
    happening_now: yes("happening_now"),
    child_in_danger_now: yes("child_in_danger_now"),
    moment: filled({ ...moment(said("when_date"), said("when_time")), ongoing: yes("ongoing") }),
    children: filled({
      count: children, age: chosen("children_age", AGES), sex: chosen("children_sex", SEXES)[0],
      description: clean(form.get("children_description"), MOST.children_description), about: several,
    }),
    adults: filled({
      count: adults, description: clean(form.get("adults_description"), MOST.adults_description),
      nationality: said("adults_nationality"), language: said("adults_language"), name: said("adults_name"), about: others,
    }),
    vehicle: filled({ plate: said("plate"), make: said("vehicle_make"), colour: said("vehicle_colour") }),
    online: filled({ platform: said("online_platform"), handle: said("online_handle") }),
    already_told: chosen("told", TOLD),
    reporter_role: chosen("reporter_role", ROLES)[0],
    languages: languages(form),
    may_contact_via_code: yes("contact_via_code"),
  }));
}

/** Whether the shorter clock applies. @param {Report} report */
export const urgent = (report) => report.when === "now" || report.happening_now === true || report.child_in_danger_now === true;

/** How many: a number, or the words that stand in its place. @param {string} said @returns {[number, string]} */
function counted(said) {
  return /^[1-9]\d?$/.test(said) ? [Number(said), ""] : [0, said];
}

/** @param {FormData} form @param {string} name */
function tooLong(form, name) {
  const most = MOST[name] ?? LINE;
  if (form.getAll(name).some((text) => [...clean(text, most + 1)].length > most)) return true;
  const spoken = name === "languages" ? languages(form) : [];
  return spoken.length > LANGUAGES || spoken.some((one) => [...one].length > SHORT);
}

/** A day and a time where they are some, and words where not. @param {string} day @param {string} hour */
function moment(day, hour) {
  const date = isDay(day) ? day : "";
  const time = TIME.exec(hour)?.[1] ?? "";
  return { date, time, about: clean(joined(date ? "" : day, time ? "" : hour), LINE) };
}

/** @param {string} text */
function isDay(text) {
  const at = DAY.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(NaN);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** @param {FormData} form */
function languages(form) {
  const said = form.getAll("languages").flatMap((text) => line(text).split(","));
  return [...new Set(said.map((one) => one.replace(/^ +| +$/g, "")).filter(Boolean))];
}

/** @param {string[]} words */
const joined = (...words) => words.filter(Boolean).join(" · ");

/** Without what is empty; nothing at all where everything is. @param {Record<string, unknown>} part */
function filled(part) {
  const kept = Object.entries(part).filter(([, value]) => (Array.isArray(value) ? value.length : value));
  return kept.length ? Object.fromEntries(kept) : undefined;
}
