/**
 * Sealed notes: what a client keeps for us between two requests, under our own key. So nothing has to be remembered here,
 * a restarted gateway knows its clients, and nobody can write a note of their own.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { JsonValue } from '../domain/json.ts';

/** Binds a note to the caller, the URL and whatever else it was given for, so that it is worth nothing elsewhere. */
export interface Seal {
  readonly key: Uint8Array;
  readonly boundTo: readonly string[];
}

/** What a note is for: one that was given for something else opens nothing. */
export type Purpose = 'mcp-session-id 2' | 'request-state 2' | 'wait 1' | 'task 1';

/** A note as visible ASCII without blanks: it goes into headers. */
export function sealNote(purpose: Purpose, content: JsonValue, seal: Seal): string {
  const note = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${note}.${mac(purpose, note, seal)}`;
}

/** What a note says; undefined where it is not ours, not for this, or was given to somebody else. */
export function openNote(purpose: Purpose, text: string, seal: Seal): JsonValue | undefined {
  const [note, given, ...rest] = text.split('.');
  if (note === undefined || given === undefined || rest.length > 0) return undefined;
  const expected = Buffer.from(mac(purpose, note, seal));
  const offered = Buffer.from(given);
  if (expected.length !== offered.length || !timingSafeEqual(expected, offered)) return undefined;
  return JSON.parse(Buffer.from(note, 'base64url').toString('utf8')) as JsonValue;
}

/** JSON, so that no two lists of what it is bound to read the same. */
const mac = (purpose: Purpose, note: string, { key, boundTo }: Seal): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([purpose, boundTo, note]))
    .digest('base64url');
