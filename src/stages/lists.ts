/** What a caller may see: of its allow-list what is there, fits its rules and has not changed. No session is opened. */
import type { Route } from '../domain/call.ts';
import type { Definition } from '../domain/contract.ts';
import type { JsonObject } from '../domain/json.ts';
import { agentName, CONTINUE_TOOL } from '../domain/names.ts';
import { connectionOwner, type Profile, type TargetPolicy } from '../domain/policy.ts';
import type { Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result } from '../domain/result.ts';
import { describe, describePrompt, describeResource } from '../policy/shown/describe.ts';
import { acceptedOf, acceptedTemplates } from './accepted.ts';
import { OWN_ENTRIES } from './memory/own-resources.ts';
import { type Looking, type Seen, seenBy } from './seen-by.ts';
/** Lists that a client may ask for, by the member of the result that holds the entries. */
export type Listed = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

const LISTS: Readonly<Record<Listed, (looking: Looking, seen: Seen) => Promise<readonly JsonObject[]>>> = {
  tools: async (looking, { profile }) => {
    const entries = await pinnedEntries(looking, profile, 'tool', profile.tools, (name, policy, definition) =>
      describe(name, policy, definition, profile.currency),
    );
    // Where a budget may be extended, every call may be held.
    const asks = profile.whenReached === 'extend';
    const canHold = [...profile.tools.values()].some((tool) => (tool.canHold || asks) && tool.contract.visible);
    return canHold ? [...entries, CONTINUE_TOOL] : entries;
  },
  prompts: (looking, { profile }) =>
    pinnedEntries(looking, profile, 'prompt', profile.prompts, (name, policy, definition) =>
      describePrompt(name, policy, definition, profile.currency),
    ),
  resources: (looking, seen) => resourceEntries(looking, seen, 'resources'),
  resourceTemplates: (looking, seen) => resourceEntries(looking, seen, 'resourceTemplates'),
};

export const lists =
  (looking: Looking) =>
  async (presented: Presented, route: Route, list: Listed): Promise<Result<readonly JsonObject[], Refusal>> => {
    const seen = await seenBy(looking, presented, route);
    return seen.ok ? ok(await LISTS[list](looking, seen.value)) : seen;
  };

type Describe = (name: string, policy: TargetPolicy, definition: Definition) => JsonObject;

/** In the order of the policy's servers. A server that cannot be reached shows nothing, and hides no other's entries. */
async function pinnedEntries(
  { downstream }: Looking,
  profile: Profile,
  kind: Definition['kind'],
  policies: Profile['tools'],
  describeEntry: Describe,
): Promise<readonly JsonObject[]> {
  const servers = new Set([...policies.values()].map((policy) => policy.contract.server));
  const listed = await Promise.all([...servers].map((server) => downstream.definitions(server, kind)));
  const definitions = [...servers].flatMap((server, at) => {
    const one = listed[at];
    if (one?.ok === true) return acceptedOf(profile, server, kind, one.value);
    // Where callers alone can ask, what was accepted is what there is until one does.
    return downstream.needsVia(server, kind) ? acceptedOf(profile, server, kind, []) : [];
  });
  return definitions.flatMap((definition) => {
    const policy = policies.get(`${definition.server}.${definition.name}`);
    if (
      policy === undefined ||
      !policy.contract.visible ||
      downstream.changed(definition) ||
      policy.misfits(definition).length > 0
    )
      return [];
    return [describeEntry(agentName(profile, definition.server, definition.name), policy, definition)];
  });
}

/** A resource is shown where the first pattern that matches it is this server's; a template where some URI of it may be read. */
async function resourceEntries(
  { downstream }: Looking,
  { profile, session, dir }: Seen,
  list: 'resources' | 'resourceTemplates',
): Promise<readonly JsonObject[]> {
  const servers = [...new Set(profile.resources.map((policy) => policy.contract.server))];
  const listed = await Promise.all(
    servers.map(async (server) => ({
      server,
      entries: await downstream.resources(server, list, session && connectionOwner(profile, server, session)),
    })),
  );
  const shown = listed.flatMap(({ server, entries }) => {
    const policies = profile.resources.filter((policy) => policy.contract.server === server);
    const present = entries.ok ? entries.value : [];
    return (list === 'resources' ? present : acceptedTemplates(profile, server, present)).flatMap((entry) => {
      const policy = policies.find((one) =>
        list === 'resources'
          ? one.matches(String(entry['uri']), dir)
          : one.covers(String(entry['uriTemplate']), dir) !== 'none',
      );
      return policy === undefined ? [] : [describeResource(policy, entry, profile.currency)];
    });
  });
  return session === undefined ? shown : [...shown, ...OWN_ENTRIES[list]];
}
