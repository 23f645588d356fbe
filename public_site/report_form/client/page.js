// Another page of ours in the place of this one, without an entry in the history that could be opened again.

const PARTS = ["header.top", "main", "footer.foot"];

/**
 * What stands between the emergency numbers and the end of a page, as the server wrote it, shown: also its head and its
 * foot, for the receipt's lead nowhere.
 * @param {string} html @returns {Element} its main part
 */
export function replace(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector("main")) throw new Error("not a page of ours");
  for (const part of PARTS) {
    const found = page.querySelector(part);
    if (found) document.querySelector(part)?.replaceWith(document.importNode(found, true));
  }
  document.title = page.title;
  return reached();
}

/** At the top of what is shown now, for eyes and for a screen reader. @returns {Element} */
export function reached() {
  const main = /** @type {Element} */ (document.querySelector("main"));
  scrollTo(0, 0);
  /** @type {HTMLElement | null} */ (main.querySelector("h1"))?.focus();
  return main;
}
