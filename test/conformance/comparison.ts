/** What two runs of a scenario have in common: the set of its checks, each with its status. */
import type { Check } from './suite.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export function tally(checks: readonly Check[]): Tally {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  return { passed: count('SUCCESS'), failed: count('FAILURE') };
}

/** A scenario without a single check that held is not passed: the suite calls it so when nobody came. */
export function isPassed(checks: readonly Check[]): boolean {
  const { passed, failed } = tally(checks);
  return passed > 0 && failed === 0;
}

/**
 * How the other run's checks differ, one line for each id: what they were directly, and what they became. A check that is
 * made several times counts as often; not so one that only informs, such as a line of a recorded conversation.
 */
export function difference(direct: readonly Check[], other: readonly Check[]): readonly string[] {
  const before = byId(direct);
  const after = byId(other);
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  return ids.flatMap((id) => {
    const gone = without(before.get(id) ?? [], after.get(id) ?? []);
    const come = without(after.get(id) ?? [], before.get(id) ?? []);
    if (gone.length + come.length === 0) return [];
    return [`${id}: ${statuses(gone)} became ${statuses(come)}${because(come)}`];
  });
}

/**
 * The same for two clients that log in: they may ask more or less often, and find the same thing out on different ways, so
 * kinds count and not numbers. Where a request must be made, the suite itself fails the scenario that lacks it.
 */
export function differenceInKind(direct: readonly Check[], other: readonly Check[]): readonly string[] {
  return difference(kinds(direct), kinds(other));
}

/** Checks that say no more than that a document was asked for. */
const ASKED = new Set(['authorization-server-metadata', 'prm-pathbased-requested']);

const kinds = (checks: readonly Check[]): readonly Check[] => [
  ...new Map(
    checks
      .filter(({ id, status }) => status !== 'INFO' && !(status === 'SUCCESS' && ASKED.has(id)))
      .map((check) => [`${check.id} ${check.status}`, check]),
  ).values(),
];

function byId(checks: readonly Check[]): ReadonlyMap<string, readonly Check[]> {
  const informed = new Set<string>();
  const counting = checks.filter(({ id, status }) => status !== 'INFO' || (!informed.has(id) && informed.add(id)));
  return Map.groupBy(counting, (check) => check.id);
}

/** The checks that are left when each of the others has taken away one of its status. */
function without(checks: readonly Check[], others: readonly Check[]): readonly Check[] {
  const spent = others.map((check) => check.status);
  return checks.filter(({ status }) => {
    const at = spent.indexOf(status);
    if (at >= 0) spent.splice(at, 1);
    return at < 0;
  });
}

const statuses = (checks: readonly Check[]): string =>
  checks.length === 0 ? 'nothing' : checks.map((check) => check.status).join(' ');

/** Why checks are as they are, as the suite says it. */
export function because(checks: readonly Check[]): string {
  const messages = new Set(checks.flatMap(({ message }) => message?.split('\n', 1) ?? []));
  return messages.size === 0 ? '' : `: ${[...messages].join('; ')}`;
}
