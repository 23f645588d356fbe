// Seals the report on standard input as the page does, for the tests that open it elsewhere.
import { readFileSync } from "node:fs";
import { derive } from "../../../../public_site/report_form/client/code.js";
import { seal } from "../../../../public_site/report_form/client/envelope.js";

const { report, to, code, label } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await seal(report, to, await derive(code, label))));
