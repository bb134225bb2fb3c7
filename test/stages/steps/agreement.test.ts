import { expect, test } from 'vitest';
import type { Decision } from '../../../src/domain/hold.ts';
import { AT, desks, EVERYBODY, passed, refusalOf } from './desk.ts';

const desk = desks();

const approval: Omit<Decision, 'by'> = {
  verdict: 'approve',
  at: AT,
  because: undefined,
  nonce: 'n',
  proofs: [{ kind: 'passphrase', kid: 'k', signature: 'signed' }],
};

test('of two people who must approve, one who is no longer known when the call runs is not one', async () => {
  const withKnown = async (known: readonly string[]) => {
    const personOf = (by: string) => (known.includes(by) ? EVERYBODY.personOf(by) : undefined);
    const one = await desk('{ effect: write, approval: { quorum: 2 } }', '', { ...EVERYBODY, personOf });
    const call = await one.resolved();
    const held = refusalOf(await one.through(call));
    if (held.reason !== 'held') throw new Error('it was not held');
    for (const by of ['grace', 'heidi']) await one.ledger.decide(held.hold.id, { ...approval, by });
    return one.through(call);
  };
  expect(refusalOf(await withKnown(['grace']))).toMatchObject({
    reason: 'denied',
    why: 'its approval was not signed by a known person',
  });
  expect(passed(await withKnown(['grace', 'heidi']))).toMatchObject({ entry: expect.any(Number) });
});
