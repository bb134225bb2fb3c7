/** Where a policy reads from a result what a call cost: the result must have it, and it must be a number. */
import type { Path } from '../../document/document.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import { type LockedTool, outputOf, saidOutput } from './locked-tools.ts';
import type { Misfit } from './rule-problems.ts';
import { valueWords } from './value-words.ts';

/** `part`: what the policy says of the tool, at `path`. */
export function spendMisfits(part: JsonObject, { target, definition }: LockedTool, path: Path): readonly Misfit[] {
  const amount = isObject(part['spend']) ? part['spend']['amount'] : undefined;
  const [side, ...names] = typeof amount === 'string' ? amount.split('.') : [];
  if (side !== 'output' || names.length === 0 || names.includes('')) return [];
  const misfit = (message: string) => [{ path: [...path, 'spend', 'amount'], of: 'value' as const, message }];
  const schema = definition.outputSchema ?? saidOutput(part);
  if (schema === undefined)
    return misfit(`${target} declares no output schema: say output.schema of it in this policy`);
  const place = outputOf(schema, names);
  if (place.wrong !== undefined) return misfit(`${target} ${place.wrong}`);
  if (place.set.size === 0 || place.set.has('number')) return [];
  return misfit(`expected the name of a number: ${names.join('.')} is ${valueWords(place.set)}`);
}
