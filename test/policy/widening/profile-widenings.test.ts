import { describe, expect, it } from 'vitest';
import type { Lock, LockedServer } from '../../../src/domain/lock.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { wideningText } from '../../../src/policy/widening/widening.ts';
import { widenings } from '../../../src/policy/widening/widenings.ts';
import { definitionOf, HEAD, profileOf, SERVERS, saidOfServer, saidOfTool } from '../policy-text.ts';

const linesOf = (old: Profile, next: Profile) => widenings(old, next).map(wideningText);
const between = (old: string, next: string) => linesOf(profileOf(old), profileOf(next));

const definition = definitionOf({});
const server: LockedServer = {
  instructions: undefined,
  definitions: [definition],
  templates: [],
  pages: new Map(),
  reached: 'x',
};
const locked = (changes: Partial<LockedServer>): Profile => {
  const lock: Lock = {
    file: 'p.lock.json',
    text: '',
    digest: '',
    servers: new Map([['crm', { ...server, ...changes }]]),
  };
  return { ...profileOf(saidOfTool('{}')), lock };
};

describe('a profile is wider', () => {
  const resources = (list: string) => `${HEAD}${SERVERS}tools: { crm.act: {} }\nresources: [${list}]\n`;
  const [ALL, SECRET] = ['{ server: crm, uri: "crm://**" }', '{ server: crm, uri: "crm://secret", approval: {} }'];

  it('by a tool, prompt or resource that was not there', () => {
    expect(
      between(
        saidOfTool('{}'),
        `${HEAD}${SERVERS}tools: { crm.act: {}, crm.b: {} }\nprompts: [{ server: crm, name: p }]\n`,
      ),
    ).toEqual(['tools.crm.b: it was not there', 'prompts.crm.p: it was not there']);
    expect(between(resources(''), resources(ALL))).toEqual(['resources.0.uri: crm crm://** is new']);
  });

  it('by resources that a milder entry judges now', () => {
    expect(between(resources(`${SECRET}, ${ALL}`), resources(ALL))).toEqual([
      'resources.0.uri: some were judged by crm://secret, which is stricter',
    ]);
    expect(between(resources(ALL), resources(`${SECRET}, ${ALL}`))).toEqual([]);
    expect(between(resources(`${SECRET}, ${ALL}`), resources(SECRET))).toEqual([]);
    expect(between(resources(ALL), resources('{ server: crm, uri: "crm://public/*" }'))).toEqual([]);
  });

  it('by a server that is reached otherwise, or asks more', () => {
    const asks = (words: string) => saidOfServer(`{ command: [node, crm.js], asks: { ${words} } }`);
    expect(between(saidOfTool('{}'), saidOfServer('{ command: [node, other.js] }'))).toEqual([
      'servers.crm: it is reached in another way',
    ]);
    expect(between(saidOfTool('{}'), asks('elicitation: [url], roots: true'))).toEqual([
      'servers.crm.asks.elicitation: ["url"], was nothing',
      'servers.crm.asks.roots: true, was false',
    ]);
    expect(
      between(asks('sampling: { max: 2, max_tokens: 9 }'), asks('sampling: { max: 3, max_tokens: 9 }')),
    ).toHaveLength(1);
    expect(between(asks('sampling: { max: 2, max_tokens: 9 }'), asks('sampling: { max: 2, max_tokens: 8 }'))).toEqual(
      [],
    );
  });

  it('by a server that becomes shared', () => {
    const shared = (is: boolean) => saidOfServer(`{ command: [node, crm.js], shared: ${is} }`);
    expect(between(shared(false), shared(true))).toEqual(['servers.crm.shared: true, was false']);
    expect(between(saidOfServer('{ command: [node, crm.js] }'), shared(true))).toHaveLength(1);
    expect([between(shared(true), shared(false)), between(shared(true), shared(true))]).toEqual([[], []]);
  });

  it('by budgets, names, and rules that only observe', () => {
    const budget = (caps: string) => `${saidOfTool('{ spend: { amount: 1 } }')}budgets: { session: { ${caps} } }\n`;
    expect(between(budget('calls: 5, runtime: 1m'), budget('calls: 6'))).toEqual([
      'budgets.session.calls: 6, was 5',
      'budgets.session.runtime: nothing, was 60000',
    ]);
    expect(between(budget('spend: { max: 1, currency: USD }'), budget('spend: { max: 1, currency: KWD }'))).toEqual([
      'budgets.session.currency: KWD, was USD',
    ]);
    const profile = profileOf(saidOfTool('{}'));
    expect(linesOf(profile, { ...profile, name: 'other', prefixed: false, mode: 'observe' })).toEqual([
      'profile: other, was demo',
      'mode: observe, was enforce',
      'prefix: false, was true',
    ]);
    expect(
      linesOf({ ...profile, answersGo: new Map() }, { ...profile, answersGo: new Map([['crm', 'none']]) }),
    ).toEqual(['servers.crm.sends_to: none, was external']);
  });

  it('by any pin that changed, and anything that was not pinned', () => {
    const old = locked({});
    const unlocked = { ...old, lock: undefined };
    expect(linesOf(old, locked({ definitions: [] }))).toEqual([]);
    expect(linesOf(unlocked, old)).toEqual([]);
    expect(linesOf(old, unlocked)).toEqual(['lock: the lock file is gone']);
    expect(
      linesOf(
        old,
        locked({
          definitions: [
            { ...definition, pin: 'sha256:other' },
            { ...definition, name: 'more' },
          ],
          instructions: 'Do',
          templates: [{ uriTemplate: 'crm://{x}' }],
          pages: new Map([['ui://a', 'sha256:a']]),
          reached: 'y',
        }),
      ),
    ).toEqual([
      'lock.crm.reached: y, was x',
      'lock.crm.instructions: changed',
      'lock.crm.tool act: changed',
      'lock.crm.tool more: new',
      'lock.crm.templates: new or changed',
      'lock.crm.ui://a: new',
    ]);
    const modern = locked({ era: 'modern' });
    expect([linesOf(old, modern), linesOf(modern, locked({ era: 'legacy' })), linesOf(modern, old)]).toEqual([
      [],
      ['lock.crm.era: legacy, was modern'],
      ['lock.crm.era: nothing, was modern'],
    ]);
  });

  it('by another package than the one that was locked, or other packages below it', () => {
    const fetched = { name: 'crm', version: '1.0.0', integrity: 'sha512-a', tree: 'sha256:a', record: {} };
    const runs = (more: object): Profile => locked({ package: { ...fetched, ...more } });
    expect(linesOf(runs({}), runs({}))).toEqual([]);
    expect(linesOf(runs({}), runs({ tree: 'sha256:b' }))).toEqual(['lock.crm.package: what it depends on changed']);
    expect(linesOf(runs({}), runs({ version: '1.0.1', integrity: 'sha512-b' }))).toEqual([
      'lock.crm.package: crm@1.0.1 (sha512-b), was crm@1.0.0 (sha512-a)',
    ]);
    expect(linesOf(locked({}), runs({}))).toEqual(['lock.crm.package: crm@1.0.0 (sha512-a), was nothing']);
  });
});
