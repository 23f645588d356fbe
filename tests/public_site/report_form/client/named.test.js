// The gentle word about names says the same here and on the server (tests/vectors/report_names.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { namesChild } from "../../../../public_site/report_form/client/named.js";

/** @type {{holds: string[], not: string[]}} */
const { holds, not } = JSON.parse(readFileSync(new URL("../../../vectors/report_names.json", import.meta.url), "utf8"));

test("a text that may hold the full name of a child is noticed, and others are not", () => {
  for (const text of holds) assert.equal(namesChild(text), true, text);
  for (const text of not) assert.equal(namesChild(text), false, text);
});
