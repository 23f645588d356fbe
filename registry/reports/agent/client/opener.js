// Opens an envelope with a key file, both chosen or dropped by an officer. Nothing is sent, kept or remembered: the
// page's own policy forbids every address. A stranger's words are only ever put in as text.
import { Decrypter, identityToRecipient } from "age-encryption";
import { hex, sha256, utf8 } from "../../../../public_site/scanner/client/bytes.js";
import { byId, part, say } from "../../../../public_site/scanner/client/page.js";
import { Refused, belongs, identities, numbered, read, rows, sealedTo } from "./inside.js";

const LARGEST = 80 * 1024;
/** @type {{office: string, words: Record<string, string>}} */
const given = JSON.parse(byId("given").textContent ?? "{}");
/** @type {{envelope?: File, key?: File}} */
const files = {};

for (const name of /** @type {const} */ (["envelope", "key"]))
  byId(name).addEventListener("change", (event) => {
    files[name] = /** @type {HTMLInputElement} */ (event.target).files?.[0];
  });
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  for (const file of event.dataTransfer?.files ?? []) files[file.name.endsWith(".age") ? "envelope" : "key"] = file;
  if (files.envelope && files.key) void open();
});
byId("open").addEventListener("click", () => void open());
byId("copy").addEventListener("click", () => void copy());

async function open() {
  const { envelope, key } = files;
  byId("report").hidden = true;
  if (!envelope || !key) return say("told", "files");
  say("told", "working");
  try {
    show(await opened(envelope, key));
    say("told");
  } catch (error) {
    say("told", error instanceof Refused ? error.message : "age");
  }
}

/** @param {File} envelope @param {File} key */
async function opened(envelope, key) {
  if (envelope.size > LARGEST || key.size > LARGEST) throw new Refused("age");
  const held = identities(await key.text());
  const file = new Uint8Array(await envelope.arrayBuffer());
  const age = new Decrypter();
  for (const identity of held) age.addIdentity(identity);
  const inner = read(await age.decrypt(file));
  const prints = await Promise.all(held.map(async (one) => hex(await sha256(utf8(await identityToRecipient(one)))).slice(0, 16)));
  belongs(inner, { prints, sealed: sealedTo(file), office: given.office, number: numbered(envelope.name) });
  return inner;
}

/** @param {import("./inside.js").Inner} inner */
function show({ proof, context, report, drill }) {
  byId("proof").textContent = proof;
  byId("which").textContent = context.envelope;
  byId("narrative").textContent = report.narrative;
  part("drill").hidden = drill !== true;
  const lines = rows(report).flatMap(([path, words]) => {
    const label = document.createElement("dt");
    label.textContent = given.words[path] ?? path.replace(/[_.]/g, " ");
    const said = document.createElement("dd");
    said.textContent = words.map((word) => given.words[`${path}.${word}`] ?? given.words[word] ?? word).join("; ");
    return [label, said];
  });
  byId("rows").replaceChildren(...lines);
  byId("report").hidden = false;
}

async function copy() {
  const proof = byId("proof").textContent ?? "";
  try {
    await navigator.clipboard.writeText(proof);
  } catch {
    getSelection()?.selectAllChildren(byId("proof"));
    document.execCommand("copy");
  }
  byId("copied").hidden = false;
}
