// Every answer of a form, each under what was asked, for the page that gives them back and has no fields. The twin of
// registry/reports/asked.py `given_back`.
const NOT_ASKED = ["website", "contact_via_code", "keep_taken"];

/** @param {HTMLFormElement} form */
export function givenBack(form) {
  /** @type {Map<string, string[]>} */
  const answers = new Map();
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input, select, textarea"))) {
    if (NOT_ASKED.includes(field.name) || ["hidden", "file"].includes(field.type)) continue;
    const [question, answer] = ["radio", "checkbox"].includes(field.type) ? chosen(field) : written(field);
    if (answer) answers.set(question, [...(answers.get(question) ?? []), answer]);
  }
  return [...answers].map((answer) => answer.flat().filter(Boolean).join("\n")).join("\n\n");
}

/** What was typed, or picked from a list. @param {HTMLInputElement} field @returns {[string, string]} */
function written(field) {
  const picked = field instanceof HTMLSelectElement && field.value ? field.selectedOptions[0]?.text : field.value;
  return [field.labels?.[0]?.firstChild?.textContent?.trim() ?? "", picked?.trim() ?? ""];
}

/** One of several, under their question; a tick that is a sentence of its own, under none. @param {HTMLInputElement} field @returns {[string, string]} */
function chosen(field) {
  const words = field.checked ? (field.labels?.[0]?.textContent?.trim() ?? "") : "";
  const alone = field.value === "1";
  const group = field.closest("[role=group]")?.querySelector("p") ?? field.closest("fieldset")?.querySelector("legend");
  return alone ? [words, words && " "] : [group?.textContent?.trim() ?? "", words];
}
