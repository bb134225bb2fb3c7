/** The servers of a profile with the programs of their packages looked up, so that they can be started as any others. */
import type { LockedPackage } from '../domain/lock.ts';
import type { Profile, ServerAddress, Servers } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { packageOf, programOf } from './installed.ts';

type Locked = Pick<Profile, 'file' | 'lock' | 'servers'>;

/**
 * Refused with a line for each server whose package is not there, or is not what was locked. `others` may use the same
 * servers: what runs is one package, and both must have locked it.
 */
export function startable(
  profile: Locked,
  others: Iterable<Locked>,
  packages: string,
): Result<Servers, readonly string[]> {
  const servers = new Map<string, ServerAddress>();
  const problems: string[] = [];
  const all = [...others];
  for (const [name, address] of profile.servers) {
    const found = startableServer(name, address, profile, all, packages);
    if (found.ok) servers.set(name, found.value);
    else problems.push(`${name}: ${found.error}`);
  }
  return problems.length > 0 ? refuse(problems) : ok(servers);
}

/** The same of the servers of all these. */
export function allStartable(profiles: Iterable<Locked>, packages: string): Result<Servers, readonly string[]> {
  const all = [...profiles];
  const servers = new Map<string, ServerAddress>();
  for (const profile of all) {
    const found = startable(profile, all, packages);
    if (!found.ok) return found;
    for (const [name, address] of found.value) servers.set(name, address);
  }
  return ok(servers);
}

function startableServer(
  name: string,
  address: ServerAddress,
  profile: Locked,
  others: readonly Locked[],
  packages: string,
): Result<ServerAddress, string> {
  if (address.kind !== 'stdio' || address.package === undefined) return ok(address);
  const wanted = address.package;
  const mine = packageOf(name, wanted, profile, packages);
  if (!mine.ok) return mine;
  for (const other of others) {
    if (!other.servers.has(name)) continue;
    const theirs = packageOf(name, wanted, other, packages);
    if (!theirs.ok || theirs.value.integrity !== mine.value.integrity || theirs.value.tree !== mine.value.tree)
      return refuse(`${other.file} has locked another package for it`);
  }
  return startedAs(address, mine.value, packages, profile.file);
}

/** The address of a package's server with its program, and the words of the policy after it. */
export function startedAs(
  address: Extract<ServerAddress, { kind: 'stdio' }>,
  locked: LockedPackage,
  packages: string,
  file: string,
): Result<ServerAddress, string> {
  const program = programOf(locked, packages, file);
  if (!program.ok) return program;
  const [, , ...words] = address.command;
  return ok({ ...address, command: [process.execPath, program.value, ...words] });
}
