// A field to mend: its sentence beside it, said with it by a screen reader, and the reader brought there.

/** @param {HTMLFormElement} form @param {string} name the field @param {string} sentence */
export function mend(form, name, sentence) {
  const found = form.elements.namedItem(name);
  const field = found instanceof RadioNodeList ? found[0] : found;
  if (!(field instanceof HTMLElement)) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  const line = document.createElement("p");
  line.className = "error";
  line.id = `${name}-error`;
  line.textContent = sentence;
  document.getElementById(line.id)?.remove();
  field.before(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [...described(field), line.id].join(" "));
  field.focus();
  line.scrollIntoView({ block: "center" });
}

/** What was mended, or is looked at again. @param {HTMLFormElement} form */
export function mended(form) {
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("p.error[id$='-error']"))) {
    const field = document.getElementById(line.id.slice(0, -"-error".length));
    line.remove();
    if (!field) continue;
    field.removeAttribute("aria-invalid");
    const rest = described(field).filter((id) => id !== line.id);
    if (rest.length) field.setAttribute("aria-describedby", rest.join(" "));
    else field.removeAttribute("aria-describedby");
  }
}

/** @param {HTMLElement} field */
const described = (field) => (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
