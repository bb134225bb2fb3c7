/** Key by key, what counts as wider and what does not: what is missed here is loaded without anybody's leave. */
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../../src/domain/contract.ts';
import type { Flow, Profile } from '../../../src/domain/policy.ts';
import { compileRules } from '../../../src/policy/judge/judge.ts';
import { type Approval, NO_RULES, type Rules } from '../../../src/policy/judge/rules.ts';
import { changed, wideningText } from '../../../src/policy/widening/widening.ts';
import { widenings } from '../../../src/policy/widening/widenings.ts';
import { HEAD, profileOf, SERVERS, saidOfServer, saidOfTool } from '../policy-text.ts';

const linesOf = (old: Profile, next: Profile) => widenings(old, next).map(wideningText);
const between = (old: string, next: string) => linesOf(profileOf(old), profileOf(next));
const ofTool = (old: string, next: string) =>
  between(saidOfTool(old), saidOfTool(next)).map((line) => line.replace('tools.crm.act.', ''));

function withRules(rules: Partial<Rules>, changes: Partial<Contract> = {}): Profile {
  const profile = profileOf(saidOfTool('{ effect: write }'));
  const contract = profile.tools.get('crm.act')?.contract;
  if (contract === undefined) throw new Error('crm.act was not loaded');
  const compiled = compileRules({ ...contract, ...changes }, { ...NO_RULES, ...rules });
  return { ...profile, flows: rules.flows ?? [], tools: new Map([['crm.act', compiled]]) };
}
const toolLines = (old: Profile, next: Profile) => linesOf(old, next).map((line) => line.replace('tools.crm.act.', ''));

describe('cases', () => {
  const ALLOWS = '{ id: a, when: { n: { maximum: 5 } }, then: allow }';
  const HOLDS = '{ id: b, when: { n: { minimum: 9 } }, then: hold }';
  const withEffect = (one: string, effect: string) => one.replace('then:', `effect: ${effect}, then:`);
  const ofCases = (old: string, next: string, rest = '') =>
    ofTool(`{ ${rest}cases: [${old}] }`, `{ ${rest}cases: [${next}] }`).map((line) => line.replace('cases.', ''));

  test('that are new are wider where one says a milder effect than the tool has', () => {
    const first = (effect: string) =>
      ofTool('{ effect: write }', `{ effect: write, cases: [${withEffect(ALLOWS, effect)}] }`);
    expect(first('read')).toEqual(['cases.a.effect: read, was write']);
    expect(first('write')).toEqual([]);
    expect(first('irreversible')).toEqual([]);
  });

  test('that only observe deny nothing, so a new one is told', () => {
    const observing = HOLDS.replace('hold', 'deny, mode: observe');
    expect(ofCases(ALLOWS, `${ALLOWS}, ${observing}`, 'effect: write, ')).toEqual(['b: new, and it only observes']);
    expect(ofCases(`${ALLOWS}, ${HOLDS}`, `${ALLOWS}, ${observing}`, 'effect: write, ')).toEqual([
      'b.then: deny, was hold',
    ]);
  });

  test('of one that observes by now, and does as it did, it is told that it says something else', () => {
    const observing = HOLDS.replace('hold', 'hold, mode: observe');
    expect(ofCases(`${ALLOWS}, ${HOLDS}`, `${ALLOWS}, ${observing}`, 'effect: write, ')).toEqual([
      'b: it says something else of the same calls',
    ]);
  });

  test('where some say effects, one that is gone is wider: of those that match the worst effect counts', () => {
    expect(ofCases(`${ALLOWS}, ${HOLDS}`, HOLDS)).toEqual([]);
    const [reads, writes] = [withEffect(ALLOWS, 'read'), withEffect(HOLDS, 'write')];
    expect(ofCases(`${reads}, ${HOLDS}`, HOLDS)).toEqual(['a: dropped']);
    expect(ofCases(`${ALLOWS}, ${writes}`, writes)).toEqual(['a: dropped']);
    expect(ofCases(`${ALLOWS}, ${HOLDS}`, writes)).toEqual([
      'b: it says something else of the same calls',
      'a: dropped',
    ]);
  });

  test('of what cannot be undone, under a profile that observes, may become denials of the same effect', () => {
    const trial = (then: string, effect = 'irreversible') =>
      saidOfTool(
        `{ effect: write, cases: [{ id: burn, when: { a: { const: burn } }, effect: ${effect}, then: ${then} }] }`,
      ).replace('profile:', 'mode: observe\nprofile:');
    expect(between(trial('hold'), trial('deny'))).toEqual([]);
    expect(between(trial('hold'), trial('deny', 'write'))).toEqual(['tools.crm.act.cases.burn.then: deny, was hold']);
  });

  test('and approvals keep their terms, if not their words', () => {
    const asking = (approval: object | undefined, more: Partial<Rules> = {}) =>
      withRules({ approval: approval as Approval | undefined, ...more });
    expect(toolLines(asking({ reason: 'Look.' }), asking({ reason: 'See.' }))).toEqual([]);
    expect(toolLines(asking({ quorum: 2 }), asking({ quorum: 1 }))).toEqual([
      'approval: {"quorum":1}, was {"quorum":2}',
    ]);
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; never awaited
    const cases = [{ id: 'all', when: {}, then: 'hold' as const }];
    expect(toolLines(asking({ quorum: 2 }, { cases }), asking({ quorum: 1 }, { cases }))).toHaveLength(1);
    expect(toolLines(asking({ quorum: 2 }, { cases }), asking({ quorum: 2, reason: 'See.' }, { cases }))).toEqual([]);
    const one = (quorum: number) => ({ ...cases[0], approval: { quorum } as Approval }) as (typeof cases)[number];
    expect(toolLines(withRules({ cases: [one(2)] }), withRules({ cases: [one(1)] }))).toHaveLength(1);
  });
});

describe('rules over earlier calls', () => {
  const rules = (...said: readonly (readonly [kind: string, written: object])[]) =>
    withRules({
      history: said.map(([kind, written], at) => ({
        rule: `crm.act.${kind}.${at}`,
        target: 'crm.get',
        fields: [],
        written: written as never,
        observes: false,
        words: '',
        demandOf: () => ({ ok: false, error: '' }),
      })),
    });
  const HOURLY = { max: 5, within: '1h' };

  test('stand under their own key: what must come after is no rule that it must not', () => {
    const tool = { tool: 'crm.get' };
    expect(toolLines(rules(['not_after', tool]), rules(['after', tool]))).toEqual([
      'not_after: dropped or loosened: {"tool":"crm.get"}',
    ]);
  });

  test('are the same in other words: a reason, a mode that says what unsaid means, an hour in minutes', () => {
    expect(toolLines(rules(['limits', { ...HOURLY, reason: 'Slow.' }]), rules(['limits', HOURLY]))).toEqual([]);
    expect(toolLines(rules(['limits', HOURLY]), rules(['limits', { ...HOURLY, mode: 'enforce' }]))).toEqual([]);
    expect(toolLines(rules(['limits', HOURLY]), rules(['limits', { max: 5, within: '60m' }]))).toEqual([]);
    expect(toolLines(rules(['after', { within: '60m' }]), rules(['after', { within: '1h' }]))).toEqual([]);
  });

  test('one stands for one: of two, one that is left is one that is dropped', () => {
    expect(toolLines(rules(['limits', HOURLY], ['limits', HOURLY]), rules(['limits', HOURLY]))).toHaveLength(1);
    const two = rules(['limits', { ...HOURLY, max: 4 }], ['limits', HOURLY]);
    expect(toolLines(rules(['limits', HOURLY], ['limits', HOURLY]), two)).toEqual([]);
  });
});

describe('resources', () => {
  const listed = (...entries: readonly string[]) =>
    `${HEAD}servers: { crm: { command: [node, crm.js] }, desk: { command: [node, desk.js] } }\ntools: { crm.act: {}, desk.act: {} }\nresources: [${entries.join(', ')}]\n`;
  const entry = (uri: string, more = '', server = 'crm') => `{ server: ${server}, uri: "${uri}"${more} }`;
  const [ALL, SECRET, OPEN] = [entry('x://**'), entry('x://secret', ', approval: {}'), entry('x://secret')];
  const DESK = entry('x://**', '', 'desk');

  test('are as wide as they were where nothing moved, or what is below judges nothing', () => {
    expect(between(listed(SECRET, ALL, DESK), listed(SECRET, ALL, DESK))).toEqual([]);
    const [first, below] = [entry('x://a/*'), entry('x://*/secret', ', approval: {}')];
    expect(between(listed(first, below), listed(first))).toEqual([]);
    expect(between(listed(ALL, DESK), listed(ALL))).toEqual([]);
  });

  test('are wider by an entry that asks for less', () => {
    expect(between(listed(SECRET, ALL), listed(OPEN, ALL))).toEqual(['resources.0.approval: dropped']);
  });

  test('are wider by what no entry matched, or one of another server', () => {
    expect(between(listed(entry('x://a/*')), listed(entry('x://a/*'), ALL))).toEqual([
      'resources.1.uri: crm x://** is new',
    ]);
    expect(between(listed(ALL), listed(entry('y://**')))).toEqual(['resources.0.uri: crm y://** is new']);
    expect(between(listed(ALL), listed(ALL, DESK))).toEqual(['resources.1.uri: desk x://** is new']);
    expect(between(listed(ALL), listed(entry('x://a', '', 'desk')))).toEqual(['resources.0.uri: desk x://a is new']);
  });

  test('are wider where another server gives by now what the first gave', () => {
    expect(between(listed(ALL, DESK), listed(DESK))).toEqual([
      'resources.0.uri: some may have been those of crm, by x://**',
    ]);
  });
});

describe('flows', () => {
  const flow = (id: string, rest: Partial<Flow> = {}): Flow => ({
    id,
    labels: ['private'],
    sendsTo: 'external',
    verdict: 'hold',
    reason: undefined,
    observes: false,
    ...rest,
  });

  test('that stay are no wider, each held against the one of its own name', () => {
    const both = [flow('a', { labels: ['vip'] }), flow('b')];
    expect(toolLines(withRules({ flows: both }), withRules({ flows: both }))).toEqual([]);
    expect(toolLines(withRules({ flows: both }), withRules({ flows: both.toReversed() }))).toEqual([]);
    expect(
      toolLines(withRules({ flows: [flow('a')] }), withRules({ flows: [flow('a', { verdict: 'deny' })] })),
    ).toEqual([]);
  });

  test('that only observe refuse nothing, so their end is none; of what cannot be undone they refuse', () => {
    const observing = { flows: [flow('a', { observes: true })] };
    expect(toolLines(withRules(observing), withRules({}))).toEqual([]);
    const final = { effect: 'irreversible' } as const;
    expect(toolLines(withRules(observing, final), withRules({}, final))).toEqual(['flows.a: dropped']);
    expect(toolLines(withRules({ flows: [flow('a')] }, final), withRules({}, final))).toEqual(['flows.a: dropped']);
  });
});

describe('a tool is wider', () => {
  test('where it was above what a session may spend in, or is of another class', () => {
    const spending = (rules: Partial<Rules>, spendClass?: string) => withRules(rules, { spendClass });
    const above = { aboveClass: 'low' };
    expect(toolLines(spending(above), spending({}))).toEqual(['spend.class: it was above what a session may spend in']);
    expect(toolLines(spending(above), spending(above))).toEqual([]);
    expect(toolLines(spending({}), spending(above))).toEqual([]);
    expect(toolLines(spending({}, 'high'), spending({}, 'low'))).toEqual(['spend.class: low, was high']);
    expect(toolLines(spending({}, 'high'), spending({}))).toEqual(['spend.class: nothing, was high']);
    expect(toolLines(spending({}, 'high'), spending({}, 'high'))).toEqual([]);
    expect(toolLines(spending({}), spending({}, 'high'))).toEqual([]);
  });

  test('where its result promises something else', () => {
    const output = (schema: object) => withRules({ output: { schema: schema as never, from: 'structured' } });
    expect(toolLines(output({ type: 'object' }), output({ type: 'string' }))).toEqual([
      'output: {"from":"structured","schema":{"type":"string"}}, was {"from":"structured","schema":{"type":"object"}}',
    ]);
    expect(toolLines(output({ type: 'object' }), output({ type: 'object' }))).toEqual([]);
  });
});

describe('a server is wider', () => {
  test('where it was not used', () => {
    const desk = `${HEAD}servers: { crm: { command: [node, crm.js] }, desk: { command: [node, desk.js] } }\ntools: { crm.act: {}, desk.act: {} }\n`;
    expect(between(`${HEAD}${SERVERS}tools: { crm.act: {} }\n`, desk)).toEqual([
      'servers.desk: it was not used',
      'tools.desk.act: it was not there',
    ]);
  });

  test('where it asks for more of a completion, or for roots', () => {
    const asks = (words: string) => saidOfServer(`{ command: [node, crm.js], asks: { ${words} } }`);
    const none = saidOfServer('{ command: [node, crm.js] }');
    const sampling = (max: number, tokens: number) => asks(`sampling: { max: ${max}, max_tokens: ${tokens} }`);
    expect(between(none, sampling(1, 2))).toEqual(['servers.crm.asks.sampling: {"max":1,"maxTokens":2}, was nothing']);
    expect(between(asks('roots: true'), sampling(1, 2))).toEqual([
      'servers.crm.asks.sampling: {"max":1,"maxTokens":2}, was nothing',
    ]);
    expect(between(sampling(1, 2), sampling(1, 3))).toHaveLength(1);
    expect(between(sampling(1, 2), sampling(2, 2))).toHaveLength(1);
    expect(between(sampling(1, 2), sampling(1, 2))).toEqual([]);
    expect(between(sampling(1, 2), none)).toEqual([]);
    expect(between(asks('roots: true'), asks('roots: true'))).toEqual([]);
    expect(between(asks('roots: false'), asks('roots: true'))).toEqual(['servers.crm.asks.roots: true, was false']);
    expect(between(sampling(1, 2), asks('sampling: { max: 1, max_tokens: 2 }, roots: true'))).toHaveLength(1);
    expect(between(none, asks('roots: true'))).toHaveLength(1);
  });
});

test('as many sessions as before are no more', () => {
  const sessions = (most: number) => `${saidOfTool('{}')}budgets: { principal: { sessions: ${most} } }\n`;
  expect(between(sessions(2), sessions(2))).toEqual([]);
});

test('a page that changed is told, and so is one that is new', () => {
  const locked = (pages: readonly (readonly [string, string])[]): Profile => ({
    ...profileOf(saidOfTool('{}')),
    lock: {
      file: 'p.lock.json',
      text: '',
      digest: '',
      servers: new Map([
        ['crm', { instructions: undefined, definitions: [], templates: [], pages: new Map(pages), reached: 'x' }],
      ]),
    },
  });
  const next = locked([
    ['ui://a', 'sha256:b'],
    ['ui://b', 'sha256:b'],
  ]);
  expect(linesOf(locked([['ui://a', 'sha256:a']]), next)).toEqual(['lock.crm.ui://a: changed', 'lock.crm.ui://b: new']);
});

test('what is long is told by its beginning', () => {
  const [most, more] = ['a'.repeat(120), 'a'.repeat(121)];
  expect(changed('k', more, most).map(wideningText)).toEqual([`k: ${most}..., was ${most}`]);
  expect(changed('k', undefined, { a: 1 }).map(wideningText)).toEqual(['k: nothing, was {"a":1}']);
});

test('what a person is shown may be added; taken out, or read in another way, it is wider', () => {
  const READER = 'crm.get: { effect: read, labels: [], sends_to: none }';
  const shown = (id: string) => `, shows: { tool: crm.get, arguments: { id: ${id} } }`;
  const saying = (shows: string) => `${HEAD}${SERVERS}tools: { ${READER}, crm.act: { approval: {}${shows} } }\n`;
  expect(between(saying(''), saying(shown('a')))).toEqual([]);
  expect(between(saying(shown('a')), saying(shown('a')))).toEqual([]);
  expect(between(saying(shown('a')), saying(''))).toEqual(['tools.crm.act.shows: dropped']);
  expect(between(saying(shown('a')), saying(shown('b')))).toEqual([
    'tools.crm.act.shows: {"arguments":{"id":"b"},"tool":"crm.get"}, was {"arguments":{"id":"a"},"tool":"crm.get"}',
  ]);
});
