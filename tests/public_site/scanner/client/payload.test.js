// Only our own host is opened; what anything else says is shown (clients.md 2.4, check 17).
import assert from "node:assert/strict";
import test from "node:test";
import { read } from "../../../../public_site/scanner/client/payload.js";

const OURS = ["https://sello.example.cr", "https://registro.example.cr"];
const CODE = "7K3M9QXT2W4HVN40";

test("ours, as printed and as typed", () => {
  for (const text of [`HTTPS://SELLO.EXAMPLE.CR/S/${CODE}`, `https://sello.example.cr/s/${CODE.toLowerCase()}/`,
    `https://registro.example.cr/s/7K3M-9QXT-2W4H-VN40?lang=en`])
    assert.deepEqual(read(text, OURS), { kind: "seal", code: CODE });
});

test("spelled otherwise, and still the very same place", () => {
  for (const text of [`https://sello.example.cr:443/s/${CODE}`, `https:\\\\sello.example.cr\\s\\${CODE}`, ` https://ｓｅｌｌｏ.example。cr/s/${CODE}#x `])
    assert.deepEqual(read(text, OURS), { kind: "seal", code: CODE });
});

test("a very long code of ours is a mistake and no address", () => {
  assert.equal(read(`https://sello.example.cr/s/${"A".repeat(100_000)}`, OURS).kind, "mistyped");
});

test("ours with a mistake in the code is not opened", () => {
  assert.equal(read("https://sello.example.cr/s/7K3M9QXT2W4HVN41", OURS).kind, "mistyped");
});

for (const text of [
  `https://sello.example.com/s/${CODE}`, `https://sello.example.cr.evil.example/s/${CODE}`, `https://evil.example/sello.example.cr/s/${CODE}`,
  `https://sello.example.cr@evil.example/s/${CODE}`, `https://user@sello.example.cr/s/${CODE}`, `http://sello.example.cr/s/${CODE}`,
  `https://sello.example.cr:8443/s/${CODE}`, `https://sello.example.cr/login?next=/s/${CODE}`, "https://sello.example.cr/desk",
  "WIFI:S:Hotel;T:WPA;P:secret;;", "tel:+50625550147", "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "BEGIN:VCARD", CODE, "",
  `https://sello.example.cr./s/${CODE}`, `https://sello.example.cr\\@evil.example/s/${CODE}`, `https://sello.example.cr%2f@evil.example/s/${CODE}`,
  `https:evil.example/s/${CODE}?https://sello.example.cr`, `//sello.example.cr/s/${CODE}`, `https://s\u0435llo.example.cr/s/${CODE}`,
  `https://xn--sllo-y4d.example.cr/s/${CODE}`, `https://sello.example\u0140cr/s/${CODE}`, `https://sello.example.cr:80/s/${CODE}`,
  `blob:https://sello.example.cr/s/${CODE}`, `view-source:https://sello.example.cr/s/${CODE}`, `java\nscript:location="https://sello.example.cr/s/${CODE}"`,
  `https://sello.example.cr/desk/../s/../desk/${CODE}`, `ftp://sello.example.cr/s/${CODE}`,
  `https://sello.example.cr/s/${CODE}/proof`, `https://evil.example/${"A".repeat(100_000)}`, `https://[::1]/s/${CODE}`,
])
  test(`not ours, not opened: ${text.slice(0, 60)}`, () => assert.deepEqual(read(text, OURS), { kind: "other", text }));
