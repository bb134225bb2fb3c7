/**
 * One target's rules, compiled: the judge of its calls. Every rule on an argument that is present must hold; of the cases
 * all that match apply, the strictest wins (deny over hold over allow), and where there are cases, none matching is
 * deny; flows look at what the session has touched. What cannot be told for sure counts against the call. Rules that only
 * observe are judged alike, and what they say is handed on instead of done. Rules over earlier calls become demands: the
 * ledger knows the calls.
 */
import { type Contract, EFFECTS, type Effect, targetOf } from '../domain/contract.ts';
import type { Demand } from '../domain/history.ts';
import { digestOf, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Circumstances, Flow, Judgement, Need, Observed, TargetPolicy } from '../domain/policy.ts';
import { misfitsOfRules } from './misfits.ts';
import { restrictionsOf, whenWords } from './restrictions.ts';
import { asSchema, type Rule } from './rule.ts';
import { quoted, ruleWords } from './rule-words.ts';
import type { Case, Rules, WrittenRules } from './rules.ts';
import { ruleTest } from './schema.ts';

/** Compiles the rules of one tool, of one prompt, or of the resources of one pattern. */
export function compileRules(contract: Contract, rules: Rules): TargetPolicy {
  const target = targetOf(contract);
  const compiled: Compiled = {
    target,
    contract,
    rules,
    checks: Object.entries(rules.arguments).map(([name, rule]) => compileCheck(target, name, rule, rules.observes)),
    cases: rules.cases?.map((one) => compileCase(target, one, rules)),
  };
  const holdsEvery = rules.approval !== undefined && rules.cases === undefined && !rules.observes;
  const holdsSome = (compiled.cases ?? []).some((one) => one.verdict === 'hold' && !one.observes);
  const holdsFlow = rules.flows.some((flow) => flow.verdict === 'hold' && !flow.observes);
  const written = writtenOf(contract, rules);
  return {
    contract,
    written,
    digest: digestOf(written),
    canHold: holdsEvery || holdsSome || holdsFlow,
    restrictions: restrictionsOf(rules),
    seesLabels: rules.flows.length > 0,
    asksReason: rules.asksReason,
    output: rules.output,
    judge: (effective, circumstances) => judge(compiled, effective, circumstances),
    misfits: (definition) => misfitsOfRules(rules, definition),
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

interface Check extends Against {
  readonly holds: Test;
}

interface CompiledCase extends Against {
  readonly matches: Test;
  readonly verdict: Case['then'];
  readonly need: Need;
  readonly effect: Effect | undefined;
}

function compileCheck(target: string, name: string, rule: Rule, observes: boolean): Check {
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
    observes,
  };
}

function compileCase(target: string, one: Case, rules: Rules): CompiledCase {
  const certain = one.then === 'allow';
  const rule = `${target}.cases.${one.id}`;
  const tests = Object.entries(one.when).map(([name, wanted]): Test => {
    const test = ruleTest(asSchema(wanted, { certain, complete: certain }));
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
    observes: one.observes === true || rules.observes,
  };
}

/** An argument of the call itself; never what every object inherits. */
const given = (effective: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(effective, name) ? effective[name] : undefined;

function judge(compiled: Compiled, effective: JsonObject, { labels, dir }: Circumstances): Judgement {
  const { target, contract, rules, checks, cases } = compiled;
  const matching = cases?.filter((one) => one.matches(effective, dir)) ?? [];
  const flows = rules.flows.filter((flow) => flow.labels.every((label) => labels.includes(label)));
  const past = demandsOf(rules, effective);
  const against: readonly Against[] = [
    ...checks.filter((check) => !check.holds(effective, dir)),
    ...matching.filter((one) => one.verdict === 'deny'),
    ...(cases !== undefined && matching.length === 0 ? [noCase(target, rules.observes)] : []),
    ...flows.filter((flow) => flow.verdict === 'deny').map(flowAgainst),
    ...past.against,
  ];
  const enforced = against.filter((one) => !one.observes);
  if (enforced.length > 0) {
    return {
      verdict: 'deny',
      rules: enforced.map((one) => one.rule),
      reason: enforced.map((one) => one.reason).join('; '),
      remedy: enforced.every((one) => one.remedy !== undefined)
        ? enforced.map((one) => one.remedy).join('; ')
        : undefined,
    };
  }
  const asking = [...matching.filter((one) => one.verdict === 'hold'), ...flows.filter(isHold).map(flowNeed)];
  const everyCall: Need | undefined =
    rules.approval !== undefined && cases === undefined
      ? { kind: 'rule', rule: `${target}.approval`, reason: rules.approval.reason }
      : undefined;
  if (everyCall !== undefined) asking.push({ need: everyCall, observes: rules.observes });
  const by = [...matching.filter((one) => !one.observes), ...asking.filter((one) => !one.observes)].map(
    (one) => one.need.rule,
  );
  return {
    verdict: 'allow',
    rules: by.length > 0 ? [...new Set(by)] : [target],
    needs: asking.filter((one) => !one.observes).map((one) => one.need),
    demands: past.demands,
    observedDemands: past.observedDemands,
    observed: [
      ...against.map(({ rule, reason }): Observed => ({ rule, would: 'deny', reason })),
      ...asking
        .filter((one) => one.observes)
        .map(({ need }): Observed => ({ rule: need.rule, would: 'hold', reason: need.reason })),
    ],
    effect: effectOf(contract, matching),
  };
}

/** Of all that match, the worst. */
function effectOf(contract: Contract, matching: readonly CompiledCase[]): Effect {
  if (matching.length === 0) return contract.effect;
  return EFFECTS[Math.max(...matching.map((one) => EFFECTS.indexOf(one.effect ?? contract.effect)))] ?? contract.effect;
}

function demandsOf(rules: Rules, effective: JsonObject) {
  const [demands, observedDemands]: [Demand[], Demand[]] = [[], []];
  const against: Against[] = [];
  for (const rule of rules.history) {
    const demand = rule.demandOf(effective);
    if (!demand.ok) against.push({ rule: rule.rule, reason: demand.error, remedy: undefined, observes: rule.observes });
    else (rule.observes ? observedDemands : demands).push(demand.value);
  }
  return { demands, observedDemands, against };
}

const noCase = (target: string, observes: boolean): Against => ({
  rule: `${target}.cases`,
  reason: 'no case of the policy for this tool allows these arguments',
  remedy: 'make a call that one of the cases in the description of this tool allows, if that still does what was asked',
  observes,
});

const isHold = (flow: Flow): boolean => flow.verdict === 'hold';

const flowAgainst = ({ id, reason, labels, observes }: Flow): Against => ({
  rule: `flows.${id}`,
  reason: (reason ?? `this session has touched ${labels.join(' and ')} data, which may not leave`).replace(/\.$/, ''),
  remedy: undefined,
  observes,
});

const flowNeed = ({ id, reason, observes }: Flow): { readonly need: Need; readonly observes: boolean } => ({
  need: { kind: 'flow', rule: `flows.${id}`, reason },
  observes,
});
