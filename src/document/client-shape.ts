/** How we are known at an issuer: a client's id, and its secret (a reference) or its private key (a file). */
import { z } from 'zod';
import { mapping } from './mapping.ts';
import { secretReference } from './secret-shape.ts';

const id = z.string().min(1);

export const clientShape = z.union(
  [
    mapping({ id, secret: secretReference }),
    mapping({ id, key: z.string().min(1), alg: z.enum(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA']).optional() }),
  ],
  { error: 'expected { id, secret: { secret: REFERENCE } } or { id, key: FILE }' },
);
