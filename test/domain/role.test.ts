import { describe, expect, test } from 'vitest';
import { readPeople } from '../../src/document/people-shape.ts';
import { asksItself, isAsker } from '../../src/domain/person.ts';
import { agentOf, type Caller, type Principal, personCaller } from '../../src/domain/principal.ts';
import { mayBy, RIGHTS, type Right, ROLES, type RoleEntry, rolesOf } from '../../src/domain/role.ts';
import { USUAL_TERMS } from '../../src/domain/terms.ts';

const A = 'https://a.example';
const B = 'https://b.example';

const caller = (
  issuer: string,
  subject: string,
  groups: readonly string[] = [],
  actors: readonly string[] = [],
): Caller => ({
  principal: { issuer, subject, client: 'page', actors, tenant: 'acme' },
  groups,
  tokenClaims: new Map(),
  scopes: [],
  sid: undefined,
});

const ENTRIES: readonly RoleEntry[] = [
  { role: 'approver', kind: 'group', name: 'leads', issuer: A },
  { role: 'admin', kind: 'user', name: 'ada', issuer: A },
];

describe('roles', () => {
  test.each([
    ['the group of the issuer', caller(A, 'bob', ['leads']), ['approver']],
    ['the same group of another issuer', caller(B, 'bob', ['leads']), []],
    ['the subject', caller(A, 'ada'), ['admin']],
    ['both, in their order', caller(A, 'ada', ['leads']), ['approver', 'admin']],
    ['the same subject of another issuer', caller(B, 'ada'), []],
    ['a group that is called as the subject', caller(A, 'eve', ['ada']), []],
    ['who is called as the group', caller(A, 'leads'), []],
    ['who acts for the subject', caller(A, 'ada', ['leads'], [`${A}:robot`]), []],
    ['the person at this machine', personCaller('ada'), ROLES],
  ])('of %s', (_, who, roles) => {
    expect(rolesOf(ENTRIES, who)).toEqual(roles);
  });

  test('no role lets what is above it', () => {
    const may = (role: (typeof ROLES)[number]) =>
      (Object.keys(RIGHTS) as Right[]).filter((right) => mayBy([role], right));
    expect(may('viewer')).toEqual(['see sessions']);
    expect(may('auditor')).toEqual(['see sessions', 'see journals', 'see holds', 'see outcomes', 'see policies']);
    expect(may('approver')).toEqual(['see sessions', 'see holds', 'answer holds', 'enrol approvers']);
    expect(may('operator')).toEqual([
      'see sessions',
      'see holds',
      'extend budgets',
      'see outcomes',
      'settle outcomes',
      'see policies',
      'accept pins',
      'change sessions',
      'enrol approvers',
    ]);
    expect(may('admin')).toEqual(Object.keys(RIGHTS));
    expect((Object.keys(RIGHTS) as Right[]).filter((right) => mayBy([], right))).toEqual([]);
  });
});

test('with several issuers a group names its own', () => {
  const issuers = [{ url: A }, { url: B }];
  const sign_in = { issuer: A, client: { id: 'x', secret: { secret: 'env://X' } } };
  const read = readPeople({ issuers, roles: { viewer: ['group:staff', `group:staff@${B}`] }, sign_in }, '/');
  expect(read).toEqual({
    ok: false,
    error: [
      {
        path: ['roles', 'viewer', 0],
        message: `ambiguous, since there are several issuers: write "group:staff@${A}" or "group:staff@${B}"`,
      },
    ],
  });
});

describe('who asks', () => {
  const asker = { issuer: A, subject: 'eve', client: 'desk', actors: [`${A}:robot`, `${B}:bob`], tenant: 'acme' };
  test.each([
    ['the subject', A, 'eve', true],
    ['the nearest actor', A, 'robot', true],
    ['an actor behind it, of another issuer', B, 'bob', true],
    ['the client by its own name', A, 'desk', true],
    ['the subject of another issuer', B, 'eve', false],
    ['somebody else', A, 'bob', false],
  ])('is %s: %s %s', (_, issuer, subject, is) => {
    expect(isAsker({ issuer, subject }, asker, USUAL_TERMS)).toBe(is);
  });

  test('is the owner of the client, and of no other client', () => {
    const owners = [{ kind: 'user', name: 'dan', issuer: A } as const];
    const hold = { principal: asker, terms: USUAL_TERMS };
    expect(asksItself(caller(A, 'dan'), hold, [{ client: 'desk', issuer: A, owners }])).toBe(true);
    expect(asksItself(caller(A, 'dan'), hold, [{ client: 'other', issuer: A, owners }])).toBe(false);
    expect(asksItself(caller(A, 'dan'), hold, [{ client: 'desk', issuer: B, owners }])).toBe(false);
  });

  test('at this machine is the agent, so its user is somebody else', () => {
    expect(isAsker({ issuer: 'local', subject: 'ada' }, agentOf('ada'), USUAL_TERMS)).toBe(false);
  });

  test('may answer where the terms let it, as the subject alone: no actor, no client, no owner of it', () => {
    const terms = { ...USUAL_TERMS, allowRequester: true };
    const owners = ['eve', 'dan'].map((name) => ({ kind: 'user', name, issuer: A }) as const);
    const clients = [{ client: 'desk', issuer: A, owners }];
    const asks = (subject: string, principal: Principal = asker) =>
      asksItself(caller(A, subject), { principal, terms }, clients);
    expect([asks('eve'), asks('robot'), asks('desk'), asks('dan')]).toEqual([false, true, true, true]);
    // Of a client in its own name, and of whoever acts for itself, nobody is the requester.
    expect(asks('desk', { ...asker, subject: 'desk' })).toBe(true);
    expect(asks('eve', { ...asker, actors: [`${A}:eve`] })).toBe(true);
  });
});
