/** `tollgate policy explain FILE TARGET ARGUMENTS`: what the policy says of one call, and what would change that. */
import { type Problem, problemText } from '../../document/document.ts';
import { MICROS } from '../../domain/budget.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import { printable } from '../../domain/printable.ts';
import type { Result } from '../../domain/result.ts';
import { type Explanation, explain } from '../../policy/explain/explain.ts';
import { readGiven } from '../../policy/explain/read-given.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours } from '../terminal.ts';
import { openPolicy } from './opened.ts';

interface ExplainOptions {
  readonly config: string | undefined;
  readonly given: string | undefined;
  readonly json: boolean;
}

export async function explainCall(
  file: string,
  target: string,
  written: string,
  options: ExplainOptions,
): Promise<void> {
  const loaded = openPolicy(file, options.config);
  const effective = jsonOf('the arguments', written);
  const given = valueIn(readGiven(jsonOf('--given', options.given ?? '{}')));
  const explanation = explain(loaded, target, effective, given);
  process.stdout.write(options.json ? `${JSON.stringify(explanation)}\n` : `${textOf(explanation).join('\n')}\n`);
}

function jsonOf(what: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Exit(EXIT.usage, [`${what}: expected JSON, such as '{"path":"notes/a.md"}'`]);
  }
  if (isObject(value)) return value;
  throw new Exit(EXIT.usage, [`${what}: expected a JSON object`]);
}

function valueIn<T>(read: Result<T, readonly Problem[]>): T {
  if (read.ok) return read.value;
  throw new Exit(EXIT.usage, read.error.map(problemText));
}

const PAINT = { allow: colours.green, hold: colours.yellow, deny: colours.red };

function textOf({ verdict, target, rules, reason, observed, invalid, does, changes }: Explanation): readonly string[] {
  const told = [
    `${PAINT[verdict](verdict.toUpperCase())}  ${printable(target)}${reason === undefined ? '' : `: ${printable(reason)}`}`,
  ];
  if (invalid.length > 0)
    told.unshift(`${colours.red('INVALID')}  the tool itself does not take this: ${printable(invalid.join('; '))}`);
  for (const { rule, at } of rules)
    told.push(`    by ${printable(rule)}${at === undefined ? '' : `  ${colours.dim(at)}`}`);
  for (const one of observed) told.push(`    observed, not enforced: ${one.would} by ${printable(one.rule)}`);
  if (does !== undefined) {
    const charges = Object.entries(does.charges).map(
      ([kind, amount]) => `${kind} ${kind === 'spend' ? amount / MICROS : amount}`,
    );
    told.push(`    effect ${does.effect}, charges ${['calls 1', ...charges].join(', ')}`);
    told.push(`    raises ${does.labels.length === 0 ? 'no label' : does.labels.join(', ')}, sends to ${does.sendsTo}`);
    if (does.shows !== undefined) told.push(`    shows whoever is asked what ${printable(does.shows)} reads`);
    if (does.scopes.length > 0) told.push(`    with a credential for ${does.scopes.map(printable).join(', ')}`);
  }
  const head = { allow: 'next to refuse it', hold: 'who asks, and when not', deny: 'what would pass' }[verdict];
  return [...told, ...changes.map((change, at) => `${at === 0 ? `${head}:\n` : ''}    ${printable(change)}`)];
}
