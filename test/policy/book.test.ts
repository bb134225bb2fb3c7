import { describe, expect, it } from 'vitest';
import { PolicyBook } from '../../src/policy/book.ts';
import { HEAD, SERVERS } from './policy-text.ts';

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
