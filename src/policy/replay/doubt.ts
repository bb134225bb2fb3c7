/**
 * Judging with outputs missing. A rule may ask what an earlier call answered, and not every answer is kept. Such a rule is
 * asked twice, as if the answer met it and as if it did not: where both give one verdict that is it, else it cannot be told.
 */
import { type Demand, firstUnmet, NO_FIELDS, type Past, type PastCall } from '../../domain/history.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Recorder, TargetPolicy } from '../../domain/policy.ts';
import { isOfOutput } from '../history/fields.ts';
import type { Given } from '../judge/verdict.ts';
import type { RecordedCall } from './recorded-call.ts';

/** An earlier call, and whether what it answered is missing. */
export interface Remembered extends PastCall {
  readonly session: string;
  readonly principal: string;
  readonly lacksOutput: boolean;
}

export function rememberedOf(call: RecordedCall, target: string, recorder: Recorder | undefined): Remembered {
  const { session, principal, at, ran } = call;
  const answered = ran?.outcome === 'ok' || ran?.outcome === 'tool_error';
  return {
    session,
    principal,
    target,
    at,
    settledAt: ran?.settledAt,
    outcome: ran?.outcome,
    lacksOutput: answered && ran?.result === undefined,
    fields: {
      ...(recorder?.ofCall(call.arguments ?? {}) ?? NO_FIELDS),
      ...(ran?.result === undefined ? NO_FIELDS : (recorder?.ofResult(ran.result) ?? NO_FIELDS)),
    },
  };
}

/** The calls before this one, as they stood when it was made: what ended later was under way. */
export const pastFor =
  (remembered: readonly Remembered[], { session, principal, at }: RecordedCall): Past =>
  (per, target) =>
    remembered
      .filter((one) => (per === 'session' ? one.session === session : one.principal === principal))
      .filter((one) => target === undefined || one.target === target)
      .map((one) =>
        one.settledAt !== undefined && one.settledAt > at ? { ...one, settledAt: undefined, outcome: undefined } : one,
      );

export interface Doubted {
  /** Undefined where it cannot be told. */
  readonly would: 'allow' | 'hold' | 'deny' | undefined;
  readonly rules: readonly string[];
  readonly reason: string | undefined;
}

export function verdictOn(policy: TargetPolicy, effective: JsonObject, given: Given): Doubted {
  const judgement = policy.judge(effective, given);
  if (judgement.verdict === 'deny') return { would: 'deny', rules: judgement.rules, reason: judgement.reason };
  const doubtful: string[] = [];
  for (const demand of judgement.demands) {
    const [met, unmet] = [true, false].map((matches) =>
      firstUnmet([demand], asIf(matches, demand, given.past), given.at),
    );
    if (met !== undefined && unmet !== undefined) return { would: 'deny', rules: [demand.rule], reason: demand.reason };
    if (met !== undefined || unmet !== undefined) doubtful.push(demand.rule);
  }
  if (doubtful.length > 0)
    return { would: undefined, rules: doubtful, reason: 'what an earlier call answered was not kept' };
  const reasons = judgement.needs.flatMap(({ reason }) => reason ?? []);
  return {
    would: judgement.needs.length > 0 ? 'hold' : 'allow',
    rules: judgement.rules,
    reason: reasons.length > 0 ? reasons.join('; ') : undefined,
  };
}

/** The past with every missing output as one that meets what is asked of it, or as one that does not. */
const asIf =
  (matches: boolean, demand: Demand, past: Past): Past =>
  (per, target, since) =>
    [...past(per, target, since)].map((one) => {
      if (!('lacksOutput' in one) || one.lacksOutput !== true) return one;
      const assumed = demand.where
        .filter(({ field, is }) => isOfOutput(field) && is !== undefined)
        .map(({ field, is }) => [field, matches ? is : NO_VALUE] as const);
      return { ...one, fields: { ...one.fields, ...Object.fromEntries(assumed) } } as PastCall;
    });

/** Equal to nothing that is kept: no digest, no amount, no truth. */
const NO_VALUE = 'another value';
