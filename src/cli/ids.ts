/** Ids as people read and type them: a prefix that says of what, then 96 bits that nobody guesses. */
import { randomFillSync } from 'node:crypto';
import type { NewId } from '../domain/ports.ts';

const BYTES = 12;
/** Randomness is fetched for many ids at once: asking the system for each costs more than the rest of the id. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

export const newId: NewId = (prefix) => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  const text = pool.toString('base64url', used - BYTES, used);
  return `${prefix}_${text.replaceAll('-', 'x').replaceAll('_', 'z')}`;
};
