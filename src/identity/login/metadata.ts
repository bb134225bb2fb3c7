/** Metadata documents of servers and of their authorization servers: where they may lie, and what is read of them. */
import type { z } from 'zod';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type Outgoing, OutgoingFault } from '../../outgoing/outgoing.ts';

/** Of a document; what is larger is none. Characters. */
const LARGEST = 256 * 1024;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.has(hostname);

/**
 * A URL that a server or its authorization server named, where it may be asked: `https:`, or on this machine where the
 * server itself is, too, so that no server from elsewhere has us knock at our own doors.
 */
export function askableUrl(text: unknown, server: URL): URL | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && isLoopback(url) && isLoopback(server) ? url : undefined;
}

/** The document at `url`; undefined where there is none (any 4xx). Refused with a phrase. */
export async function readDocument<T>(
  { fetch }: Pick<Outgoing, 'fetch'>,
  url: URL,
  shape: z.ZodType<T>,
): Promise<Result<T | undefined, string>> {
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    const text = await response.text();
    if (response.status >= 400 && response.status < 500) return ok(undefined);
    if (response.status !== 200) return refuse(`${url.href} answered HTTP ${response.status}`);
    const parsed = text.length > LARGEST ? undefined : shape.safeParse(JSON.parse(text));
    if (parsed?.success === true) return ok(parsed.data);
    const [issue] = parsed?.error.issues ?? [];
    return refuse(`${url.href} is no sound metadata${issue === undefined ? '' : ` (${issue.path.join('.')})`}`);
  } catch (fault) {
    return refuse(
      fault instanceof SyntaxError ? `${url.href} is no JSON` : `${url.href} cannot be read: ${wordsOf(fault)}`,
    );
  }
}

/** Of a fault on the way out, in one phrase; what was sent is not in it. */
export function wordsOf(fault: unknown): string {
  const { cause } = fault as { readonly cause?: unknown };
  for (const known of [fault, cause]) if (known instanceof OutgoingFault) return known.message;
  const { code, message } = (cause ?? fault) as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : String(message ?? fault).slice(0, 200);
}
