/** Durations and amounts of money, as a policy writes them, in the whole numbers that the ledger counts. */
import { z } from 'zod';
import { MICROS } from '../../domain/budget.ts';
import type { JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/** Text like `20s`, as milliseconds; NaN where it is none. */
export function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
}

const DURATION = 'expected a duration such as 500ms, 20s, 5m or 1h';

/** Text like `20s`, as milliseconds: more than nothing, at most `most` (milliseconds, `mostText` in words). */
export const duration = (most: number, mostText: string) =>
  z
    // A number without a unit is no duration, and is told like any other text that is none.
    .union([z.string(), z.number()], { error: DURATION })
    .transform((value, context) => {
      const text = String(value);
      const milliseconds = millisecondsOf(text);
      if (milliseconds > 0 && milliseconds <= most) return milliseconds;
      context.addIssue(
        Number.isNaN(milliseconds)
          ? `${DURATION}, found "${text}"`
          : `expected a duration of more than 0 and at most ${mostText}`,
      );
      return z.NEVER;
    })
    .meta({ type: 'string', pattern: '^[0-9]{1,9}(ms|s|m|h|d)$' });

const LARGEST_AMOUNT = 1_000_000_000;

/** A number of the policy's currency, as millionths. */
export const amount = z.number().transform((value, context) => {
  const micros = microsOf(value);
  if (micros.ok) return micros.value;
  context.addIssue(`expected ${micros.error}, found ${value}`);
  return z.NEVER;
});

/**
 * A number as millionths, or what was expected. Exact: a number prints as the shortest decimal text that is it, which is
 * what a file of at most 15 digits said and what a server is sent, and only that text is scaled.
 */
export function microsOf(value: JsonValue): Result<number, string> {
  const text = typeof value === 'number' ? decimalText(value) : '';
  const [, whole, decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || Number(value) > LARGEST_AMOUNT) return refuse(`an amount from 0 to ${LARGEST_AMOUNT}`);
  if (decimals.length > 6) return refuse('an amount with at most 6 decimals');
  return ok(Number(whole) * MICROS + Number(decimals.padEnd(6, '0')));
}

/** JavaScript writes numbers under a millionth with an exponent; those have more than six decimals in any case. */
const decimalText = (value: number): string => (value > 0 && value < 1 / MICROS ? value.toFixed(20) : String(value));
