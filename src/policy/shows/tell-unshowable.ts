/** What is wrong with a `shows` that only the other tools of the policy tell. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { didYouMean } from '../../document/nearest.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import type { WrittenRules } from '../judge/rules.ts';
import { mayWait } from './shows.ts';

/** A tool, or those of one pattern, that say `shows`, and where the file has them. */
export interface Showing {
  readonly path: Path;
  /** `server.tool` of the one that reads. */
  readonly by: string;
  readonly tools: readonly TargetPolicy[];
}

/** `tools` are those of the policy that have no problem of their own, and `listed` all that it lists. */
export function tellUnshowable(
  document: YamlDocument,
  showing: readonly Showing[],
  tools: ReadonlyMap<string, TargetPolicy>,
  listed: ReadonlySet<string>,
  found: Problem[],
): void {
  for (const { path, by, tools: own } of showing) {
    const at = [...path, 'shows'];
    if (!own.some((one) => mayWait(rulesOf(one)) || rulesOf(one).production))
      found.push(document.keyProblem(at, 'unused: no call of this tool waits for a person'));
    const reader = tools.get(by);
    const wrong = reader === undefined ? unknownWords(by, listed) : unfitWords(by, reader);
    if (wrong !== undefined) found.push(document.problem([...at, 'tool'], wrong));
  }
}

const rulesOf = ({ written }: TargetPolicy): WrittenRules => written as unknown as WrittenRules;

const UNLISTED = '; list it, with "visible: false" where agents are not to call it';

function unknownWords(name: string, listed: ReadonlySet<string>): string | undefined {
  if (listed.has(name)) return undefined;
  return `"${name}" is not in tools${didYouMean(name, listed) || UNLISTED}`;
}

/** So that reading never asks a person in turn, it ends: no `shows` leads to another. */
function unfitWords(name: string, reader: TargetPolicy): string | undefined {
  if (reader.worst !== 'read')
    return `what is shown is only read: expected a tool of the effect read, and ${name} is ${reader.worst}`;
  if (mayWait(rulesOf(reader)))
    return `a call of ${name} may wait for a person itself (approval, cases or flows), and a person is waiting for this one`;
  return undefined;
}
