/** Two lock files: whatever a model may read now and no person accepted before. */
import type { Definition } from '../../domain/contract.ts';
import type { Lock, LockedPackage, LockedServer } from '../../domain/lock.ts';
import { at, changed, isAmong, NARROWER, type Widening, wider } from './widening.ts';

/** A first lock only restricts: whatever the servers said was taken at first sight before. Without one it is again. */
export function lockWidenings(old: Lock | undefined, next: Lock | undefined): readonly Widening[] {
  if (old === undefined) return NARROWER;
  if (next === undefined) return wider('lock', 'the lock file is gone');
  const found = [...next.servers].flatMap(([name, server]) => {
    const known = old.servers.get(name);
    return known === undefined ? wider(name, 'its definitions are new') : at(name, serverWidenings(known, server));
  });
  return at('lock', found);
}

function serverWidenings(old: LockedServer, next: LockedServer): readonly Widening[] {
  const pins = new Map(old.definitions.map((one) => [keyOf(one), one.pin]));
  const pages = [...next.pages].filter(([uri, digest]) => old.pages.get(uri) !== digest);
  return [
    ...(next.reached === old.reached ? NARROWER : changed('reached', next.reached, old.reached)),
    ...(old.era === undefined || next.era === old.era ? NARROWER : changed('era', next.era, old.era)),
    ...packageWidenings(old.package, next.package),
    ...(next.instructions === old.instructions ? NARROWER : wider('instructions', 'changed')),
    ...next.definitions.flatMap((one) => {
      const pin = pins.get(keyOf(one));
      if (pin === one.pin) return NARROWER;
      return wider(keyOf(one), pin === undefined ? 'new' : 'changed');
    }),
    ...(isAmong(next.templates, old.templates) ? NARROWER : wider('templates', 'new or changed')),
    ...pages.flatMap(([uri]) => wider(uri, old.pages.has(uri) ? 'changed' : 'new')),
  ];
}

function packageWidenings(old: LockedPackage | undefined, next: LockedPackage | undefined): readonly Widening[] {
  // How it is reached says which package it is: what another way of reaching it means is told there.
  if (next === undefined || (next.integrity === old?.integrity && next.tree === old.tree)) return NARROWER;
  if (next.integrity === old?.integrity) return wider('package', 'what it depends on changed');
  return changed('package', fetchedText(next), fetchedText(old));
}

const fetchedText = (one: LockedPackage | undefined): string | undefined =>
  one && `${one.name}@${one.version} (${one.integrity})`;

const keyOf = ({ kind, name }: Definition): string => `${kind} ${name}`;
