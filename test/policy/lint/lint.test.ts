import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import type { Lock } from '../../../src/domain/lock.ts';
import { loadUntested } from '../../../src/policy/file/load.ts';
import { lint } from '../../../src/policy/lint/lint.ts';
import { HEAD, ref } from '../policy-text.ts';
import { lockOf } from '../typed/locked.ts';

const CRM = 'servers: { crm: { command: [crm], defaults: { sends_to: internal } } }\n';
const CAPS = 'budgets: { session: { calls: 9, runtime: 1m } }\n';
const TEST = 'tests: [{ name: none, call: crm.none, expect: deny, rule: tools }]\n';
const TOOLS = ['act', 'get', 'none'].map((name) => ({
  name,
  inputSchema: {
    type: 'object',
    properties: { what: { type: 'string', description: 'A SQL statement' } },
    additionalProperties: true,
  },
}));
const LOCK = lockOf({ crm: TOOLS });

function warnings(text: string, lock: Lock | undefined = LOCK): readonly string[] {
  const loaded = loadUntested({ file: 'p.yaml', text, lock });
  if (!loaded.ok) throw new Error(loaded.error.map(problemText).join('\n'));
  return lint(loaded.value).map((problem) => problemText(problem).replace(/^p\.yaml:/, ''));
}

/** Of `crm.act`, with what this says of it; that not all tools are listed is left out. */
const saidOf = (rules: string, more = ''): readonly string[] =>
  warnings(`${HEAD}${CRM}tools: { crm.act: ${rules} }\n${CAPS}${TEST}${more}`).filter(
    (one) => !one.includes('are listed; the others'),
  );

test('a careful policy is doubted in nothing', () => {
  expect(saidOf('{ effect: write, limits: [{ count: calls, within: 1h, max: 3 }] }')).toEqual([]);
  expect(saidOf('{ effect: irreversible, approval: { reason: x } }')).toEqual([]);
  expect(saidOf('{ effect: read, arguments: { a: { pattern: "[a-z]+" } } }')).toEqual([]);
});

describe('what is told of the whole:', () => {
  test('no lock, no tests, no limits, nothing enforced', () => {
    const text = `${HEAD}mode: observe\nservers: { crm: { command: [crm] } }\ntools: { crm.get: { effect: read } }\n`;
    const loaded = loadUntested({ file: 'p.yaml', text });
    expect(loaded.ok && lint(loaded.value).map(problemText)).toEqual([
      'p.yaml:2:1: there is no lock file: what the servers say is believed anew at every start; tollgate policy pin writes p.lock.json',
      'p.yaml:2:1: there are no tests: write some calls that must be denied',
      'p.yaml:2:1: a session is unlimited in calls and runtime: budgets.session',
      'p.yaml:4:1: nothing is refused: "mode: observe" only writes down what would be',
      'p.yaml:6:1: crm.get may send private data away (sends_to: external), and no flow speaks of it; unsaid is external',
    ]);
  });

  test('how many tools are listed', () => {
    expect(warnings(`${HEAD}${CRM}tools: { "crm.{act,get}": { effect: read } }\n${CAPS}${TEST}`)).toEqual([
      '4:12: 2 of 3 tools of crm are listed; the others do not exist for agents',
    ]);
  });

  test('production, which every session waits for, or waits for in vain', () => {
    const reached = CRM.replace('[crm],', '[crm], environment: production,');
    const read = 'tools: { crm.get: { effect: read }, crm.act: { effect: read }, crm.none: { effect: read } }\n';
    const said = (caps: string) =>
      warnings(`${HEAD}${reached}${read}${caps}`).filter((one) => one.includes('production'));
    expect(said(CAPS)).toEqual(['4:12: crm is production: each session waits for a person before it reaches it']);
    expect(said(CAPS.replace('calls: 9', 'calls: 9, approvals: 0'))).toEqual([
      '4:12: crm is production, and budgets.session.approvals is 0: nobody can be asked, and no session ever reaches it',
    ]);
  });

  test('money without a cap', () => {
    expect(saidOf('{ effect: read, spend: { amount: 1 } }')).toEqual([
      '6:1: a session is unlimited in spend: budgets.session',
    ]);
  });

  test('a way out for what is private, unless a flow is over it', () => {
    const out = '{ effect: write, sends_to: external, charges: { x: 1 } }';
    const flow = 'flows: [{ id: f, when: { labels: [private], sends_to: external }, then: hold }]\n';
    expect(saidOf(out)).toEqual([expect.stringMatching(/^5:1: crm\.act may send private data away/)]);
    expect(saidOf(out, flow)).toEqual([]);
    expect(saidOf(out, flow.replace('hold }', 'hold, mode: observe }'))).toHaveLength(1);
  });
});

describe('what is told of a tool:', () => {
  test.each([
    ['unsaid', '{}', ['irreversible (the effect is unsaid), and nothing limits it: say limits, charges or approval']],
    ['no limit', '{ effect: write }', ['write, and nothing limits it: say limits, charges or approval']],
    [
      'a limit on trial',
      '{ effect: write, limits: [{ count: calls, within: 1h, max: 3, mode: observe }] }',
      ['write, and nothing limits it: say limits, charges or approval'],
    ],
    ['not for agents', '{ effect: write, visible: false }', []],
    [
      'no approval',
      '{ effect: irreversible, charges: { x: 1 } }',
      ['irreversible without approval: nobody proves to have agreed'],
    ],
    [
      'a way past approval',
      '{ effect: irreversible, cases: [{ id: a, when: { n: { maximum: 1 } }, then: allow }, { id: b, when: { n: { minimum: 1 } }, then: hold }] }',
      ['irreversible, and some calls of it need no approval: nobody proves to have agreed'],
    ],
    [
      'a way past approval for what can be undone',
      '{ effect: irreversible, cases: [{ id: a, when: { n: { maximum: 1 } }, then: allow, effect: write }, { id: b, when: { n: { minimum: 1 } }, then: hold }] }',
      [],
    ],
  ])('%s', (_name, rules, expected) => {
    expect(saidOf(rules)).toEqual(expected.map((one) => `5:10: ${one}`));
  });

  test.each([
    ['arguments: { sql: { pattern: "SELECT .*" } }', 'sql'],
    ['arguments: { shellCommand: { anyOf: [{ pattern: "ls.*" }] } }', 'shell'],
    ['arguments: { what: { pattern: "SELECT .*" } }', 'SQL'],
  ])('a pattern over a language: %s', (rules, word) => {
    expect(saidOf(`{ effect: read, ${rules} }`)).toEqual([
      expect.stringMatching(new RegExp(`a pattern is no parser: \`\\w+\` \\(${word}\\)`)),
    ]);
  });

  test.each(['arguments: { sql: { enum: [a] } }', 'arguments: { encoded: { pattern: "a+" } }'])(
    'no doubt about %s',
    (rules) => expect(saidOf(`{ effect: read, ${rules} }`)).toEqual([]),
  );

  test.each([
    ['{ n: { maximum: 5 } }', '{ n: { maximum: 9 } }', true],
    ['{ n: { maximum: 9 } }', '{ n: { maximum: 5 } }', false],
    ['{ n: { exclusiveMaximum: 5 } }', '{ n: { maximum: 5 } }', true],
    ['{ n: { maximum: 5 } }', '{ n: { exclusiveMaximum: 5 } }', false],
    ['{ n: { minimum: 5, maximum: 6 } }', '{ n: { exclusiveMinimum: 4 } }', true],
    ['{ n: { enum: [1, 2] } }', '{ n: { maximum: 2 } }', true],
    ['{ n: { enum: [1, 3] } }', '{ n: { maximum: 2 } }', false],
    ['{ n: { minLength: 5 } }', '{ n: { minLength: 4 } }', true],
    ['{ n: { maximum: 5 }, m: { const: 1 } }', '{ n: { maximum: 5 } }', true],
    ['{ n: { maximum: 5 } }', '{ n: { maximum: 5 }, m: { const: 1 } }', false],
    ['{ n: { maximum: 5 } }', '{}', true],
    ['{ n: { pattern: "a" } }', '{ n: { pattern: "a|b" } }', false],
  ])('a case for %s under one that denies %s: never reached is %s', (narrow, wide, covered) => {
    const told = saidOf(
      `{ effect: read, cases: [{ id: narrow, when: ${narrow}, then: allow }, { id: wide, when: ${wide}, then: deny }] }`,
    );
    expect(told).toEqual(
      covered ? [expect.stringContaining('never reached: the case wide denies every call that this one is for')] : [],
    );
  });
});

test('a draft that a person is asked about without being shown it is told', () => {
  const inputSchema = { type: 'object', properties: { draft_id: { type: 'string' } } };
  const lock = lockOf({ crm: ['act', 'get', 'none'].map((name) => ({ name, inputSchema })) });
  const saying = (shows: string): readonly string[] =>
    warnings(
      `${HEAD}${CRM}tools: { crm.get: { effect: read, sends_to: none }, crm.act: { approval: { reason: x }${shows} } }\n${CAPS}${TEST}`,
      lock,
    ).filter((one) => !one.includes('are listed; the others'));
  expect(saying('')).toEqual([
    '5:53: a person is asked about `draft_id`, which only points: say what reads it (shows)',
  ]);
  expect(saying(`, shows: { tool: crm.get, arguments: { draft_id: "${ref('arguments.draft_id')}" } }`)).toEqual([]);
});
