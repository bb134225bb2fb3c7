import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EFFECTS } from '../../../src/domain/contract.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { REACHES } from '../../../src/domain/label.ts';
import type { Flow, Profile, TargetPolicy } from '../../../src/domain/policy.ts';
import { compileRules } from '../../../src/policy/judge/judge.ts';
import { type Case, NO_RULES, type Rules } from '../../../src/policy/judge/rules.ts';
import { wideningText } from '../../../src/policy/widening/widening.ts';
import { widenings } from '../../../src/policy/widening/widenings.ts';
import { profileOf, saidOfTool } from '../policy-text.ts';

const BASE = profileOf(saidOfTool('{}'));
const contract = BASE.tools.get('crm.act')?.contract;

const names = fc.constantFrom('a', 'b');
const bound = fc.integer({ min: 0, max: 3 });
const plain: fc.Arbitrary<JsonObject> = fc.oneof(
  bound.map((minimum) => ({ minimum })),
  bound.map((maximum) => ({ maximum })),
  bound.map((maxLength) => ({ maxLength })),
  fc.subarray([0, 1, 'x', 'yy', null], { minLength: 1 }).map((list) => ({ enum: list })),
  fc.subarray(['number', 'integer', 'string'], { minLength: 1 }).map((type) => ({ type })),
);
const rule: fc.Arbitrary<JsonObject> = fc.oneof(
  plain,
  fc.tuple(plain, plain).map(([one, other]) => ({ ...one, ...other })),
  fc.array(plain, { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
  plain.map((not) => ({ not })),
  fc.record(
    { items: fc.oneof(plain, fc.constant(false)), prefixItems: fc.array(plain, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      properties: fc.dictionary(names, plain, { maxKeys: 2, noNullPrototype: true }),
      additionalProperties: fc.oneof(plain, fc.constant(false)),
      required: fc.subarray(['a', 'b'], { minLength: 1 }),
    },
    { requiredKeys: [] },
  ),
);
const ruleSet = fc.dictionary(names, rule, { maxKeys: 2, noNullPrototype: true });
const caseOf = (id: string): fc.Arbitrary<Case> =>
  fc.record({
    id: fc.constant(id),
    when: fc.dictionary(names, plain, { maxKeys: 1, noNullPrototype: true }),
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; never awaited
    then: fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const),
    effect: fc.option(fc.constantFrom(...EFFECTS), { nil: undefined, freq: 4 }),
    observes: fc.option(fc.constant(true), { nil: undefined, freq: 4 }),
  });
const cases = fc
  .tuple(caseOf('one'), caseOf('two'), caseOf('three'))
  .chain((all) => fc.subarray(all, { minLength: 1 }));
const flow = (id: string): fc.Arbitrary<Flow> =>
  fc.record({
    id: fc.constant(id),
    labels: fc.subarray(['private', 'untrusted']),
    sendsTo: fc.constantFrom(...REACHES),
    verdict: fc.constantFrom('hold' as const, 'deny' as const),
    reason: fc.constant(undefined),
    observes: fc.boolean(),
  });
const rules: fc.Arbitrary<Rules> = fc.record({
  arguments: ruleSet,
  cases: fc.option(cases, { nil: undefined }),
  approval: fc.option(fc.constant({}), { nil: undefined }),
  history: fc.constant([]),
  flows: fc.tuple(flow('x'), flow('y')).chain((all) => fc.subarray(all)),
  output: fc.constant(undefined),
  shows: fc.constant(undefined),
  asksReason: fc.boolean(),
  aboveClass: fc.constantFrom(undefined, 'low'),
  // Of a server, and compared there.
  production: fc.constant(false),
  observes: fc.boolean(),
});
const effect = fc.constantFrom(...EFFECTS);

function profileWith(given: Rules, says: (typeof EFFECTS)[number]): Profile {
  if (contract === undefined) throw new Error('crm.act was not loaded');
  return { ...BASE, tools: new Map([['crm.act', compileRules({ ...contract, effect: says }, given)]]) };
}
const profile = fc.tuple(rules, effect).map(([given, says]) => profileWith(given, says));
/** Two profiles that differ in little: only so is one often narrower than the other. */
const pair = fc
  .tuple(rules, rules, effect, effect, fc.subarray(Object.keys(NO_RULES) as (keyof Rules)[], { maxLength: 2 }))
  .map(
    ([one, other, old, next, keys]) =>
      [
        profileWith(one, old),
        profileWith({ ...one, ...Object.fromEntries(keys.map((key) => [key, other[key]])) }, next),
      ] as const,
  );

const value = fc.oneof(
  bound,
  fc.constantFrom('x', 'yy', 'long text', null, 2.5),
  fc.array(bound, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), bound, { maxKeys: 2, noNullPrototype: true }),
);
const call: fc.Arbitrary<JsonObject> = fc.dictionary(names, value, { maxKeys: 2, noNullPrototype: true });
const labels = fc.subarray(['private', 'untrusted']);

const toolOf = ({ tools }: Profile): TargetPolicy | undefined => tools.get('crm.act');
const STRICTNESS = ['allow', 'hold', 'deny'];
function judged(of: Profile, given: JsonObject, touched: readonly string[]) {
  const judgement = toolOf(of)?.judge(given, { labels: touched, dir: '/' });
  if (judgement === undefined || judgement.verdict === 'deny') return { strictness: 2, effect: 3 };
  return { strictness: judgement.needs.length > 0 ? 1 : 0, effect: EFFECTS.indexOf(judgement.effect) };
}

test('no policy is wider than itself', () => {
  fc.assert(
    fc.property(profile, (one) => {
      expect(widenings(one, one)).toEqual([]);
    }),
  );
});

test('whatever is not called wider lets no call through that was held or denied, and calls no effect milder', () => {
  let narrower = 0;
  fc.assert(
    fc.property(pair, fc.array(fc.tuple(call, labels), { minLength: 20, maxLength: 20 }), ([old, next], calls) => {
      if (widenings(old, next).length > 0) return;
      narrower += 1;
      for (const [given, touched] of calls) {
        const [before, after] = [judged(old, given, touched), judged(next, given, touched)];
        expect(STRICTNESS[after.strictness], JSON.stringify(given)).toBe(
          STRICTNESS[Math.max(before.strictness, after.strictness)],
        );
        expect(after.effect).toBeGreaterThanOrEqual(before.strictness === 2 ? 0 : before.effect);
      }
    }),
    { numRuns: 3000 },
  );
  // It is no promise if nothing is ever called narrower.
  expect(narrower).toBeGreaterThan(300);
});

test('adding a restriction is never wider', () => {
  // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; never awaited
  const denial: Case = { id: 'never', when: {}, then: 'deny' };
  fc.assert(
    fc.property(rules, effect, rule, flow('more'), (given, says, more, leak) => {
      const old = profileWith({ ...given, arguments: {} }, says);
      const next = profileWith(
        {
          ...given,
          arguments: { a: more },
          cases: given.cases === undefined ? undefined : [...given.cases, denial],
          flows: [...given.flows, { ...leak, observes: false }],
          asksReason: true,
          observes: false,
        },
        'irreversible',
      );
      expect(widenings(old, next).map(wideningText)).toEqual([]);
    }),
  );
});
