// JavaScript's part of check 4: opens what Python and age sealed, and derives codes.
import { text } from "node:stream/consumers";
import { derive } from "../../public_site/report_form/client/code.js";
import { openReply, recipientOf } from "../../public_site/report_form/client/envelope.js";
import { hex, unb64url } from "../../public_site/scanner/client/bytes.js";

const { identity, files, codes } = JSON.parse(await text(process.stdin));
const opened = [];
for (const file of files) opened.push(await openReply(unb64url(file), identity));
const derived = [];
for (const [code, label] of codes) {
  const found = await derive(code, label);
  derived.push([hex(found.lookup), found.identity, await recipientOf(found.identity)]);
}
console.log(JSON.stringify({ opened, codes: derived }));
