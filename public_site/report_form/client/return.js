// Opens the reply box without the code leaving this phone: only what is derived from it is sent, and the replies are
// opened and their signatures checked here.
import { derive, check } from "./code.js";
import { accept, canonical, verifier } from "./directory.js";
import { openReply } from "./envelope.js";
import { b64url, hex, sha256, unb64url, utf8 } from "../../scanner/client/bytes.js";
import { byId, say } from "../../scanner/client/page.js";

const form = /** @type {HTMLFormElement} */ (byId("return"));
const channel = JSON.parse(form.dataset.channel ?? "null");
const verify = verifier(async () => (await import(channel.ed25519)).verify);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void look();
});

async function look() {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const code = check(/** @type {HTMLInputElement} */ (byId("code")).value);
  if (!code) return say("told", "mistyped");
  if (button.disabled) return;
  button.disabled = true;
  say("told", "working");
  try {
    const derived = await derive(code, channel.label);
    const answer = await fetch(form.action, {
      method: "POST", body: JSON.stringify({ lookup: b64url(derived.lookup) }),
      headers: { "content-type": "application/json" }, cache: "no-store", credentials: "omit", redirect: "error",
    });
    const said = await answer.json();
    if (!answer.ok) return refused(said.detail);
    const page = new DOMParser().parseFromString(said.page, "text/html");
    const main = page.querySelector("main");
    if (!main) return say("told", "failed");
    document.querySelector("main")?.replaceWith(document.importNode(main, true));
    document.title = page.title;
    scrollTo(0, 0);
    await replies(said, derived.identity);
  } catch {
    say("told", "failed");
  } finally {
    button.disabled = false;
  }
}

/** @param {string} sentence */
function refused(sentence) {
  byId("refused").textContent = sentence;
  say("told", "refused");
}

/**
 * @param {{envelope: string, sha256: string, replies: {authority: string, counter: number, body: string, signature: string}[]}} box
 * @param {string} identity
 */
async function replies(box, identity) {
  const directory = await trusted();
  let before = 0;
  for (const reply of box.replies) {
    const place = document.querySelector(`[data-reply="${Number(reply.counter)}"]`);
    if (!place) continue;
    const body = unb64url(reply.body);
    const text = await openReply(body, identity).catch(() => null);
    const office = directory?.records.find(({ authority }) => authority === reply.authority);
    const said = canonical({
      statement: "reply", envelope: box.envelope, sha256: box.sha256, counter: reply.counter, reply: hex(await sha256(body)),
    });
    const held = office && (await verify(unb64url(reply.signature), utf8(said), unb64url(office.signing)).catch(() => false));
    const inOrder = reply.counter === ++before;
    const words = /** @type {HTMLElement} */ (place.querySelector("[data-hole=text]"));
    words.textContent = text ?? "";
    for (const line of place.querySelectorAll("[data-say]"))
      /** @type {HTMLElement} */ (line).hidden =
        line.getAttribute("data-say") !== (text === null ? "closed" : !held ? "forged" : inOrder ? "held" : "order");
  }
}

async function trusted() {
  try {
    const file = await fetch(channel.file, { cache: "no-store", credentials: "omit" });
    return await accept(await file.text(), channel.root, new Date(), verify);
  } catch {
    return null;
  }
}
