// Does the work on standard input as the page does.
import { readFileSync } from "node:fs";
import { solve } from "../../../../public_site/report_form/client/work.js";

console.log(await solve(JSON.parse(readFileSync(0, "utf8"))));
