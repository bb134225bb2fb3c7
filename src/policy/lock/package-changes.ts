/** What is fetched otherwise of a server's package: itself, and each package below it by its place. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { LockedPackage } from '../../domain/lock.ts';
import type { Change } from './entry-changes.ts';

export function packageChanges(before: LockedPackage | undefined, after: LockedPackage | undefined): readonly Change[] {
  if (before?.integrity === after?.integrity && before?.tree === after?.tree) return [];
  const [was, now] = [fetchedBy(before), fetchedBy(after)];
  const places = [...new Set([...was.keys(), ...now.keys()])].sort();
  return places.flatMap((place): readonly Change[] => {
    const [had, has] = [was.get(place), now.get(place)];
    return had === has ? [] : [{ at: `package ${place}`, kind: 'value', was: had, now: has }];
  });
}

/** By place: version and integrity. */
function fetchedBy(fetched: LockedPackage | undefined): ReadonlyMap<string, string> {
  const packages = fetched?.record['packages'];
  if (fetched === undefined || !isObject(packages)) return new Map();
  return new Map(
    Object.entries(packages)
      .filter(([place]) => place !== '')
      .map(([place, one]) => [place.replace(/^node_modules\//, ''), fetchedText(isObject(one) ? one : {})]),
  );
}

const fetchedText = ({ version, integrity }: JsonObject): string => [version, integrity].map(textOf).join(' ');

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : 'unsaid');
