// Another page of ours in the place of this one, without an entry in the history that could be opened again.

/** The main part of a page, as the server wrote it, shown. @param {string} html @returns {Element} */
export function replace(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) throw new Error("not a page of ours");
  const shown = document.importNode(main, true);
  document.querySelector("main")?.replaceWith(shown);
  document.title = page.title;
  scrollTo(0, 0);
  /** @type {HTMLElement | null} */ (shown.querySelector("h1"))?.focus();
  return shown;
}
