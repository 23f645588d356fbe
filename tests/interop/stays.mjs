// "Was it valid during my stay?": the lists as they were then, signed, for each instant we are asked about
// (seals.md 7, check 12).
import {decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import {compactVerify, importJWK} from 'jose';
import {asked, get, line, pathOf, said} from './outside.mjs';

const document = JSON.parse(await get('/.well-known/did.json'));
const keyOf = ({kid, alg}) => {
  if (!document.assertionMethod.includes(kid)) throw new Error(`${kid} asserts nothing`);
  return importJWK(document.verificationMethod.find(method => method.id === kid).publicKeyJwk, alg);
};
const failures = [];
let count = 0;
const {credentialStatus} = said(await get(`/s/${asked.code}.jwt`));
for (const {at, bits} of asked.instants) {
  for (const {statusPurpose: purpose, statusListIndex: index, statusListCredential: list} of credentialStatus) {
    count += 1;
    const where = `${pathOf(list)}?timestamp=${encodeURIComponent(at)}`;
    try {
      const {payload} = await compactVerify(await get(where), keyOf);
      const {validFrom, credentialSubject} = JSON.parse(new TextDecoder().decode(payload));
      const set = (await decodeList({encodedList: credentialSubject.encodedList})).getStatus(Number(index));
      if (set !== bits[purpose]) failures.push(`${where}: ${set}`);
      if (Date.parse(validFrom) > Date.parse(at)) failures.push(`${where}: a list of ${validFrom}`);
    } catch (error) {
      failures.push(`${where}: ${error.message}`);
    }
  }
}
line('@digitalbazaar/vc-bitstring-status-list', '?timestamp= before, while and after it was suspended: signed lists as they were', count, failures);
