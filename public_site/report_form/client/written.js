// The report in a form, as it is sealed: the twin of public_site/report_form/rules.py `written`. Empty fields are left
// out; there is no field for a child's name.

export const LONGEST = 12_000;
const SHORT = 500;
const SIGNS = ["offered", "paid", "unregistered", "controlled", "asked_help", "adults_in_and_out", "online", "other"];
const WHEN = ["now", "today", "days", "before"];

/** Something to mend; `name` of the sentence on the page. */
export class Mend extends Error {}

/** A stranger's text: line ends of one kind, control signs gone, length bounded. @param {unknown} text @param {number} longest */
export function clean(text, longest) {
  const kept = String(text ?? "").replace(/\r\n/g, "\n").replace(/(?![ \n\t\u200d])[\p{C}\p{Z}]/gu, "");
  return [...kept.trim()].slice(0, longest).join("");
}

/** One line of it. @param {unknown} text */
const line = (text) => clean(text, SHORT).replace(/\n/g, " ");

/** @param {FormData} form @param {string} language */
export function written(form, language) {
  const narrative = clean(form.get("text"), LONGEST + 1);
  if (!narrative) throw new Mend("words");
  if ([...narrative].length > LONGEST) throw new Mend("long");
  const spot = line(form.get("spot"));
  const premises = clean(form.get("premises"), 40);
  const when = String(form.get("when"));
  const what = SIGNS.filter((sign) => form.getAll("what").includes(sign));
  const contact = line(form.get("contact"));
  return {
    place: { code: String(form.get("place")), ...(spot && { spot }), ...(premises && { premises }) },
    narrative,
    ...(WHEN.includes(when) && { when }),
    ...(what.length && { what }),
    ...(contact && { contact }),
    ...(language && { language }),
  };
}

/** Whether the shorter clock applies. @param {{when?: string}} report */
export const urgent = (report) => report.when === "now";
