/**
 * A call whose user must log in at the server first: their client is offered our link once, where it can open one for them,
 * and the call waits for the login's end. That the client accepted means no more than that the link was opened.
 */
import type { Received } from '../domain/call.ts';
import type { Answer, Question } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import { openNote, type Seal, sealNote } from '../wire/seal.ts';
import type { Doorkeeper } from './conversation.ts';

/** Where a login must come first: at which server, and our link to it. */
export interface LoginFirst {
  readonly server: string;
  readonly url: string;
}

/** How long a client may take to come back, in milliseconds: as long as the link lives. */
const COME_BACK_WITHIN = 10 * 60_000;
const PURPOSE = 'login-offer 1';
/** Our question's key among those of the request. */
const KEY = 'tollgate_login';

export const loginFirst = (answer: Result<unknown, Refusal>): LoginFirst | undefined =>
  !answer.ok && answer.error.reason === 'no_credential' && answer.error.login !== undefined
    ? { server: answer.error.server, url: answer.error.login }
    : undefined;

export const canOpenUrls = ({ abilities }: Pick<Received, 'abilities'>): boolean =>
  abilities.elicitation.includes('url');

/** What the client is asked (client/elicitation: no personal data, nothing that authenticates by itself). */
const questionOf = ({ server, url }: LoginFirst): Question => ({
  method: 'elicitation/create',
  params: { mode: 'url', message: `Tollgate: log in to ${server}, so that the agent can act there in your name.`, url },
  key: KEY,
});

/** The offer as a request for input, and the state that the client comes back with. */
export const offered = (first: LoginFirst, at: number, seal: Seal) => ({
  questions: { [KEY]: questionOf(first) },
  state: sealNote(PURPOSE, [first.url, at + COME_BACK_WITHIN], seal),
});

/** The link that was offered, where a client comes back from it: empty where it did not open it. Undefined: from none of ours. */
export function cameBackFrom(
  state: unknown,
  answers: JsonObject | undefined,
  at: number,
  seal: Seal,
): string | undefined {
  const note = typeof state === 'string' ? openNote(PURPOSE, state, seal) : undefined;
  if (note === undefined) return undefined;
  const [url, until] = note as readonly [string, number];
  const answer = answers?.[KEY] as JsonObject | undefined;
  return at <= until && answer?.['action'] === 'accept' ? url : '';
}

/** Asks a client that answers on the stream of its request; whether the link was opened. */
export async function asksToLogIn({ line }: Pick<Received, 'line'>, first: LoginFirst): Promise<boolean> {
  const answer: Answer | undefined = await line.ask?.(questionOf(first), line.signal);
  return answer?.ok === true && answer.result['action'] === 'accept';
}

/** Waits until the login is finished, or its caller is gone or out of patience. */
export function untilLoggedIn(
  { path, stopping }: Doorkeeper,
  { line }: Pick<Received, 'line'>,
  url: string,
  { begin, patience }: { begin(): AbortSignal; readonly patience: number },
): Promise<void> {
  const ends = [line.signal, begin(), stopping, AbortSignal.timeout(patience)];
  return path.loggedIn(url, AbortSignal.any(ends));
}
