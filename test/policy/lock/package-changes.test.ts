import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { LockedPackage } from '../../../src/domain/lock.ts';
import { packageChanges } from '../../../src/policy/lock/package-changes.ts';

const fetched = (packages: JsonObject | undefined, rest: Partial<LockedPackage> = {}): LockedPackage => ({
  name: 'a',
  version: '1.2.3',
  integrity: 'sha512-a',
  tree: 'sha256:a',
  record: { packages },
  ...rest,
});
const BEFORE = {
  '': { version: '0.0.0' },
  'node_modules/b': { version: '1.0.0', integrity: 'sha512-b' },
  'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' },
  'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-b2' },
};
const AFTER = {
  '': { version: '9.9.9' },
  'node_modules/a': { version: '1.2.4', integrity: 'sha512-a' },
  'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-evil' },
  'node_modules/c': { integrity: 'sha512-c' },
};

test('every package that is fetched otherwise is shown by its place: another version, other bytes, new or gone', () => {
  const all = [
    { at: 'package a', kind: 'value', was: '1.2.3 sha512-a', now: '1.2.4 sha512-a' },
    { at: 'package a/node_modules/b', kind: 'value', was: '2.0.0 sha512-b2', now: '2.0.0 sha512-evil' },
    { at: 'package b', kind: 'value', was: '1.0.0 sha512-b', now: undefined },
    { at: 'package c', kind: 'value', was: undefined, now: 'unsaid sha512-c' },
  ];
  expect(packageChanges(fetched(BEFORE), fetched(AFTER, { tree: 'sha256:b' }))).toEqual(all);
  expect(packageChanges(fetched(BEFORE), fetched(AFTER, { integrity: 'sha512-x' }))).toEqual(all);
});

test('of what has the same integrity and the same tree nothing is shown: its record is npm’s own affair', () => {
  expect(packageChanges(fetched(BEFORE), fetched(AFTER))).toEqual([]);
  expect(packageChanges(undefined, undefined)).toEqual([]);
});

test('a server that came to be a package, or ceases to be one, shows all of it', () => {
  const one = fetched({ 'node_modules/a': { version: '1.2.3', integrity: 'sha512-a' }, 'node_modules/d': 7 });
  expect(packageChanges(undefined, one).map(({ at }) => at)).toEqual(['package a', 'package d']);
  expect(packageChanges(one, undefined)).toMatchObject([
    { was: '1.2.3 sha512-a', now: undefined },
    { was: 'unsaid unsaid', now: undefined },
  ]);
  expect(packageChanges(undefined, fetched(undefined))).toEqual([]);
});
