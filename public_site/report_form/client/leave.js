// On every page about a report: away at once, with nothing left on the screen and no way back to it; and printing.
// Without this script "Leave now" is a link like any other, and paper is the browser's own menu.

const AWAY = 3;
const WITHIN = 1500;

const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("leave"));
/** @type {number[]} when Shift was pressed lately */
let pressed = [];

/** Blank at once, since the next page may take a moment; and in the place of this one, so that Back does not find it. */
function leave() {
  document.documentElement.hidden = true;
  document.title = " ";
  for (const form of document.forms) form.reset();
  location.replace(link?.href ?? "about:blank");
}

link?.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

addEventListener("keyup", ({ key }) => {
  if (key !== "Shift") return void (pressed = []);
  const now = performance.now();
  pressed = [...pressed.filter((at) => now - at < WITHIN), now];
  if (pressed.length >= AWAY) leave();
});

// A page that comes back from the browser's memory comes back empty.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/** Buttons that only a script can press. */
function ready() {
  for (const part of document.querySelectorAll("[data-print][hidden]")) part.removeAttribute("hidden");
}

document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("[data-print]")) print();
});
new MutationObserver(ready).observe(document.body, { childList: true });
ready();
