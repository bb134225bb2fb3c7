import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { type LoadedPolicy, loadUntested } from '../../../src/policy/file/load.ts';
import { verdictOf } from '../../../src/policy/judge/verdict.ts';
import { suggest } from '../../../src/policy/suggest/suggest.ts';
import { HEAD } from '../policy-text.ts';
import { callOf } from '../replay/calls.ts';
import { lockOf } from '../typed/locked.ts';

const pay = {
  type: 'object',
  properties: { to: { type: 'string' }, amount: { type: 'number' }, urgent: { type: 'boolean' } },
  required: ['to', 'amount'],
  additionalProperties: false,
};
const LOCK = lockOf({
  bank: [
    { name: 'pay', inputSchema: pay },
    { name: 'burn', inputSchema: pay },
    { name: 'open', inputSchema: { type: 'object' } },
  ],
});

const policyOf = (tools: string, more = ''): string => `${HEAD}servers: { bank: { command: [bank] } }
tools:
${tools}
${more}`;

const BLOCK = `  bank.pay: # what we pay
    effect: write
    labels: []
    approval: { reason: Money. } # always ask

  # nothing else`;
const FLOW = '  bank.pay: { effect: write, labels: [], approval: { reason: Money. } } # ask';
const CASES = `  bank.pay:
    effect: write
    labels: []
    cases:
      - { id: small, when: { amount: { maximum: 10 } }, then: allow }
      - id: large
        when: { amount: { exclusiveMinimum: 10 } }
        then: hold
        reason: Much money.
      - { id: never, when: { to: { enum: [mallory] } }, then: deny }`;

const RULE = 'bank.pay.approval';
const GIVEN: readonly JsonObject[] = [12, 40, 12, 33, 20, 12].map((amount, at) => ({
  to: at % 2 === 0 ? 'ada' : 'bob',
  amount,
  urgent: false,
}));

const dirOf = (session: string): string => `/home/sessions/${session}`;

function suggested(text: string, rule = RULE, given = GIVEN, target = 'bank.pay') {
  const source = { file: '/etc/policies/p.yaml', text, lock: LOCK };
  const approved = given.map((one, at) => callOf(at + 1, target, one, { verdict: 'hold' }));
  const calls = [callOf(0, 'bank.burn', {}), ...approved];
  const made = suggest({ source, rule, approved, calls, dirOf });
  const said = (one: JsonObject) => {
    if (!made.ok) throw new Error(made.error);
    const loaded = loadUntested({ ...source, text: made.value.text });
    if (!loaded.ok) throw new Error(loaded.error.map(problemText).join('\n'));
    return verdictIn(loaded.value, one);
  };
  return { made, said };
}

const verdictIn = ({ profile }: LoadedPolicy, given: JsonObject) => {
  const { verdict } = verdictOf(profile, 'bank.pay', given, { labels: [], dir: '/s', past: () => [], at: 0 });
  return verdict;
};

describe.each([
  ['a block of keys', BLOCK, RULE],
  ['a line in braces', FLOW, RULE],
  ['cases of its own', CASES, 'bank.pay.cases.large'],
])('a tool written as %s', (_, tools, rule) => {
  test('lets through what was approved, and holds every call that differs in one argument', () => {
    const { made, said } = suggested(policyOf(tools), rule);
    expect(made).toMatchObject({ ok: true, value: { calls: 6, anyText: [] } });
    for (const one of GIVEN) expect(said(one)).toBe('allow');
    const [first = {}] = GIVEN;
    expect(said({ ...first, to: 'eve' })).toBe('hold');
    expect(said({ ...first, amount: 51 })).toBe('hold');
    expect(said({ ...first, urgent: true })).toBe('hold');
    expect(said({ to: 'ada', amount: 12 })).toBe('hold');
  });

  test('is changed in no other line, comments and all, by a diff that says so', () => {
    const text = policyOf(tools);
    const { made } = suggested(text, rule);
    const diff = made.ok ? made.value.diff : made.error;
    expect(diff).toMatch(/^--- a\/p\.yaml\n\+\+\+ b\/p\.yaml\n@@ /);
    expect(diff).toMatch(/^\+ .*id: as-approved.*then: allow/m);
    const removed = diff.split('\n').filter((line) => /^-(?!--)/.test(line));
    const own =
      tools === BLOCK
        ? []
        : tools === FLOW
          ? [`-${FLOW}`]
          : CASES.split('\n')
              .slice(5, 9)
              .map((line) => `-${line}`);
    expect(removed).toEqual(own);
    for (const comment of text.match(/#.*/g) ?? []) expect(made.ok && made.value.text).toContain(comment);
  });
});

test('the cases that were there decide as before', () => {
  const { said } = suggested(policyOf(CASES), 'bank.pay.cases.large');
  expect(said({ to: 'eve', amount: 3, urgent: true })).toBe('allow');
  expect(said({ to: 'mallory', amount: 12, urgent: false })).toBe('deny');
});

describe('no suggestion is made', () => {
  const why = (text: string, rule = RULE, given = GIVEN, target = 'bank.pay') => {
    const { made } = suggested(text, rule, given, target);
    return made.ok ? made.value.diff : made.error;
  };

  test.each([
    ['of what cannot be undone', policyOf(BLOCK.replace('effect: write', 'effect: irreversible')), 'cannot be undone'],
    [
      'where a test of the policy says otherwise',
      policyOf(
        BLOCK,
        'tests: [{ name: held, call: bank.pay, arguments: { to: ada, amount: 12, urgent: false }, expect: hold }]\n',
      ),
      'p.yaml:',
    ],
    ['for a pattern of tools', policyOf('  bank.{pay,burn}: { effect: write, labels: [], approval: {} }'), 'pattern'],
    [
      'where another rule would still ask',
      policyOf(
        `${BLOCK}\n  bank.burn: { effect: write, labels: [odd] }`,
        'flows: [{ id: odd, when: { labels: [odd], sends_to: external }, then: hold }]\n',
      ),
      'flows.odd',
    ],
  ])('%s', (_, text, words) => {
    const said = why(text);
    expect(said).toContain(words);
    expect(said).not.toContain('+++');
  });

  test('where an argument is known that was never given: no case can say that it is not', () => {
    const given = GIVEN.map(({ urgent: _, ...one }) => one);
    expect(why(policyOf(BLOCK), RULE, given)).toBe(
      'the tool also takes urgent, and no case can say that it is not given',
    );
    expect(why(policyOf(BLOCK), RULE, [...GIVEN, ...given])).toContain('different arguments');
    const open = BLOCK.replace('bank.pay:', 'bank.open:');
    expect(why(policyOf(open), 'bank.open.approval', GIVEN, 'bank.open')).toContain('nobody has named');
  });

  test('of calls that are not on record', () => {
    const source = { file: '/etc/policies/p.yaml', text: policyOf(BLOCK), lock: LOCK };
    const approved = GIVEN.map((one, at) => callOf(at, 'bank.pay', one, { verdict: 'hold' }));
    const made = suggest({ source, rule: RULE, approved, calls: approved.slice(1), dirOf });
    expect(made).toEqual({ ok: false, error: 'not all of these calls are on record' });
  });

  test('for a rule that is no tool’s own, or that is gone', () => {
    expect(why(policyOf(BLOCK), 'flows.odd')).toContain('own approval or case');
    expect(why(policyOf(CASES), 'bank.pay.cases.gone')).toContain('any more');
  });
});
