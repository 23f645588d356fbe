// A carried copy says what public_site/verification/rules.py says, at every age (seals.md 3.3).
import assert from "node:assert/strict";
import test from "node:test";
import { LIMITS, verdict } from "../../../../public_site/scanner/client/verdict.js";
import { vectors } from "./vectors.js";

test("every case of the vectors", () => {
  const { cases } = vectors("verdicts");
  assert.ok(cases.length > 100);
  for (const { entry, clock, as_of: asOf, ...said } of cases) assert.deepEqual(verdict(entry, clock, asOf), said, JSON.stringify({ entry, said }));
});

test("nothing that is not whole says that a code is not in the register", () => {
  assert.equal(verdict(null, 0, 0, false).reason, "not_carried");
});

test("the hours of the table", () => {
  const hours = Object.values(LIMITS).map(({ green, amber }) => [green / 3_600_000, amber / 3_600_000]);
  assert.deepEqual(hours, [[24, 168], [72, 168]]);
});
