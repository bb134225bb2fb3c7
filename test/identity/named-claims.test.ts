import { expect, test } from 'vitest';
import { namedClaims } from '../../src/identity/named-claims.ts';

const payload = JSON.parse(
  '{"sub":"ada","department":"sales","regions":["eu","us"],"level":7,"mixed":["a",1],"none":[],"secret":"x","nested":{"a":"b"}}',
) as Readonly<Record<string, unknown>>;
const kept = (...names: readonly string[]) => [...namedClaims(payload, new Set(names))];

test('of a token only the claims are kept that some profile names', () => {
  expect(kept()).toEqual([]);
  expect(kept('department', 'regions')).toEqual([
    ['department', ['sales']],
    ['regions', ['eu', 'us']],
  ]);
});

test('what is neither a text nor a list of texts is not there', () => {
  expect(kept('level', 'mixed', 'none', 'nested', 'missing')).toEqual([]);
});

test('what every object inherits is no claim', () => {
  expect(kept('constructor', 'toString', '__proto__')).toEqual([]);
});
