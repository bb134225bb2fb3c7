/** Two lock files: whatever a model may read now and no person accepted before. */
import type { Definition } from '../../domain/contract.ts';
import type { Lock, LockedServer } from '../../domain/lock.ts';
import { at, changed, isAmong, isSame, NARROWER, type Widening, wider } from './widening.ts';

/** A first lock pins what anything was accepted for before. */
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
    ...(next.era === old.era ? NARROWER : changed('era', next.era, old.era)),
    ...(isSame(next.package, old.package) ? NARROWER : changed('package', next.package, old.package)),
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

const keyOf = ({ kind, name }: Definition): string => `${kind} ${name}`;
