/** Ids as people read and type them: a prefix that says of what, then 96 or more bits that nobody guesses. */
import { randomBytes } from 'node:crypto';
import type { NewId } from '../domain/ports.ts';

export const newId: NewId = (prefix) =>
  `${prefix}_${randomBytes(12).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'z')}`;
