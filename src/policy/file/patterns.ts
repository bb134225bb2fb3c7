/**
 * Names of tools and prompts, and patterns of them. `*` stands for any characters, `{a,b}` for either; the server in front is
 * written out. A pattern is expanded once, against the lock: it names the tools that a person accepted, so that a tool
 * that a server adds later is never admitted by it.
 */
import { didYouMean } from '../../document/nearest.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { ANY, includes } from '../uris/glob.ts';

export const isPattern = (name: string): boolean => /[*?{}[\],]/.test(name);

/** What braces may multiply to. */
const MOST_ALTERNATIVES = 100;
const NAME = /^[A-Za-z0-9_./-]{1,128}$/;

/** The names that a pattern stands for, in their own order. Refused with what is wrong: what it names must be there. */
export function expanded(pattern: string, names: readonly string[]): Result<readonly string[], readonly string[]> {
  const alternatives = alternativesOf(pattern);
  if (alternatives === undefined || !alternatives.every((one) => NAME.test(one.replaceAll('*', 'x'))))
    return refuse([`expected a pattern such as read_*, or {get,list}_case; found "${pattern}"`]);
  const problems: string[] = [];
  const matched = new Set<string>();
  for (const one of alternatives) {
    const row = [...one].map((letter) => (letter === '*' ? ANY : letter));
    const found = names.filter((name) => includes(row, name));
    if (found.length === 0) problems.push(`"${one}" matches nothing that the lock file has${didYouMean(one, names)}`);
    for (const name of found) matched.add(name);
  }
  return problems.length === 0 ? ok(names.filter((name) => matched.has(name))) : refuse(problems);
}

/** The pattern once for each way through its braces; undefined where they do not pair, hold nothing, or are too many. */
function alternativesOf(pattern: string): readonly string[] | undefined {
  let rows: readonly string[] = [''];
  for (const part of pattern.split(/(\{[^{}]*\})/)) {
    const isChoice = /^\{[^{}]*\}$/.test(part);
    const choices = isChoice ? part.slice(1, -1).split(',') : [part];
    if (isChoice && choices.some((one) => one === '')) return undefined;
    if (!isChoice && /[{},]/.test(part)) return undefined;
    rows = rows.flatMap((row) => choices.map((one) => row + one));
    if (rows.length > MOST_ALTERNATIVES) return undefined;
  }
  return [...new Set(rows)];
}
