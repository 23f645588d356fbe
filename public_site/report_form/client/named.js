// A gentle word while somebody writes: a text may hold the full name of a child. It holds nothing back.
// The twin of public_site/report_form/names.py; both are held to tests/vectors/report_names.json.

const CHILD = words(`niña niño niñas niños nena nene chiquita chiquito menor muchacha muchacho chica chico hija hijo
  adolescente joven girl girls boy boys child children teenager daughter son kid menina menino garota garoto criança
  filha filho adolescent adolescente fille fillette garçon enfant jeune fils`);
const CALLED = words("llama llamaba nombre named called name chama chamava nome appelle appelait nom prénom");
const OTHERWISE = words("en in at near from em na no perto à au aux dans chez près a al con with to com ao avec hotel hôtel playa beach praia plage");
const FAR = 5;

/** @param {string} text */
export function namesChild(text) {
  const parts = text.match(/\p{L}[\p{L}-]*|[.!?;\n]/gu) ?? [];
  return parts.some((part, at) => begins(part) && follows(parts.slice(at + 1, at + 1 + FAR)));
}

/** @param {string} part */
const begins = (part) => CHILD.has(part.toLowerCase()) || CALLED.has(part.toLowerCase());

/** A given name and a surname, before the sentence ends or a place is named. @param {string[]} next */
function follows(next) {
  for (const [at, part] of next.entries()) {
    if (!/\p{L}/u.test(part) || OTHERWISE.has(part.toLowerCase())) return false;
    if (capital(part) && capital(next[at + 1] ?? "")) return true;
  }
  return false;
}

/** @param {string} part */
const capital = (part) => /^\p{Lu}\p{L}/u.test(part) && !begins(part);

/** @param {string} text */
function words(text) {
  return new Set(text.split(/\s+/));
}
