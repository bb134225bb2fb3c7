/** `sets`: named lists of plain values, so that one list serves many rules. `${sets.NAME}` is the list itself. */
import { z } from 'zod';
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { membersOf, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { isWhole } from '../../document/references.ts';
import type { JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';

export const setShape = z
  .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .min(1)
  .superRefine((values, context) => {
    for (const [at, value] of values.entries())
      if (values.indexOf(value) < at)
        context.addIssue({ code: 'custom', path: [at], message: `${JSON.stringify(value)} is listed twice` });
  });

export interface Sets {
  /** The list that `${sets.NAME}` stands for in `text` at `path`, or why it stands for nothing there. */
  valueOf(name: string, path: Path, text: string): Result<JsonValue, string>;
  /** Tells of each set that nothing asked for. */
  tellUnused(found: Problem[]): void;
}

/** Keys whose value is a list of plain values. A list anywhere else would be one value that no call has. */
export const LISTS: readonly PropertyKey[] = ['enum', 'within', 'hosts', 'domains', 'labels'];

/** The sets of a policy. A broken one is told, and stands for nothing. */
export function readSets(document: YamlDocument, found: Problem[]): Sets {
  const sets = new Map<string, readonly JsonValue[] | undefined>();
  const used = new Set<string>();
  for (const [name, part] of membersOf(document, 'sets')) {
    sets.set(name, readPart(document, ['sets', name], part, setShape, found));
  }
  return {
    valueOf: (reference, path, text) => {
      const name = reference.slice('sets.'.length);
      const set = sets.get(name);
      if (!sets.has(name)) {
        const hint = didYouMean(name, sets.keys()) || (sets.size === 0 ? '; "sets" defines none' : '');
        return refuse(`there is no set "${name}"${hint}`);
      }
      used.add(name);
      if (set === undefined) return refuse(`the set "${name}" has problems of its own`);
      const place = path.at(-1) ?? '';
      if (!isWhole(reference, text) || !LISTS.includes(place) || path.includes('const')) {
        return refuse(`\${${reference}} is a list: it works as the whole value of ${LISTS.join(', ')}`);
      }
      return ok(set);
    },
    tellUnused: (problems) => {
      for (const name of sets.keys()) {
        if (!used.has(name))
          problems.push(document.keyProblem(['sets', name], `unused: nothing says \${sets.${name}}`));
      }
    },
  };
}
