/** The parts of a learned policy, as values: what is listed, what is said of it, and what flows and budgets stay. */

import { LOOP_KINDS, MICROS, SESSIONS } from '../../domain/budget.ts';
import type { Effect } from '../../domain/contract.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { type Reach, reachesAsFar } from '../../domain/label.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import { keyOfTool } from '../file/rule-places.ts';
import { worstOf } from '../judge/effects.ts';
import { policyOf } from '../judge/verdict.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import { type Inferred, roundedUp } from './infer.ts';
import type { Learning } from './learning.ts';
import { learnedRules } from './rules.ts';

export interface LearnedTool {
  readonly target: string;
  readonly calls: readonly RecordedCall[];
  readonly part: JsonObject;
  /** By argument, where something was inferred. */
  readonly inferred: ReadonlyMap<string, Inferred>;
}

export interface Learned {
  readonly name: string;
  readonly who: JsonValue;
  readonly sessions: readonly string[];
  readonly file: string;
  readonly prefixed: boolean;
  readonly servers: JsonObject;
  readonly tools: readonly LearnedTool[];
  readonly resources: readonly JsonValue[];
  readonly prompts: readonly JsonValue[];
  readonly flows: readonly JsonValue[];
  readonly budgets: JsonObject;
  readonly reasons: readonly JsonValue[];
}

/** `calls` are those to be allowed; `infers`: whether their arguments are to be narrowed. */
export function learnedParts(learning: Learning & { readonly infers: boolean }): Learned {
  const { base, name, calls, infers } = learning;
  const { profile, document } = base;
  const byTarget = Map.groupBy(calls, ({ target }) => target);
  const policies = [...byTarget.keys()].flatMap((target) => {
    const policy = policyOf(profile, target, '/session');
    return 'kind' in policy ? [] : [policy];
  });
  const tools = [...byTarget].flatMap(([target, made]): readonly LearnedTool[] => {
    const policy = profile.tools.get(target);
    return policy === undefined ? [] : [learnedTool(learning, policy, target, made, byTarget, infers)];
  });
  const used = new Set(policies.map(({ contract }) => contract.server));
  return {
    name,
    who: document.value['who'] ?? null,
    sessions: [...new Set(calls.map(({ session }) => session))],
    file: profile.file,
    prefixed: profile.prefixed,
    servers: serversOf(learning, used),
    tools,
    resources: profile.resources.flatMap((one, at) =>
      policies.includes(one) ? [listAt(document.value, 'resources')[at] ?? null] : [],
    ),
    prompts: [...profile.prompts.values()].flatMap((one) => (policies.includes(one) ? [promptOf(one)] : [])),
    flows: flowsOf(learning, policies, used),
    budgets: budgetsOf(learning, policies),
    reasons: reasonsOf(document.value, tools),
  };
}

const listAt = (value: JsonObject, key: string): readonly JsonValue[] => {
  const list = value[key];
  return Array.isArray(list) ? list : [];
};

const objectAt = (value: JsonObject, key: string): JsonObject => {
  const member = value[key];
  return isObject(member) ? member : {};
};

/** What is copied as the policy says it. */
const COPIED = ['can', 'cannot', 'charges', 'spend', 'timeout', 'output', 'limits'] as const;

function learnedTool(
  { base }: Learning,
  { contract }: TargetPolicy,
  target: string,
  calls: readonly RecordedCall[],
  all: ReadonlyMap<string, unknown>,
  infers: boolean,
): LearnedTool {
  const key = keyOfTool(base.document, base.profile.lock, target) ?? target;
  const written = objectAt(objectAt(base.document.value, 'tools'), key);
  const wasHeld = calls.some(({ verdict }) => verdict === 'hold');
  const keepsCases = wasHeld && written['cases'] !== undefined;
  const effect = keepsCases ? contract.effect : effectOf(calls, contract.sendsTo);
  const asked = wasHeld || effect === 'irreversible';
  const reason = { reason: 'It cannot be undone.' };
  const { uses: _, ...once } = objectAt(written, 'approval');
  const said = effect === 'irreversible' && written['approval'] !== undefined ? once : written['approval'];
  const approval = said ?? (effect === 'irreversible' && !keepsCases ? reason : undefined);
  const { rules, inferred } = learnedRules(objectAt(written, 'arguments'), calls, infers);
  const part: Record<string, JsonValue | undefined> = { effect, labels: contract.labels, sends_to: contract.sendsTo };
  for (const one of COPIED) part[one] = written[one];
  for (const one of ['after', 'not_after']) part[one] = historyOf(listAt(written, one), all);
  if (Object.keys(rules).length > 0) part['arguments'] = rules;
  if (keepsCases) part['cases'] = written['cases'];
  if (asked) part['approval'] = approval;
  return { target, calls, part, inferred };
}

/** The worst that these calls were said to do. A draft that leaves is no draft. */
function effectOf(calls: readonly RecordedCall[], sendsTo: Reach): Effect {
  const worst = worstOf(calls.map(({ ran }) => (ran?.effect ?? 'irreversible') as Effect));
  return worst === 'draft' && sendsTo === 'external' ? 'write' : worst;
}

/** Rules over earlier calls, of tools that are listed. */
function historyOf(rules: readonly JsonValue[], all: ReadonlyMap<string, unknown>): JsonValue | undefined {
  const kept = rules.filter((one) => {
    if (!isObject(one)) return false;
    const since = listAt(one, 'since').map(String);
    return [String(one['tool']), ...since].every((name) => all.has(name));
  });
  return kept.length === 0 ? undefined : kept;
}

/** How each is reached as the file writes it: a lock pins those words. */
function serversOf({ base }: Learning, used: ReadonlySet<string>): JsonObject {
  const written = objectAt(base.document.written, 'servers');
  const read = objectAt(base.document.value, 'servers');
  return Object.fromEntries(
    Object.keys(written)
      .filter((name) => used.has(name))
      .map((name) => {
        const { defaults, asks } = objectAt(read, name);
        return [name, { ...objectAt(written, name), defaults, asks }];
      }),
  );
}

const promptOf = ({ contract }: TargetPolicy): JsonObject => ({
  server: contract.server,
  name: contract.name,
  labels: contract.labels,
  sends_to: contract.sendsTo,
});

/** Those that something which is listed can meet: a flow that nothing meets would be refused. */
function flowsOf(
  { base }: Learning,
  policies: readonly TargetPolicy[],
  used: ReadonlySet<string>,
): readonly JsonValue[] {
  const { profile, document } = base;
  const labels = new Set(policies.flatMap(({ contract }) => contract.labels));
  const answers = [...profile.answersGo].flatMap(([server, reach]) => (used.has(server) ? [reach] : []));
  const reaches = [...policies.map(({ contract }) => contract.sendsTo), ...answers];
  return profile.flows.flatMap((flow, at) => {
    const isMet =
      flow.labels.every((one) => labels.has(one)) && reaches.some((reach) => reachesAsFar(reach, flow.sendsTo));
    return isMet ? [listAt(document.value, 'flows')[at] ?? null] : [];
  });
}

const MINUTE = 60_000;
const MOST_MINUTES = 720 * 60;

/** What one session used at most, rounded up; what it says besides stays, but for classes that nothing charges now. */
function budgetsOf({ base, calls, runtime }: Learning, policies: readonly TargetPolicy[]): JsonObject {
  const most: Record<string, number> = {};
  for (const made of Map.groupBy(calls, ({ session }) => session).values()) {
    const used: Record<string, number> = { calls: made.length };
    for (const { target } of made) {
      const policy = policyOf(base.profile, target, '/session');
      for (const [kind, amount] of Object.entries('kind' in policy ? {} : policy.contract.charges))
        used[kind] = (used[kind] ?? 0) + amount;
    }
    for (const [kind, amount] of Object.entries(used)) most[kind] = Math.max(most[kind] ?? 0, amount);
  }
  const { spend, ...counts } = most;
  const budgets: Record<string, JsonValue | undefined> = {};
  for (const [kind, amount] of Object.entries(counts)) budgets[kind] = roundedUp(amount);
  budgets['runtime'] = `${Math.min(MOST_MINUTES, Math.max(1, roundedUp(runtime / MINUTE)))}m`;
  const written = objectAt(objectAt(objectAt(base.document.value, 'budgets'), 'session'), 'spend');
  const classed = policies.some(({ contract }) => contract.spendClass !== undefined);
  const { classes, max_class } = written;
  const cap = spend === undefined ? {} : { max: roundedUp(spend / MICROS), currency: base.profile.currency };
  const both = { ...(classed && classes !== undefined ? { classes, max_class } : {}), ...cap };
  if (Object.keys(both).length > 0) budgets['spend'] = both;
  const said = objectAt(base.document.value, 'budgets');
  for (const kind of LOOP_KINDS) budgets[kind] = objectAt(said, 'session')[kind];
  const { principal, when_reached } = said;
  const shared = Object.entries(isObject(principal) ? principal : {}).filter(
    ([kind]) => kind === SESSIONS || Object.hasOwn(counts, kind),
  );
  return {
    session: Object.fromEntries(Object.entries(budgets).filter(([, value]) => value !== undefined)),
    ...(shared.length === 0 ? {} : { principal: Object.fromEntries(shared) }),
    ...(when_reached === undefined ? {} : { when_reached }),
  };
}

/** Effects that the agent must give a reason for, of those that are left. */
function reasonsOf(value: JsonObject, tools: readonly LearnedTool[]): readonly JsonValue[] {
  const effects = tools.map(({ part }) => part['effect']);
  return listAt(objectAt(value, 'session'), 'require_reason').filter((one) => effects.includes(one));
}
