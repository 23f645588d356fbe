// Whom to call, from the copy.
import assert from "node:assert/strict";
import test from "node:test";
import { local, shown } from "../../../../public_site/scanner/client/hotlines.js";

/** @param {string} kind @param {string} checked @param {string} [place] */
const line = (kind, checked, place = "") => ({ kind, country: "CR", place, names: { es: kind }, numbers: ["911"], checked_on: checked });
const now = Date.parse("2026-11-21T20:00:00Z");

test("emergency first, the province before the country, nothing that was not rung for long", () => {
  const lines = [line("police", "2026-11-01"), line("child_protection", "2026-11-01"), line("child_protection", "2026-11-01", "CR-G"),
    line("emergency", "2026-01-01"), line("listening", "2026-01-01"), line("police", "2024-01-01"), line("police", "2026-11-01", "CR-P")];
  assert.deepEqual(shown(lines, "CR-G", now).map(({ kind, place }) => kind + place),
    ["emergency", "child_protectionCR-G", "child_protection", "police"]);
  assert.equal(shown([line("emergency", "2020-01-01")], "CR", now).length, 1, "an old number rather than none");
});

test("a number as people of its country write it", () => {
  assert.equal(local("+50625550147", "+506"), "2555-0147");
  assert.equal(local("911", "+506"), "911");
  assert.equal(local("+34915550147", "+506"), "+34915550147");
});
