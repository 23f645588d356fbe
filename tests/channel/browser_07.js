// A browser's part of check 7: its own code reads a served directory and says whether it would seal with it.
import { text } from "node:stream/consumers";

import { accept, verifier } from "../../public_site/report_form/client/directory.js";

const { file, root, now, version } = JSON.parse(await text(process.stdin));
const verify = verifier(async () => {
  throw new Error("this runtime has Ed25519 of its own");
});
try {
  const directory = await accept(file, root, new Date(now), verify);
  console.log(directory.version === version ? "sealed" : "refused: version");
} catch (error) {
  console.log(`refused: ${error instanceof Error ? error.message : error}`);
}
