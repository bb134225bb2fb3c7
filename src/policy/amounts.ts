/** Durations and amounts of money, as a policy writes them, in the whole numbers that the ledger counts. */
import { z } from 'zod';
import { MICROS } from '../domain/budget.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Text like `20s`, as milliseconds; NaN where it is none. */
export function millisecondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
}

/** Text like `20s`, as milliseconds: more than nothing, at most `most` (milliseconds, `mostText` in words). */
export const duration = (most: number, mostText: string) =>
  z.string().transform((text, context) => {
    const milliseconds = millisecondsOf(text);
    if (milliseconds > 0 && milliseconds <= most) return milliseconds;
    context.addIssue(
      Number.isNaN(milliseconds)
        ? `expected a duration such as 500ms, 20s, 5m or 1h, found "${text}"`
        : `expected a duration of more than 0 and at most ${mostText}`,
    );
    return z.NEVER;
  });

const LARGEST_AMOUNT = 1_000_000_000;

/**
 * A number of the policy's currency, as millionths. Exact: a number of at most 15 digits (the reader refuses longer
 * ones) prints as the decimal text it was read from, and only the text is scaled.
 */
export const amount = z.number().transform((value, context) => {
  const [, whole, decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(decimalText(value)) ?? [];
  if (whole === undefined || value > LARGEST_AMOUNT) {
    context.addIssue(`expected an amount from 0 to ${LARGEST_AMOUNT}, found ${value}`);
    return z.NEVER;
  }
  if (decimals.length > 6) {
    context.addIssue(`expected an amount with at most 6 decimals, found ${value}`);
    return z.NEVER;
  }
  return Number(whole) * MICROS + Number(decimals.padEnd(6, '0'));
});

/** JavaScript writes numbers under a millionth with an exponent; those have more than six decimals in any case. */
const decimalText = (value: number): string => (value > 0 && value < 1 / MICROS ? value.toFixed(20) : String(value));
