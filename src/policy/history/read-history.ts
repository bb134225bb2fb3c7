/** Reads the rules over earlier calls that a policy has, and tells those that cannot stand. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { membersOf } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import type { Effect } from '../../domain/contract.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import { type HistoryRule, historyRules } from './history.ts';
import type { HistoryPart } from './history-shape.ts';

/** Where a tool stands in the file, and what it is. */
interface Stood {
  readonly document: YamlDocument;
  /** Of the tool: `tools`, then its key. */
  readonly path: Path;
  readonly target: string;
  /** What the tool and each of its cases do. */
  readonly effects: readonly Effect[];
  /** The tools that agents do not see. */
  readonly hidden: ReadonlySet<string>;
}

/** A tool's own: `part` is what the policy says of it, read. What cannot be undone is never only observed. */
export function readHistory(stood: Stood, part: HistoryPart, found: Problem[]): readonly HistoryRule[] {
  const { document, path, target, effects, hidden } = stood;
  const written = path.reduce<JsonValue | undefined>(
    (at, step) => (isObject(at) ? at[String(step)] : undefined),
    document.value,
  );
  if (effects.includes('irreversible')) {
    for (const key of ['after', 'not_after', 'limits'] as const) {
      for (const [at, one] of (part[key] ?? []).entries()) {
        if (one.mode === 'observe') found.push(document.keyProblem([...path, key, at, 'mode'], UNENFORCED));
      }
    }
  }
  return isObject(written) ? historyRules(target, written, part, hidden) : [];
}

const UNENFORCED =
  'nothing irreversible is only observed: take "mode" out, or say what else the effect of this tool is';

/** Tells of every tool that a rule names and the file does not have. `known`: its tools. */
export function tellUnknownEarlier(document: YamlDocument, known: ReadonlySet<string>, found: Problem[]): void {
  for (const [key, part] of membersOf(document, 'tools')) {
    for (const kind of ['after', 'not_after']) {
      for (const [at, rule] of listAt(part, kind).entries()) {
        for (const [name, within] of namedBy(rule)) {
          if (!known.has(name))
            found.push(document.problem(['tools', key, kind, at, ...within], unknownWords(name, known)));
        }
      }
    }
  }
}

const listAt = (value: JsonValue | undefined, key: string): readonly JsonValue[] => {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
};

/** The tools that a rule names, and where in it. */
function namedBy(rule: JsonValue): readonly (readonly [string, Path])[] {
  const named: [JsonValue | undefined, Path][] = listAt(rule, 'since').map((one, at) => [one, ['since', at]]);
  named.unshift([isObject(rule) ? rule['tool'] : undefined, ['tool']]);
  return named.flatMap(([name, path]) => (typeof name === 'string' && name !== '' ? [[name, path] as const] : []));
}

const UNLISTED =
  '; no rule can ask of a tool that is not here: list it, with "visible: false" where agents are not to call it';

const unknownWords = (name: string, known: ReadonlySet<string>): string =>
  `"${name}" is not in tools${didYouMean(name, known) || UNLISTED}`;
