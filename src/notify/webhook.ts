/** Generic webhooks: JSON, signed as Standard Webhooks has it (HMAC-SHA256 over `id.timestamp.body`). */
import { createHmac } from 'node:crypto';
import type { Notification } from '../domain/notification.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Secret } from '../domain/secret.ts';

/** Bytes of a key: the bounds of the specification. */
const SHORTEST = 24;
const LONGEST = 64;

/** The key in `whsec_BASE64`. Refuses with a phrase that quotes nothing of it. */
export function webhookKey(secret: Secret): Result<Buffer, string> {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret.reveal()) ?? [];
  const key = Buffer.from(base64 ?? '', 'base64');
  if (key.length >= SHORTEST && key.length <= LONGEST) return ok(key);
  return refuse(`the secret is none of a webhook: expected whsec_ and ${SHORTEST} to ${LONGEST} bytes as base64`);
}

/** Nothing else of what waits goes out. */
export const webhookBody = ({ occasion, id, tool, rules, link, since, until, round }: Notification): string =>
  JSON.stringify({
    type: `${occasion}.waiting`,
    timestamp: new Date(since).toISOString(),
    data: {
      id,
      tool,
      rules,
      link,
      reminder: round,
      expires_at: until === undefined ? null : new Date(until).toISOString(),
    },
  });

/** `at`: of this try, milliseconds since the epoch. */
export function webhookHeaders(key: Buffer, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
