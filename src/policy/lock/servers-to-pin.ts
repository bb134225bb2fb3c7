import { inOrder, type Problem, readYaml, type YamlDocument } from '../../document/document.ts';
import { resolveReferences } from '../../document/references.ts';
import type { Source } from '../../document/source.ts';
import type { Asks } from '../../domain/abilities.ts';
import type { PolicyTexts } from '../../domain/acceptance.ts';
import type { Profile, ServerAddress, Servers } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { layOver } from '../file/include.ts';
import { lookupIn } from '../file/load.ts';
import { readServers } from '../file/servers.ts';
import { readSets } from '../file/sets.ts';
import { serversNamed } from '../file/targets.ts';
import { reachedIn } from './reached.ts';

export type ToPin = Pick<Profile, 'file' | 'servers' | 'reached' | 'asks'>;

/**
 * The servers that a policy uses, or one that it includes, or what is wrong with how they are described. `shared` are those
 * of the deployment. The rest of the file is not judged: it may have patterns for tools, and they stand for what is about
 * to be pinned.
 */
export function serversToPin(
  { files }: Pick<PolicyTexts, 'files'>,
  shared: Servers,
): Result<ToPin, readonly Problem[]> {
  const [first, ...bases] = files;
  const read = layersOf(first, bases);
  if (!read.ok) return read;
  const [written] = read.value;
  const found: Problem[] = [];
  const document = resolveReferences(written, lookupIn(written, readSets(written, found)), found);
  const known = readServers(document, shared, found);
  if (found.length > 0) return refuse(inOrder(found));
  const servers = new Map<string, ServerAddress>();
  const asks = new Map<string, Asks>();
  for (const name of new Set(read.value.flatMap((layer) => [...serversNamed(layer)]))) {
    const server = known.get(name);
    if (server?.address !== undefined) servers.set(name, server.address);
    if (server?.asks !== undefined) asks.set(name, server.asks);
  }
  return ok({ file: first.file, servers, reached: reachedIn(document), asks });
}

/** Each file laid over all below it, the whole first. */
function layersOf(
  { file, text }: Source,
  [nearest, ...bases]: readonly Source[],
): Result<readonly [YamlDocument, ...YamlDocument[]], readonly Problem[]> {
  const over = readYaml(file, text);
  if (!over.ok) return over;
  if (nearest === undefined) return ok([over.value]);
  const below = layersOf(nearest, bases);
  return below.ok ? ok([layOver(below.value[0], over.value), ...below.value]) : below;
}
