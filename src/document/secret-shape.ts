import { z } from 'zod';
import { mapping } from './mapping.ts';

const REFERENCE = /^(?:env:\/\/[A-Za-z_][A-Za-z0-9_]*|file:\/\/.+)$/;

/** `{ secret: REFERENCE }`: where a secret is, never what it is. */
export const secretReference = mapping({
  secret: z.string().refine((text) => REFERENCE.test(text), 'expected a reference: env://NAME or file://PATH'),
});
