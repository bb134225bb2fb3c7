import { isRenewed, overdrawn, renewedAmounts } from '../domain/budget.ts';
import type { Authenticated, InSession, Stage } from '../domain/call.ts';
import type { Profile } from '../domain/policy.ts';
import type { DirOf, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { isAged, type Snapshot } from '../domain/session.ts';
import { chooseProfile, type Profiles } from './choose-profile.ts';
import { namedSession } from './named-session.ts';
import { stopRefusal } from './stopped.ts';

/** The session this call belongs to: the one it names, or the live one of this principal, profile and folder. */
export const enterSession =
  (ledger: Ledger, profiles: Profiles, dirOf: DirOf, now: Now): Stage<Authenticated, InSession> =>
  async (call) => {
    const named = await namedSession(ledger, profiles, { route: call.route, caller: call }, now);
    if (!named.ok) return named;
    if (named.value !== undefined) {
      const { profile, snapshot } = named.value;
      return standing(ledger, { ...call, profile, ...stoodIn(snapshot, profile, dirOf) });
    }
    const chosen = chooseProfile(profiles, call.route, call);
    if (!chosen.ok) return chosen;
    const key = { principal: call.principal, profile: chosen.value.name, folder: call.route.folder };
    const { life, mostSessions, currency } = chosen.value;
    const entered = await ledger.enter(key, now(), { maxAge: life.maxAge, mostSessions });
    if (!entered.ok) return refuse({ reason: 'over_budget', overdrawn: entered.error, currency });
    return standing(ledger, { ...call, profile: chosen.value, ...stoodIn(entered.value, chosen.value, dirOf) });
  };

const stoodIn = (snapshot: Snapshot, { life }: Profile, dirOf: DirOf) => ({
  session: snapshot.session,
  snapshot: isRenewed(snapshot.chargedSince, life.renew, snapshot.at)
    ? { ...snapshot, used: renewedAmounts(snapshot.used) }
    : snapshot,
  dir: dirOf(snapshot.session.id),
});

/** Before the target is looked for: what stops all of a session's calls stops this one here. */
async function standing(ledger: Ledger, call: InSession): Promise<Result<InSession, Refusal>> {
  if (isAged(call.session, call.profile.life.maxAge, call.snapshot.at)) return refuse({ reason: 'session_over' });
  switch (call.session.state) {
    case 'created':
    case 'running': {
      const stopped = await stopRefusal(ledger, call);
      return stopped === undefined ? (refusedEnough(call) ?? ok(call)) : refuse(stopped);
    }
    case 'paused':
      return refuse({ reason: 'session_paused' });
    default:
      return refuse({ reason: 'session_over' });
  }
}

/** A session that was refused as often as it may be is judged no more: a loop of denials ends. */
function refusedEnough({ profile, snapshot }: InSession): Result<never, Refusal> | undefined {
  const { refusals } = profile.caps;
  if (refusals === undefined || profile.mode === 'observe') return undefined;
  const over = overdrawn({ refusals }, snapshot.used, {});
  return over && refuse({ reason: 'over_budget', overdrawn: over, currency: profile.currency });
}
