import { z } from 'zod';
import { kindOf, mapping } from './mapping.ts';

const EXPECTED = 'expected env://NAME or file://PATH: secrets are references, never literals';

/** Where a secret is to be had; what it is stands in no file of ours. */
export const secretReference = z.unknown().transform((value, context) => {
  const read = mapping({ secret: z.string().regex(/^(?:env:\/\/[A-Za-z_][A-Za-z0-9_]*|file:\/\/\/.+)$/) }).safeParse(
    value,
  );
  if (read.success) return read.data;
  context.addIssue(typeof value === 'string' ? EXPECTED : `${EXPECTED}; found ${kindOf(value)}`);
  return z.NEVER;
});
