/** The packages of a policy's servers: what each is named, what a person accepted of it, and what is there. */
import type { LockedPackage, PackageName } from '../domain/lock.ts';
import type { Profile } from '../domain/policy.ts';
import { packageOf, programOf } from './installed.ts';

export interface WantedPackage {
  readonly server: string;
  readonly wanted: PackageName;
  /** What a person accepted of it; undefined where that was another, or none. */
  readonly locked: LockedPackage | undefined;
  /** Where it is there already, and is what it should be. */
  readonly installed: LockedPackage | undefined;
}

/** `packages` is the folder that holds them all. */
export function packagesWanted(
  { file, servers, lock }: Pick<Profile, 'file' | 'servers' | 'lock'>,
  packages: string,
): readonly WantedPackage[] {
  return [...servers].flatMap(([server, address]): readonly WantedPackage[] => {
    if (address.kind !== 'stdio' || address.package === undefined) return [];
    const wanted = address.package;
    const held = lock?.servers.get(server)?.package;
    const locked = held?.name === wanted.name && held.version === wanted.version ? held : undefined;
    const there = packageOf(server, wanted, { file, lock: locked && lock }, packages);
    const isSound = there.ok && programOf(there.value, packages, file).ok;
    return [{ server, wanted, locked, installed: isSound ? there.value : undefined }];
  });
}
