// Opens the reply box without the code leaving this phone: only what is derived from it is sent, and the replies are
// opened and their signatures checked here.
import { deriveAway } from "./away.js";
import { check } from "./code.js";
import { accept, formerly, verifier } from "./directory.js";
import { openReply } from "./envelope.js";
import { attested, inOrder } from "./replies.js";
import { b64url, unb64url } from "../../scanner/client/bytes.js";
import { byId, say, write } from "../../scanner/client/page.js";
import { mend, mended } from "./mend.js";
import { replace } from "./page.js";

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
  mended(form);
  say("told");
  if (!code) return mend(form, "code", byId("told").querySelector("[data-say=mistyped]")?.textContent ?? "");
  if (button.disabled) return;
  button.disabled = true;
  say("told", "working");
  try {
    const derived = await deriveAway(code, channel.label, channel.worker);
    const answer = await fetch(form.action, {
      method: "POST", body: JSON.stringify({ lookup: b64url(derived.lookup) }),
      headers: { "content-type": "application/json" }, cache: "no-store", credentials: "omit", redirect: "error",
    });
    if (!(answer.headers.get("content-type") ?? "").startsWith("text/html")) return refused((await answer.json()).detail);
    if (!answer.ok) return say("told", "failed");
    await replies(replace(await answer.text()), derived.identity);
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
 * Opens what is sealed, and says of each whether its office signed it, and whether one is missing or comes again. What no
 * office of the signed directory signed for this very report is nobody's: neither a name nor its text is shown.
 * @param {Element} page @param {string} identity
 */
async function replies(page, identity) {
  const directory = await trusted();
  const { envelope, sha256: report } = /** @type {HTMLElement} */ (page.querySelector("#box")).dataset;
  const follow = inOrder();
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-body]"))) {
    const { counter, authority: by = "", on = "", body: packed, signature } = place.dataset;
    const sent = { envelope, sha256: report, counter: Number(counter), body: unb64url(packed ?? ""), signature: signature ?? "" };
    const { office, former } = (directory && (await signer(directory, sent, by, on))) ?? { office: null, former: false };
    const text = office ? await openReply(sent.body, identity).catch(() => null) : null;
    const order = office && text !== null ? follow(sent.counter) : "";
    const word = !office ? "forged" : text === null ? "closed" : former && order === "held" ? "former" : order;
    for (const line of place.querySelectorAll("[data-say]")) line.toggleAttribute("hidden", line.getAttribute("data-say") !== word);
    write(place, "name", office ? office.names[document.documentElement.lang] ?? office.names.es ?? Object.values(office.names)[0] ?? "" : "");
    write(place, "text", text ?? "");
  }
}

/**
 * The office whose key signed it: the key of now, or one of before, with which nothing may have been signed since.
 * @param {import("./directory.js").Directory} directory @param {import("./replies.js").Sent} sent
 * @param {string} by @param {string} on the day on which it was sent
 */
async function signer(directory, sent, by, on) {
  const now = directory.records.find(({ authority }) => authority === by);
  if (now && (await attested(sent, now.signing, verify))) return { office: now, former: false };
  const older = async (/** @type {number} */ version) => {
    const file = await fetch(channel.file.replace(/\.json$/, `/${version}.json`), { cache: "no-store", credentials: "omit" });
    return file.ok ? file.text() : Promise.reject(new Error("not there"));
  };
  for await (const { office, until } of formerly(older, channel.root, directory, by, verify))
    if (on <= until.toISOString().slice(0, 10) && (await attested(sent, office.signing, verify))) return { office, former: true };
  return null;
}

async function trusted() {
  try {
    const file = await fetch(channel.file, { cache: "no-store", credentials: "omit" });
    return await accept(await file.text(), channel.root, new Date(), verify);
  } catch {
    return null;
  }
}
