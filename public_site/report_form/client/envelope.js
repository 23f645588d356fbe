// What is sealed, and how replies are opened. The twin of registry/reports/envelope.py, which says what stands in it;
// both write the same bytes before sealing (tests/vectors/report_envelopes.json).
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { FORM as WITH_FILES } from "./files.js";
import { b64url, hex, sha256, utf8 } from "../../scanner/client/bytes.js";

export const FORM = "2026-12";
const STEPS = [4096, 16384, 65536];
const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Too long for the widest step. */
export class TooLong extends Error {}

/** 128 random bits as 26 signs without I, L, O and U. @param {Uint8Array} [random] 16 bytes */
export function newProof(random = crypto.getRandomValues(new Uint8Array(16))) {
  let bits = random.reduce((before, byte) => (before << 8n) | BigInt(byte), 0n);
  let proof = "";
  for (let place = 0; place < 26; place++, bits >>= 5n) proof = SIGNS[Number(bits & 31n)] + proof;
  return proof;
}

/** The short name of a key. @param {string} recipient */
export const fingerprint = async (recipient) => hex(await sha256(utf8(recipient))).slice(0, 16);

/** The public half of what the code opens. @param {string} identity */
export const recipientOf = (identity) => identityToRecipient(identity);

/**
 * The text that is sealed: fields in one order, none that is empty, spaces up to the next step.
 * @param {{proof: string, context: object, report: object, reply_recipient: string, shown: string[], attachments?: object[]}} inner
 */
export function plaintext({ proof, context, report, reply_recipient, shown, attachments = [] }) {
  const text = JSON.stringify({ schema: "sectt-report/1", proof, context, report, reply_recipient, shown, ...(attachments.length && { attachments }) });
  const size = utf8(text).length;
  const step = STEPS.find((widest) => size <= widest);
  if (!step) throw new TooLong();
  return { plain: utf8(text + " ".repeat(step - size)), step };
}

/**
 * One report, sealed to these keys, as it is sent. Nothing in it can be read by whoever carries it.
 * @param {object} report  the fields of registry/reports/envelope.py Report
 * @param {{chain: string[], directory: number, keys: string[], shown: string[]}} to
 * @param {{lookup: Uint8Array, identity: string}} derived
 * @param {object[]} [attachments] the manifest of what is sealed beside it
 */
export async function seal(report, { chain, directory, keys, shown }, derived, attachments = []) {
  const proof = newProof();
  const reply_recipient = await recipientOf(derived.identity);
  const fingerprints = await Promise.all(keys.map(fingerprint));
  const context = { envelope: crypto.randomUUID(), chain, keys: fingerprints, directory, form: attachments.length ? WITH_FILES : FORM };
  const { plain, step } = plaintext({ proof, context, report, reply_recipient, shown, attachments });
  const age = new Encrypter();
  for (const key of keys) age.addRecipient(key);
  const sealed = await age.encrypt(plain);
  return {
    ...context, size_step: step, sealed: b64url(sealed), reply_recipient,
    lookup: b64url(derived.lookup), proof_hash: hex(await sha256(utf8(proof))),
  };
}

/** A reply as text. Throws when it was not sealed to this code. @param {Uint8Array} body @param {string} identity */
export async function openReply(body, identity) {
  const age = new Decrypter();
  age.addIdentity(identity);
  return (await age.decrypt(body, "text")).replace(/ +$/, "");
}
