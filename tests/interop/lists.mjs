// @digitalbazaar/vc-bitstring-status-list: both lists say of every seal what its page says (seals.md 7, check 11).
import {checkStatus, decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import {asked, each, get, line, pathOf, said} from './outside.mjs';

const NAME = '@digitalbazaar/vc-bitstring-status-list';
const LEAST = 131072;
const lists = new Map();
for (const path of asked.lists) {
  const credential = said(await get(path));
  lists.set(credential.id, {credential, list: await decodeList({encodedList: credential.credentialSubject.encodedList})});
}
const failures = [];
for (const {credential: {id, credentialSubject}, list} of lists.values()) {
  if (list.length < LEAST) failures.push(`${id} has ${list.length} entries`);
  if (!id.includes(`/${credentialSubject.statusPurpose}/`)) failures.push(`${id} is for ${credentialSubject.statusPurpose}`);
  let refused = false;
  try {
    list.getStatus(list.length);
  } catch {
    refused = true;
  }
  if (!refused) failures.push(`${id}: an index outside is read`);
}
line(NAME, 'length and purpose of the lists', lists.size, failures.splice(0));

const documentLoader = async url => ({contextUrl: null, documentUrl: url, document: lists.get(url)?.credential});
const seen = new Map();
const indexes = [];
await each(asked.codes, async code => {
  const credential = said(await get(`/s/${code}.jwt`));
  // Signatures of lists were npm jose's work; here only bits are read.
  const result = await checkStatus({credential, documentLoader, verifyBitstringStatusListCredential: false});
  if (result.error) failures.push(`${code}: ${result.error.message}`);
  const entries = [credential.credentialStatus].flat();
  const [{statusListIndex: index, statusListCredential: where}] = entries;
  if (entries.length !== 2 || entries.some(entry => typeof entry.statusListIndex !== 'string' || entry.id === entry.statusListCredential)) {
    failures.push(`${code}: two entries, each with a string index and an id of its own`);
  }
  const key = `${where} ${index}`;
  if (seen.has(key)) failures.push(`${code} and ${seen.get(key)} share ${key}`);
  seen.set(key, code);
  indexes.push(Number(index));
  const bits = Object.fromEntries((result.results ?? []).map(one => [one.credentialStatus.statusPurpose, one.status]));
  const wanted = asked.states?.[code];
  const right = !wanted || (bits.suspension === wanted.suspension && bits.revocation === wanted.revocation);
  if (!result.verified || !right) failures.push(`${code}: bits ${JSON.stringify(bits)}, expected ${JSON.stringify(wanted)}`);
});
line(NAME, asked.about ?? 'bits of every seal are what its page says; indexes are strings, unique', asked.codes.length, failures.splice(0));

if (asked.codes.length >= 100 && !asked.about) {
  // Drawn at random: of neighbours by age about half go up, and they spread over the whole list.
  const ups = indexes.slice(1).filter((index, place) => index > indexes[place]).length / (indexes.length - 1);
  const low = indexes.filter(index => index < LEAST / 2).length / indexes.length;
  if (Math.abs(ups - 0.5) > 0.15) failures.push(`indexes follow the age of seals: ${ups}`);
  if (Math.abs(low - 0.5) > 0.15) failures.push(`indexes crowd in one half: ${low}`);
  line(NAME, 'indexes look drawn at random', indexes.length, failures);
}
