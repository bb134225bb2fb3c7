/** What a caller's servers offer together, as one server would declare it, and the changes of their lists. */
import type { Route } from '../domain/call.ts';
import type { ListKind, Offers } from '../domain/downstream.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import type { Profile } from '../domain/policy.ts';
import type { Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result } from '../domain/result.ts';
import { readable } from '../policy/shown/readable.ts';
import { acceptedInstructions } from './accepted.ts';
import { type Looking, seenBy } from './seen-by.ts';

/** MCP Apps: pages of a server that a client shows. The one extension that passes through. */
const UI = 'io.modelcontextprotocol/ui';

/** The servers that a profile uses for each kind of list. */
const serversOf = (profile: Profile): Readonly<Record<ListKind, ReadonlySet<string>>> => ({
  tools: new Set([...profile.tools.values()].map(({ contract }) => contract.server)),
  prompts: new Set([...profile.prompts.values()].map(({ contract }) => contract.server)),
  resources: new Set(profile.resources.map(({ contract }) => contract.server)),
});

export const offers =
  (looking: Looking) =>
  async (presented: Presented, route: Route): Promise<Result<Offers, Refusal>> => {
    const seen = await seenBy(looking, presented, route);
    if (!seen.ok) return seen;
    const { profile } = seen.value;
    const known = new Map([...profile.servers.keys()].map((server) => [server, looking.downstream.offers(server)]));
    return ok({ capabilities: capabilitiesOf(profile, known), instructions: instructionsOf(profile, known) });
  };

type Known = ReadonlyMap<string, Offers | undefined>;

/** The union of what the servers have, less what the policy names nothing of. A server that was not reached yet may have all. */
function capabilitiesOf(profile: Profile, known: Known): JsonObject {
  const uses = serversOf(profile);
  const some = (servers: Iterable<string>, offered: (capabilities: JsonObject) => boolean): boolean =>
    [...servers].some((server) => {
      const one = known.get(server);
      return one === undefined || offered(one.capabilities);
    });
  const has = (name: string) => (capabilities: JsonObject) => isObject(capabilities[name]);
  const subscribes = ({ resources }: JsonObject) => isObject(resources) && resources['subscribe'] === true;
  const hasPrompts = some(uses.prompts, has('prompts'));
  const hasResources = some(uses.resources, has('resources'));
  const shows = ({ extensions }: JsonObject) => isObject(extensions) && isObject(extensions[UI]);
  return {
    tools: { listChanged: true },
    ...(hasPrompts ? { prompts: { listChanged: true } } : {}),
    // Its own session is a resource to every agent.
    resources: hasResources
      ? { listChanged: true, ...(some(uses.resources, subscribes) ? { subscribe: true } : {}) }
      : {},
    ...(some([...uses.prompts, ...uses.resources], has('completions')) ? { completions: {} } : {}),
    ...(some(known.keys(), has('logging')) ? { logging: {} } : {}),
    ...([...known.values()].some((one) => one !== undefined && shows(one.capabilities))
      ? { extensions: { [UI]: {} } }
      : {}),
  };
}

/** The servers' own words, each named and set in: no line of one can pass for ours, or head another's. */
function instructionsOf(profile: Profile, known: Known): string | undefined {
  const parts = [...known].flatMap(([server, one]) => {
    const words = acceptedInstructions(profile, server, one?.instructions);
    return words === undefined ? [] : [`Instructions of ${server}, unverified:\n${setIn(words)}`];
  });
  return parts.length === 0 ? undefined : parts.join('\n\n');
}

const setIn = (words: string): string => `  ${readable(words).replaceAll('\n', '\n  ')}`;

/** Tells of lists that changed, of the servers that this caller's profile uses for them, until `signal` aborts. */
export const listen =
  (looking: Looking) =>
  async (
    presented: Presented,
    route: Route,
    changed: (list: ListKind) => void,
    signal: AbortSignal,
  ): Promise<Result<void, Refusal>> => {
    const seen = await seenBy(looking, presented, route);
    if (!seen.ok || signal.aborted) return seen.ok ? ok(undefined) : seen;
    const { profile } = seen.value;
    const uses = serversOf(profile);
    const end = looking.downstream.onListChanged((server, list) => {
      // The policy may be another by now: who heard of a server hears that it is gone, too.
      const now = looking.profiles.get(profile.name) ?? profile;
      if (uses[list].has(server) || serversOf(now)[list].has(server)) changed(list);
    });
    signal.addEventListener('abort', end, { once: true });
    return ok(undefined);
  };
