/** What passkeys prove, and everything that they do not: with an authenticator that lies in each way there is. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Decision, Hold } from '../../../src/domain/hold.ts';
import type { Draft } from '../../../src/domain/journal.ts';
import type { Challenge, Passkeys } from '../../../src/domain/passkey.ts';
import type { NotAnswered } from '../../../src/domain/person.ts';
import { agentOf, LOCAL } from '../../../src/domain/principal.ts';
import { ok, type Result } from '../../../src/domain/result.ts';
import { type ProofAsked, USUAL_TERMS } from '../../../src/domain/terms.ts';
import { type ApproverBook, createApprover, loadApprovers } from '../../../src/identity/approvers.ts';
import { KeyFault } from '../../../src/identity/keys.ts';
import { passkeysOf } from '../../../src/identity/passkeys/passkeys.ts';
import { holdAnswers } from '../../../src/identity/people/answer-hold.ts';
import { Passphrases } from '../../../src/identity/people/passphrases.ts';
import { SoftAuthenticator, type Wrong } from '../../support/authenticator.ts';
import { temporaryFolder } from '../../support/gateway.ts';

const PASSPHRASE = 'correct horse';
const ORIGIN = 'http://localhost:7411';
const INSTANCE = 'ledger_1';
const ADA = { issuer: LOCAL, subject: 'ada', tenant: LOCAL };
const BOB = { issuer: LOCAL, subject: 'bob', tenant: LOCAL };
const MINUTE = 60_000;

const holdOf = (id: string, proof: ProofAsked = 'any'): Hold => ({
  ...{ id, binding: `sha256:${id}`, principal: agentOf('ada'), session: 's', lineage: 's', target: 'crm.send' },
  ...{ digest: 'd', needs: [], rules: 'r', pin: 'p', effect: 'write', effective: {}, agentReason: undefined },
  ...{ state: 'open', placedAt: 0, expiresAt: 1e15, decisions: [], usedBy: [], terms: { ...USUAL_TERMS, proof } },
});

let folder: string;
let at: number;
let book: ApproverBook;
let passkeys: Passkeys;
let answers: ReturnType<typeof holdAnswers>;
let decided: Decision[];
let written: Draft[];

/** As a gateway starts on the folder. */
function start(): void {
  book = loadApprovers(folder);
  const now = () => at;
  const report = () => undefined;
  const origin = () => ORIGIN;
  const passphrases = new Passphrases({ approvers: book, now, report });
  const parts = { approvers: book, passphrases, now, report, origin };
  const append = async (draft: Draft) => void written.push(draft);
  passkeys = passkeysOf({ ...parts, ledger: { append } as never });
  const decide = async (_: string, decision: Decision) => {
    decided.push(decision);
    return ok(holdOf('answered'));
  };
  answers = holdAnswers({ ...parts, ledger: { instance: INSTANCE, decide } });
}

beforeEach(async () => {
  folder = temporaryFolder();
  [at, decided, written] = [1_800_000_000_000, [], []];
  start();
  for (const name of ['ada', 'bob']) {
    const made = await createApprover(name, PASSPHRASE);
    if (!made.ok || !book.add(made.value).ok) throw new Error('not enrolled');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function passed<T>(result: Result<T, NotAnswered>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const reasonOf = (result: Result<unknown, NotAnswered>): string => (result.ok ? 'taken' : result.error.reason);

async function offered(key: SoftAuthenticator, wrong: Wrong = {}, known = ADA) {
  const { challenge, options } = passed(await passkeys.begin(known));
  return passkeys.offer(known, { challenge, response: key.create(options, wrong), label: 'a key' });
}

async function enrolled(key = new SoftAuthenticator(ORIGIN), known = ADA): Promise<SoftAuthenticator> {
  const { offer } = passed(await offered(key, {}, known));
  passed(await passkeys.add(known, offer, { passphrase: PASSPHRASE }));
  return key;
}

const YES = { verdict: 'approve', because: undefined, extend: undefined } as const;
const challenged = async (hold: Hold, known = ADA): Promise<Challenge> =>
  passed(await answers.challengeHold({ ...YES, known, hold }));
const bringing = ({ challenge, options }: Challenge, key: SoftAuthenticator, wrong: Wrong = {}) => ({
  passkey: { challenge, response: key.get(options, wrong) },
});

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
    for (const change of [{ at: at + 1 }, { because: 'pre-approved' }, { nonce: 'n' }, { by: 'bob' }, { proofs: [] }])
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
    at += 5 * MINUTE;
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
      at += MINUTE;
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
    at += 1;
    passed(await passkeys.remove(ADA, id, { passphrase: PASSPHRASE }));
    start();
    expect(passkeys.list(ADA)).toHaveLength(1);
    expect(book.verify(INSTANCE, hold, decision)).toBe(false);
    expect(book.witness(INSTANCE, hold, decision)).toBe('good');
    expect(book.witness(INSTANCE, hold, { ...decision, because: 'x' })).toBe('altered');
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
