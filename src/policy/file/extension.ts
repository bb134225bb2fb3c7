/** By how much a person extends a budget: written as a policy writes that kind of amount. */
import type { Amounts } from '../../domain/budget.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { microsOf, millisecondsOf } from './amounts.ts';

/** Texts like `50`, `2.50`, `30m`; or `searches=10` where several kinds are asked for. Refuses with a sentence. */
export function readExtension(
  written: readonly string[],
  asked: readonly string[],
): Result<Amounts | undefined, string> {
  if (written.length === 0) return ok(undefined);
  const extend: Record<string, number> = {};
  for (const text of written) {
    const [, named, amount = ''] = /^(?:([a-z][a-z0-9_]*)=)?(.*)$/s.exec(text) ?? [];
    const kind = named ?? (asked.length === 1 ? asked[0] : undefined);
    if (kind === undefined)
      return refuse(
        asked.length === 0
          ? 'This call asks for no budget: approve it without --extend.'
          : `Say of what: ${asked.map((one) => `--extend ${one}=AMOUNT`).join(' ')}.`,
      );
    const read = amountOf(kind, amount);
    if (!read.ok) return read;
    if (Object.hasOwn(extend, kind)) return refuse(`${kind} is extended twice.`);
    extend[kind] = read.value;
  }
  return ok(extend);
}

function amountOf(kind: string, text: string): Result<number, string> {
  if (kind === 'runtime') {
    const milliseconds = millisecondsOf(text);
    return milliseconds > 0
      ? ok(milliseconds)
      : refuse(`Runtime is extended by a duration such as 30m, not "${text}".`);
  }
  if (kind === 'spend') {
    const micros = /^\d+(?:\.\d+)?$/.test(text) ? microsOf(Number(text)) : refuse('');
    return micros.ok && micros.value > 0
      ? micros
      : refuse(`Spend is extended by an amount such as 2.50, not "${text}".`);
  }
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return count > 0 ? ok(count) : refuse(`${kind} are extended by a whole number such as 50, not "${text}".`);
}
