/** Who stands behind an approval, judged with real keys: what `commit` believes of the answers that a hold has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  agreed,
  answererOf,
  approvedWords,
  groupsSigned,
  notApprover,
  rightsAsked,
} from '../../src/domain/agreement.ts';
import type { Decision, Hold } from '../../src/domain/hold.ts';
import { personCaller } from '../../src/domain/principal.ts';
import type { Named } from '../../src/domain/role.ts';
import { type Terms, USUAL_TERMS } from '../../src/domain/terms.ts';
import { type ApproverBook, createApprover, loadApprovers, type Signer, unlock } from '../../src/identity/approvers.ts';
import { signedDecision } from '../../src/identity/signed-decision.ts';

const ISSUER = 'https://login.example.com';
const OTHER = 'https://other.example.com';
const LEADS: Named = { kind: 'group', name: 'leads', issuer: ISSUER };
const BOB: Named = { kind: 'user', name: 'bob', issuer: ISSUER };
const ASKER = { issuer: ISSUER, subject: 'eve', client: 'desk', actors: [], tenant: 'acme' };

let folder: string;
let book: ApproverBook;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-agreement-'));
  book = loadApprovers(folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function enrolled(name: string, issuer = ISSUER): Promise<Signer> {
  const made = await createApprover(name, 'correct horse', { issuer, subject: name, tenant: 'acme' });
  if (!made.ok || !book.add(made.value).ok) throw new Error('not enrolled');
  const signer = await unlock(made.value, 'correct horse');
  if (!signer.ok) throw new Error(signer.error);
  return signer.value;
}

const holdOf = (terms: Partial<Terms>, decisions: readonly Decision[] = []): Hold => ({
  ...{ id: 'h_1', binding: 'sha256:b', session: 's_1', lineage: 's_1', principal: ASKER, target: 'crm.act' },
  ...{ digest: 'sha256:d', needs: [], rules: 'r', pin: 'p', effect: 'write', effective: {}, agentReason: undefined },
  ...{ state: 'open', isVoid: false, placedAt: 1, expiresAt: 2, decisions, usedBy: [] },
  terms: { ...USUAL_TERMS, ...terms },
});

const signed = (signer: Signer, by: string, groups?: readonly string[], verdict: Decision['verdict'] = 'approve') =>
  signedDecision(signer, 'ledger_1', holdOf({}), { verdict, by, at: 1, because: undefined, extend: undefined, groups });

const people = (terms: Partial<Terms>, ...decisions: readonly Decision[]): number =>
  agreed('ledger_1', holdOf(terms, decisions), book).people;

describe('of the people who approved', () => {
  test('each who is enrolled and named counts once', async () => {
    const [bob, carol] = [await enrolled('bob'), await enrolled('carol')];
    const byBob = signed(bob, 'bob', ['leads']);
    expect(people({}, byBob, signed(carol, 'carol'))).toBe(2);
    expect(people({}, byBob, { ...signed(bob, 'bob', ['leads']), nonce: byBob.nonce })).toBe(1);
    expect(people({}, byBob, signed(bob, 'bob'))).toBe(1);
    expect(people({ approvers: [[LEADS]] }, byBob, signed(carol, 'carol'))).toBe(1);
    expect(people({ approvers: [[LEADS], [BOB]] }, byBob, signed(carol, 'carol', ['leads']))).toBe(1);
  });

  test('one whose groups were added after it signed does not', async () => {
    const carol = signed(await enrolled('carol'), 'carol');
    expect(agreed('ledger_1', holdOf({ approvers: [[LEADS]] }, [{ ...carol, groups: ['leads'] }]), book)).toEqual({
      people: 0,
      why: 'its approval was not signed by a known person',
    });
    expect(agreed('ledger_1', holdOf({ approvers: [[LEADS]] }, [carol]), book)).toEqual({
      people: 0,
      why: 'its approval is of somebody who may not give it',
    });
  });

  test('one of another issuer does not, whatever its groups are called', async () => {
    const mallory = await enrolled('mallory', OTHER);
    expect(people({ approvers: [[LEADS]] }, signed(mallory, 'mallory', ['leads']))).toBe(0);
  });

  test('one who is no longer enrolled, who denied, or who asks does not', async () => {
    const [bob, eve] = [await enrolled('bob'), await enrolled('eve')];
    expect(people({}, signed(bob, 'bob', undefined, 'deny'))).toBe(0);
    expect(people({}, signed(eve, 'eve'))).toBe(0);
    expect(people({ allowRequester: true }, signed(eve, 'eve'))).toBe(1);
    rmSync(join(folder, 'bob.json'));
    expect(agreed('ledger_1', holdOf({}, [signed(bob, 'bob')]), loadApprovers(folder)).people).toBe(0);
  });
});

test('only groups that the approvers name are signed, and of their issuer', () => {
  const answerer = { known: { issuer: ISSUER, subject: 'carol' }, groups: ['staff', 'leads'] };
  expect(groupsSigned({ approvers: [[LEADS, BOB]] }, answerer)).toEqual(['leads']);
  expect(groupsSigned({ approvers: [] }, answerer)).toBeUndefined();
  expect(groupsSigned({ approvers: [[{ ...LEADS, issuer: OTHER }]] }, answerer)).toBeUndefined();
});

test('the user of this machine answers what names nobody, and nothing that names people of an issuer', () => {
  const { principal, groups } = personCaller('ada');
  expect(notApprover(holdOf({}), { known: principal, groups })).toBeUndefined();
  expect(notApprover(holdOf({ approvers: [[LEADS, BOB]] }), { known: principal, groups })).toBe(
    `Only group:leads@${ISSUER} or user:bob@${ISSUER} may answer this call.`,
  );
});

test('an entry of each list must name whoever answers, and one of a list is enough', () => {
  const may = (approvers: Terms['approvers'], subject: string, groups: readonly string[]): boolean =>
    notApprover(holdOf({ approvers }), answererOf({ principal: { ...ASKER, subject }, groups })) === undefined;
  expect(may([[LEADS, BOB]], 'bob', [])).toBe(true);
  expect(may([[LEADS, BOB]], 'carol', ['leads'])).toBe(true);
  expect(may([[LEADS], [BOB]], 'carol', ['leads'])).toBe(false);
  expect(may([[LEADS], [BOB]], 'bob', ['leads'])).toBe(true);
});

test('groups are signed in one order, and people are no groups', () => {
  const staff: Named = { ...LEADS, name: 'a-staff' };
  const answerer = { known: { issuer: ISSUER, subject: 'bob' }, groups: ['leads', 'a-staff'] };
  expect(groupsSigned({ approvers: [[LEADS, BOB], [staff]] }, answerer)).toEqual(['a-staff', 'leads']);
  expect(groupsSigned({ approvers: [[BOB]] }, answerer)).toBeUndefined();
});

test('how far a hold has come is told where several must approve', async () => {
  const [bob, carol] = [await enrolled('bob'), await enrolled('carol')];
  const decisions = [signed(bob, 'bob'), signed(carol, 'carol', undefined, 'deny'), signed(bob, 'bob')];
  expect(approvedWords(holdOf({ quorum: 3 }, decisions))).toBe('2 of 3 have approved');
  expect(approvedWords(holdOf({}, decisions))).toBeUndefined();
});

test('a budget is for who extends budgets, all else for who answers holds', () => {
  expect(rightsAsked([{ kind: 'budget' }, { kind: 'budget' }])).toEqual(['extend budgets']);
  expect(rightsAsked([{ kind: 'rule' }, { kind: 'budget' }])).toEqual(['answer holds', 'extend budgets']);
});
