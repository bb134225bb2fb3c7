/** What of each call is kept for rules over earlier calls: the fields that some rule names, and nothing else. */
import { NO_FIELDS } from '../../domain/history.ts';
import type { Recorder, TargetPolicy } from '../../domain/policy.ts';
import { type Field, keptOf, outputOfResult } from './fields.ts';
import type { HistoryRule } from './history.ts';

/** By target. Rules that only observe need theirs, too. */
export function recordersOf(
  rules: readonly HistoryRule[],
  tools: ReadonlyMap<string, TargetPolicy>,
): ReadonlyMap<string, Recorder> {
  const named = new Map<string, Map<string, Field>>();
  for (const { target, fields } of rules) {
    const known = named.get(target) ?? new Map<string, Field>();
    for (const field of fields) known.set(field.key, field);
    if (known.size > 0) named.set(target, known);
  }
  return new Map(
    [...named].map(([target, fields]) => [
      target,
      recorderOf([...fields.values()], tools.get(target)?.output?.from ?? 'structured'),
    ]),
  );
}

function recorderOf(fields: readonly Field[], from: 'structured' | 'json_text'): Recorder {
  const readsOutput = fields.some(({ place }) => place.side === 'output');
  return {
    ofCall: (effective) => keptOf(fields, 'arguments', effective),
    ofResult: (result) => (readsOutput ? keptOf(fields, 'output', outputOfResult(result, from)) : NO_FIELDS),
  };
}
