import type { ServerResponse } from 'node:http';
import type { Said } from '../wire/faults.ts';

/** A whole answer as JSON. */
export function sendJson(
  response: ServerResponse,
  { text, status }: Said,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
