/** What passkeys prove, and everything that they do not: with an authenticator that lies in each way there is. */
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/domain/hold.ts';
import type { ProofAsked } from '../../../src/domain/terms.ts';
import { SoftAuthenticator, type Wrong } from '../../support/authenticator.ts';
import {
  ADA,
  answers,
  BOB,
  book,
  bringing,
  challenged,
  decided,
  enrolled,
  holdOf,
  INSTANCE,
  MINUTE,
  ORIGIN,
  PASSPHRASE,
  passed,
  reasonOf,
  start,
  wait,
  YES,
} from './desk.ts';

describe('an answer by passkey', () => {
  test('is judged by commit as it was when it came, also after a restart', async () => {
    const key = await enrolled();
    const hold = holdOf('h_1');
    passed(await answers.answer({ ...YES, known: ADA, hold, ...bringing(await challenged(hold), key) }));
    const [decision] = decided;
    if (decision === undefined) throw new Error('nothing was decided');
    expect(book.verify(INSTANCE, hold, decision)).toBe(true);
    start();
    expect(book.verify(INSTANCE, hold, decision)).toBe(true);
    expect(book.verify('ledger_2', hold, decision)).toBe(false);
    for (const change of [{ id: 'h_2' }, { binding: 'sha256:x' }])
      expect(book.verify(INSTANCE, { ...hold, ...change }, decision)).toBe(false);
    for (const change of [
      { at: decision.at + 1 },
      { because: 'pre-approved' },
      { nonce: 'n' },
      { by: 'bob' },
      { proofs: [] },
    ])
      expect(book.verify(INSTANCE, hold, { ...decision, ...change })).toBe(false);
  });

  test('counts once, for five minutes, for the person who was asked', async () => {
    const key = await enrolled();
    await enrolled(new SoftAuthenticator(ORIGIN), BOB);
    const hold = holdOf('h_1');
    const asked = await challenged(hold);
    const given = bringing(asked, key);
    expect(reasonOf(await answers.answer({ ...YES, known: BOB, hold, ...given }))).toBe('challenge_unknown');
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...given }))).toBe('taken');
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...given }))).toBe('challenge_unknown');
    const late = await challenged(hold);
    wait(5 * MINUTE);
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...bringing(late, key) }))).toBe(
      'challenge_unknown',
    );
    expect(decided).toHaveLength(1);
  });

  test('for another hold, verdict, reason or amount proves nothing', async () => {
    const key = await enrolled();
    const [hold, other] = [holdOf('h_1'), holdOf('h_2')];
    const changes = [{ hold: other }, { verdict: 'deny' as const }, { because: 'x' }, { extend: { calls: 9 } }];
    for (const change of changes) {
      wait(MINUTE);
      const given = bringing(await challenged(hold), key);
      expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...change, ...given }))).toBe('wrong_passkey');
    }
    expect(decided).toEqual([]);
  });

  test.each<readonly [string, Wrong]>([
    ['whose user was not verified', { flags: 1 }],
    ['whose user was not there', { flags: 4 }],
    ['of another page of this machine', { origin: 'http://localhost:9' }],
    ['by address instead of name', { origin: 'http://127.0.0.1:7411' }],
    ['for another RP', { rp: 'example.com' }],
    ['that is a registration', { type: 'webauthn.create' }],
    ['to another challenge', { challenge: 'AAAA' }],
    ['in a frame of another', { crossOrigin: true }],
  ])('%s is refused', async (_, wrong) => {
    const key = await enrolled();
    const hold = holdOf('h_1');
    const given = bringing(await challenged(hold), key, wrong);
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...given }))).toBe('wrong_passkey');
  });

  test('of a key that nobody enrolled, or that is another person’s, is refused', async () => {
    await enrolled();
    const bobs = await enrolled(new SoftAuthenticator(ORIGIN), BOB);
    const hold = holdOf('h_1');
    for (const key of [bobs, new SoftAuthenticator(ORIGIN)]) {
      const given = bringing(await challenged(hold), key);
      expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...given }))).toBe('wrong_passkey');
    }
  });

  test('of a copied key is found out by its counter, after a restart too', async () => {
    const key = await enrolled(new SoftAuthenticator(ORIGIN, 7));
    const hold = holdOf('h_1');
    passed(await answers.answer({ ...YES, known: ADA, hold, ...bringing(await challenged(hold), key) }));
    start();
    const cloned = bringing(await challenged(hold), key, { counter: 8 });
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...cloned }))).toBe('wrong_passkey');
    passed(await answers.answer({ ...YES, known: ADA, hold, ...bringing(await challenged(hold), key) }));
  });

  test('is tried five times a minute, with passphrases together', async () => {
    const key = await enrolled();
    const hold = holdOf('h_1');
    for (let n = 0; n < 4; n++) {
      const given = bringing(await challenged(hold), key, { flags: 0 });
      expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...given }))).toBe('wrong_passkey');
    }
    const wrong = { ...YES, known: ADA, hold, passphrase: 'wrong' };
    expect(reasonOf(await answers.answer(wrong))).toBe('wrong_passphrase');
    const right = bringing(await challenged(hold), key);
    expect(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...right }))).toBe('too_many_tries');
  });
});

describe('terms ask for', () => {
  const byPassphrase = { passphrase: PASSPHRASE };

  test.each<readonly [ProofAsked, readonly [string, string, string]]>([
    ['any', ['taken', 'taken', 'taken']],
    ['passphrase', ['taken', 'proof_wanted', 'taken']],
    ['passkey', ['proof_wanted', 'taken', 'taken']],
    ['both', ['proof_wanted', 'proof_wanted', 'taken']],
  ])('%s', async (proof, expected) => {
    const key = await enrolled();
    const hold = holdOf('h_1', proof);
    const given = async () => bringing(await challenged(hold), key);
    const all = [byPassphrase, await given(), { ...byPassphrase, ...(await given()) }];
    const said: string[] = [];
    for (const one of all) said.push(reasonOf(await answers.answer({ ...YES, known: ADA, hold, ...one })));
    expect(said).toEqual(expected);
    for (const decision of decided) expect(book.verify(INSTANCE, hold, decision)).toBe(true);
  });

  test('both: one of them taken away, or of another answer, is none at commit', async () => {
    const key = await enrolled();
    const hold = holdOf('h_1', 'both');
    for (const one of [hold, holdOf('h_2', 'both')])
      passed(
        await answers.answer({
          ...YES,
          known: ADA,
          hold: one,
          ...byPassphrase,
          ...bringing(await challenged(one), key),
        }),
      );
    const [decision, other] = decided;
    if (decision === undefined || other === undefined) throw new Error('not decided');
    const [passphrase, passkey] = decision.proofs;
    const mixed = [[passphrase], [passkey], [passphrase, passphrase], [passphrase, other.proofs[1]]];
    for (const proofs of mixed)
      expect(book.verify(INSTANCE, hold, { ...decision, proofs: proofs as Decision['proofs'] })).toBe(false);
  });

  test('nothing of a denial but a proof', async () => {
    const hold = holdOf('h_1', 'both');
    const denial = { verdict: 'deny', because: 'no', extend: undefined } as const;
    expect(reasonOf(await answers.answer({ ...denial, known: ADA, hold }))).toBe('proof_wanted');
    expect(reasonOf(await answers.answer({ ...denial, known: ADA, hold, ...byPassphrase }))).toBe('taken');
  });
});
