import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/domain/policy.ts';
import { PolicyBook } from '../../src/policy/book.ts';
import { HEAD, SERVERS } from './policy-text.ts';
import { lockOf } from './typed/locked.ts';

const book = () => new PolicyBook(new Map());
const source = (rest: string) => ({ file: 'p.yaml', text: HEAD + SERVERS + rest });

describe('the names that agents use', () => {
  it('are those of tools and of prompts, apart', () => {
    const policies = book();
    const added = policies.add(source('tools: { crm.act: {} }\nprompts: [{ server: crm, name: act }]\n'));
    if (!added.ok) throw new Error(added.error.join('\n'));
    const { tools, prompts } = policies.names(added.value);
    expect([...tools]).toEqual([['crm__act', 'crm.act']]);
    expect([...prompts]).toEqual([['crm__act', 'crm.act']]);
    policies.remove(added.value);
    expect(policies.names(added.value)).toEqual({ tools: new Map(), prompts: new Map() });
  });

  it('are the server’s own where the profile has no prefix', () => {
    const policies = book();
    const added = policies.add(source('prefix: false\ntools: { crm.act: {} }\nprompts: [{ server: crm, name: p }]\n'));
    if (!added.ok) throw new Error(added.error.join('\n'));
    expect([...policies.names(added.value).tools.keys()]).toEqual(['act']);
    expect([...policies.names(added.value).prompts.keys()]).toEqual(['p']);
  });

  it('are refused where two prompts would be one, and where a tool would be Tollgate’s own', () => {
    expect(
      book().add(source('tools: {}\nprompts: [{ server: crm, name: a.b }, { server: crm, name: a/b }]\n')),
    ).toEqual({ ok: false, error: ['p.yaml: crm.a/b: agents would see it as crm__a_b, which is crm.a.b already'] });
    expect(book().add(source('prefix: false\ntools: { crm.tollgate__continue: {} }\n'))).toMatchObject({ ok: false });
  });
});

describe('a server of two policies', () => {
  it('is spoken to in one era', () => {
    const policies = book();
    const policy = (name: string, era: string) => ({
      file: `${name}.yaml`,
      text: `version: 1\nprofile: ${name}\nwho: local\nservers: { crm: { url: "http://x", era: ${era} } }\ntools: { crm.a: {} }\n`,
    });
    expect(policies.add(policy('one', 'modern')).ok).toBe(true);
    expect(policies.add(policy('two', 'modern')).ok).toBe(true);
    expect(policies.add(policy('three', 'legacy'))).toEqual({
      ok: false,
      error: [
        'three.yaml: the server crm is reached in another way by another policy: rename it, or define it once in gateway.yaml',
      ],
    });
  });

  it('may ask its clients what either of them allows', () => {
    const policies = book();
    const policy = (name: string, asks: string) => ({
      file: `${name}.yaml`,
      text: `version: 1\nprofile: ${name}\nwho: local\nservers: { crm: { url: "http://x", asks: ${asks} } }\ntools: { crm.a: {} }\n`,
    });
    const nothing = { elicitation: [], sampling: undefined, roots: false, ui: undefined };
    expect(policies.askable('crm')).toEqual(nothing);
    expect(policies.add(policy('one', '{ elicitation: [url], sampling: { max: 1, max_tokens: 9 } }')).ok).toBe(true);
    const added = policies.add(policy('two', '{ elicitation: [form], roots: true }'));
    expect(policies.askable('crm')).toEqual({
      elicitation: ['form', 'url'],
      sampling: { tools: true },
      roots: true,
      ui: undefined,
    });
    if (added.ok) policies.remove(added.value);
    expect(policies.askable('crm')).toMatchObject({ elicitation: ['url'], roots: false });
    expect(policies.askable('other')).toEqual(nothing);
  });
});

describe('the policies in force', () => {
  const named = (name: string, server: string, rest = '') => ({
    file: `${name}.yaml`,
    text: `version: 1\nprofile: ${name}\nwho: local\nservers: { crm: ${server} }\ntools: { crm.act: {} }\n${rest}`,
  });
  const CRM = '{ command: [node, crm.js] }';
  const passed = (policies: PolicyBook, one: { file: string; text: string }): Profile => {
    const added = policies.add(one);
    if (!added.ok) throw new Error(added.error.join('\n'));
    return added.value;
  };

  it('are those that were added, and one in the place of another', () => {
    const policies = book();
    const first = passed(policies, named('one', CRM));
    expect([...policies.byName.keys()]).toEqual(['one']);
    const other = policies.compile({ files: [named('two', CRM)], lock: undefined }, first);
    if (!other.ok) throw new Error(other.error.join('\n'));
    policies.put(other.value, first);
    expect([...policies.byName.keys()]).toEqual(['two']);
    expect([...policies.servers.keys()]).toEqual(['crm']);
    policies.remove(other.value);
    expect([policies.byName.size, policies.servers.size]).toEqual([0, 0]);
  });

  it('have a name each, and one way to each server; what one is put in the place of does not count', () => {
    const policies = book();
    const first = passed(policies, named('one', CRM));
    expect(policies.add({ ...named('one', CRM), file: 'again.yaml' })).toEqual({
      ok: false,
      error: ['again.yaml: the profile one is already that of one.yaml: give it another name'],
    });
    expect(policies.add(named('two', '{ command: [node, other.js] }'))).toEqual({
      ok: false,
      error: [
        'two.yaml: the server crm is reached in another way by another policy: rename it, or define it once in gateway.yaml',
      ],
    });
    expect(
      policies.compile({ files: [named('one', '{ command: [node, other.js] }')], lock: undefined }, first).ok,
    ).toBe(true);
    expect(policies.add(named('two', CRM)).ok).toBe(true);
  });

  it('let a server ask what one of them lets it', () => {
    const policies = book();
    passed(policies, named('one', CRM));
    expect(policies.askable('crm')).toEqual({ elicitation: [], sampling: undefined, roots: false, ui: undefined });
    passed(policies, named('two', '{ command: [node, crm.js], asks: { roots: true, elicitation: [form] } }'));
    expect(policies.askable('crm')).toEqual({ elicitation: ['form'], sampling: undefined, roots: true, ui: undefined });
    passed(policies, named('three', '{ command: [node, crm.js], asks: { sampling: { max: 1, max_tokens: 10 } } }'));
    expect(policies.askable('crm').sampling).toEqual({ tools: true });
    expect(policies.askable('wiki').sampling).toBeUndefined();
  });

  it('hold a server to what their locks say of it, where they have one and it is in it', () => {
    const policies = book();
    const first = passed(policies, named('one', CRM));
    const lock = lockOf({ crm: [{ name: 'act', inputSchema: { type: 'object' } }] });
    policies.put({ ...first, lock }, first);
    passed(policies, named('two', CRM));
    expect(policies.accepted('crm')).toEqual([
      { policy: 'one.yaml', lock: 'p.lock.json', server: lock.servers.get('crm') },
    ]);
    expect(policies.accepted('wiki')).toEqual([]);
  });

  it('name the claims that let callers in, and another object where they are others', () => {
    const policies = book();
    const who = (claims: string) =>
      `version: 1\nprofile: P\nwho: [{ issuer: "https://login.example.com", claims: { ${claims} } }]\nservers: { crm: ${CRM} }\ntools: { crm.act: {} }\n`;
    const add = (name: string, claims: string) =>
      passed(policies, { file: `${name}.yaml`, text: who(claims).replace('profile: P', `profile: ${name}`) });
    expect([...policies.claimsNamed]).toEqual([]);
    add('one', 'team: [a]');
    const before = policies.claimsNamed;
    expect([...before]).toEqual(['team']);
    const second = add('two', 'team: [b]');
    expect(policies.claimsNamed).toBe(before);
    const third = add('three', 'level: [c]');
    expect([...policies.claimsNamed].toSorted()).toEqual(['level', 'team']);
    policies.remove(third);
    expect([...policies.claimsNamed]).toEqual(['team']);
    policies.remove(second);
    add('four', 'level: [d]');
    policies.remove(policies.byName.get('one') as Profile);
    expect([...policies.claimsNamed]).toEqual(['level']);
  });
});

describe('callers of an issuer that the deployment does not have', () => {
  const of = (issuers: readonly string[], issuer: string) =>
    new PolicyBook(new Map(), new Set(issuers)).add({
      file: 'p.yaml',
      text: `version: 1\nprofile: p\nwho:\n  - local\n  - issuer: ${issuer}\n${SERVERS}tools: { crm.a: {} }\n`,
    });
  const login = 'https://login.example.com';

  it.each([
    [[], login, ['p.yaml:5:13: nobody can come from there: gateway.yaml has no identity.issuers']],
    [
      [login],
      'https://logn.example.com',
      [
        `p.yaml:5:13: nobody can come from there: no issuer of gateway.yaml is "https://logn.example.com"; did you mean "${login}"?`,
      ],
    ],
  ])('cannot come: of %j', (issuers, issuer, error) => {
    expect(of(issuers, issuer)).toEqual({ ok: false, error });
  });

  it('come where it has it', () => {
    expect(of([login], login).ok).toBe(true);
  });
});

describe('the claims that are kept of a token', () => {
  const policy = (claims: string) => ({
    file: 'p.yaml',
    text: `version: 1\nprofile: p\nwho: [local, { issuer: "https://login.example.com", claims: { ${claims} } }]\n${SERVERS}tools: { crm.a: {} }\n`,
  });

  it('are those by which some profile lets callers in, also once another version of it is in force', () => {
    const policies = book();
    const first = policies.add(policy('plan: [a], seat: [b]'));
    if (!first.ok) throw new Error(first.error.join('\n'));
    expect(policies.byName.get('p')).toBe(first.value);
    const kept = policies.claimsNamed;
    expect(kept).toEqual(new Set(['plan', 'seat']));
    let before = first.value;
    for (const [claims, names] of [
      ['plan: [c], seat: [d]', ['plan', 'seat']],
      ['plan: [a], desk: [b]', ['plan', 'desk']],
      ['plan: [a]', ['plan']],
      ['seat: [a]', ['seat']],
    ] as const) {
      const next = policies.compile({ files: [policy(claims)], lock: undefined }, before);
      if (!next.ok) throw new Error(next.error.join('\n'));
      policies.put(next.value, before);
      before = next.value;
      expect(policies.claimsNamed).toEqual(new Set(names));
      if (claims.includes('[d]')) expect(policies.claimsNamed).toBe(kept);
    }
    policies.remove(before);
    expect(policies.claimsNamed).toEqual(new Set());
  });
});
