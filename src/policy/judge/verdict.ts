/** The whole verdict on one call, its history given: what tests, explanations and replays ask. Pure. */
import { firstUnmet, type Past } from '../../domain/history.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Circumstances, Observed, Profile, TargetPolicy } from '../../domain/policy.ts';

export type Judged = Pick<Profile, 'tools' | 'prompts' | 'resources'>;

/** What a call is judged by beside its arguments: the session, and when it is made (milliseconds since the epoch). */
export interface Given extends Circumstances {
  readonly past: Past;
  readonly at: number;
}

export interface Verdict {
  readonly verdict: 'allow' | 'hold' | 'deny';
  /** The rules that gave the answer. */
  readonly rules: readonly string[];
  /** Of a denial, in one sentence without a full stop; of a hold, where the policy gives one. */
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
  readonly observed: readonly Observed[];
}

/** `target` as `targetOf` says it. What the profile does not have is denied by `tools`, `prompts` or `resources`. */
export function verdictOf(profile: Judged, target: string, effective: JsonObject, given: Given): Verdict {
  const policy = policyOf(profile, target, given.dir);
  if ('kind' in policy) return denied([policy.kind], `${target} is not in ${policy.kind}`, undefined);
  const judgement = policy.judge(effective, given);
  if (judgement.verdict === 'deny') return denied(judgement.rules, judgement.reason, judgement.remedy);
  const unmet = firstUnmet(judgement.demands, given.past, given.at);
  if (unmet !== undefined) return denied([unmet.demand.rule], unmet.demand.reason, unmet.demand.remedy);
  const late = judgement.observedDemands.flatMap((demand): readonly Observed[] =>
    firstUnmet([demand], given.past, given.at) === undefined
      ? []
      : [{ rule: demand.rule, would: 'deny', reason: demand.reason }],
  );
  const reasons = judgement.needs.flatMap((need) => need.reason ?? []);
  return {
    verdict: judgement.needs.length > 0 ? 'hold' : 'allow',
    rules: judgement.rules,
    reason: reasons.length > 0 ? reasons.join('; ') : undefined,
    remedy: undefined,
    observed: [...judgement.observed, ...late],
  };
}

const denied = (rules: readonly string[], reason: string, remedy: string | undefined): Verdict => ({
  verdict: 'deny',
  rules,
  reason,
  remedy,
  observed: [],
});

export type Unlisted = { readonly kind: 'tools' | 'prompts' | 'resources' };

export function policyOf(profile: Judged, target: string, dir: string): TargetPolicy | Unlisted {
  if (target.startsWith('prompt ')) return profile.prompts.get(target.slice('prompt '.length)) ?? { kind: 'prompts' };
  const [word, server, ...uri] = target.split(' ');
  if (word !== 'resource' || server === undefined) return profile.tools.get(target) ?? { kind: 'tools' };
  const named = uri.join(' ');
  return (
    profile.resources.find((one) => one.contract.server === server && one.matches(named, dir)) ?? { kind: 'resources' }
  );
}
