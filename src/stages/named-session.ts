/** The session that a caller names: by its own URL, or by the token's `sid`. Both at once must name the same one. */
import type { Route } from '../domain/call.ts';
import type { Profile } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { type Caller, isSamePrincipal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Session, Snapshot } from '../domain/session.ts';
import { type Profiles, profileFor } from './choose-profile.ts';

export interface Named {
  readonly snapshot: Snapshot;
  readonly profile: Profile;
}

const UNKNOWN: Refusal = { reason: 'session_unknown' };

/** Undefined where none is named. Refused in the same words for one that is not there, not the caller's, or not both. */
export async function namedSession(
  ledger: Ledger,
  profiles: Profiles,
  { route, caller }: { readonly route: Route; readonly caller: Caller },
  now: Now,
): Promise<Result<Named | undefined, Refusal>> {
  const id = route.session ?? caller.sid;
  if (id === undefined) return ok(undefined);
  if (caller.sid !== undefined && caller.sid !== id) return refuse(UNKNOWN);
  const snapshot = await ledger.look(id, now());
  if (snapshot === undefined || !owns(caller, route, snapshot.session)) return refuse(UNKNOWN);
  const profile = profileFor(profiles, snapshot.session.profile, caller);
  return profile === undefined ? refuse(UNKNOWN) : ok({ snapshot, profile });
}

/** A session named by its id answers only its owner, under the profile it was opened for. */
const owns = ({ principal }: Caller, { profile }: Route, session: Session): boolean =>
  isSamePrincipal(session.principal, principal) && (profile === undefined || profile === session.profile);
