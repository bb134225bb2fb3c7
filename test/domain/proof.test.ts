import { expect, test } from 'vitest';
import { isEnough, type Proof } from '../../src/domain/proof.ts';
import { PROOFS, type ProofAsked } from '../../src/domain/terms.ts';

const GIVEN: readonly (readonly Proof['kind'][])[] = [[], ['passphrase'], ['passkey'], ['passphrase', 'passkey']];

test.each([
  ['any', [false, true, true, true]],
  ['passphrase', [false, true, false, true]],
  ['passkey', [false, false, true, true]],
  ['both', [false, false, false, true]],
] as const satisfies readonly (readonly [ProofAsked, readonly boolean[]])[])(
  'where %s is asked for, of nothing, a passphrase, a passkey and both these are enough: %j',
  (asked, expected) => {
    expect(GIVEN.map((kinds) => isEnough(asked, kinds))).toEqual(expected);
  },
);

test('each that can be asked for is judged', () => {
  expect([...PROOFS].sort()).toEqual(['any', 'both', 'passkey', 'passphrase']);
});
