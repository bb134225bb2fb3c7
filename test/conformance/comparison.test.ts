import { describe, expect, test } from 'vitest';
import { difference, isPassed } from './comparison.ts';
import type { Check, Status } from './suite.ts';

const checks = (...made: readonly (readonly [id: string, status: Status, message?: string])[]): readonly Check[] =>
  made.map(([id, status, message]) => ({ id, status, message }));

describe('two runs are the same only when', () => {
  const direct = checks(['a', 'SUCCESS'], ['b', 'SUCCESS'], ['b', 'SUCCESS'], ['log', 'INFO']);

  test('each check has the same status, in whatever order', () => {
    expect(difference(direct, direct.toReversed())).toEqual([]);
  });

  test('no check disappeared', () => {
    expect(difference(direct, direct.slice(1))).toEqual(['a: SUCCESS became nothing']);
  });

  test('no check was added', () => {
    expect(difference(direct, [...direct, ...checks(['c', 'WARNING', 'odd\nstack'])])).toEqual([
      'c: nothing became WARNING: odd',
    ]);
  });

  test('a check that is made twice is made twice', () => {
    const once = checks(['a', 'SUCCESS'], ['b', 'SUCCESS'], ['b', 'FAILURE', 'late'], ['log', 'INFO']);
    expect(difference(direct, once)).toEqual(['b: SUCCESS became FAILURE: late']);
  });

  test('but a line of the recorded conversation may come more often', () => {
    expect(difference(direct, [...direct, ...checks(['log', 'INFO'], ['log', 'INFO'])])).toEqual([]);
    expect(difference(direct, direct.slice(0, 3))).toEqual(['log: INFO became nothing']);
  });
});

describe('a scenario is not passed', () => {
  test.each([
    ['when nobody came, and nothing was checked', checks()],
    ['when all was skipped', checks(['a', 'SKIPPED'], ['log', 'INFO'])],
    ['when one check failed', checks(['a', 'SUCCESS'], ['b', 'FAILURE'])],
  ])('%s', (_, made) => {
    expect(isPassed(made)).toBe(false);
    expect(isPassed(checks(['a', 'SUCCESS'], ['b', 'WARNING']))).toBe(true);
  });
});
