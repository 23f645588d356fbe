// ajv with the public schemas and our profile, jsonld in safe mode, and the eleven things left out or bent that each of
// them alone lets pass (seals.md 2.2 and 7, check 9). Contexts come from npm and ../shared/data: nothing is fetched.
import {readFileSync} from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {contexts} from '@digitalbazaar/credentials-context';
import jsonld from 'jsonld';
import {asked, each, get, line, notRun, said} from './outside.mjs';

const UNTP = 'untp_v0.6.1/untp-dcc-schema.json';
const W3C = 'w3c_vc/schema/verifiable-credential/verifiable-credential-schema.json';
const ABSENT = 'the schemas of UNTP and W3C are not here (../shared/data)';
const ajv = addFormats(new Ajv({strict: false, allErrors: true}));
const shared = path => JSON.parse(readFileSync(`${asked.schemas}/${path}`, 'utf8'));
const compiled = asked.schemas ? [['UNTP DCC 0.6.1', ajv.compile(shared(UNTP))], ['W3C VC 2.0', ajv.compile(shared(W3C))]] : [];
const profile = ajv.compile(JSON.parse(await get('/profile/seal-1.json')));
const credentials = (await each(asked.codes, code => get(`/s/${code}.jwt`))).map(said);

const wrong = (validate, credential) =>
  validate(credential) ? [] : validate.errors.map(error => `${credential.id} ${error.instancePath} ${error.message}`);
for (const [name, validate] of compiled) {
  line('ajv', `schema of ${name}`, credentials.length, credentials.flatMap(one => wrong(validate, one)));
}
if (!asked.schemas) notRun('ajv', 'schemas of UNTP DCC 0.6.1 and W3C VC 2.0', ABSENT);
line('ajv', 'our stricter profile, as published', credentials.length, credentials.flatMap(one => wrong(profile, one)));

let expand;
if (asked.schemas) {
  const local = new Map(contexts);
  local.set('https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/', shared('untp_v0.6.1/context.jsonld'));
  const documentLoader = async url => {
    if (!local.has(url)) throw new Error(`would fetch ${url}`);
    return {contextUrl: null, documentUrl: url, document: local.get(url)};
  };
  expand = one => jsonld.toRDF(one, {safe: true, documentLoader, format: 'application/n-quads'});
  const lists = (await each(asked.lists, path => get(path))).map(said);
  const failures = [];
  let quads = 0;
  for (const one of [...credentials, ...lists]) {
    try {
      quads += (await expand(one)).trim().split('\n').length;
    } catch (error) {
      failures.push(`${one.id}: ${error.details?.event?.message ?? error.message}`);
    }
  }
  line('jsonld', `safe expansion of seals and lists, local contexts (${quads} quads)`, credentials.length + lists.length, failures);
} else {
  notRun('jsonld', 'safe expansion of seals and lists', ABSENT);
}

const subject = bend => one => bend(one.credentialSubject);
const MUTATIONS = {
  'no issuedToParty': subject(it => delete it.issuedToParty),
  'no issuer.name': one => delete one.issuer.name,
  'no conformance': subject(it => delete it.assessment[0].conformance),
  'no subject.type': subject(it => delete it.type),
  'an undefined key in the subject': subject(it => (it.invented = 'x')),
  'an undefined key in the issuer': one => (one.issuer.invented = 'x'),
  'no validFrom': one => delete one.validFrom,
  'no scope': subject(it => delete it.scope),
  'no assessment': subject(it => delete it.assessment),
  'no credentialStatus': one => delete one.credentialStatus,
  'no credentialSubject': one => delete one.credentialSubject,
};
const facility = credentials.find(one => one.credentialSubject.assessment[0].assessedFacility);
const product = credentials.find(one => one.credentialSubject.assessment[0].assessedProduct);
const passed = [];
let tried = 0;
for (const one of [facility, product].filter(Boolean)) {
  for (const [name, bend] of Object.entries(MUTATIONS)) {
    const bent = structuredClone(one);
    bend(bent);
    tried += 1;
    const by = compiled.filter(([, validate]) => !validate(bent)).map(([schema]) => schema);
    if (!profile(bent)) by.push('profile');
    if (expand) await expand(bent).catch(() => by.push('jsonld'));
    if (!by.length) passed.push(`${name}: nobody refused it`);
    if (!by.includes('profile')) passed.push(`${name}: our own profile let it pass`);
  }
}
if (!facility || !product) passed.push('there is no establishment or no vehicle to try');
line('ajv', 'eleven things left out or bent, in an establishment and a vehicle: refused', tried, passed);
