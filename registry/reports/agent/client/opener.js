// Opens an envelope with a key file, both chosen or dropped by an officer. Nothing is sent, kept or remembered: the
// page's own policy forbids every address. A stranger's words are only ever put in as text.
import { Decrypter, identityToRecipient } from "age-encryption";
import { hex, sha256, utf8 } from "../../../../public_site/scanner/client/bytes.js";
import { byId, part, say } from "../../../../public_site/scanner/client/page.js";
import { LARGEST as LARGEST_FILE, Refused, belongs, identities, numbered, read, rows, sealedTo, turn, unpadded } from "./inside.js";

const LARGEST = 80 * 1024;
/** @type {{office: string, words: Record<string, string>}} */
const given = JSON.parse(byId("given").textContent ?? "{}");
/** @type {{envelope?: File, key?: File, beside: File[]}} */
const files = { beside: [] };
/** @type {string[]} what was opened before; let go when another is */
let links = [];

byId("envelope").addEventListener("change", (event) => chosen(/** @type {HTMLInputElement} */ (event.target).files));
byId("key").addEventListener("change", (event) => {
  files.key = /** @type {HTMLInputElement} */ (event.target).files?.[0];
});
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  const dropped = [...(event.dataTransfer?.files ?? [])];
  const sealed = dropped.filter(({ name }) => name.endsWith(".age"));
  files.key = dropped.find((file) => !sealed.includes(file)) ?? files.key;
  if (sealed.length) chosen(sealed);
  if (files.envelope && files.key) void open();
});
byId("open").addEventListener("click", () => void open());
byId("copy").addEventListener("click", () => void copy());

/** The envelope, and the files that were downloaded with it. @param {Iterable<File> | null} sealed */
function chosen(sealed) {
  const all = [...(sealed ?? [])];
  files.beside = all.filter(({ name }) => turn(name));
  files.envelope = all.find(({ name }) => !turn(name)) ?? files.envelope;
}

async function open() {
  const { envelope, key } = files;
  byId("report").hidden = true;
  if (!envelope || !key) return say("told", "files");
  say("told", "working");
  try {
    const { inner, age } = await opened(envelope, key);
    show(inner);
    await lay(inner, age);
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
  return { inner, age };
}

/**
 * Its files, each held against the manifest, as links to save them; none is shown. What is not here is told.
 * @param {import("./inside.js").Inner} inner @param {Decrypter} age
 */
async function lay({ attachments = [] }, age) {
  links.splice(0).forEach((link) => URL.revokeObjectURL(link));
  const items = attachments.map(async (said, at) => {
    const item = /** @type {HTMLElement} */ (part("file").cloneNode(true));
    delete item.dataset.part;
    const file = files.beside.find(({ name, size }) => turn(name) === at + 1 && size <= LARGEST_FILE + (16 << 10));
    const data = file && (await whole(file, said, age));
    const link = document.createElement("a");
    item.prepend(link, " ");
    link.textContent = link.download = said.name;
    if (data) links.push((link.href = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }))));
    const shown = { unsafe: !said.stripped, drawn: said.stripped, missing: !data };
    for (const [name, on] of Object.entries(shown)) /** @type {HTMLElement} */ (item.querySelector(`[data-file=${name}]`)).hidden = !on;
    /** @type {HTMLElement} */ (item.querySelector("[data-file=taken]")).textContent = said.taken ?? "";
    item.hidden = false;
    return item;
  });
  byId("files").replaceChildren(...(await Promise.all(items)));
  part("files").hidden = !attachments.length;
}

/** @param {File} file @param {import("./inside.js").Manifest} said @param {Decrypter} age */
async function whole(file, said, age) {
  try {
    return await unpadded(await age.decrypt(new Uint8Array(await file.arrayBuffer())), said, async (data) => hex(await sha256(data)));
  } catch {
    return undefined;
  }
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
