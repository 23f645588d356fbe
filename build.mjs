// Gathers our client modules and the npm packages they use into static files, as package.json lists them under
// "bundles" (output: source). `make setup` runs it when a source changed; core/assets.py serves what it writes under
// the hash of its content. One bundle a file, no shared pieces: a piece would need to know its sibling's hash.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = "public_site/static/build";
const { bundles } = JSON.parse(await readFile("package.json", "utf8"));

/** @param {string} path @param {string | Uint8Array} data */
async function put(path, data) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, data);
  await rename(`${path}.new`, path);
}

/** The npm packages that went into a bundle, by their folders. @param {string[]} inputs */
function packages(inputs) {
  const folders = inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(folders.filter((name) => name !== undefined))].sort();
}

/** Name, version, licence and its text: what whoever receives the bundle has to be told. @param {string} name */
async function licence(name) {
  const folder = join("node_modules", name);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  // Where a package may be had under either of two licences, the one with the shorter name stands second: LICENSE-MIT.
  const file = (await readdir(folder)).filter((entry) => /^licen[cs]e/i.test(entry)).sort().pop();
  if (!file) throw new Error(`the package ${name} brings no licence text, so it cannot be given to strangers`);
  return { name, version: about.version, licence: about.license, text: await readFile(join(folder, file), "utf8") };
}

/** @param {string} output @param {string} source */
async function gather(output, source) {
  const made = await build({
    entryPoints: [source], bundle: true, minify: true, write: false, metafile: true, format: "esm", target: "es2020",
    charset: "utf8", legalComments: "none", banner: { js: "/* Licences: /about */" }, logLevel: "silent",
  });
  const data = made.outputFiles[0].contents;
  await put(output, data);
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 12);
  console.log(`${output}: ${data.length} bytes, ${gzipSync(data, { level: 9 }).length} packed (${hash})`);
  return packages(Object.keys(made.metafile.inputs));
}

try {
  await rm(join(OUT, ".built"), { force: true });
  const used = new Set();
  for (const [output, source] of Object.entries(bundles)) for (const name of await gather(output, source)) used.add(name);
  const given = await Promise.all([...used].sort().map(licence));
  const locked = [...(await readFile("requirements.lock", "utf8")).matchAll(/^([\w.-]+)==([^\s;]+)/gm)];
  const runs = locked.map(([, name, version]) => ({ name, version }));
  await put(join(OUT, "licences.json"), JSON.stringify({ given, used: runs }, null, 1) + "\n");
  const wanted = new Set([...Object.keys(bundles).map((path) => basename(path)), "licences.json"]);
  for (const name of await readdir(OUT)) if (!wanted.has(name)) await rm(join(OUT, name), { force: true });
  await put(join(OUT, ".built"), "");
} catch (error) {
  const told = /** @type {{errors?: {text: string, location?: {file: string, line: number}}[]}} */ (error);
  const lines = (told.errors ?? []).map(({ text, location: at }) => `${at ? `${at.file}:${at.line}: ` : ""}${text}`);
  for (const line of new Set(lines)) console.error(line);
  if (!told.errors) console.error(error instanceof Error ? error.message : error);
  console.error("The client code was not gathered. Mend what is named above and run the same command again.");
  process.exit(1);
}
