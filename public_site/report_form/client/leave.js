// On every page about a report: away at once, with nothing left on the screen and no way back to it; and printing.
// Without this script "Leave now" is a link like any other, and paper is the browser's own menu.

const AWAY = 3;
const WITHIN = 1500;

/** @type {number[]} when Shift was pressed lately */
let pressed = [];
/** Whether the way out was taken, or nothing is lost: then nobody is ever asked. */
let leaving = false;

/** Blank at once, since the next page may take a moment; and in the place of this one, so that Back does not find it. */
function leave() {
  leaving = true;
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("leave"));
  document.documentElement.hidden = true;
  document.title = " ";
  for (const form of document.forms) form.reset();
  location.replace(link?.href ?? "about:blank");
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("#leave")) return;
  event.preventDefault();
  leave();
});

addEventListener("keyup", ({ key }) => {
  if (key !== "Shift") return void (pressed = []);
  const now = performance.now();
  pressed = [...pressed.filter((at) => now - at < WITHIN), now];
  if (pressed.length >= AWAY) leave();
});

// The code is shown once: whoever goes back, loads the page again or closes it before it is kept is asked first.
addEventListener("beforeunload", (event) => {
  const kept = /** @type {HTMLInputElement | null} */ (document.getElementById("kept"));
  if (kept && !kept.checked && !leaving) event.preventDefault();
});

// A page that comes back from the browser's memory comes back empty.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = true;
  location.reload();
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
