/**
 * One target's rules, compiled: the judge of its calls. Every rule on an argument that is present must hold; of the cases
 * all that match apply, the strictest wins (deny over hold over allow), and where there are cases, none matching is
 * deny. What cannot be told for sure counts against the call.
 */

import { didYouMean } from '../document/nearest.ts';
import { type Contract, type Definition, targetOf } from '../domain/contract.ts';
import { digestOf, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Judgement, Need, TargetPolicy } from '../domain/policy.ts';
import { asSchema, type Rule } from './rule.ts';
import { listOf, quoted, ruleWords } from './rule-words.ts';
import { ruleTest } from './schema.ts';
import { declaredBy } from './schema-walk.ts';
import { runsOnlyAsTask } from './task-support.ts';

export const VERDICTS = ['allow', 'hold', 'deny'] as const;

export interface Case {
  readonly id: string;
  readonly when: Readonly<Record<string, Rule>>;
  readonly then: (typeof VERDICTS)[number];
  readonly reason?: string | undefined;
}

export interface Rules {
  readonly arguments: Readonly<Record<string, Rule>>;
  /** Undefined where there are no cases: then none has to match. */
  readonly cases: readonly Case[] | undefined;
  readonly approval: { readonly reason?: string | undefined } | undefined;
}

/** Compiles the rules of one tool, of one prompt, or of the resources of one pattern. */
export function compileRules(contract: Contract, rules: Rules): TargetPolicy {
  const target = targetOf(contract);
  const limits = Object.entries(rules.arguments).map(([name, rule]) => compileLimit(target, name, rule));
  const cases = rules.cases?.map((one) => compileCase(target, one, rules.approval?.reason));
  const everyCall: Need | undefined =
    rules.approval !== undefined && cases === undefined
      ? { kind: 'rule', rule: `${target}.approval`, reason: rules.approval.reason }
      : undefined;
  return {
    contract,
    digest: digestOf({ contract, ...rules } as unknown as JsonValue),
    canHold: everyCall !== undefined || (cases ?? []).some((one) => one.verdict === 'hold'),
    restrictions: restrictionsOf(rules),
    judge: (effective) => judge(target, limits, cases, everyCall, effective),
    misfits: (definition) => misfits(rules, definition),
  };
}

type Test = (effective: JsonObject) => boolean;

interface Limit {
  readonly rule: string;
  readonly holds: Test;
  readonly reason: string;
  readonly remedy: string;
}

interface CompiledCase {
  readonly rule: string;
  readonly matches: Test;
  readonly verdict: Case['then'];
  readonly need: Need;
  readonly reason: string;
}

function compileLimit(target: string, name: string, rule: Rule): Limit {
  const test = ruleTest(asSchema(rule, { certain: true, complete: false }));
  const words = ruleWords(rule);
  return {
    rule: `${target}.arguments.${name}`,
    holds: (effective) => {
      const value = given(effective, name);
      return value === undefined || test(value);
    },
    reason: `${quoted(name)} must be ${words}`,
    remedy: `make the call with ${quoted(name)} ${words}, if that still does what was asked`,
  };
}

function compileCase(target: string, one: Case, approvalReason: string | undefined): CompiledCase {
  const certain = one.then === 'allow';
  const rule = `${target}.cases.${one.id}`;
  const tests = Object.entries(one.when).map(([name, wanted]): Test => {
    const test = ruleTest(asSchema(wanted, { certain, complete: certain }));
    return (effective) => {
      const value = given(effective, name);
      return value === undefined ? !certain : test(value);
    };
  });
  return {
    rule,
    matches: (effective) => tests.every((test) => test(effective)),
    verdict: one.then,
    need: { kind: 'rule', rule, reason: one.reason ?? approvalReason },
    reason: (one.reason ?? `the policy denies this tool ${whenWords(one)}`).replace(/\.$/, ''),
  };
}

/** An argument of the call itself; never what every object inherits. */
const given = (effective: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(effective, name) ? effective[name] : undefined;

function judge(
  target: string,
  limits: readonly Limit[],
  cases: readonly CompiledCase[] | undefined,
  everyCall: Need | undefined,
  effective: JsonObject,
): Judgement {
  const broken = limits.filter((limit) => !limit.holds(effective));
  const matching = cases?.filter((one) => one.matches(effective)) ?? [];
  const denying = matching.filter((one) => one.verdict === 'deny');
  const against = [...broken, ...denying];
  if (against.length > 0) {
    return {
      verdict: 'deny',
      rules: against.map((one) => one.rule),
      reason: against.map((one) => one.reason).join('; '),
      // A case that denies names no way round; only arguments out of bounds can be put right.
      remedy: denying.length > 0 ? undefined : broken.map((limit) => limit.remedy).join('; '),
    };
  }
  if (cases !== undefined && matching.length === 0) {
    return {
      verdict: 'deny',
      rules: [`${target}.cases`],
      reason: 'no case of the policy for this tool allows these arguments',
      remedy:
        'make a call that one of the cases in the description of this tool allows, if that still does what was asked',
    };
  }
  const needs = matching.filter((one) => one.verdict === 'hold').map((one) => one.need);
  if (everyCall !== undefined) needs.push(everyCall);
  const rules = everyCall === undefined ? matching.map((one) => one.rule) : [everyCall.rule];
  return { verdict: 'allow', rules: rules.length > 0 ? rules : [target], needs };
}

function restrictionsOf(rules: Rules): readonly string[] {
  const because = (reason: string | undefined) => (reason === undefined ? '.' : `: ${reason.replace(/\.$/, '')}.`);
  const found = Object.entries(rules.arguments).map(([name, rule]) => `${quoted(name)} must be ${ruleWords(rule)}.`);
  if (rules.cases === undefined) {
    if (rules.approval !== undefined) found.push(`A person must approve every call${because(rules.approval.reason)}`);
    return found;
  }
  for (const one of rules.cases) {
    const when = whenWords(one);
    if (one.then === 'allow') found.push(`Allowed ${when}${because(one.reason)}`);
    else if (one.then === 'deny') found.push(`Denied ${when}${because(one.reason)}`);
    else found.push(`A person must approve the call ${when}${because(one.reason ?? rules.approval?.reason)}`);
  }
  found.push('Where several of these apply, the strictest does. Anything else is denied.');
  return found;
}

function whenWords(one: Case): string {
  const absent = one.then === 'allow' ? '' : ' or not given';
  const parts = Object.entries(one.when).map(([name, rule]) => `${quoted(name)} is ${ruleWords(rule)}${absent}`);
  return parts.length === 0 ? 'in every case' : `when ${parts.join(', and ')}`;
}

function misfits(rules: Rules, definition: Definition): readonly string[] {
  if (runsOnlyAsTask(definition))
    return ['it runs only as a task, and Tollgate passes no tasks: take it out of the policy'];
  const declared = declaredBy(definition.inputSchema);
  if (declared.open || declared.patterns.length > 0) return [];
  const named = [
    ...Object.keys(rules.arguments).map((name) => [name, `arguments.${name}`] as const),
    ...(rules.cases ?? []).flatMap((one) =>
      Object.keys(one.when).map((name) => [name, `cases.${one.id}.when.${name}`] as const),
    ),
  ];
  return named
    .filter(([name]) => !declared.names.has(name))
    .map(([name, place]) => {
      const hint = didYouMean(name, declared.names) || `; it takes ${listOf([...declared.names].map(quoted))}`;
      return `${place}: the tool has no argument "${name}"${hint}`;
    });
}
