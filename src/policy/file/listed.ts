/** Which tools or prompts each entry of the allow-list is for, with the lock that patterns and names are held against. */
import { didYouMean } from '../../document/nearest.ts';
import type { Definition } from '../../domain/contract.ts';
import type { Lock } from '../../domain/lock.ts';
import { expanded, isPattern } from './patterns.ts';

/** An entry as the file writes it: a name or a pattern, of one server. */
export interface Entry {
  readonly server: string;
  readonly name: string;
}

/** What one entry came to: the names it is for, and what is wrong with it. */
export interface Expansion {
  readonly names: readonly string[];
  readonly problems: readonly string[];
}

/**
 * The names that each entry is for, in the order of the entries. A name written out beats a pattern that matches it too: the
 * exception stands beside the rule, and whoever reads the file sees both. Two patterns that match one name say two
 * things of it, and neither is nearer: that is an error.
 */
export function expansionsOf(
  entries: readonly Entry[],
  kind: Definition['kind'],
  lock: Lock | undefined,
  file: string,
): readonly Expansion[] {
  const exact = new Set(entries.filter(({ name }) => !isPattern(name)).map(fullName));
  const taken = new Map<string, string>();
  return entries.map((entry) => {
    if (!isPattern(entry.name)) return named(entry, kind, lock, file);
    if (lock === undefined) {
      return {
        names: [],
        problems: [`patterns expand against the lock file: run tollgate policy pin ${file} first`],
      };
    }
    const there = namesIn(lock, entry.server, kind);
    const found = there === undefined ? undefined : expanded(entry.name, there);
    // That the server itself is not pinned is told where it stands.
    if (found === undefined) return { names: [], problems: [] };
    if (!found.ok) return { names: [], problems: found.error };
    const names = found.value.filter((name) => !exact.has(fullName({ ...entry, name })));
    const problems = names.flatMap((name) => {
      const full = fullName({ ...entry, name });
      const other = taken.get(full);
      taken.set(full, fullName(entry));
      return other === undefined
        ? []
        : [`"${fullName(entry)}" and "${other}" both match ${full}: name it by itself, or narrow one of them`];
    });
    if (names.length === 0) problems.push('unused: all that it matches is listed by itself');
    return { names, problems };
  });
}

function named({ server, name }: Entry, kind: Definition['kind'], lock: Lock | undefined, file: string): Expansion {
  if (lock === undefined) return { names: [name], problems: [] };
  const there = namesIn(lock, server, kind);
  if (there === undefined || there.includes(name)) return { names: [name], problems: [] };
  const hint =
    (kind === 'tool'
      ? didYouMean(
          `${server}.${name}`,
          there.map((one) => `${server}.${one}`),
        )
      : didYouMean(name, there)) || `; if the server has it by now: tollgate policy diff ${file}`;
  return { names: [name], problems: [`the lock file has no ${kind} ${server}.${name}${hint}`] };
}

const fullName = ({ server, name }: Entry): string => `${server}.${name}`;

const namesIn = (lock: Lock, server: string, kind: Definition['kind']): readonly string[] | undefined =>
  lock.servers.get(server)?.definitions.flatMap((one) => (one.kind === kind ? [one.name] : []));
