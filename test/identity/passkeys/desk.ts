/** Two people with keys, and what a gateway keeps for them, made anew for each test; the test turns the clock. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach } from 'vitest';
import type { Decision, Hold } from '../../../src/domain/hold.ts';
import type { Draft } from '../../../src/domain/journal.ts';
import type { Challenge, Passkeys } from '../../../src/domain/passkey.ts';
import type { NotAnswered } from '../../../src/domain/person.ts';
import { agentOf, LOCAL } from '../../../src/domain/principal.ts';
import { ok, type Result } from '../../../src/domain/result.ts';
import { type ProofAsked, USUAL_TERMS } from '../../../src/domain/terms.ts';
import { type ApproverBook, createApprover, loadApprovers } from '../../../src/identity/approvers.ts';
import { passkeysOf } from '../../../src/identity/passkeys/passkeys.ts';
import { holdAnswers } from '../../../src/identity/people/answer-hold.ts';
import { Passphrases } from '../../../src/identity/people/passphrases.ts';
import { SoftAuthenticator, type Wrong } from '../../support/authenticator.ts';
import { temporaryFolder } from '../../support/gateway.ts';

export const PASSPHRASE = 'correct horse';
export const ORIGIN = 'http://localhost:7411';
export const INSTANCE = 'ledger_1';
export const ADA = { issuer: LOCAL, subject: 'ada', tenant: LOCAL };
export const BOB = { issuer: LOCAL, subject: 'bob', tenant: LOCAL };
export const MINUTE = 60_000;

export const holdOf = (id: string, proof: ProofAsked = 'any'): Hold => ({
  ...{ id, binding: `sha256:${id}`, principal: agentOf('ada'), session: 's', lineage: 's', target: 'crm.send' },
  ...{ digest: 'd', needs: [], rules: 'r', pin: 'p', effect: 'write', effective: {}, agentReason: undefined },
  ...{
    state: 'open',
    isVoid: false,
    placedAt: 0,
    expiresAt: 1e15,
    decisions: [],
    usedBy: [],
    terms: { ...USUAL_TERMS, proof },
  },
});

export let folder: string;
let at: number;
export let book: ApproverBook;
export let passkeys: Passkeys;
export let answers: ReturnType<typeof holdAnswers>;
export let decided: Decision[];
export let written: Draft[];

/** As a gateway starts on the folder. */
export function start(): void {
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

/** Milliseconds go by. */
export function wait(milliseconds: number): void {
  at += milliseconds;
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

export function passed<T>(result: Result<T, NotAnswered>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
export const reasonOf = (result: Result<unknown, NotAnswered>): string => (result.ok ? 'taken' : result.error.reason);

export async function offered(key: SoftAuthenticator, wrong: Wrong = {}, known = ADA) {
  const { challenge, options } = passed(await passkeys.begin(known));
  return passkeys.offer(known, { challenge, response: key.create(options, wrong), label: 'a key' });
}

export async function enrolled(key = new SoftAuthenticator(ORIGIN), known = ADA): Promise<SoftAuthenticator> {
  const { offer } = passed(await offered(key, {}, known));
  passed(await passkeys.add(known, offer, { passphrase: PASSPHRASE }));
  return key;
}

export const YES = { verdict: 'approve', because: undefined, extend: undefined } as const;
export const challenged = async (hold: Hold, known = ADA): Promise<Challenge> =>
  passed(await answers.challengeHold({ ...YES, known, hold }));
export const bringing = ({ challenge, options }: Challenge, key: SoftAuthenticator, wrong: Wrong = {}) => ({
  passkey: { challenge, response: key.get(options, wrong) },
});
