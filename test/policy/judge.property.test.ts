import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import type { Flow } from '../../src/domain/policy.ts';
import { compileRules } from '../../src/policy/judge/judge.ts';
import { type Case, NO_RULES } from '../../src/policy/judge/rules.ts';
import { inputOf } from '../../src/policy/schema/schema.ts';
import { definitionOf, verdictOf } from './policy-text.ts';

const contract = {
  kind: 'tool',
  server: 'crm',
  name: 'act',
  effect: 'write',
  can: undefined,
  cannot: undefined,
  charges: {},
  spendFrom: undefined,
  spendClass: undefined,
  labels: [],
  sendsTo: 'none',
  scopes: [],
  visible: true,
  timeout: 1000,
} as const;

const names = fc.constantFrom('a', 'b', 'c', 'constructor');
const bound = fc.integer({ min: -3, max: 3 });
const rule: fc.Arbitrary<JsonObject> = fc.oneof(
  bound.map((minimum) => ({ minimum })),
  bound.map((minimum) => ({ not: { minimum } })),
  fc.array(fc.oneof(bound, fc.constantFrom('x', 'y')), { minLength: 1, maxLength: 3 }).map((list) => ({ enum: list })),
);
const value = fc.oneof(bound, fc.constantFrom('x', 'y', null, true), fc.array(bound, { maxLength: 2 }));
const call: fc.Arbitrary<JsonObject> = fc.dictionary(names, value, { maxKeys: 4, noNullPrototype: true });
const when = fc.dictionary(names, rule, { maxKeys: 2, noNullPrototype: true });

const caseOf = (id: string, on: Case['when'], then: Case['then']): Case => ({ id, when: on, then });
const cases: fc.Arbitrary<readonly Case[]> = fc
  .array(fc.tuple(when, fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) => list.map(([on, verdict], at) => caseOf(`c${at}`, on, verdict)));

/** The semantics of the design page, written down again in the plainest way: what is unsure is what is worst. */
function matches(one: Case, given: JsonObject): boolean {
  const unsure = one.then !== 'allow';
  return Object.entries(one.when).every(([name, wanted]) => {
    const actual = Object.hasOwn(given, name) ? given[name] : undefined;
    return actual === undefined ? unsure : meets(wanted, actual, unsure);
  });
}

function meets(wanted: JsonObject, actual: JsonValue, unsure: boolean): boolean {
  if (wanted['not'] !== undefined) return !meets(wanted['not'] as JsonObject, actual, !unsure);
  if (Array.isArray(wanted['enum'])) return wanted['enum'].includes(actual);
  return typeof actual === 'number' ? actual >= Number(wanted['minimum']) : unsure;
}

const verdictWith = (list: readonly Case[], given: JsonObject) =>
  verdictOf(compileRules(contract, { ...NO_RULES, cases: list }), given);
const STRICTNESS = ['allow', 'hold', 'deny'] as const;

describe('judging, for any cases and any arguments', () => {
  it('never allows what a matching deny case denies, nor what a matching hold case holds; none matching is deny', () => {
    fc.assert(
      fc.property(cases, call, (list, given) => {
        const verdicts = list.filter((one) => matches(one, given)).map((one) => one.then);
        const strictest = STRICTNESS.findLast((verdict) => verdicts.includes(verdict)) ?? 'deny';
        expect(verdictWith(list, given)).toBe(strictest);
      }),
      { numRuns: 300 },
    );
  });

  it('one more deny case that matches always denies', () => {
    fc.assert(
      fc.property(cases, when, call, (list, on, given) => {
        const more = caseOf('more', on, 'deny');
        fc.pre(matches(more, given));
        expect(verdictWith([...list, more], given)).toBe('deny');
      }),
      { numRuns: 100 },
    );
  });
});

const LABELS = ['private', 'untrusted', 'pii'] as const;
const flow = fc.record({
  labels: fc.uniqueArray(fc.constantFrom(...LABELS), { minLength: 1 }),
  verdict: fc.constantFrom('hold' as const, 'deny' as const),
  observes: fc.boolean(),
});
const flows = fc
  .array(flow, { maxLength: 4 })
  .map((list) => list.map((one, at): Flow => ({ ...one, id: `f${at}`, sendsTo: 'external', reason: undefined })));

describe('labels, for any flows and any cases', () => {
  it('a session that has touched more is never judged more laxly, and is asked for no less', () => {
    const touched = fc.subarray([...LABELS]);
    fc.assert(
      fc.property(
        fc.option(cases, { nil: undefined, freq: 1 }),
        flows,
        call,
        touched,
        touched,
        fc.boolean(),
        (list, some, given, few, more, observes) => {
          const tool = compileRules(contract, { ...NO_RULES, cases: list, flows: some, observes });
          const judgedWith = (labels: readonly string[]) => tool.judge(given, { labels, dir: '/' });
          const [less, all] = [judgedWith(few), judgedWith([...new Set([...few, ...more])])];
          if (less.verdict === 'deny') expect(all.verdict).toBe('deny');
          else if (all.verdict === 'allow') expect(all.needs).toEqual(expect.arrayContaining([...less.needs]));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('arguments that a tool does not list', () => {
  it('never pass, whatever they are called and hold', () => {
    const check = inputOf(definitionOf({ type: 'object', properties: { a: {}, b: {} } }));
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', 'A', 'a ')),
        fc.jsonValue(),
        (name, anything) => {
          fc.pre(name !== 'a' && name !== 'b' && name !== '__proto__');
          expect(check({ a: 1, [name]: anything } as JsonObject).ok).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
