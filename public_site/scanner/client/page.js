// The page's parts and sentences, found by name. All of them stand in the templates; scripts only show and hide.

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
export const byId = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {string} name */
export const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-part="${name}"]`));

/** One sentence of a box, and no other. @param {string} box id @param {string} [name] none: the box falls silent */
export function say(box, name) {
  for (const line of byId(box).querySelectorAll("[data-say]"))
    /** @type {HTMLElement} */ (line).hidden = line.getAttribute("data-say") !== name;
}

/** The text of every place called so inside a part. @param {HTMLElement} within @param {string} name @param {string} text */
export function write(within, name, text) {
  for (const place of within.querySelectorAll(`[data-hole="${name}"]`)) place.textContent = text;
}

/** What the page hands to its scripts. @param {string} id @param {string} name @returns {any} */
export const given = (id, name) => JSON.parse(byId(id).dataset[name] ?? "null");

/** The seal's own page, in the page's language. @param {string} code */
export const sealPage = (code) => (byId("scanner").dataset.seal ?? "").replace("CODE", code);
