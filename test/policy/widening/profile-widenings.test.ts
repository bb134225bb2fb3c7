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
    const budgets = (written: string) => `${saidOfTool('{ charges: { pages: 1 } }')}budgets: { ${written} }\n`;
    expect(between(budgets('session: { calls: 5 }'), budgets('session: { calls: 5 }, when_reached: extend'))).toEqual([
      'budgets.when_reached: extend, was deny',
    ]);
    expect(between(budgets('session: { calls: 5 }, when_reached: pause'), budgets('session: { calls: 5 }'))).toEqual([
      'budgets.when_reached: deny, was pause',
    ]);
    const lent = budgets('session: { calls: 5 }, when_reached: extend');
    expect(between(lent, budgets('session: { calls: 4 }, when_reached: pause'))).toEqual([]);
    expect(between(saidOfTool('{ charges: { pages: 1 } }'), lent)).toEqual([]);
    const shared = budgets('principal: { calls: 5/hour, pages: 9/day, sessions: 2 }');
    expect(between(shared, budgets('principal: { calls: 6/hour, pages: 9/hour, sessions: 3 }'))).toEqual([
      'budgets.principal.calls: 6 in 60 min, was 5 in 60 min',
      'budgets.principal.pages: 9 in 60 min, was 9 in 1440 min',
      'budgets.principal.sessions: 3, was 2',
    ]);
    expect(between(shared, budgets('principal: { calls: 5/day, pages: 8/day, sessions: 1 }'))).toEqual([]);
    expect(between(shared, budgets('session: { calls: 1 }'))).toHaveLength(3);
    const spends = (amount: string) =>
      `${saidOfTool(`{ spend: { ${amount} } }`)}budgets: { session: { spend: { max: 1, currency: USD } } }\n`;
    expect(between(spends('amount: 0.5'), spends('amount: output.cost, max: 0.5'))).toEqual([
      'tools.crm.act.spend.amount: the result says what it was, or says it in another place',
    ]);
    expect(between(spends('amount: output.cost, max: 0.5'), spends('amount: 0.5'))).toEqual([]);
    expect(between(spends('amount: output.cost, max: 0.5'), spends('amount: output.cost, max: 0.4'))).toEqual([
      'tools.crm.act.charges.spend: 400000, was 500000',
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

  it('by a server that was production and is not; to be production, or anything else, is no wider', () => {
    const serving = (environment: string) => saidOfServer(`{ command: [node, crm.js]${environment} }`);
    const [none, production, staging] = ['', ', environment: production', ', environment: staging'].map(serving);
    if (none === undefined || production === undefined || staging === undefined) throw new Error('there are three');
    expect(between(production, staging)).toEqual(['servers.crm.environment: staging, was production']);
    expect(between(production, none)).toEqual(['servers.crm.environment: nothing, was production']);
    for (const [old, next] of [
      [none, production],
      [staging, production],
      [production, production],
      [staging, none],
    ])
      expect(between(old ?? '', next ?? '')).toEqual([]);
  });

  it('by a claim or an actor that was not let in before', () => {
    const who = (more: string) =>
      saidOfTool('{}').replace('who: local', `who: [{ issuer: "https://login.example.com"${more} }]`);
    const [A, B] = ['https://login.example.com:a', 'https://login.example.com:b'];
    const isWider = (old: string, next: string) => between(who(old), who(next)).length > 0;
    const narrower: readonly (readonly [string, string])[] = [
      ['', ', claims: { d: [a] }'],
      [', claims: { d: [a, b] }', ', claims: { d: [b] }'],
      [', claims: { d: [a] }', ', claims: { d: [a], e: [x] }'],
      ['', ', actors: none'],
      ['', `, actors: ["${A}"]`],
      [`, actors: ["${A}", "${B}"]`, `, actors: ["${B}"]`],
    ];
    for (const [old, next] of narrower) expect([isWider(old, next), isWider(next, old)]).toEqual([false, true]);
    expect(isWider(', actors: none', `, actors: ["${A}"]`)).toBe(true);
    expect(isWider(`, actors: ["${A}"]`, ', actors: none')).toBe(true);
    expect(isWider(', actors: none', ', actors: none')).toBe(false);
    expect(isWider(', claims: { d: [a] }', ', claims: { e: [a] }')).toBe(true);
    expect(isWider(', claims: { constructor: [a] }', ', claims: { e: [a] }')).toBe(true);
  });

  it('by anybody whom no single entry let in before', () => {
    const ISSUER = 'https://login.example.com';
    const who = (said: string) => saidOfTool('{}').replace('who: local', `who: ${said}`);
    const one = (lists: string, issuer = ISSUER) => `{ issuer: "${issuer}"${lists} }`;
    const everybody = who(`[${one('')}]`);
    for (const key of ['groups', 'subjects', 'clients', 'tenants']) {
      const [two, single] = [who(`[${one(`, ${key}: [a, b]`)}]`), who(`[${one(`, ${key}: [b]`)}]`)];
      expect([between(two, single), between(everybody, two)]).toEqual([[], []]);
      expect(between(single, two)).toEqual([expect.stringMatching(/^who\.0: \{.*\["a","b"\].*, was \[\{.*\["b"\]/)]);
      expect(between(two, everybody)).toEqual([
        expect.stringMatching(/^who\.0: \{"issuer":"https:\/\/login\.example\.com"\}, was \[\{/),
      ]);
    }
    expect(between(everybody, who(`[${one('', 'https://a.example')}]`))).toHaveLength(1);
    expect(between(everybody, who(`[${one('')}, local]`))).toEqual([`who.1: local, was [{"issuer":"${ISSUER}"}]`]);
    expect(between(who('local'), everybody)).toEqual([`who.0: {"issuer":"${ISSUER}"}, was ["local"]`]);
    expect(between(who(`[local, ${one('')}]`), who('local'))).toEqual([]);
    const [a, b] = [one(', groups: [a]'), one(', groups: [b]')];
    expect(between(who(`[${a}, ${b}]`), who(`[${b}]`))).toEqual([]);
    expect(between(who(`[${a}, ${b}]`), who(`[${one(', groups: [a, b]')}]`))).toHaveLength(1);
  });

  it('by a longer life of sessions, and budgets that are full again sooner', () => {
    const lived = (life: string) => `${saidOfTool('{}')}budgets: { session: { calls: 5 } }\nsession: { ${life} }\n`;
    const unsaid = lived('idle: 5m');
    expect(between(lived('max_age: 1h, renew: 2h'), lived('max_age: 2h, renew: 1h'))).toEqual([
      'session.max_age: 7200000, was 3600000',
      'session.renew: 3600000, was 7200000',
    ]);
    expect(between(lived('max_age: 1h'), lived('renew: 1d'))).toEqual([
      'session.max_age: nothing, was 3600000',
      'session.renew: 86400000, was nothing',
    ]);
    expect(between(lived('max_age: 2h, renew: 1h'), lived('max_age: 1h, renew: 2h'))).toEqual([]);
    expect(between(unsaid, lived('max_age: 1h, idle: 1d'))).toEqual([]);
    expect(between(lived('renew: 1h'), unsaid)).toEqual([]);
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
    expect(linesOf(modern, modern)).toEqual([]);
    const paged = locked({ pages: new Map([['ui://a', 'sha256:a']]) });
    expect(linesOf(paged, paged)).toEqual([]);
    const two = new Map([...(old.lock?.servers ?? []), ['desk', server]]);
    expect(linesOf(old, { ...old, lock: old.lock && { ...old.lock, servers: two } })).toEqual([
      'lock.desk: its definitions are new',
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
