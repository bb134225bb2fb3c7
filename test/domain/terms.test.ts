import { describe, expect, test } from 'vitest';
import type { Named } from '../../src/domain/role.ts';
import { type ProofAsked, type Terms, termsOf, USUAL_TERMS } from '../../src/domain/terms.ts';

const named = (name: string, changes: Partial<Named> = {}): Named => ({
  ...{ kind: 'group', name, issuer: 'https://login.example.com' },
  ...changes,
});
/** What two needs ask for together. */
const both = (one: Partial<Terms>, other: Partial<Terms>): Terms =>
  termsOf([one, other].map((terms) => ({ terms: { ...USUAL_TERMS, ...terms } })));

test('the usual is one person within four hours, for one call within half an hour, who did not ask', () => {
  const usual = { approvers: [], quorum: 1, proof: 'any', answerWithin: 14_400_000, useWithin: 1_800_000, uses: 1 };
  expect(termsOf([])).toEqual({ ...usual, allowRequester: false });
  expect(termsOf([{}, { terms: undefined }])).toEqual(termsOf([]));
});

describe('of two that ask about one call the stricter counts, whichever comes first:', () => {
  test.each([
    ['quorum', 1, 2, 2],
    ['answerWithin', 1000, 2000, 1000],
    ['useWithin', 1000, 2000, 1000],
    ['uses', 1, 9, 1],
    ['allowRequester', true, false, false],
    ['allowRequester', true, true, true],
    ['allowRequester', false, false, false],
  ] as const)('%s of %j and %j is %j', (key, one, other, expected) => {
    expect(both({ [key]: one }, { [key]: other })[key]).toBe(expected);
    expect(both({ [key]: other }, { [key]: one })[key]).toBe(expected);
  });

  test.each([
    ['any', 'any', 'any'],
    ['any', 'passkey', 'passkey'],
    ['any', 'both', 'both'],
    ['passkey', 'passkey', 'passkey'],
    ['passphrase', 'passkey', 'both'],
    ['passphrase', 'both', 'both'],
    ['both', 'both', 'both'],
  ] as const satisfies readonly (readonly ProofAsked[])[])('a proof of %s and %s is %s', (one, other, expected) => {
    expect(both({ proof: one }, { proof: other }).proof).toBe(expected);
    expect(both({ proof: other }, { proof: one }).proof).toBe(expected);
  });

  test('whoever approves is named by the lists of both', () => {
    const [leads, desk] = [[named('leads')], [named('desk')]];
    expect(both({ approvers: [leads] }, { approvers: [desk] }).approvers).toEqual([leads, desk]);
    expect(both({}, { approvers: [desk] }).approvers).toEqual([desk]);
    expect(both({ approvers: [leads] }, {}).approvers).toEqual([leads]);
  });

  test('a list that both say counts once, and only where it is the same', () => {
    const list = [named('leads'), named('desk')];
    expect(
      both({ approvers: [[named('x')], list] }, { approvers: [list.map((one) => ({ ...one }))] }).approvers,
    ).toEqual([[named('x')], list]);
    for (const other of [
      [named('leads')],
      [named('leads'), named('desk'), named('more')],
      [named('desk'), named('leads')],
      [named('leads'), named('other')],
      [named('leads'), named('desk', { kind: 'user' })],
      [named('leads'), named('desk', { issuer: 'https://other.example.com' })],
    ])
      expect(both({ approvers: [list] }, { approvers: [other] }).approvers).toEqual([list, other]);
  });
});
