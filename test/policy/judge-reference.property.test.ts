import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contract, EFFECTS, type Effect } from '../../src/domain/contract.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Flow } from '../../src/domain/policy.ts';
import { compileRules } from '../../src/policy/judge/judge.ts';
import { type Case, NO_RULES, type Rules } from '../../src/policy/judge/rules.ts';
import { toolOf } from './policy-text.ts';

const CONTRACT = toolOf('{}').contract;
const LABELS = ['private', 'untrusted'] as const;

const verdict = fc.constantFrom('allow' as const, 'hold' as const, 'deny' as const);
const effect = fc.constantFrom(...EFFECTS);
const sometimes = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });

/** `x` is one of three; a case speaks of one of them, or of every call. */
const cases: fc.Arbitrary<readonly Case[]> = fc
  .array(fc.tuple(fc.constantFrom(undefined, 1, 2), verdict, sometimes(effect), sometimes(fc.boolean())), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) =>
    list.map(
      ([x, then, own, observes], at): Case => ({
        id: `c${at}`,
        when: x === undefined ? {} : { x: { const: x } },
        then,
        effect: own,
        observes,
      }),
    ),
  );
const flows = fc
  .array(
    fc.record({
      labels: fc.subarray([...LABELS], { minLength: 1 }),
      verdict: fc.constantFrom('hold' as const, 'deny' as const),
      observes: fc.boolean(),
    }),
    {
      maxLength: 3,
    },
  )
  .map((list) => list.map((one, at): Flow => ({ ...one, id: `f${at}`, sendsTo: 'external', reason: undefined })));
const rules: fc.Arbitrary<Rules> = fc.record({
  arguments: fc.constantFrom({}, { y: { const: 1 } }),
  cases: fc.option(cases, { nil: undefined, freq: 3 }),
  approval: sometimes(fc.constant({})),
  history: fc.constant([]),
  flows,
  output: fc.constant(undefined),
  shows: fc.constant(undefined),
  asksReason: fc.constant(false),
  aboveClass: fc.constantFrom(undefined, undefined, 'low'),
  production: fc.boolean(),
  observes: fc.boolean(),
});
const given: fc.Arbitrary<JsonObject> = fc.record({ x: fc.constantFrom(1, 2, 3), y: fc.constantFrom(1, 2) });
const touched = fc.subarray([...LABELS]);

const every = (then: Case['then']): Case => ({ id: 'a', when: {}, then });

/** The deployment's: the mode of a policy tries it out never. */
const PRODUCTION = 'servers.crm.environment';

const worst = (effects: readonly Effect[]) => EFFECTS.findLast((one) => effects.includes(one)) ?? 'irreversible';

/** What the design page says of a call, each rule by itself: what it would do, and whether it is on trial. */
function expected(contract: Contract, all: Rules, { x, y }: JsonObject, labels: readonly string[]) {
  const matching = (all.cases ?? []).filter(({ when }) => when['x'] === undefined || when['x']['const'] === x);
  const made = (all.cases ?? []).filter(({ then }) => then !== 'deny');
  const effects = (matching.length > 0 ? matching : made).map((one) => one.effect ?? contract.effect);
  const unmatched = all.cases !== undefined && matching.length === 0;
  const does = worst([
    ...effects,
    ...(matching.length === 0 && (unmatched || made.length === 0) ? [contract.effect] : []),
  ]);

  const says: { readonly rule: string; readonly would: 'hold' | 'deny'; readonly tried: boolean | undefined }[] = [
    ...(all.aboveClass === undefined
      ? []
      : [{ rule: 'budgets.session.spend.max_class', would: 'deny', tried: false } as const]),
    ...(all.arguments['y'] !== undefined && y !== 1
      ? [{ rule: 'crm.act.arguments.y', would: 'deny', tried: false } as const]
      : []),
    ...matching.flatMap(({ id, then, observes }) =>
      then === 'allow' ? [] : [{ rule: `crm.act.cases.${id}`, would: then, tried: observes }],
    ),
    ...(all.cases !== undefined && matching.every((one) => one.observes === true)
      ? [{ rule: 'crm.act.cases', would: 'deny', tried: false } as const]
      : []),
    ...all.flows
      .filter((flow) => flow.labels.every((label) => labels.includes(label)))
      .map((flow) => ({ rule: `flows.${flow.id}`, would: flow.verdict, tried: flow.observes })),
    ...(all.approval !== undefined && all.cases === undefined
      ? [{ rule: 'crm.act.approval', would: 'hold', tried: false } as const]
      : []),
    ...(all.production ? [{ rule: PRODUCTION, would: 'hold', tried: false } as const] : []),
  ];
  const isTried = ({ rule, tried }: { readonly rule: string; readonly tried: boolean | undefined }) =>
    rule !== PRODUCTION && does !== 'irreversible' && (all.observes || tried === true);
  const bites = says.filter((one) => !isTried(one));
  const denied = bites.filter(({ would }) => would === 'deny');
  if (denied.length > 0) return { verdict: 'deny', rules: denied.map(({ rule }) => rule).toSorted() };
  return {
    verdict: 'allow',
    effect: does,
    needs: bites.map(({ rule }) => rule).toSorted(),
    observed: says
      .filter(isTried)
      .map(({ rule, would }) => `${rule} ${would}`)
      .toSorted(),
  };
}

function judged(contract: Contract, all: Rules, call: JsonObject, labels: readonly string[]) {
  const found = compileRules(contract, all).judge(call, { labels, dir: '/' });
  if (found.verdict === 'deny') return { verdict: 'deny', rules: found.rules.toSorted() };
  return {
    verdict: 'allow',
    effect: found.effect,
    needs: found.needs.map(({ rule }) => rule).toSorted(),
    observed: found.observed.map(({ rule, would }) => `${rule} ${would}`).toSorted(),
  };
}

describe('a call, under any rules of any kind', () => {
  it('is denied, held, let through and told of on trial as the design page says', () => {
    fc.assert(
      fc.property(rules, effect, given, touched, (all, own, call, labels) => {
        const contract = { ...CONTRACT, effect: own };
        expect(judged(contract, all, call, labels)).toEqual(expected(contract, all, call, labels));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is held only where the tool says that some may be', () => {
    fc.assert(
      fc.property(rules, effect, given, touched, (all, own, call, labels) => {
        const tool = compileRules({ ...CONTRACT, effect: own }, all);
        const found = tool.judge(call, { labels, dir: '/' });
        if (found.verdict === 'allow' && found.needs.length > 0) expect(tool.canHold).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a tool that can hold nothing says so', () => {
  const canHold = (rest: Partial<Rules>) => compileRules(CONTRACT, { ...NO_RULES, ...rest }).canHold;
  const flow = { id: 'f', labels: ['private'], sendsTo: 'external', reason: undefined, observes: false } as const;

  it.each<[string, Partial<Rules>, boolean]>([
    ['an approval of every call', { approval: {} }, true],
    ['an approval beside cases that ask nobody', { approval: {}, cases: [every('allow')] }, false],
    ['a flow that holds', { flows: [{ ...flow, verdict: 'hold' }] }, true],
    ['a flow that denies', { flows: [{ ...flow, verdict: 'deny' }] }, false],
    ['a case that denies', { cases: [every('deny')] }, false],
  ])('%s', (_name, rest, expectation) => {
    expect(canHold(rest)).toBe(expectation);
  });
});

describe('what is told of a denial', () => {
  it('loses its last full stop, and no other', () => {
    const tool = toolOf('{ cases: [{ id: no, when: {}, then: deny, reason: "Not now. Later." }] }');
    expect(tool.judge({}, { labels: [], dir: '/' })).toMatchObject({ reason: 'Not now. Later' });
    const flow: Flow = {
      id: 'f',
      labels: ['a', 'b'],
      sendsTo: 'external',
      verdict: 'deny',
      reason: undefined,
      observes: false,
    };
    const reasonOf = (reason: string | undefined) =>
      compileRules(CONTRACT, { ...NO_RULES, flows: [{ ...flow, reason }] }).judge({}, { labels: ['a', 'b'], dir: '/' });
    expect(reasonOf('Stays. Here.')).toMatchObject({ reason: 'Stays. Here' });
    expect(reasonOf(undefined)).toMatchObject({ reason: 'this session has touched a and b data, which may not leave' });
  });
});

it('a member that a rule on an argument speaks of may be left out: the tool’s schema says whether it must be there', () => {
  const tool = toolOf('{ arguments: { o: { properties: { a: { const: 1 } } } } }');
  expect(tool.judge({ o: {} }, { labels: [], dir: '/' }).verdict).toBe('allow');
  expect(tool.judge({ o: { a: 2 } }, { labels: [], dir: '/' }).verdict).toBe('deny');
});

it('the rules of a target are written with the key that each rule over earlier calls stands under', () => {
  const tool = toolOf(
    '{ limits: [{ count: calls, within: 1h, max: 2 }], not_after: [{ tool: crm.act }], after: [{ tool: crm.act, mode: observe }], effect: write }',
  );
  expect(tool.written['history']).toEqual([
    { kind: 'after', observes: true, written: { after: { tool: 'crm.act', mode: 'observe' } } },
    { kind: 'not_after', observes: false, written: { not_after: { tool: 'crm.act' } } },
    { kind: 'limits', observes: false, written: { limits: { count: 'calls', within: '1h', max: 2 } } },
  ]);
});
