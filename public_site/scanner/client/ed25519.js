// For browsers whose own cryptography has no Ed25519; loaded only there.
import { verifyAsync } from "@noble/ed25519";

/** @type {import("./jws.js").Fallback} */
export const verify = (signature, data, key) => verifyAsync(signature, data, key);
