import type { Authenticated, InSession, Route, Stage } from '../domain/call.ts';
import type { Profile } from '../domain/policy.ts';
import type { DirOf, Ledger, Now } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Session, Snapshot } from '../domain/session.ts';
import { stopRefusal } from './stopped.ts';

/** The profiles of this gateway, by name. */
export type Profiles = ReadonlyMap<string, Profile>;

/** The session this call belongs to: the one it names, or the live one of this principal, profile and folder. */
export const enterSession =
  (ledger: Ledger, profiles: Profiles, dirOf: DirOf, now: Now): Stage<Authenticated, InSession> =>
  async (call) => {
    const named = call.route.session;
    if (named !== undefined) {
      const snapshot = await ledger.look(named, now());
      const profile = snapshot && profiles.get(snapshot.session.profile);
      if (!profile || !owns(call, snapshot.session)) return refuse({ reason: 'session_unknown' });
      return standing(ledger, { ...call, profile, ...stoodIn(snapshot, dirOf) });
    }
    const chosen = chooseProfile(profiles, call.route);
    if (!chosen.ok) return chosen;
    const key = { principal: call.principal, profile: chosen.value.name, folder: call.route.folder };
    const snapshot = await ledger.enter(key, now());
    return standing(ledger, { ...call, profile: chosen.value, ...stoodIn(snapshot, dirOf) });
  };

const stoodIn = (snapshot: Snapshot, dirOf: DirOf) => ({
  session: snapshot.session,
  snapshot,
  dir: dirOf(snapshot.session.id),
});

/** The profile a caller works under: the one its route names, or the only one there is. Guessing would widen. */
export function chooseProfile(profiles: Profiles, route: Route): Result<Profile, Refusal> {
  if (route.profile !== undefined) {
    const named = profiles.get(route.profile);
    return named === undefined ? refuse({ reason: 'session_unknown' }) : ok(named);
  }
  const [only, ...more] = profiles.values();
  return only !== undefined && more.length === 0
    ? ok(only)
    : refuse({ reason: 'profile_unclear', profiles: [...profiles.keys()] });
}

/** A session named by its id answers only its owner, under the profile it was opened for. */
const owns = (call: Authenticated, session: Session): boolean =>
  nameOf(session.principal) === nameOf(call.principal) &&
  session.principal.client === call.principal.client &&
  (call.route.profile === undefined || call.route.profile === session.profile);

/** Before the target is looked for: what stops all of a session's calls stops this one here. */
async function standing(ledger: Ledger, call: InSession): Promise<Result<InSession, Refusal>> {
  switch (call.session.state) {
    case 'created':
    case 'running': {
      const stopped = await stopRefusal(ledger, call);
      return stopped === undefined ? ok(call) : refuse(stopped);
    }
    case 'paused':
      return refuse({ reason: 'session_paused' });
    default:
      return refuse({ reason: 'session_over' });
  }
}
