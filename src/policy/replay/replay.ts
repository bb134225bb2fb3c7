/**
 * A journal judged again: what a policy would have said of the calls that were made, in their order. A call that it would
 * have denied or stopped leaves nothing behind; of the others that ran, what is remembered, what they touch and what they
 * cost is as this policy's own rules say it.
 */
import { isExtendable, overdrawn } from '../../domain/budget.ts';
import { targetOf } from '../../domain/contract.ts';
import type { Past } from '../../domain/history.ts';
import { joined } from '../../domain/label.ts';
import type { Names } from '../../domain/names.ts';
import type { Profile, TargetPolicy } from '../../domain/policy.ts';
import { policyOf } from '../judge/verdict.ts';
import { pastFor, type Remembered, rememberedOf, verdictOn } from './doubt.ts';
import type { RecordedCall } from './recorded-call.ts';

export interface Replaying {
  readonly profile: Profile;
  readonly names: Names;
  /** The folder of a session. */
  readonly dirOf: (session: string) => string;
}

/** What was said of a call, and what this policy would say. */
export interface Replayed {
  readonly call: RecordedCall;
  readonly target: string;
  /** Undefined: it cannot be told, and `reason` says why. */
  readonly would: 'allow' | 'hold' | 'deny' | 'stop' | undefined;
  readonly rules: readonly string[];
  readonly reason: string | undefined;
}

/** How a session stands by then. */
interface Stood {
  labels: readonly string[];
  readonly used: Record<string, number>;
  /** The servers that it reached. */
  readonly production: Set<string>;
}

/** All calls that are judged, the oldest first. `calls` may be of several sessions, and in any order. */
export function replay(calls: readonly RecordedCall[], replaying: Replaying): readonly Replayed[] {
  const { profile, dirOf } = replaying;
  const ordered = calls.toSorted((a, b) => a.at - b.at);
  const remembered: Remembered[] = [];
  const sessions = new Map<string, Stood>();
  return ordered.flatMap((call) => {
    const session = sessions.get(call.session) ?? { labels: [], used: {}, production: new Set() };
    sessions.set(call.session, session);
    const dir = dirOf(call.session);
    const target = targetIn(call, replaying, dir);
    const policy = policyOf(profile, target, dir);
    const told = call.isJudged ? [judged(call, target)] : [];
    const isLetThrough = told.every(({ would }) => would !== 'deny' && would !== 'stop');
    if (call.ran !== undefined && isLetThrough && !('kind' in policy)) {
      remembered.push(rememberedOf(call, target, profile.recorders.get(target)));
      session.labels = joined(session.labels, policy.contract.labels);
      for (const [kind, claim] of Object.entries(claimsOf(policy)))
        session.used[kind] = (session.used[kind] ?? 0) + claim;
      // It ran: where a person would have been asked first, that person would have agreed.
      session.production.add(policy.contract.server);
    }
    return told;

    function judged(one: RecordedCall, name: string): Replayed {
      if ('kind' in policy)
        return { call: one, target: name, would: 'deny', rules: [policy.kind], reason: `it is not in ${policy.kind}` };
      if (one.arguments === undefined) return unsure(one, name, 'its arguments were not kept');
      const over = overdrawn(withoutTime(profile.caps), session.used, claimsOf(policy));
      const past: Past = pastFor(remembered, one);
      const given = { labels: session.labels, production: [...session.production], dir, past, at: one.at };
      const doubted = verdictOn(policy, one.arguments, given);
      // Where this policy only observes, budgets are counted, not enforced.
      if (over === undefined || doubted.would === 'deny' || policy.observes)
        return { call: one, target: name, ...doubted };
      const rules = [`budgets.session.${over.kind}`];
      return {
        call: one,
        target: name,
        // Where a person may extend it, the call waits.
        would: profile.whenReached === 'extend' && isExtendable(over.kind) ? 'hold' : 'stop',
        rules,
        reason: `${over.used} of ${over.cap} ${over.kind} are used`,
      };
    }
  });
}

const unsure = (call: RecordedCall, target: string, reason: string): Replayed => ({
  call,
  target,
  would: undefined,
  rules: [],
  reason,
});

/** Whether this policy says another thing of a call than was said; what cannot be told is a difference to look at. */
export const differs = ({ call, would }: Replayed): boolean => would !== call.verdict;

/** Time depends on the machine that it was: it is not replayed. */
const withoutTime = ({ runtime: _, ...caps }: Profile['caps']): Profile['caps'] => caps;

const claimsOf = ({ contract }: TargetPolicy): Readonly<Record<string, number>> => ({ ...contract.charges, calls: 1 });

/** What an agent's own name means under this policy. */
function targetIn({ target, isNamedByAgent }: RecordedCall, { profile, names }: Replaying, dir: string): string {
  if (!isNamedByAgent) return target;
  const prompt = names.prompts.get(target);
  const resource = profile.resources.find((one) => one.matches(target, dir));
  const found = names.tools.get(target) ?? (prompt && `prompt ${prompt}`);
  return found ?? (resource && targetOf({ ...resource.contract, name: target })) ?? target;
}
