/** Whom a profile lets in. */
import { LOCAL } from '../../domain/principal.ts';
import type { IssuersCallers, Who } from '../../domain/who.ts';
import { at, changed, isAmong, NARROWER, type Widening } from './widening.ts';

/** Each entry must let in nobody but those whom one single entry let in before. */
export const whoWidenings = (old: readonly Who[], next: readonly Who[]): readonly Widening[] =>
  at(
    'who',
    next.flatMap((one, place) =>
      old.some((other) => isWithin(one, other)) ? NARROWER : changed(String(place), one, old),
    ),
  );

function isWithin(one: Who, other: Who): boolean {
  if (one === LOCAL || other === LOCAL) return one === other;
  const lists: readonly (keyof IssuersCallers)[] = ['groups', 'subjects', 'clients', 'tenants'];
  return (
    one.issuer === other.issuer &&
    lists.every((key) => isNarrower(one[key], other[key])) &&
    Object.entries(other.claims ?? {}).every(([name, values]) => isNarrower(one.claims?.[name], values)) &&
    (one.actors === other.actors || isNarrower(one.actors, other.actors))
  );
}

const isNarrower = (list: unknown, other: unknown): boolean =>
  other === undefined || (Array.isArray(list) && Array.isArray(other) && isAmong(list, other));
