/** Turns what PostgreSQL and the network throw into a sentence: which database, what is wrong, what to do. */
import { LedgerFault } from '../../domain/ports.ts';

/** By SQLSTATE, or by its first two characters. */
const SENTENCES: Readonly<Record<string, string>> = {
  '28': 'refuses this user. Check the user and password of the store',
  '3D000': 'does not exist. Create it, then start again',
  '42501': 'does not let this user do what a ledger needs. Give the user all rights on its schema',
  '53100': 'cannot grow: its disk is full. Free some space; nothing of the refused operation was written',
  '53300': 'has no connection left. Raise its max_connections, or run fewer replicas',
  '25006': 'is read-only. Name the primary',
  '57P': 'is shutting down or starting. Try again when it is up',
  '40': 'had to undo this over and over: other transactions stood in its way. Try again',
  ECONNREFUSED: 'cannot be reached: nothing listens there. Start it, or check its address',
  ENOTFOUND: 'cannot be reached: its host is not known. Check its address',
  CONNECT_TIMEOUT: 'cannot be reached: it does not answer. Check its address and the network',
  CONNECTION_CLOSED: 'closed the connection. Nothing is known of what was under way',
  ECONNRESET: 'closed the connection. Nothing is known of what was under way',
  EPIPE: 'closed the connection. Nothing is known of what was under way',
  CONNECTION_ENDED: 'is closed',
  CONNECTION_DESTROYED: 'is closed',
};

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');

/** Whether the same transaction may well succeed when it is tried once more. */
export const isPassing = (error: unknown): boolean => {
  const { constraint_name: constraint } = error as { constraint_name?: string };
  const code = codeOf(error);
  // 22012: the session is not what this process remembered; the next try asks.
  return (
    code === '40001' || code === '40P01' || code === '22012' || (code === '23505' && constraint === 'session_live')
  );
};

/** Whether the connection went, which says nothing of the next one: it was cut, or the server let go of it. */
export const isCut = (error: unknown): boolean =>
  /^(57P0[123]|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/.test(codeOf(error));

/** Whether it is the database that cannot be used, and not what was asked of it that cannot be done. */
export const isOfDatabase = (error: unknown): boolean =>
  /^(08|25006|28|3D|53|57P|58|XX|E[A-Z]|CONNECT)/.test(codeOf(error));

/** One sentence about `error`, which came up over the database `name`. A `LedgerFault` speaks for itself. */
export function faultSentence(name: string, error: unknown): string {
  if (error instanceof LedgerFault) return error.message;
  const code = codeOf(error);
  const known = SENTENCES[code] ?? SENTENCES[code.slice(0, 3)] ?? SENTENCES[code.slice(0, 2)];
  if (known === undefined) return `The ledger ${name} cannot be used: ${(error as Error).message}.`;
  return `The ledger ${name} ${known}.`;
}
