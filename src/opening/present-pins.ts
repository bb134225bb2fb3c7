/** What the servers of a policy say now, as the running gateway hears it, against what a person accepted of them. */
import type { Downstream } from '../domain/downstream.ts';
import type { Lock, LockedPackage } from '../domain/lock.ts';
import type { Quarantined } from '../domain/policies-in-view.ts';
import type { Profile } from '../domain/policy.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { proposeLock } from '../stages/propose-lock.ts';

/** By server, of those that were reached: the tools and prompts that agents may not use until a person accepts what they are now. */
export function quarantined({ lock }: Pick<Profile, 'lock'>, downstream: Downstream): readonly Quarantined[] {
  return [...(lock?.servers ?? [])].flatMap(([server, { definitions }]) => {
    if (downstream.offers(server) === undefined) return [];
    const names = definitions.filter((one) => downstream.changed(one)).map(({ name }) => name);
    return names.length === 0 ? [] : [{ server, names }];
  });
}

/** A lock of what the servers say now; what runs is what was pinned. Refuses with a sentence. */
export async function presentPins(
  profile: Profile & { readonly lock: Lock },
  downstream: Downstream,
  now: Now,
): Promise<Result<Lock, string>> {
  const packages = new Map<string, LockedPackage>();
  for (const [name, one] of profile.lock.servers) if (one.package !== undefined) packages.set(name, one.package);
  const proposed = await proposeLock({ ...profile, packages }, saidNow(downstream), now, () => undefined);
  if (!proposed.ok) return refuse(`${proposed.error.server}: ${proposed.error.why}`);
  for (const [name, { era }] of profile.lock.servers) {
    const spoken = proposed.value.servers.get(name)?.era;
    if (era !== undefined && spoken !== undefined && spoken !== era)
      return refuse(`${name} speaks another era than the one accepted: tollgate policy accept --pins ${profile.file}`);
  }
  return proposed;
}

/** Lists as they are now, where connections agree; not as they were first. What is disputed is not there. */
const saidNow = (downstream: Downstream): Downstream => ({
  definitions: async (server, kind, via) => {
    const read = await downstream.definitions(server, kind, via);
    return read.ok ? ok(downstream.present(server, kind)) : read;
  },
  changed: () => false,
  needsVia: (server, kind) => downstream.needsVia(server, kind),
  present: (server, kind) => downstream.present(server, kind),
  resources: (server, list, session) => downstream.resources(server, list, session),
  offers: (server) => downstream.offers(server),
  connect: (server, session, abilities, credential) => downstream.connect(server, session, abilities, credential),
  onListChanged: (listener) => downstream.onListChanged(listener),
  close: () => downstream.close(),
});
