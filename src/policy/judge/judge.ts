/**
 * One target's rules, compiled: the judge of its calls. Every rule on an argument that is present must hold; of the cases
 * all that match apply, the strictest wins (deny over hold over allow), and where there are cases, none matching is
 * deny; flows look at what the session has touched. What cannot be told for sure counts against the call. Rules that only
 * observe are judged alike, and what they say is handed on instead of done, but on calls that cannot be undone. Rules over earlier calls become demands: the
 * ledger knows the calls.
 */
import { type Contract, type Effect, targetOf } from '../../domain/contract.ts';
import type { Demand } from '../../domain/history.ts';
import { digestOf, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Circumstances, Flow, Judgement, Need, Observed, TargetPolicy } from '../../domain/policy.ts';
import { productionNeed } from '../../domain/production.ts';
import { misfitsOfAdditions } from '../file/additions.ts';
import type { HistoryRule } from '../history/history.ts';
import { ruleTest } from '../schema/rule-test.ts';
import { compileShows } from '../shows/shows.ts';
import { worstEffect, worstOf } from './effects.ts';
import { meets } from './flows.ts';
import { misfitsOfRules } from './misfits.ts';
import { productionWords, restrictionsOf, whenWords } from './restrictions.ts';
import { asSchema, type Rule } from './rule.ts';
import { quoted, ruleWords } from './rule-words.ts';
import type { Approval, Case, Rules, WrittenRules } from './rules.ts';

/** Compiles the rules of one tool, of one prompt, or of the resources of one pattern. */
export function compileRules(contract: Contract, rules: Rules): TargetPolicy {
  const target = targetOf(contract);
  const compiled: Compiled = {
    target,
    contract,
    rules,
    checks: Object.entries(rules.arguments).map(([name, rule]) => compileCheck(target, name, rule)),
    cases: rules.cases?.map((one) => compileCase(target, one, rules)),
  };
  const worst = worstEffect(contract, rules);
  const observes = rules.observes && worst !== 'irreversible';
  const bites = (observer: boolean): boolean => worst === 'irreversible' || !(observer || rules.observes);
  const holdsEvery = rules.approval !== undefined && rules.cases === undefined && bites(false);
  const holdsSome = (compiled.cases ?? []).some((one) => one.verdict === 'hold' && bites(one.observes));
  const holdsFlow = rules.flows.some((flow) => flow.verdict === 'hold' && bites(flow.observes));
  const written = writtenOf(contract, rules);
  return {
    contract,
    written,
    digest: digestOf(written),
    canHold: holdsEvery || holdsSome || holdsFlow || rules.production,
    worst,
    observes,
    restrictions: [...(observes ? [] : restrictionsOf(rules, contract)), ...productionWords(rules, contract)],
    seesLabels: rules.flows.length > 0,
    asksReason: rules.asksReason,
    output: rules.output,
    shows: rules.shows && compileShows(rules.shows),
    judge: (effective, circumstances) => judge(compiled, effective, circumstances),
    misfits: (definition) => [...misfitsOfRules(rules, definition), ...misfitsOfAdditions(rules, definition)],
  };
}

/** Everything that judges this target, as data. */
function writtenOf(contract: Contract, { history, ...rules }: Rules): JsonObject {
  const ofHistory = history.map(({ rule, observes, written }) => {
    const [kind = ''] = rule.slice(targetOf(contract).length + 1).split('.');
    return { kind, observes, written };
  });
  return { contract, ...rules, history: ofHistory } satisfies WrittenRules as unknown as JsonObject;
}

type Test = (effective: JsonObject, dir: string) => boolean;

interface Compiled {
  readonly target: string;
  readonly contract: Contract;
  readonly rules: Rules;
  readonly checks: readonly Check[];
  readonly cases: readonly CompiledCase[] | undefined;
}

/** A reason to refuse. */
interface Against {
  readonly rule: string;
  readonly reason: string;
  /** Undefined where there is no way round. */
  readonly remedy: string | undefined;
  readonly observes: boolean;
}

/** A reason to ask a person. */
interface Asking {
  readonly need: Need;
  readonly observes: boolean;
}

interface Check extends Against {
  readonly holds: Test;
}

interface CompiledCase extends Against, Asking {
  readonly matches: Test;
  readonly verdict: Case['then'];
  readonly effect: Effect | undefined;
}

function compileCheck(target: string, name: string, rule: Rule): Check {
  const test = ruleTest(asSchema(rule, { certain: true, complete: false }));
  const words = ruleWords(rule);
  return {
    rule: `${target}.arguments.${name}`,
    holds: (effective, dir) => {
      const value = given(effective, name);
      return value === undefined || test(value, dir);
    },
    reason: `${quoted(name)} must be ${words}`,
    remedy: `make the call with ${quoted(name)} ${words}, if that still does what was asked`,
    observes: false,
  };
}

function compileCase(target: string, one: Case, rules: Rules): CompiledCase {
  const certain = one.then === 'allow';
  const rule = `${target}.cases.${one.id}`;
  const tests = Object.entries(one.when).map(([name, wanted]): Test => {
    const test = ruleTest(asSchema(wanted, { certain, complete: certain }), !certain);
    return (effective, dir) => {
      const value = given(effective, name);
      return value === undefined ? !certain : test(value, dir);
    };
  });
  return {
    rule,
    matches: (effective, dir) => tests.every((test) => test(effective, dir)),
    verdict: one.then,
    need: { kind: 'rule', rule, reason: one.reason ?? one.approval?.reason ?? rules.approval?.reason },
    reason: (one.reason ?? `the policy denies this tool ${whenWords(one)}`).replace(/\.$/, ''),
    // A case that denies names no way round; only arguments out of bounds can be put right.
    remedy: undefined,
    effect: one.effect,
    observes: one.observes === true,
  };
}

/** An argument of the call itself; never what every object inherits. */
const given = (effective: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(effective, name) ? effective[name] : undefined;

function judge(compiled: Compiled, effective: JsonObject, { labels, dir, production = [] }: Circumstances): Judgement {
  const { target, contract, rules, checks, cases } = compiled;
  const matching = cases?.filter((one) => one.matches(effective, dir)) ?? [];
  const effect = effectOf(contract, rules, matching);
  // What cannot be undone is not tried out: there every rule is enforced.
  const observed = (one: { readonly observes: boolean }): boolean =>
    (one.observes || rules.observes) && effect !== 'irreversible';
  const enforced = (one: { readonly observes: boolean }): boolean => !observed(one);

  const flows = rules.flows.filter((flow) => meets(flow, labels));
  const past = demandsOf(rules, effective, observed);
  const against: readonly Against[] = [
    ...tooDear(contract, rules),
    ...checks.filter((check) => !check.holds(effective, dir)),
    ...matching.filter((one) => one.verdict === 'deny'),
    // A case on trial admits nothing that was not admitted before.
    ...(cases !== undefined && matching.every((one) => one.observes) ? [noCase(target)] : []),
    ...flows.filter((flow) => flow.verdict === 'deny').map(flowAgainst),
    ...past.against,
  ];
  if (against.some(enforced)) return denial(against.filter(enforced));

  const asking: readonly Asking[] = [
    ...matching.filter((one) => one.verdict === 'hold'),
    ...flows.filter((flow) => flow.verdict === 'hold').map(flowAsking),
    ...(rules.approval !== undefined && cases === undefined ? [everyCall(target, rules.approval)] : []),
  ];
  // The deployment's word, not the policy's: no mode of it tries this out.
  const needs = [...asking.filter(enforced).map((one) => one.need), ...unopened(contract, rules, production)];
  const by = [...matching.filter(enforced).map((one) => one.need.rule), ...needs.map(({ rule }) => rule)];
  return {
    verdict: 'allow',
    rules: by.length > 0 ? [...new Set(by)] : [target],
    needs,
    demands: past.demands,
    observedDemands: past.observedDemands,
    observed: [
      ...against.map(({ rule, reason }): Observed => ({ rule, would: 'deny', reason })),
      ...asking.filter(observed).map(({ need }): Observed => ({ rule: need.rule, would: 'hold', reason: need.reason })),
    ],
    effect,
  };
}

const unopened = ({ server }: Contract, rules: Rules, production: readonly string[]): readonly Need[] =>
  rules.production && !production.includes(server) ? [productionNeed(server)] : [];

const denial = (against: readonly Against[]): Judgement => ({
  verdict: 'deny',
  rules: against.map((one) => one.rule),
  reason: against.map((one) => one.reason).join('; '),
  remedy: against.every((one) => one.remedy !== undefined) ? against.map((one) => one.remedy).join('; ') : undefined,
});

/** Of all that match, the worst; of a call that no case speaks of, it could be any. */
function effectOf(contract: Contract, rules: Rules, matching: readonly CompiledCase[]): Effect {
  if (matching.length > 0) return worstOf(matching.map((one) => one.effect ?? contract.effect));
  return rules.cases === undefined ? contract.effect : worstOf([contract.effect, worstEffect(contract, rules)]);
}

function demandsOf(rules: Rules, effective: JsonObject, observed: (one: HistoryRule) => boolean) {
  const [demands, observedDemands]: [Demand[], Demand[]] = [[], []];
  const against: Against[] = [];
  for (const rule of rules.history) {
    const demand = rule.demandOf(effective);
    if (!demand.ok) against.push({ rule: rule.rule, reason: demand.error, remedy: undefined, observes: rule.observes });
    else (observed(rule) ? observedDemands : demands).push(demand.value);
  }
  return { demands, observedDemands, against };
}

const noCase = (target: string): Against => ({
  rule: `${target}.cases`,
  reason: 'no case of the policy for this tool allows these arguments',
  remedy: 'make a call that one of the cases in the description of this tool allows, if that still does what was asked',
  observes: false,
});

const tooDear = ({ spendClass }: Contract, { aboveClass }: Rules): readonly Against[] =>
  aboveClass === undefined
    ? []
    : [
        {
          rule: 'budgets.session.spend.max_class',
          reason: `it spends in the class ${spendClass}, and this session may spend in ${aboveClass} at most`,
          remedy: undefined,
          observes: false,
        },
      ];

const flowAgainst = ({ id, reason, labels, observes }: Flow): Against => ({
  rule: `flows.${id}`,
  reason: (reason ?? `this session has touched ${labels.join(' and ')} data, which may not leave`).replace(/\.$/, ''),
  remedy: undefined,
  observes,
});

const flowAsking = ({ id, reason, observes }: Flow): Asking => ({
  need: { kind: 'flow', rule: `flows.${id}`, reason },
  observes,
});

const everyCall = (target: string, { reason }: Approval): Asking => ({
  need: { kind: 'rule', rule: `${target}.approval`, reason },
  observes: false,
});
