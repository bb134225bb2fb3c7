import { inOrder, type Problem, readYaml } from '../../document/document.ts';
import { resolveReferences } from '../../document/references.ts';
import type { Source } from '../../document/source.ts';
import type { Asks } from '../../domain/abilities.ts';
import type { Profile, ServerAddress } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { lookupIn } from '../load.ts';
import { readServers } from '../servers.ts';
import { readSets } from '../sets.ts';
import { serversNamed } from '../targets.ts';
import { reachedIn } from './reached.ts';

export type ToPin = Pick<Profile, 'file' | 'servers' | 'reached' | 'asks'>;

/**
 * The servers that a policy uses, or what is wrong with how it describes them. The rest of the file is not judged: it may
 * have patterns for tools, and they stand for what is about to be pinned.
 */
export function serversToPin({ file, text }: Source): Result<ToPin, readonly Problem[]> {
  const read = readYaml(file, text);
  if (!read.ok) return read;
  const found: Problem[] = [];
  const document = resolveReferences(read.value, lookupIn(read.value, readSets(read.value, found)), found);
  const known = readServers(document, new Map(), found);
  if (found.length > 0) return refuse(inOrder(found));
  const servers = new Map<string, ServerAddress>();
  const asks = new Map<string, Asks>();
  for (const name of serversNamed(document)) {
    const server = known.get(name);
    if (server?.address !== undefined) servers.set(name, server.address);
    if (server?.asks !== undefined) asks.set(name, server.asks);
  }
  return ok({ file, servers, reached: reachedIn(document), asks });
}
