/** What the servers of a policy say now, against what a person accepted of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Downstream } from '../domain/downstream.ts';
import type { Lock, LockedPackage } from '../domain/lock.ts';
import type { Quarantined } from '../domain/policies-in-view.ts';
import type { Profile } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { openDownstream } from '../downstream/downstream.ts';
import type { DownstreamOptions } from '../downstream/server-pool.ts';
import { startable } from '../packages/startable.ts';
import { proposeLock } from '../stages/propose-lock.ts';
import { SessionFolders } from '../store/session-folders.ts';

/** By server, of those that were reached: what agents may not use until a person accepts it, be it changed, gone or new. */
export function quarantined({ lock }: Pick<Profile, 'lock'>, downstream: Downstream): readonly Quarantined[] {
  return [...(lock?.servers ?? [])].flatMap(([server, { definitions }]) => {
    if (downstream.offers(server) === undefined) return [];
    const said = (['tool', 'prompt'] as const).flatMap((kind) => downstream.present(server, kind));
    const added = said.filter(({ kind, name }) => !definitions.some((one) => one.kind === kind && one.name === name));
    const names = [...definitions.filter((one) => downstream.changed(one)), ...added].map(({ name }) => name);
    return names.length === 0 ? [] : [{ server, names: [...new Set(names)] }];
  });
}

export interface AskingServers
  extends Required<Pick<DownstreamOptions, 'own' | 'askable' | 'mark' | 'connectTo' | 'readSecret' | 'now'>> {
  /** Where packages are installed. */
  readonly packages: string;
}

/**
 * A lock of what the servers say to connections of their own: those of agents may be as old as the session. What is started and
 * contacted is what is in force, which a person accepted. Refuses with a sentence.
 */
export async function presentPins(
  profile: Profile & { readonly lock: Lock },
  { packages, ...parts }: AskingServers,
): Promise<Result<Lock, string>> {
  const servers = startable(profile, [profile], packages);
  if (!servers.ok) return refuse(servers.error.join('\n'));
  const fetched = new Map<string, LockedPackage>();
  for (const [name, one] of profile.lock.servers) if (one.package !== undefined) fetched.set(name, one.package);
  const rooms = mkdtempSync(join(tmpdir(), 'tollgate-pins-'));
  const quiet = (): void => undefined;
  const fresh = openDownstream({
    ...parts,
    servers: servers.value,
    rooms: new SessionFolders(rooms).enter,
    log: quiet,
  });
  try {
    const asked = { ...profile, servers: servers.value, packages: fetched };
    const proposed = await proposeLock(asked, fresh, parts.now, quiet);
    return proposed.ok ? ok(proposed.value) : refuse(`${proposed.error.server}: ${proposed.error.why}`);
  } finally {
    await fresh.close();
    rmSync(rooms, { recursive: true, force: true });
  }
}
