/** Whose view of the tools is asked for: the profile, and the live session where there is one. Opens none. */
import type { Route } from '../domain/call.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { Profile } from '../domain/policy.ts';
import type { DirOf, Ledger, Now } from '../domain/ports.ts';
import type { Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Authenticate } from './authenticate.ts';
import { chooseProfile, type Profiles } from './choose-profile.ts';
import { namedSession } from './named-session.ts';

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

/** A session that the caller names says the profile; nobody but its owner learns that there is one. */
export async function seenBy(
  { authenticate, ledger, profiles, dirOf, now }: Looking,
  presented: Presented,
  route: Route,
): Promise<Result<Seen, Refusal>> {
  const caller = await authenticate(presented);
  if (caller === undefined) return refuse({ reason: 'unauthenticated' });
  const named = await namedSession(ledger, profiles, { route, caller }, now);
  if (!named.ok) return named;
  if (named.value !== undefined) {
    const { id } = named.value.snapshot.session;
    return ok({ profile: named.value.profile, session: id, dir: dirOf(id) });
  }
  const profile = chooseProfile(profiles, route, caller);
  if (!profile.ok) return profile;
  const live = await ledger.find(
    { principal: caller.principal, profile: profile.value.name, folder: route.folder },
    now(),
  );
  const session = live?.session.id;
  return ok({ profile: profile.value, session, dir: dirOf(session ?? NOBODY) });
}
