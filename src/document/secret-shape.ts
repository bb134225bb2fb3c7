import { z } from 'zod';
import { isObject, type JsonValue } from '../domain/json.ts';

const REFERENCE = /^(?:env:\/\/[A-Za-z_][A-Za-z0-9_]*|file:\/\/.+)$/;
const EXPECTED = 'expected { secret: REFERENCE } with env://NAME or file://PATH, never the secret itself';

/** `{ secret: REFERENCE }`: where a secret is, never what it is. What is written in its place is not repeated. */
export const secretReference = z.unknown().transform((value, context): { readonly secret: string } => {
  const { secret, ...more } = isObject(value as JsonValue) ? (value as Record<string, unknown>) : {};
  if (typeof secret === 'string' && REFERENCE.test(secret) && Object.keys(more).length === 0) return { secret };
  context.addIssue(EXPECTED);
  return z.NEVER;
});
