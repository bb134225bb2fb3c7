/** A secret in a file: a reference to where it is, never the secret itself. */
import { z } from 'zod';
import { mapping } from './mapping.ts';

export const secretReference = mapping({
  secret: z
    .string()
    .refine((text) => /^(?:env|file):\/\/\S+$/.test(text), 'expected a reference: env://NAME or file://PATH'),
});
