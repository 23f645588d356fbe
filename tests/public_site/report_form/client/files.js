// What the page makes of files on standard input: what each is, what it says of place and time, and it sealed.
import { readFileSync } from "node:fs";
import { bare, seal, sniffed } from "../../../../public_site/report_form/client/files.js";
import { taken } from "../../../../public_site/report_form/client/taken.js";

const { files, keys } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
for (const text of files) {
  const data = new Uint8Array(Buffer.from(text, "base64"));
  const kind = sniffed(data) ?? null;
  const alone = kind === "JPEG" && data.length > 1000 ? Buffer.from(bare(data)).toString("base64") : "";
  said.push({ kind, bare: alone, taken: taken(data), sealed: Buffer.from(await seal({ data, manifest: /** @type {any} */ ({}) }, keys)).toString("base64") });
}
console.log(JSON.stringify(said));
