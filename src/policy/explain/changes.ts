/** What would change the answer to a call: the nearest bound that passes, the history it lacks, what is next to refuse it. */
import { didYouMean } from '../../document/nearest.ts';
import { MICROS, type WhenReached } from '../../domain/budget.ts';
import { targetOf } from '../../domain/contract.ts';
import { type Demand, firstUnmet } from '../../domain/history.ts';
import type { JsonObject } from '../../domain/json.ts';
import { joined } from '../../domain/label.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import { serverOfRule } from '../../domain/production.ts';
import { roundedSpan } from '../../domain/span.ts';
import type { LoadedPolicy } from '../file/load.ts';
import { keyOfTool } from '../file/rule-places.ts';
import { type ToolPart, toolShape } from '../file/target-shape.ts';
import { flowsTo, meets } from '../judge/flows.ts';
import { quoted, ruleWords } from '../judge/rule-words.ts';
import type { Case } from '../judge/rules.ts';
import type { Given, Verdict } from '../judge/verdict.ts';
import { brokenBy, caseMisses } from './broken.ts';

/** A call, and what was said of it. */
export interface Asked {
  readonly loaded: LoadedPolicy;
  readonly target: string;
  readonly effective: JsonObject;
  readonly given: Given;
  readonly verdict: Verdict;
}

/** Of a target that the policy does not have. */
export function unlistedChanges({ loaded, target }: Asked): readonly string[] {
  const { tools } = loaded.profile;
  const near = didYouMean(target, tools.keys());
  return [near === '' ? `it would have to be listed, with what it does` : `it is not listed${near}`];
}

export function changesOf(asked: Asked, policy: TargetPolicy): readonly string[] {
  const tool = toolPartOf(asked);
  if (asked.verdict.verdict === 'deny') return denialChanges(asked, policy, tool);
  if (asked.verdict.verdict === 'hold') return holdChanges(asked, policy, tool);
  return allowChanges(asked, policy);
}

/** What the file says of a tool; nothing of what is no tool. */
function toolPartOf({ loaded, target }: Asked): ToolPart | undefined {
  const key = keyOfTool(loaded.document, loaded.profile.lock, target);
  const parts = loaded.document.value['tools'] as JsonObject | undefined;
  const read = key === undefined ? undefined : toolShape.safeParse(parts?.[key]);
  return read?.success ? read.data : undefined;
}

function denialChanges(asked: Asked, policy: TargetPolicy, tool: ToolPart | undefined): readonly string[] {
  const { target, effective, given, verdict } = asked;
  const judgement = policy.judge(effective, given);
  const broken = Object.entries(tool?.arguments ?? {}).flatMap(([name, rule]) =>
    Object.hasOwn(effective, name) ? brokenBy(name, rule, effective[name] ?? null, given.dir) : [],
  );
  const flows = flowsTo(policy.contract.sendsTo, asked.loaded.profile.flows)
    .filter((flow) => verdict.rules.includes(`flows.${flow.id}`))
    .map((flow) => `a session that has not touched ${flow.labels.join(' and ')} data (flows.${flow.id})`);
  const cases = tool?.cases ?? [];
  const denying = cases
    .filter((one) => verdict.rules.includes(`${target}.cases.${one.id}`))
    .map((one) => `arguments that the case ${one.id} does not match: ${caseWhen(one)}`);
  const nearest = verdict.rules.includes(`${target}.cases`) ? nearestCase(cases, asked) : [];
  const demands = judgement.verdict === 'allow' ? judgement.demands : [];
  return [...broken, ...denying, ...nearest, ...flows, ...demands.flatMap((demand) => lacking(demand, given))];
}

/** The case that fewest of its conditions keep from matching, of those that do not deny. */
function nearestCase(cases: readonly Case[], { effective, given }: Asked): readonly string[] {
  const [nearest] = cases
    .filter(({ then }) => then !== 'deny')
    .map((one) => ({ one, misses: caseMisses(one, effective, given.dir) }))
    .toSorted((a, b) => a.misses.length - b.misses.length);
  if (nearest === undefined) return [];
  return [`the nearest case is ${nearest.one.id} (${nearest.one.then}): ${nearest.misses.join(', ')}`];
}

/** What an earlier rule misses: one line where it is not met. */
function lacking(demand: Demand, given: Given): readonly string[] {
  const unmet = firstUnmet([demand], given.past, given.at);
  if (unmet === undefined) return [];
  if (demand.kind !== 'limit') return [`${demand.rule}: ${demand.remedy ?? demand.reason}`];
  const used = unmet.used ?? 0;
  const frees = unmet.freesAt === undefined ? '' : `, some of it free in ${roundedSpan(unmet.freesAt - given.at)}`;
  const unit = demand.field === undefined ? 1 : MICROS;
  return [
    `${demand.rule}: ${used / unit} of ${demand.most / unit} is used, and this adds ${demand.adds / unit}${frees}`,
  ];
}

function holdChanges(asked: Asked, policy: TargetPolicy, tool: ToolPart | undefined): readonly string[] {
  const { target, effective, given, loaded } = asked;
  const judgement = policy.judge(effective, given);
  const needs = judgement.verdict === 'allow' ? judgement.needs : [];
  return needs.map(({ rule }) => {
    const flow = loaded.profile.flows.find(({ id }) => rule === `flows.${id}`);
    if (flow !== undefined)
      return `${rule} asks as the session has touched ${flow.labels.join(' and ')} data; a fresh session is not asked`;
    const server = serverOfRule(rule);
    if (server !== undefined)
      return `${rule} asks once for each session; one that may reach ${server} is not asked (given: { production: [${server}] })`;
    const one = (tool?.cases ?? []).find(({ id }) => rule === `${target}.cases.${id}`);
    if (one === undefined) return `${rule} asks of every call`;
    const free = (tool?.cases ?? []).find(({ then }) => then === 'allow');
    const way = free === undefined ? '' : `; the case ${free.id} asks nobody: ${caseWhen(free)}`;
    return `${rule} asks: ${caseWhen(one)}${way}`;
  });
}

/** What is next to refuse the same call. */
function allowChanges({ loaded, effective, given, target }: Asked, policy: TargetPolicy): readonly string[] {
  const judgement = policy.judge(effective, given);
  const demands = judgement.verdict === 'allow' ? judgement.demands : [];
  const limits = demands.flatMap((demand) => {
    if (demand.kind !== 'limit') return [];
    const left = leftOf(demand, given);
    const unit = demand.field === undefined ? 1 : MICROS;
    return [`${demand.rule} leaves ${left / unit} of ${demand.most / unit} after this`];
  });
  const then = REACHED[loaded.profile.whenReached];
  const caps = Object.entries({ ...policy.contract.charges, calls: 1 }).flatMap(([kind, charge]) => {
    const cap = loaded.profile.caps[kind];
    const unit = kind === 'spend' ? MICROS : 1;
    const shared = loaded.profile.principalCaps.filter((one) => one.kind === kind);
    return [
      ...(cap === undefined ? [] : [`budgets.session.${kind}: this takes ${charge / unit} of ${cap / unit}${then}`]),
      ...shared.map(
        ({ most, within }) => `budgets.principal.${kind}: this takes ${charge} of ${most} in ${roundedSpan(within)}`,
      ),
    ];
  });
  const after = joined(given.labels, policy.contract.labels);
  const flows = loaded.profile.flows
    .filter((flow) => meets(flow, after) && !meets(flow, given.labels))
    .map((flow) => {
      const verb = flow.verdict === 'deny' ? 'denies' : 'holds';
      return `from then on flows.${flow.id} ${verb} what goes as far as ${flow.sendsTo}`;
    });
  const own = targetOf(policy.contract) === target && limits.length + caps.length + flows.length === 0;
  return own ? ['nothing: no limit, budget or flow is over it'] : [...limits, ...caps, ...flows];
}

const REACHED: Readonly<Record<WhenReached, string>> = {
  extend: '; where it is used up a person may extend it',
  pause: '; where it is used up the session pauses',
  deny: '',
};

/** What remains of a limit once this call is counted. */
function leftOf(demand: Extract<Demand, { kind: 'limit' }>, given: Given): number {
  const full = firstUnmet([{ ...demand, most: -1 }], given.past, given.at);
  return demand.most - (full?.used ?? 0) - demand.adds;
}

/** What a case is for. */
function caseWhen({ when }: Case): string {
  const parts = Object.entries(when).map(([name, rule]) => `${quoted(name)} ${ruleWords(rule)}`);
  return parts.length === 0 ? 'it is for every call' : `it is for ${parts.join(' and ')}`;
}
