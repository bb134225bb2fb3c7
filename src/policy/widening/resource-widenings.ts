/** Resources: the first pattern that matches judges, so their order counts. */
import type { ResourcePolicy } from '../../domain/policy.ts';
import { uriPattern } from '../uris/uri-pattern.ts';
import { targetWidenings } from './target-widenings.ts';
import { at, isSame, NARROWER, type Widening, wider } from './widening.ts';

type Listed = readonly ResourcePolicy[];

/** Whatever may have judged a resource before must have been no stricter than what judges it now. */
export function resourceWidenings(old: Listed, next: Listed): readonly Widening[] {
  return next.flatMap((one, place): readonly Widening[] => {
    const last = old.findIndex((other) => includes(other, one));
    if (last === -1) return at(String(place), wider('uri', `${one.contract.server} ${one.contract.name} is new`));
    const above = next.slice(0, place);
    const judges = old.slice(0, last + 1).filter((other) => !above.some((kept) => isSamePlace(kept, other)));
    return at(
      String(place),
      judges.flatMap((other) => changesOf(other, one)),
    );
  });
}

function changesOf(old: ResourcePolicy, next: ResourcePolicy): readonly Widening[] {
  if (isSamePlace(old, next)) return targetWidenings(old, next);
  if (old.contract.server !== next.contract.server) {
    const words = `some may have been those of ${old.contract.server}, by ${old.contract.name}`;
    return wider('uri', words);
  }
  const found = targetWidenings(old, next);
  return found.length === 0 ? NARROWER : wider('uri', `some were judged by ${old.contract.name}, which is stricter`);
}

const isSamePlace = ({ contract: one }: ResourcePolicy, { contract: other }: ResourcePolicy): boolean =>
  isSame([one.server, one.name], [other.server, other.name]);

function includes(old: ResourcePolicy, next: ResourcePolicy): boolean {
  if (isSamePlace(old, next)) return true;
  if (old.contract.server !== next.contract.server) return false;
  const [outer, inner] = [uriPattern(old.contract.name), uriPattern(next.contract.name)];
  return outer.ok && inner.ok && outer.value.includes(inner.value);
}
