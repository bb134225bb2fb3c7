/** Whose view of the tools is asked for: the profile, and the live session where there is one. Opens none. */
import type { Route } from '../domain/call.ts';
import type { Profile } from '../domain/policy.ts';
import type { DirOf, Downstream, Ledger, Now } from '../domain/ports.ts';
import { nameOf, type Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Authenticate } from './authenticate.ts';
import { chooseProfile, type Profiles } from './enter-session.ts';

/** Who has no session yet sees what a session without an id would. */
const NOBODY = 'none';

export interface Looking {
  readonly authenticate: Authenticate;
  readonly ledger: Ledger;
  readonly profiles: Profiles;
  readonly downstream: Downstream;
  readonly dirOf: DirOf;
  readonly now: Now;
}

export interface Seen {
  readonly profile: Profile;
  /** The caller's live session; undefined before its first call. */
  readonly session: string | undefined;
  /** Its folder, or that of nobody's session. */
  readonly dir: string;
}

/** A session's own URL says the profile; nobody but its owner learns that there is one. */
export async function seenBy(
  { authenticate, ledger, profiles, dirOf, now }: Looking,
  presented: Presented,
  route: Route,
): Promise<Result<Seen, Refusal>> {
  const principal = authenticate(presented);
  if (principal === undefined) return refuse({ reason: 'unauthenticated' });
  if (route.session !== undefined) {
    const named = await ledger.look(route.session, now());
    if (named === undefined || nameOf(named.session.principal) !== nameOf(principal))
      return refuse({ reason: 'session_unknown' });
    const profile = chooseProfile(profiles, { ...route, profile: named.session.profile });
    return profile.ok ? ok({ profile: profile.value, session: route.session, dir: dirOf(route.session) }) : profile;
  }
  const profile = chooseProfile(profiles, route);
  if (!profile.ok) return profile;
  const live = await ledger.find({ principal, profile: profile.value.name, folder: route.folder }, now());
  const session = live?.session.id;
  return ok({ profile: profile.value, session, dir: dirOf(session ?? NOBODY) });
}
