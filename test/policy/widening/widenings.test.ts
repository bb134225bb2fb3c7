import { describe, expect, it } from 'vitest';
import type { Flow, Profile } from '../../../src/domain/policy.ts';
import { compileRules } from '../../../src/policy/judge/judge.ts';
import { NO_RULES, type Rules } from '../../../src/policy/judge/rules.ts';
import { wideningText } from '../../../src/policy/widening/widening.ts';
import { widenings } from '../../../src/policy/widening/widenings.ts';
import { profileOf, saidOfTool } from '../policy-text.ts';

const linesOf = (old: Profile, next: Profile) => widenings(old, next).map(wideningText);
const between = (old: string, next: string) => linesOf(profileOf(old), profileOf(next));
const ofTool = (old: string, next: string) =>
  between(saidOfTool(old), saidOfTool(next)).map((line) => line.replace('tools.crm.act.', ''));
const ofArgument = (old: string, next: string) =>
  ofTool(`{ arguments: { a: ${old} } }`, `{ arguments: { a: ${next} } }`).map((line) =>
    line.replace('arguments.a.', ''),
  );
const ofCases = (old: string, next: string) =>
  ofTool(`{ cases: [${old}] }`, `{ cases: [${next}] }`).map((line) => line.replace('cases.', ''));

describe('a rule on an argument is wider', () => {
  it.each([
    ['{ maximum: 5 }', '{ maximum: 9 }', 'maximum: 9, was 5'],
    ['{ maximum: 5, minimum: 0 }', '{ maximum: 5 }', 'minimum: nothing, was 0'],
    ['{ enum: [a, b] }', '{ enum: [a, c] }', 'enum: ["a","c"], was ["a","b"]'],
    ['{ pattern: "a+" }', '{ pattern: "a*" }', 'pattern: a*, was a+'],
    ['{ required: [a, b] }', '{ required: [a] }', 'required: ["a"], was ["a","b"]'],
    ['{ type: integer }', '{ type: number }', 'type: number, was integer'],
    [
      '{ properties: { to: { maxLength: 3 } } }',
      '{ properties: { to: { maxLength: 4 } } }',
      'properties.to.maxLength: 4, was 3',
    ],
    ['{ not: { const: 1 } }', '{ not: { const: 2 } }', 'not: {"const":2}, was {"const":1}'],
  ])('%s -> %s', (old, next, line) => {
    expect(ofArgument(old, next)).toEqual([line]);
  });

  it.each([
    ['a keyword that brings in another type', '{ maximum: 5 }', '{ maximum: 5, maxLength: 3 }'],
    ['a type that the keywords do not speak of', '{ maximum: 5 }', '{ maximum: 5, type: [number, string] }'],
    ['listed values of another type', '{ maximum: 5 }', '{ maximum: 5, enum: ["900"] }'],
    [
      'a member that other members are no longer judged with',
      '{ additionalProperties: false }',
      '{ additionalProperties: false, properties: { bcc: { maxLength: 9 } } }',
    ],
    [
      'a first item that the rule for all is not for',
      '{ items: { maximum: 5 } }',
      '{ items: { maximum: 5 }, prefixItems: [{ maxLength: 9 }] }',
    ],
  ])('by %s', (_, old, next) => {
    expect(ofArgument(old, next)).not.toEqual([]);
  });

  it.each([
    ['{ maximum: 5 }', '{ maximum: 4, minimum: 1 }'],
    ['{ enum: [a, b] }', '{ enum: [b] }'],
    ['{ type: number }', '{ type: integer, maximum: 3 }'],
    ['{ required: [a] }', '{ required: [b, a] }'],
    ['{ items: { maximum: 5 } }', '{ items: false }'],
    ['{ anyOf: [{ const: a }, { const: b }] }', '{ anyOf: [{ const: b }] }'],
    ['{ allOf: [{ maximum: 5 }] }', '{ allOf: [{ minimum: 1 }, { maximum: 4 }] }'],
    ['{ prefixItems: [{ maximum: 5 }] }', '{ prefixItems: [{ maximum: 5 }, { const: a }] }'],
  ])('but not from %s to %s', (old, next) => {
    expect(ofArgument(old, next)).toEqual([]);
  });

  it('where it is gone', () => {
    expect(ofTool('{ arguments: { a: { maximum: 5 } } }', '{}')).toEqual(['arguments.a: its rule was dropped']);
  });
});

describe('a tool is wider', () => {
  it.each([
    ['{}', '{ effect: write }', 'effect: write, was irreversible'],
    ['{ timeout: 5s }', '{ timeout: 6s }', 'timeout: 6000 ms, was 5000 ms'],
    ['{ approval: { reason: Look. } }', '{}', 'approval: dropped'],
    ['{ charges: { mails: 2 } }', '{ charges: { mails: 1 } }', 'charges.mails: 1, was 2'],
    ['{ spend: { amount: 0.02 } }', '{}', 'charges.spend: nothing, was 20000'],
  ])('%s -> %s', (old, next, line) => {
    expect(ofTool(old, next)).toEqual([line]);
    expect(ofTool(next, old)).toEqual([]);
  });

  it('by other scopes, whichever: more may do more at the server, fewer ask less of the caller', () => {
    expect(ofTool('{ scopes: [a, b] }', '{ scopes: [b] }')).toEqual(['scopes: ["b"], was ["a","b"]']);
    expect(ofTool('{ scopes: [b] }', '{ scopes: [a, b] }')).toEqual(['scopes: ["a","b"], was ["b"]']);
    expect(ofTool('{ scopes: [b, a] }', '{ scopes: [a, b] }')).toEqual([]);
  });

  const SMALL = '{ id: small, when: { n: { maximum: 5 } }, then: allow }';
  const LARGE = '{ id: large, when: { n: { minimum: 9 } }, then: hold }';
  it.each([
    ['a case that allows', LARGE, `${LARGE}, ${SMALL}`, 'small: new: calls that were denied may be allowed'],
    [
      'a case that holds what was denied',
      SMALL,
      `${SMALL}, ${LARGE}`,
      'large: new: calls that were denied may be held',
    ],
    ['the end of one that holds', `${SMALL}, ${LARGE}`, SMALL, 'large: dropped'],
    ['one that matches other calls', SMALL, SMALL.replace('5', '6'), 'small: it is for other calls than it was'],
    ['a milder verdict', LARGE, LARGE.replace('hold', 'allow'), 'large.then: allow, was hold'],
  ])('by %s', (_, old, next, line) => {
    expect(ofCases(old, next)).toEqual([line]);
  });

  it('not by a case that denies, nor by the end of one that allows, nor by other words', () => {
    expect(ofCases(SMALL, `${SMALL}, ${LARGE.replace('hold', 'deny')}`)).toEqual([]);
    expect(ofCases(SMALL, SMALL.replace('allow', 'deny'))).toEqual([]);
    expect(ofCases(`${SMALL}, ${LARGE}`, LARGE)).toEqual([]);
    expect(ofCases(SMALL, SMALL.replace('then', 'reason: Small., then'))).toEqual([]);
    expect(ofTool('{}', `{ cases: [${SMALL}] }`)).toEqual([]);
  });

  it('where cases replace the approval of every call, or are gone', () => {
    expect(ofTool('{ approval: {} }', `{ cases: [${SMALL}] }`)).toEqual([
      'cases: not every call needs an approval any more',
    ]);
    expect(ofTool(`{ cases: [${SMALL}] }`, '{}')).toEqual(['cases: dropped']);
  });
});

const contract = profileOf(saidOfTool('{}')).tools.get('crm.act')?.contract;
function withRules(rules: Partial<Rules>, changes: Partial<NonNullable<typeof contract>> = {}): Profile {
  if (contract === undefined) throw new Error('crm.act was not loaded');
  const profile = profileOf(saidOfTool('{}'));
  return {
    ...profile,
    flows: rules.flows ?? [],
    tools: new Map([['crm.act', compileRules({ ...contract, ...changes }, { ...NO_RULES, ...rules })]]),
  };
}
const toolLines = (old: Profile, next: Profile) => linesOf(old, next).map((line) => line.replace('tools.crm.act.', ''));

describe('what a session has touched and done', () => {
  it('is wider where labels fall, data is said to stay nearer, or a hidden tool is shown', () => {
    const old = withRules({}, { visible: false });
    expect(toolLines(old, withRules({}, { labels: ['private'], sendsTo: 'internal' }))).toEqual([
      'labels: ["private"], was ["private","untrusted"]',
      'sends_to: internal, was external',
      'visible: true, was false',
    ]);
  });

  it('is wider where a reason or an output promise falls, or rules only observe', () => {
    const output = { schema: { type: 'object' }, from: 'structured' } as const;
    const old = withRules({ asksReason: true, output });
    expect(toolLines(old, withRules({ observes: true }))).toEqual([
      'output: dropped',
      'require_reason: dropped',
      'mode: observe, was enforce',
    ]);
    expect(toolLines(withRules({ observes: true }), withRules({ asksReason: true, output }))).toEqual([]);
  });

  it('is wider where the approval falls of what cannot be undone, which a profile that observes enforces all the same', () => {
    const asking = (effect: 'write' | 'irreversible', rest: Partial<Rules> = {}) =>
      withRules({ observes: true, approval: {}, ...rest }, { effect });
    const none = { approval: undefined };
    expect(toolLines(asking('write'), asking('write', none))).toEqual([]);
    expect(toolLines(asking('irreversible'), asking('irreversible', none))).toEqual(['approval: dropped']);
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; never awaited
    const cases = [{ id: 'all', when: {}, then: 'allow' as const }];
    expect(toolLines(asking('irreversible'), asking('irreversible', { ...none, cases }))).toEqual([
      'cases: not every call needs an approval any more',
    ]);
  });

  const flow: Flow = {
    id: 'leak',
    labels: ['private', 'untrusted'],
    sendsTo: 'internal',
    verdict: 'deny',
    reason: undefined,
    observes: false,
  };
  it.each([
    ['is gone', [], 'flows.leak: dropped'],
    ['only observes', [{ ...flow, observes: true }], 'flows.leak.mode: observe, was enforce'],
    [
      'wants more labels',
      [{ ...flow, labels: ['private', 'untrusted', 'vip'] }],
      'flows.leak.labels: ["private","untrusted","vip"], was ["private","untrusted"]',
    ],
    ['is for what goes farther', [{ ...flow, sendsTo: 'external' as const }], undefined],
    ['holds', [{ ...flow, verdict: 'hold' as const }], 'flows.leak.then: hold, was deny'],
  ])('is wider where a flow %s: told once', (_, flows, line) => {
    expect(toolLines(withRules({ flows: [flow] }), withRules({ flows }))).toEqual(
      line === undefined ? ['flows.leak.sends_to: external, was internal'] : [line],
    );
    expect(toolLines(withRules({ flows }), withRules({ flows: [{ ...flow, labels: ['private'] }] }))).toEqual([]);
  });

  const past = (kind: string, written: object, observes = false) =>
    withRules({
      history: [
        {
          rule: `crm.act.${kind}.0`,
          target: 'crm.get',
          fields: [],
          written: written as never,
          observes,
          words: '',
          demandOf: () => ({ ok: false, error: '' }),
        },
      ],
    });
  it.each([
    ['limits', { max: 5, within: '1h' }, { max: 6, within: '1h' }],
    ['limits', { max: 5, within: '1h' }, { max: 5, within: '30m' }],
    ['after', { tool: 'crm.get', within: '1h' }, { tool: 'crm.get' }],
    ['not_after', { tool: 'crm.get', within: '2h' }, { tool: 'crm.get', within: '1h' }],
    ['not_after', { tool: 'crm.get' }, { tool: 'crm.put' }],
  ])('is wider where %s changes from %j to %j', (kind, old, next) => {
    expect(toolLines(past(kind, old), past(kind, next))).toEqual([
      `${kind}: dropped or loosened: ${JSON.stringify(old)}`,
    ]);
    if (!('tool' in old) || old.tool === (next as typeof old).tool)
      expect(toolLines(past(kind, next), past(kind, old))).toEqual([]);
    expect(toolLines(past(kind, old), past(kind, old, true))).toHaveLength(1);
    expect(toolLines(past(kind, old, true), withRules({}))).toEqual([]);
  });
});

describe('of what cannot be undone, what only observes is enforced, so it is wider', () => {
  const trial = (said: string): string => saidOfTool(said).replace('profile:', 'mode: observe\nprofile:');
  const lines = (old: string, next: string) => between(trial(old), trial(next));
  const burn = '{ id: burn, when: { a: { const: burn } }, effect: irreversible, then: hold }';

  it('where a denial makes an effect mild that was the worst', () => {
    const cases = (more: string): string => `{ effect: write, cases: [${burn}${more}] }`;
    expect(lines(cases(''), cases(', { id: never, when: {}, then: deny }'))).not.toEqual([]);
    expect(
      lines(cases(''), cases('').replace('effect: irreversible, then: hold', 'effect: read, then: deny')),
    ).not.toEqual([]);
  });

  it('where an approval is dropped', () => {
    expect(lines('{ approval: {} }', '{}')).toEqual(['tools.crm.act.approval: dropped']);
    expect(lines('{ effect: write, approval: {} }', '{ effect: write }')).toEqual([]);
  });
});
