// The receipt of a report that was sealed here: only this page knows the code, so it writes it in, and it is said in
// another language in place. (A link would lose it.)
import { grouped } from "./code.js";
import { reached } from "./page.js";

/** @param {string} code */
export function receipt(code) {
  written(code);
  const tongues = document.getElementById("tongues");
  tongues?.removeAttribute("hidden");
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-tongue]")))
    button.addEventListener("click", () => speak(button, code));
}

/** @param {string} code */
function written(code) {
  for (const [at, hole] of document.querySelectorAll("[data-hole=group]").entries()) hole.textContent = grouped(code)[at];
}

/** @param {HTMLButtonElement} button @param {string} code */
function speak(button, code) {
  const said = /** @type {HTMLTemplateElement | null} */ (document.querySelector(`[data-said=${button.dataset.tongue}]`));
  const main = document.querySelector("main");
  if (!said || !main) return;
  const kept = /** @type {HTMLInputElement | null} */ (document.getElementById("kept"))?.checked ?? false;
  const shown = /** @type {HTMLElement} */ (main.cloneNode(false));
  shown.append(document.importNode(said.content, true));
  shown.lang = said.dataset.said ?? "";
  main.replaceWith(shown);
  document.title = said.dataset.title ?? "";
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("kept"));
  if (box) box.checked = kept;
  for (const other of document.querySelectorAll("[data-tongue]")) other.setAttribute("aria-pressed", String(other === button));
  written(code);
  reached();
}
