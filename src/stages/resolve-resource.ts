import type { InSession } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import type { Downstream } from '../domain/downstream.ts';
import { connectionOwner, type ResourcePolicy } from '../domain/policy.ts';
import { ok, refuse } from '../domain/result.ts';
import { pageOf } from '../policy/lock/pages.ts';
import { hasPage } from './accepted.ts';
import { stopRefusal } from './stopped.ts';
import type { Find } from './target.ts';

/** A resource by its URI. The first pattern that matches judges, and names the server. */
export const resolveResource: Find = async (call, { ledger, downstream }) => {
  const uri = call.target;
  const matching = call.profile.resources.filter((policy) => policy.matches(uri, call.dir));
  for (const { contract } of matching) {
    const stopped = await stopRefusal(ledger, call, { target: targetOf({ ...contract, name: uri }) });
    if (stopped !== undefined) return refuse(stopped);
  }
  const policy = await ownerOf(uri, matching, call, downstream);
  if (policy === undefined || !hasPage(call.profile, policy.contract.server, uri))
    return refuse({ reason: 'target_unknown', target: uri });
  return ok({ policy, contract: { ...policy.contract, name: uri }, definition: undefined, effective: { uri } });
};

/** Where the patterns of several servers match, it is the resource of the server that shows it; else of the first. */
async function ownerOf(
  uri: string,
  matching: readonly ResourcePolicy[],
  call: InSession,
  downstream: Downstream,
): Promise<ResourcePolicy | undefined> {
  const servers = [...new Set(matching.map((policy) => policy.contract.server))];
  if (servers.length < 2) return matching[0];
  const shows = await Promise.all(servers.map((server) => isShown(uri, server, call, downstream)));
  const owner = servers[shows.indexOf(true)] ?? servers[0];
  return matching.find((policy) => policy.contract.server === owner);
}

/** Shown in the server's list, or as the page of one of its tools (MCP Apps: `_meta.ui.resourceUri`). */
async function isShown(
  uri: string,
  server: string,
  { session, profile }: InSession,
  downstream: Downstream,
): Promise<boolean> {
  const [listed, tools] = await Promise.all([
    downstream.resources(server, 'resources', connectionOwner(profile, server, session.id)),
    downstream.definitions(server, 'tool'),
  ]);
  if (listed.ok && listed.value.some((entry) => entry['uri'] === uri)) return true;
  return tools.ok && tools.value.some((tool) => pageOf(tool) === uri);
}
