import { describe, expect, it } from 'vitest';
import { PolicyBook } from '../../src/policy/book.ts';
import { issuersNamed } from '../../src/policy/file/who-shape.ts';
import { SERVERS } from './policy-text.ts';

const LOGIN = 'https://login.example.com';

const loaded = (who: string) =>
  new PolicyBook(new Map(), new Set([LOGIN])).add({
    file: 'p.yaml',
    text: `version: 1\nprofile: p\nwho: ${who}\n${SERVERS}tools: { crm.a: {} }\n`,
  });

const whoOf = (who: string) => {
  const profile = loaded(who);
  if (!profile.ok) throw new Error(profile.error.join('\n'));
  return profile.value.who;
};

describe('who', () => {
  it('is one, or a list of them, with all that each must be', () => {
    expect(whoOf('local')).toEqual(['local']);
    const said = `{ issuer: "${LOGIN}", groups: [g], subjects: [s], clients: [c], tenants: [t], claims: { plan: [a, b] }, actors: ["${LOGIN}:desk"] }`;
    expect(whoOf(`[local, ${said}]`)).toEqual([
      'local',
      {
        ...{ issuer: LOGIN, groups: ['g'], subjects: ['s'], clients: ['c'], tenants: ['t'] },
        ...{ claims: { plan: ['a', 'b'] }, actors: [`${LOGIN}:desk`] },
      },
    ]);
    expect(issuersNamed(whoOf(`[local, { issuer: "${LOGIN}" }]`))).toEqual(new Set([LOGIN]));
  });

  it('keeps it that nobody may act for them', () => {
    expect(whoOf(`[{ issuer: "${LOGIN}", actors: none }]`)).toMatchObject([{ actors: 'none' }]);
  });

  it.each([
    ['iss', 'issuer'],
    ['sub', 'subjects'],
    ['groups', 'groups'],
    ['client_id', 'clients'],
    ['azp', 'clients'],
    ['act', 'actors'],
  ])('has a key of its own for the claim %s', (claim, key) => {
    expect(loaded(`[{ issuer: "${LOGIN}", claims: { ${claim}: [x] } }]`)).toEqual({
      ok: false,
      error: [expect.stringContaining(`the claim "${claim}" has a key of its own: "${key}"`)],
    });
  });

  it.each([
    ['no claims', 'claims: {}', 'expected at least one claim: NAME: [VALUE]'],
    ['a claim without values', 'claims: { plan: [] }', 'p.yaml:3:62: expected a list of at least 1'],
    ['nobody of a list', 'groups: []', 'p.yaml:3:54: expected a list of at least 1'],
    ['an actor without its issuer', 'actors: [desk]', 'expected ISSUER:SUBJECT'],
    ['somebody like none', 'actors: nones', `expected a list of ISSUER:SUBJECT, or none`],
  ])('is refused with %s', (_, said, expected) => {
    expect(loaded(`[{ issuer: "${LOGIN}", ${said} }]`)).toEqual({
      ok: false,
      error: [expect.stringContaining(expected)],
    });
  });
});
