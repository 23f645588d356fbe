// The printed code: 14 random characters and 2 that catch typing. The twin of registry/seals/code.py, held to the same
// vectors (tests/vectors/codes.json), so that a mistyped code is caught here without asking anybody.

export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 16;

/** @type {Map<string, number>} */
const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]));
VALUE.set("I", 1).set("L", 1).set("O", 0);

// Powers of the element 2 in GF(32) = GF(2)[x] / (x^5 + x^2 + 1), and their logarithms.
const POWER = [1];
while (POWER.length < 31) POWER.push((POWER[POWER.length - 1] << 1) ^ (POWER[POWER.length - 1] & 16 ? 37 : 0));
const LOG = new Map(POWER.map((value, exponent) => [value, exponent]));

/**
 * The code in its one printed spelling, or null where no seal can have it.
 * Forgiven: lower case, spaces, hyphens of any kind, I and L for 1, O for 0, full-width letters, the whole address.
 * @param {string} text
 * @returns {string | null}
 */
export function check(text) {
  const spelled = text.slice(0, 200).normalize("NFKC").trim().replace(/\/+$/, "");
  const letters = spelled.slice(spelled.lastIndexOf("/") + 1).replace(/[\s\-_.·‐-―−\u00ad\u200b]/gu, "").toUpperCase();
  const values = [...letters].map((letter) => VALUE.get(letter) ?? -1);
  if (values.length !== LENGTH || values.includes(-1) || at(2, values) || at(4, values)) return null;
  return values.map((value) => ALPHABET[value]).join("");
}

/** As printed and read aloud: 7K3M-9QXT-2W4H-VN8C. @param {string} code */
export const grouped = (code) => code.replace(/.{4}(?=.)/g, "$&-");

/** @param {number} point @param {number[]} values */
const at = (point, values) => values.reduce((total, value) => times(total, point) ^ value, 0);

/** @param {number} left @param {number} right */
function times(left, right) {
  if (!left || !right) return 0;
  return POWER[(/** @type {number} */ (LOG.get(left)) + /** @type {number} */ (LOG.get(right))) % 31];
}
