// What a seal says in a copy somebody carries: the twin of public_site/verification/rules.py with its CARRIED limits
// (seals.md 3.3), held to the same vectors (tests/vectors/verdicts.json).

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
/** Up to `green` it answers, up to `amber` it says what it last knew, then nothing good. */
export const LIMITS = {
  vehicle: { green: 24 * HOUR, amber: WEEK },
  establishment: { green: 72 * HOUR, amber: WEEK },
};

/** @typedef {"valid" | "suspended" | "withdrawn" | "expired" | "committed" | "unknown" | "cannot_confirm"} State */
/** @typedef {{state: State, reason: string, since: number | null}} Verdict  `since`: milliseconds, or null */

/**
 * @param {import("./snapshot.js").Entry | null} entry  null when the copy does not hold the code
 * @param {number} clock  the device's, in milliseconds
 * @param {number} asOf  when the copy was made
 * @param {boolean} [whole]  whether the copy holds every region, so that absence says something
 * @returns {Verdict}
 */
export function verdict(entry, clock, asOf, whole = true) {
  const now = Math.max(clock, asOf); // a clock behind the signed copy is wrong; time only moves on
  const age = now - asOf;
  if (!entry) {
    if (!whole) return { state: "cannot_confirm", reason: "not_carried", since: null };
    if (age > LIMITS.vehicle.green) return { state: "cannot_confirm", reason: "old_copy", since: null };
    return { state: "unknown", reason: "not_in_register", since: null };
  }
  const { green, amber } = LIMITS[entry.kind];
  const [from, until, since] = [entry.valid_from, entry.valid_until, entry.since].map((when) => Date.parse(when));
  if (entry.state === "withdrawn") return { state: "withdrawn", reason: "withdrawn", since };
  if (entry.state === "replaced" || entry.state === "ended") return { state: "expired", reason: entry.state, since };
  if (now > until) return { state: "expired", reason: "expired", since: until };
  if (entry.state === "suspended") return { state: "suspended", reason: "suspended", since };
  if (now < from) return { state: "committed", reason: "not_begun", since: from };
  if (age > amber) return { state: "cannot_confirm", reason: "old_copy", since: null };
  if (age > green) return { state: "cannot_confirm", reason: "was_valid", since: null };
  return { state: "valid", reason: "meets_criteria", since: from };
}
