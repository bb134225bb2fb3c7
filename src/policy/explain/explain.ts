/** One call explained: what this policy says of it, by which rules, what it would do, and what would change the answer. Pure. */
import { targetOf } from '../../domain/contract.ts';
import type { JsonObject } from '../../domain/json.ts';
import { joined } from '../../domain/label.ts';
import type { Judgement, Observed, TargetPolicy } from '../../domain/policy.ts';
import { effectiveIn, givenOf } from '../file/inline-tests.ts';
import type { LoadedPolicy } from '../file/load.ts';
import type { TestPart } from '../file/policy-shape.ts';
import { placeOfRule } from '../file/rule-places.ts';
import { policyOf, type Unlisted, type Verdict, verdictOf } from '../judge/verdict.ts';
import { inputOf } from '../schema/schema.ts';
import { type Asked, changesOf, unlistedChanges } from './changes.ts';

export interface Explanation {
  readonly target: string;
  readonly verdict: Verdict['verdict'];
  /** The rules that gave the answer, and where each stands: `file:line`. */
  readonly rules: readonly { readonly rule: string; readonly at: string | undefined }[];
  readonly reason: string | undefined;
  readonly observed: readonly Observed[];
  /** What is wrong with the arguments before any rule: such a call is refused as invalid. */
  readonly invalid: readonly string[];
  /** Undefined where the policy does not have the target. */
  readonly does: Does | undefined;
  /** What would change the answer, a line each. */
  readonly changes: readonly string[];
}

/** What the call would do. */
interface Does {
  readonly effect: string;
  /** Beside the call itself; `spend` in millionths. */
  readonly charges: Readonly<Record<string, number>>;
  readonly labels: readonly string[];
  readonly sendsTo: string;
  /** What its credential is asked for. */
  readonly scopes: readonly string[];
  /** The tool that reads what its arguments point at, where a person is asked. */
  readonly shows: string | undefined;
}

/** `written` are the arguments as an agent gives them; `said` what has happened before, as tests say it. */
export function explain(
  loaded: LoadedPolicy,
  target: string,
  written: JsonObject,
  said: NonNullable<TestPart['given']>,
): Explanation {
  const { profile, document } = loaded;
  const given = givenOf(said, profile);
  const policy = policyOf(profile, target, given.dir);
  const effective = effectiveIn(profile, target, written);
  const verdict = verdictOf(profile, target, effective, given);
  const asked: Asked = { loaded, target, effective, given, verdict };
  return {
    target,
    verdict: verdict.verdict,
    rules: verdict.rules.map((rule) => ({
      rule,
      at: placeOfRule(document, profile.lock, 'kind' in policy ? target : targetOf(policy.contract), rule),
    })),
    reason: verdict.reason,
    observed: verdict.observed,
    invalid: invalidWords(loaded, target, effective),
    does: doneBy(policy, effective, asked),
    changes: 'kind' in policy ? unlistedChanges(asked) : changesOf(asked, policy),
  };
}

/** What the tool itself, as it is pinned, does not take. */
function invalidWords({ profile }: LoadedPolicy, target: string, effective: JsonObject): readonly string[] {
  const [server = ''] = target.split('.', 1);
  const definition = profile.lock?.servers
    .get(server)
    ?.definitions.find((one) => one.kind === 'tool' && targetOf(one) === target);
  const checked = definition === undefined ? undefined : inputOf(definition)(effective);
  return checked?.ok === false ? checked.error : [];
}

function doneBy(policy: TargetPolicy | Unlisted, effective: JsonObject, { given }: Asked): Does | undefined {
  if ('kind' in policy) return undefined;
  const { contract } = policy;
  const judgement: Judgement = policy.judge(effective, given);
  return {
    effect: judgement.verdict === 'allow' ? judgement.effect : contract.effect,
    charges: contract.charges,
    labels: joined(contract.labels, []),
    sendsTo: contract.sendsTo,
    scopes: contract.scopes,
    shows: policy.shows?.tool,
  };
}
