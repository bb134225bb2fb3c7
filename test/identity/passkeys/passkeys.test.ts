/** How passkeys come and go, and what a file of one is worth. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decisionText } from '../../../src/domain/hold.ts';
import { KeyFault } from '../../../src/identity/keys.ts';
import { SoftAuthenticator } from '../../support/authenticator.ts';
import {
  ADA,
  answers,
  BOB,
  book,
  bringing,
  challenged,
  decided,
  enrolled,
  folder,
  holdOf,
  INSTANCE,
  ORIGIN,
  offered,
  PASSPHRASE,
  passed,
  passkeys,
  reasonOf,
  start,
  wait,
  written,
  YES,
} from './desk.ts';

describe('a passkey is enrolled', () => {
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.passkey'));

  test('by no wrong passphrase, without user verification, or without a proof', async () => {
    const key = new SoftAuthenticator(ORIGIN);
    for (const wrong of [{ flags: 1 }, { origin: 'http://localhost:9' }, { challenge: 'AAAA' }, { rp: 'example.com' }])
      expect(reasonOf(await offered(key, wrong))).toBe('wrong_passkey');
    const without = passed(await offered(key)).offer;
    expect(reasonOf(await passkeys.add(ADA, without, {}))).toBe('proof_wanted');
    const foreign = passed(await offered(key)).offer;
    expect(reasonOf(await passkeys.add(BOB, foreign, { passphrase: PASSPHRASE }))).toBe('challenge_unknown');
    expect(reasonOf(await passkeys.add(ADA, foreign, { passphrase: 'wrong' }))).toBe('wrong_passphrase');
    expect([files(), written]).toEqual([[], []]);
  });

  test('by nobody who has no key', async () => {
    expect(reasonOf(await passkeys.begin({ ...ADA, subject: 'eve' }))).toBe('no_key');
  });

  test('by an earlier one of the same person, for that very key alone', async () => {
    const first = await enrolled();
    const [second, third] = [new SoftAuthenticator(ORIGIN), new SoftAuthenticator(ORIGIN)];
    const one = passed(await offered(second));
    const other = passed(await offered(third));
    if (one.challenge === undefined || other.challenge === undefined) throw new Error('not challenged');
    const crossed = bringing(one.challenge, first);
    expect(reasonOf(await passkeys.add(ADA, other.offer, crossed))).toBe('challenge_unknown');
    const again = passed(await offered(second));
    if (again.challenge === undefined) throw new Error('not challenged');
    expect(passed(await passkeys.add(ADA, again.offer, bringing(again.challenge, first))).enrolledBy).toBe('passkey');
    start();
    expect(passkeys.list(ADA)).toHaveLength(2);
    expect(passkeys.list(BOB)).toEqual([]);
  });

  test('and removed by a proof; what it enrolled stays, and what it proved before is known', async () => {
    const first = await enrolled();
    const offer = passed(await offered(new SoftAuthenticator(ORIGIN)));
    if (offer.challenge === undefined) throw new Error('not challenged');
    passed(await passkeys.add(ADA, offer.offer, bringing(offer.challenge, first)));
    const hold = holdOf('h_1');
    passed(await answers.answer({ ...YES, known: ADA, hold, ...bringing(await challenged(hold), first) }));
    const [decision] = decided;
    if (decision === undefined) throw new Error('not decided');
    const id = passkeys.list(ADA).find(({ enrolledBy }) => enrolledBy === 'passphrase')?.id ?? '';
    expect(reasonOf(await passkeys.remove(BOB, id, { passphrase: PASSPHRASE }))).toBe('no_passkey');
    expect(reasonOf(await passkeys.remove(ADA, id, {}))).toBe('proof_wanted');
    wait(1);
    passed(await passkeys.remove(ADA, id, { passphrase: PASSPHRASE }));
    start();
    expect(passkeys.list(ADA)).toHaveLength(1);
    expect(book.verify(INSTANCE, hold, decision)).toBe(false);
    expect(book.witness(decision.by, decision.proofs, decisionText(INSTANCE, hold, decision))).toBe('good');
    expect(
      book.witness(decision.by, decision.proofs, decisionText(INSTANCE, hold, { ...decision, because: 'x' })),
    ).toBe('altered');
    expect(written.map(({ body }) => Object.keys(body))).toEqual([
      ['name', 'passkey', 'origin', 'label', 'word'],
      ['name', 'passkey', 'origin', 'label', 'word'],
      ['name', 'passkey', 'removed'],
    ]);
  });
});

describe('a file that merely lies there stops the start:', () => {
  const lying = async (change: (file: Record<string, unknown>) => object): Promise<string> => {
    await enrolled();
    const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.passkey'));
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(folder, name), JSON.stringify(change(file)), { mode: 0o600 });
    try {
      start();
    } catch (fault) {
      if (fault instanceof KeyFault) return fault.message;
      throw fault;
    }
    return 'it started';
  };

  test.each<readonly [string, (file: Record<string, unknown>) => object, RegExp]>([
    ['with another label', (file) => ({ ...file, label: 'mine' }), /proves nothing/],
    ['of another origin', (file) => ({ ...file, origin: 'http://localhost:9' }), /proves nothing/],
    ['that counts from another number', (file) => ({ ...file, counter: 3 }), /proves nothing/],
    ['of another person', (file) => ({ ...file, name: 'bob' }), /is broken: it is the file bob\./],
    ['with more in it', (file) => ({ ...file, more: 1 }), /is broken/],
    ['with no word', ({ word: _, ...file }) => file, /is broken/],
  ])('%s', async (_, change, words) => {
    expect(await lying(change)).toMatch(words);
  });

  test('and one as it was written does not', async () => {
    expect(await lying((file) => file)).toBe('it started');
  });
});
