/** A fetched package as the lock file holds it. */
import { z } from 'zod';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { LockedPackage } from '../../domain/lock.ts';

export const packageShape = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  integrity: z
    .string()
    .regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'expected the integrity of a package, sha512- and base64'),
  tree: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected a digest, sha256: and 64 hex digits'),
  record: z.custom<JsonObject>((value) => isObject(value as JsonValue), 'expected what npm recorded of it'),
}) satisfies z.ZodType<LockedPackage>;
