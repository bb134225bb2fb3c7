/** What a deployment's file says of retention: durations and sizes as people write them. */
import { z } from 'zod';
import { mapping } from './mapping.ts';

const HOUR = 3_600_000;
const DURATIONS: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR };
const SIZES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** Text of a whole number and one of these units, as the product; more than nothing. */
export const measured = (units: Readonly<Record<string, number>>, expected: string) =>
  z
    // A number without a unit is told like any other text that is none.
    .union([z.string(), z.number()], { error: expected })
    .transform((value, context) => {
      const [, count, unit] = /^(\d{1,6})([a-zA-Z]+)$/.exec(String(value)) ?? [];
      const product = Number(count) * (units[unit ?? ''] ?? Number.NaN);
      if (product > 0) return product;
      context.addIssue(`${expected}, found "${value}"`);
      return z.NEVER;
    });

const period = measured(DURATIONS, 'expected a duration such as 90d or 12h');
const size = measured(SIZES, 'expected a size such as 500MB, 10GB or 1TB');

export const retentionShape = mapping({
  sessions: period.optional(),
  content: period.optional(),
  archive: z.string().min(1).optional(),
  quota: size.optional(),
  principal_quota: size.optional(),
}).superRefine(({ sessions, content }, context) => {
  if (sessions === undefined || content === undefined || content <= sessions) return;
  context.addIssue({
    code: 'custom',
    path: ['content'],
    message: 'contents cannot be kept longer than their sessions',
  });
});
