/** What a caller may see: the tools of its profile that are there, fit their rules and have not changed. No session. */
import type { Route } from '../domain/call.ts';
import type { Definition } from '../domain/contract.ts';
import type { JsonObject } from '../domain/json.ts';
import { agentName, CONTINUE_TOOL } from '../domain/names.ts';
import type { Profile } from '../domain/policy.ts';
import type { Downstream, Ledger, Now } from '../domain/ports.ts';
import { nameOf, type Presented, type Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { describe } from '../policy/describe.ts';
import type { Authenticate } from './authenticate.ts';
import { chooseProfile, type Profiles } from './enter-session.ts';

export interface Listing {
  readonly authenticate: Authenticate;
  readonly ledger: Ledger;
  readonly profiles: Profiles;
  readonly downstream: Downstream;
  readonly now: Now;
}

export const listTools =
  (listing: Listing) =>
  async (presented: Presented, route: Route): Promise<Result<readonly JsonObject[], Refusal>> => {
    const principal = listing.authenticate(presented);
    if (principal === undefined) return refuse({ reason: 'unauthenticated' });
    const profile = await profileOf(listing, principal, route);
    if (!profile.ok) return profile;
    const entries: JsonObject[] = [];
    for (const definition of await definitionsOf(listing.downstream, profile.value)) {
      const entry = visible(profile.value, definition, listing.downstream);
      if (entry !== undefined) entries.push(entry);
    }
    const canHold = [...profile.value.tools.values()].some((tool) => tool.canHold);
    return ok(canHold ? [...entries, CONTINUE_TOOL] : entries);
  };

/** A session's own URL says the profile; nobody but its owner learns that there is one. */
async function profileOf(
  { ledger, profiles, now }: Listing,
  principal: Principal,
  route: Route,
): Promise<Result<Profile, Refusal>> {
  if (route.session === undefined) return chooseProfile(profiles, route);
  const snapshot = await ledger.look(route.session, now());
  if (snapshot === undefined || nameOf(snapshot.session.principal) !== nameOf(principal))
    return refuse({ reason: 'session_unknown' });
  return chooseProfile(profiles, { ...route, profile: snapshot.session.profile });
}

/** In the order of the policy's servers. A server that cannot be reached shows nothing, and hides no other's tools. */
async function definitionsOf(downstream: Downstream, profile: Profile): Promise<readonly Definition[]> {
  const servers = new Set([...profile.tools.values()].map((tool) => tool.contract.server));
  const listed = await Promise.all([...servers].map((server) => downstream.definitions(server)));
  return listed.flatMap((definitions) => (definitions.ok ? definitions.value : []));
}

function visible(profile: Profile, definition: Definition, downstream: Downstream): JsonObject | undefined {
  const tool = profile.tools.get(`${definition.server}.${definition.name}`);
  if (tool === undefined || downstream.changed(definition) || tool.misfits(definition).length > 0) return undefined;
  return describe(agentName(definition.server, definition.name), tool, definition, profile.currency);
}
