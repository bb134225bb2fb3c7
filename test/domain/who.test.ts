import { describe, expect, test } from 'vitest';
import { type Caller, isSamePrincipal, localCaller } from '../../src/domain/principal.ts';
import { admits, type Who } from '../../src/domain/who.ts';

const ISSUER = 'https://login.example.com';
const ada: Caller = {
  principal: { issuer: ISSUER, subject: 'ada', client: 'desk', actors: [`${ISSUER}:bot`], tenant: 'acme' },
  groups: ['support', 'leads'],
  tokenClaims: new Map([['department', ['sales', 'field']]]),
  scopes: [],
  sid: undefined,
};
const of = (lists: object, issuer = ISSUER): Who => ({
  issuer,
  groups: undefined,
  subjects: undefined,
  clients: undefined,
  tenants: undefined,
  claims: undefined,
  actors: undefined,
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
    ['whoever has one of the values of a claim', of({ claims: { department: ['hq', 'field'] } }), true],
    ['nobody whose claim says another', of({ claims: { department: ['hq'] } }), false],
    ['nobody whose token does not say it', of({ claims: { region: ['eu'] } }), false],
    ['only who has every claim', of({ claims: { department: ['sales'], region: ['eu'] } }), false],
    ['whom one of these acts for', of({ actors: [`${ISSUER}:other`, `${ISSUER}:bot`] }), true],
    ['nobody for whom another acts', of({ actors: [`${ISSUER}:other`] }), false],
    ['nobody who is acted for where that is refused', of({ actors: 'none' }), false],
    ['only who meets every list', of({ groups: ['leads'], subjects: ['ada'], clients: ['x'] }), false],
    ['not the agents of this machine, who are no caller of an issuer', 'local', false],
  ])('%s', (_name, who, lets) => {
    expect(admits([who], ada)).toBe(lets);
    expect(admits([who, of({ subjects: ['nobody'] })], ada)).toBe(lets);
  });

  test('by the nearest actor: those who acted before decide nothing', () => {
    const acted = (...actors: readonly string[]): Caller => ({ ...ada, principal: { ...ada.principal, actors } });
    const bot = of({ actors: [`${ISSUER}:bot`] });
    expect(admits([bot], acted(`${ISSUER}:bot`, `${ISSUER}:eve`))).toBe(true);
    expect(admits([bot], acted(`${ISSUER}:eve`, `${ISSUER}:bot`))).toBe(false);
    expect(admits([bot], acted())).toBe(false);
    expect(admits([of({ actors: 'none' })], acted())).toBe(true);
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
