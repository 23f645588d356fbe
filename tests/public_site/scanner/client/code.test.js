// A typed code is judged in the browser exactly as by the registry (tests/vectors/codes.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { ALPHABET, check, grouped } from "../../../../public_site/scanner/client/code.js";

/** @type {{read: [string, string][], refused: string[]}} */
const vectors = JSON.parse(readFileSync(new URL("../../../vectors/codes.json", import.meta.url), "utf8"));
const printed = vectors.read[0][1];

test("every spelling of the vectors reads as the registry reads it", () => {
  for (const [typed, code] of vectors.read) assert.equal(check(typed), code, typed);
});

test("what the registry refuses is refused", () => {
  for (const typed of vectors.refused) assert.equal(check(typed), null, typed);
});

test("every change of one character and every swap is caught", () => {
  for (let place = 0; place < 16; place++) {
    for (const letter of ALPHABET)
      if (letter !== printed[place]) assert.equal(check(printed.slice(0, place) + letter + printed.slice(place + 1)), null);
    for (let other = 0; other < place; other++) {
      const letters = [...printed];
      [letters[place], letters[other]] = [letters[other], letters[place]];
      if (letters.join("") !== printed) assert.equal(check(letters.join("")), null);
    }
  }
});

test("it is read aloud in four groups", () => assert.equal(grouped(printed), "7K3M-9QXT-2W4H-VN40"));
