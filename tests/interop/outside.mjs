// What the checks share: they stand outside, get JSON on stdin, read only what is public, and say a line each.
import {readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';

/** What Python handed over: {source, codes, …}. */
export const asked = JSON.parse(readFileSync(0, 'utf8'));

/** The bytes at a public address; `source` is a house's origin, or a folder laid out like its addresses. */
export async function get(path, accept) {
  if (!/^https?:/.test(asked.source)) return readFile(asked.source + path, 'utf8');
  const answer = await fetch(asked.source + path, {headers: accept ? {accept} : {}, redirect: 'error'});
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

/** At most eight requests at a time; the answers in order. */
export async function each(things, act) {
  const answers = [];
  let next = 0;
  const one = async () => {
    while (next < things.length) {
      const place = next++;
      answers[place] = await act(things[place], place);
    }
  };
  await Promise.all(Array.from({length: 8}, one));
  return answers;
}

/** What a compact JWS says, unverified. */
export const said = jws => JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString());

export const pathOf = url => new URL(url).pathname;

export const versionOf = name =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

/** One line of the report. `failures` are sentences. */
export function line(name, checked, count, failures) {
  console.log(JSON.stringify({name, version: versionOf(name), checked, count, failures: failures.slice(0, 20), failed: failures.length}));
}

/** A line for what cannot be done here. */
export function notRun(name, checked, reason) {
  console.log(JSON.stringify({name, version: versionOf(name), checked, reason}));
}

/** Seeded, so that a failure comes back. */
export function dice(seed) {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}
