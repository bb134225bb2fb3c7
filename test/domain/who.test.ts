import { describe, expect, test } from 'vitest';
import { type Caller, isSamePrincipal, localCaller } from '../../src/domain/principal.ts';
import { admits, type Who } from '../../src/domain/who.ts';

const ISSUER = 'https://login.example.com';
const ada: Caller = {
  principal: { issuer: ISSUER, subject: 'ada', client: 'desk', actors: [`${ISSUER}:bot`], tenant: 'acme' },
  groups: ['support', 'leads'],
  scopes: [],
  sid: undefined,
};
const of = (lists: object, issuer = ISSUER): Who => ({
  issuer,
  groups: undefined,
  subjects: undefined,
  clients: undefined,
  tenants: undefined,
  ...lists,
});

describe('a profile lets in', () => {
  test.each<[string, Who, boolean]>([
    ['all callers of an issuer', of({}), true],
    ['none of another', of({}, `${ISSUER}/`), false],
    ['whoever is in one of the groups', of({ groups: ['other', 'leads'] }), true],
    ['nobody who is in none', of({ groups: ['admins'] }), false],
    ['the subjects named', of({ subjects: ['eve', 'ada'] }), true],
    ['no other', of({ subjects: ['eve', 'desk', 'support'] }), false],
    ['the clients named', of({ clients: ['desk'] }), true],
    ['no other client', of({ clients: ['ada'] }), false],
    ['the tenants named', of({ tenants: ['acme'] }), true],
    ['no other tenant', of({ tenants: ['zeta'] }), false],
    ['only who meets every list', of({ groups: ['leads'], subjects: ['ada'], clients: ['x'] }), false],
    ['not the agents of this machine, who are no caller of an issuer', 'local', false],
  ])('%s', (_name, who, lets) => {
    expect(admits([who], ada)).toBe(lets);
    expect(admits([who, of({ subjects: ['nobody'] })], ada)).toBe(lets);
  });

  test('the agents of this machine where it says so, and nobody where it says nothing', () => {
    expect(admits(['local'], localCaller('ada'))).toBe(true);
    expect(admits([of({})], localCaller('ada'))).toBe(false);
    expect(admits([of({}), 'local'], localCaller('ada'))).toBe(true);
    expect(admits([], ada)).toBe(false);
  });
});

test('a principal is issuer, subject, client and tenant; who acts for it makes no other of it', () => {
  const { principal } = ada;
  expect(isSamePrincipal(principal, { ...principal, actors: [] })).toBe(true);
  for (const other of [{ issuer: 'i' }, { subject: 's' }, { client: 'c' }, { tenant: 't' }])
    expect(isSamePrincipal(principal, { ...principal, ...other })).toBe(false);
});
