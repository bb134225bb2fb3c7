/** Which profile a caller works under. Whom a profile does not let in learns nothing of it, not even that it is there. */
import type { Route } from '../domain/call.ts';
import type { Profile } from '../domain/policy.ts';
import type { Caller } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { admits } from '../domain/who.ts';

/** The profiles of this gateway, by name. */
export type Profiles = ReadonlyMap<string, Profile>;

/** The profile of this name, where it lets the caller in. */
export function profileFor(profiles: Profiles, name: string, caller: Caller): Profile | undefined {
  const named = profiles.get(name);
  return named !== undefined && admits(named.who, caller) ? named : undefined;
}

/** The profile that the route names, or the only one that lets the caller in. Guessing would widen. */
export function chooseProfile(profiles: Profiles, route: Route, caller: Caller): Result<Profile, Refusal> {
  if (route.profile !== undefined) {
    const named = profileFor(profiles, route.profile, caller);
    return named === undefined ? refuse({ reason: 'session_unknown' }) : ok(named);
  }
  const admitting = [...profiles.values()].filter(({ who }) => admits(who, caller));
  const [only, ...more] = admitting;
  if (only === undefined) return refuse({ reason: 'session_unknown' });
  return more.length === 0
    ? ok(only)
    : refuse({ reason: 'profile_unclear', profiles: admitting.map(({ name }) => name) });
}
