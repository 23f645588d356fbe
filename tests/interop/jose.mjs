// npm jose: every seal's signature with nothing but did.json, and every bent one refused (seals.md 7, check 7).
import {compactVerify, generateKeyPair, CompactSign, importJWK, decodeProtectedHeader} from 'jose';
import {asked, dice, each, get, line, said} from './outside.mjs';

const document = JSON.parse(await get('/.well-known/did.json'));
const methods = new Map(document.verificationMethod.map(method => [method.id, method.publicKeyJwk]));

/** As any relying party would: the key the header names, if did.json lets it make assertions. */
async function keyOf(header) {
  if (!document.assertionMethod.includes(header.kid)) throw new Error(`${header.kid} asserts nothing`);
  return importJWK(methods.get(header.kid), header.alg);
}

const tokens = await each(asked.codes, code => get(`/s/${code}.jwt`));
const failures = [];
await each(tokens, async (token, place) => {
  const why = [];
  try {
    const {protectedHeader: header, payload} = await compactVerify(token, keyOf);
    const credential = JSON.parse(new TextDecoder().decode(payload));
    if (header.typ !== 'vc+jwt' || header.cty !== 'vc') why.push('typ or cty');
    if (!header.kid.startsWith(`${document.id}#`)) why.push('kid is not absolute');
    if ('vc' in credential || 'vp' in credential) why.push('a vc claim');
    if (credential.iss !== credential.issuer.id || credential.iss !== document.id) why.push('iss');
    if (!credential.id.endsWith(asked.codes[place])) why.push('another seal');
  } catch (error) {
    why.push(error.message);
  }
  if (why.length) failures.push(`${asked.codes[place]}: ${why.join(', ')}`);
});
line('jose', 'signatures of seals, with did.json alone', tokens.length, failures);

const accepted = [];
let tried = 0;
async function refused(token, what, key = keyOf, options = undefined) {
  tried += 1;
  try {
    await compactVerify(token, key, options);
    accepted.push(what);
  } catch {
    // as it should be
  }
}

const parts = ['header', 'payload', 'signature'];
function flipped(token, part, place, bit) {
  const pieces = token.split('.');
  const bytes = Buffer.from(pieces[part], 'base64url');
  bytes[place % bytes.length] ^= 1 << bit;
  pieces[part] = bytes.toString('base64url');
  return pieces.join('.');
}
const [first, ...others] = tokens;
for (const part of [0, 1, 2]) {
  const length = Buffer.from(first.split('.')[part], 'base64url').length;
  for (let place = 0; place < length; place++) {
    await refused(flipped(first, part, place, place % 8), `byte ${place} of the ${parts[part]}`);
  }
}
const roll = dice(7);
for (const token of others) {
  for (const part of [0, 1, 2]) await refused(flipped(token, part, roll(1 << 20), roll(8)), `a ${parts[part]}`);
}
line('jose', 'one byte flipped in header, payload or signature: refused', tried, accepted.splice(0));

tried = 0;
const [, body, mark] = first.split('.');
const header = decodeProtectedHeader(first);
const named = change => Buffer.from(JSON.stringify({...header, ...change})).toString('base64url');
await refused(`${named({alg: 'none'})}.${body}.`, 'alg none, without a signature');
await refused(`${named({alg: 'none'})}.${body}.${mark}`, 'alg none, with one');
const jwk = methods.get(header.kid);
for (const secret of [Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.x), Buffer.from(JSON.stringify(jwk))]) {
  const forged = await new CompactSign(Buffer.from(body, 'base64url')).setProtectedHeader({...header, alg: 'HS256'}).sign(secret);
  await refused(forged, 'HS256 keyed with the public key');
}
for (const kid of methods.keys()) {
  if (kid !== header.kid) await refused(`${named({kid})}.${body}.${mark}`, `the kid of another key: ${kid}`);
}
const stranger = await generateKeyPair('EdDSA', {crv: 'Ed25519'});
const foreign = await new CompactSign(Buffer.from(body, 'base64url')).setProtectedHeader(header).sign(stranger.privateKey);
await refused(foreign, "a stranger's signature under our kid");
await refused(`${named({kid: `${document.id}#unknown`})}.${body}.${mark}`, 'an unknown kid');
line('jose', 'alg none, HS256 with the public key, other kid or key: refused', tried, accepted.splice(0));

const lists = await each(asked.lists, async path => [path, await get(path)]);
for (const [path, token] of lists) {
  const {protectedHeader} = await compactVerify(token, keyOf);
  const list = said(token);
  if (protectedHeader.typ !== 'vc+jwt' || list.iss !== document.id || !list.id.endsWith(path)) accepted.push(path);
}
line('jose', 'signatures of status lists', lists.length, accepted);
