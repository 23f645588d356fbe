// Fills a page's template: keeps what applies, writes words into their places. Text only, never markup: what a copy
// says can draw nothing of its own.

/**
 * @param {HTMLTemplateElement} template  elements may have data-if="a b" (kept when one of these holds), data-hole="name"
 *   (its text; the nearest data-line goes when it is empty), data-to="/s/{path}" (an address), fill="PAINT" (the hole "paint"), data-class="name"
 * @param {Set<string>} holds
 * @param {Record<string, string>} holes
 * @returns {DocumentFragment}
 */
export function fill(template, holds, holes) {
  const made = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  for (const part of made.querySelectorAll("[data-if]"))
    if (!words(part, "if").some((name) => holds.has(name))) part.remove();
  for (const part of made.querySelectorAll("[data-hole]")) {
    const text = holes[part.getAttribute("data-hole") ?? ""] ?? "";
    if (text) part.textContent = text;
    else (part.closest("[data-line]") ?? part).remove();
  }
  for (const part of made.querySelectorAll("[data-class]")) part.classList.add(holes[part.getAttribute("data-class") ?? ""] ?? "unknown");
  for (const part of made.querySelectorAll('[fill="PAINT"]')) part.setAttribute("fill", holes.paint ?? "none");
  for (const part of made.querySelectorAll("[data-to]"))
    part.setAttribute("href", (part.getAttribute("data-to") ?? "").replace(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(holes[name] ?? "")));
  return made;
}

/** @param {Element} part @param {string} name */
const words = (part, name) => (part.getAttribute(`data-${name}`) ?? "").split(" ");
