/** A secret as files write it: where it is, never what it is. */
import { z } from 'zod';
import { mapping } from './mapping.ts';

const REFERENCE = /^(?:env|file|exec|keychain):\/\/./s;

/** `{ secret: REFERENCE }`; a literal is refused. */
export const secretReference = mapping({
  secret: z
    .string()
    .regex(
      REFERENCE,
      'expected a reference: env://NAME, file://PATH, exec://PROGRAM WORDS... or keychain://SERVICE/ACCOUNT',
    ),
});
