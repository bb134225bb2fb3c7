import { expect, test } from 'vitest';
import { rightsAsked } from '../../src/domain/agreement.ts';
import type { Awaiting } from '../../src/domain/notification.ts';
import { USUAL_TERMS } from '../../src/domain/terms.ts';
import { mayAnswer } from '../../src/notify/may-answer.ts';

const ISSUER = 'https://login.example.com';
const group = (name: string) => ({ kind: 'group', name, issuer: ISSUER }) as const;
const ROLES = [
  { role: 'approver', ...group('payers') },
  { role: 'operator', ...group('operators') },
  { role: 'auditor', ...group('auditors') },
] as const;
const OWNERS = [{ client: 'robot', issuer: ISSUER, owners: [{ kind: 'user', name: 'olga', issuer: ISSUER }] }] as const;

const ASKER = { issuer: ISSUER, subject: 'ann', client: 'robot', actors: [`${ISSUER}:helper`], tenant: 'north' };
const waiting = (changes: Partial<Awaiting> = {}): Awaiting => ({
  ...{ occasion: 'hold', id: 'h_1', tool: 'outbox.send', rules: [], since: 0, until: 1, principal: ASKER },
  ...{ rights: rightsAsked([{ kind: 'rule' }]), terms: USUAL_TERMS },
  ...changes,
});
const browser = (subject: string, groups: readonly string[], changes: { issuer?: string; tenant?: string } = {}) => ({
  person: { issuer: ISSUER, subject, tenant: 'north', ...changes },
  groups,
});
const told = (awaiting: Awaiting, person: ReturnType<typeof browser>): boolean =>
  mayAnswer(awaiting, person, { roles: ROLES, owners: OWNERS });

const budget = waiting({ rights: rightsAsked([{ kind: 'budget' }, { kind: 'rule' }]) });
const outcome = waiting({ occasion: 'outcome', rights: ['settle outcomes'] });
const named = waiting({ terms: { ...USUAL_TERMS, approvers: [[{ kind: 'user', name: 'pia', issuer: ISSUER }]] } });

test.each([
  ['who has the role that a hold asks for', waiting(), browser('pia', ['payers']), true],
  ['who has another role', waiting(), browser('otto', ['operators']), false],
  ['who has none', waiting(), browser('nora', []), false],
  ['who is of another tenant', waiting(), browser('pia', ['payers'], { tenant: 'south' }), false],
  ['who is of another issuer', waiting(), browser('pia', ['payers'], { issuer: 'https://other.example.com' }), false],
  ['who asked', waiting(), browser('ann', ['payers']), false],
  ['who acts for who asked', waiting(), browser('helper', ['payers']), false],
  ['who owns the client that asked', waiting(), browser('olga', ['payers']), false],
  [
    'who asked and may answer',
    waiting({ terms: { ...USUAL_TERMS, allowRequester: true } }),
    browser('ann', ['payers']),
    true,
  ],
  ['who is named by the terms', named, browser('pia', ['payers']), true],
  ['who is not named by them', named, browser('paul', ['payers']), false],
  ['who has one of the two rights that a budget asks for', budget, browser('otto', ['operators']), false],
  ['who has both', budget, browser('otto', ['operators', 'payers']), true],
  ['who settles outcomes', outcome, browser('otto', ['operators']), true],
  ['who only sees outcomes', outcome, browser('aura', ['auditors']), false],
])('%s', (_, awaiting, person, expected) => {
  expect(told(awaiting, person)).toBe(expected);
});
