/** Asks the servers of a profile what they are, and makes a lock of it: what a person is to read and accept. */
import { NO_ABILITIES } from '../domain/abilities.ts';
import type { Downstream, Unavailable } from '../domain/downstream.ts';
import type { Lock, LockedPackage, LockedServer } from '../domain/lock.ts';
import type { Profile } from '../domain/policy.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { pageOf } from '../policy/lock/pages.ts';
import { lockFileOf } from '../policy/lock/read-lock.ts';
import { lockOf } from '../policy/lock/write-lock.ts';
import { isLegacyRevision } from '../wire/revisions.ts';
import { readPage } from './read-page.ts';

/** The session in whose name pages are read. */
const PINNING = 'pinning';

/** The servers as they are started; `file` is the policy's. */
export interface ToPropose extends Pick<Profile, 'file' | 'servers' | 'reached'> {
  /** What was fetched of those that are named by a package, by server. */
  readonly packages: ReadonlyMap<string, LockedPackage>;
}

/** Refused where a server cannot be reached. `report` hears of pages that cannot be read: they are not pinned, and not there. */
export async function proposeLock(
  { file, servers, reached, packages }: ToPropose,
  downstream: Downstream,
  now: Now,
  report: (line: string) => void,
): Promise<Result<Lock, Unavailable>> {
  const locked = new Map<string, LockedServer>();
  for (const server of servers.keys()) {
    const one = await lockedServer(server, downstream, now, (text) => report(`${server}: ${text}`));
    if (!one.ok) return one;
    const fetched = packages.get(server);
    locked.set(server, {
      ...one.value,
      reached: reached.get(server),
      ...(fetched === undefined ? {} : { package: fetched }),
    });
  }
  return ok(lockOf(lockFileOf(file), locked));
}

async function lockedServer(
  server: string,
  downstream: Downstream,
  now: Now,
  report: (text: string) => void,
): Promise<Result<Omit<LockedServer, 'reached'>, Unavailable>> {
  const tools = await downstream.definitions(server, 'tool');
  if (!tools.ok) return tools;
  const prompts = await downstream.definitions(server, 'prompt');
  if (!prompts.ok) return prompts;
  const templates = await downstream.resources(server, 'resourceTemplates', undefined);
  if (!templates.ok) return templates;
  const connected = await downstream.connect(server, PINNING, NO_ABILITIES);
  if (!connected.ok) return connected;
  const uris = new Set(tools.value.map(pageOf).filter((uri) => uri?.startsWith('ui://')));
  const pages = new Map<string, string>();
  for (const uri of uris) {
    const page = await readPage(connected.value, uri ?? '', now);
    if (page.ok) pages.set(uri ?? '', page.value);
    else report(page.error);
  }
  // A connection that is told another thing than the one which was listed: nothing that a person could accept.
  const disputed = [...tools.value, ...prompts.value].find((one) => downstream.changed(one));
  if (disputed !== undefined) return refuse({ server, why: `it describes ${disputed.name} in two ways` });
  return ok({
    instructions: downstream.offers(server)?.instructions,
    definitions: [...tools.value, ...prompts.value],
    templates: [...new Map(templates.value.map((entry) => [entry['uriTemplate'], entry])).values()],
    pages,
    era: isLegacyRevision(connected.value.revision) ? 'legacy' : 'modern',
  });
}
