/**
 * A page of ours that a person opens before a call can go on: where its user logs in at a server, where somebody answers its
 * hold. Its client is offered the page once, where it can open one. That the client accepted means no more than that the page
 * was opened: it approves nothing, and no more does coming back from it.
 */
import type { Received } from '../domain/call.ts';
import type { Question } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import { printable } from '../domain/printable.ts';
import type { Refusal } from '../domain/refusal.ts';
import { openNote, type Seal, sealNote } from '../wire/seal.ts';
import type { Doorkeeper } from './conversation.ts';

/** Our question's key among those of a request, by what the page is for. */
const KEYS = { login: 'tollgate_login', hold: 'tollgate_hold' } as const;

export interface Page {
  readonly kind: keyof typeof KEYS;
  readonly url: string;
  readonly message: string;
}

/** The page that a refusal leaves to be opened. */
export function pageOf(refusal: Refusal, holdUrl: Doorkeeper['holdUrl']): Page | undefined {
  if (refusal.reason === 'no_credential' && refusal.login !== undefined) {
    const message = `Tollgate: log in to ${refusal.server}, so that the agent can act there in your name.`;
    return { kind: 'login', url: refusal.login, message };
  }
  if (refusal.reason !== 'held') return undefined;
  const { id, target } = refusal.hold;
  const message = `Tollgate: a call of ${printable(target)} waits for a person to approve it. Opening this page approves nothing.`;
  return { kind: 'hold', url: holdUrl(id), message };
}

export const canOpenUrls = ({ abilities }: Pick<Received, 'abilities'>): boolean =>
  abilities.elicitation.includes('url');

/** What the client is asked (client/elicitation: no personal data, nothing that authenticates by itself). */
export const questionOf = ({ kind, message, url }: Page): Question => ({
  method: 'elicitation/create',
  params: { mode: 'url', message, url },
  key: KEYS[kind],
});

/** Where a client comes back from: a login that it opened or not, or a hold that it has waited for so many times. */
export type CameBack =
  | { readonly kind: 'login'; readonly url: string; readonly opened: boolean }
  | { readonly kind: 'hold'; readonly waited: number };

/** How long a client may take to come back, in milliseconds. */
const COME_BACK_WITHIN = 10 * 60_000;
const PURPOSE = 'wait 1';

/** The state that a client comes back with. `at`: milliseconds since the epoch. */
export const sealLogin = (url: string, at: number, seal: Seal): string =>
  sealNote(PURPOSE, ['login', url, at + COME_BACK_WITHIN], seal);
export const sealWait = (waited: number, at: number, seal: Seal): string =>
  sealNote(PURPOSE, ['hold', waited, at + COME_BACK_WITHIN], seal);

/** Undefined where the state is none of these. One that came too late opened nothing, and has waited long enough. */
export function cameBackFrom(
  state: unknown,
  answers: JsonObject | undefined,
  at: number,
  seal: Seal,
): CameBack | undefined {
  const note = typeof state === 'string' ? openNote(PURPOSE, state, seal) : undefined;
  if (note === undefined) return undefined;
  const [kind, what, until] = note as readonly [Page['kind'], string | number, number];
  if (kind === 'hold') return { kind, waited: at <= until ? Number(what) : Number.POSITIVE_INFINITY };
  const answer = answers?.[KEYS.login] as JsonObject | undefined;
  return { kind, url: String(what), opened: at <= until && answer?.['action'] === 'accept' };
}

/** Asks a client that answers on the stream of its request; whether the page was opened. */
export async function asksToOpen({ line }: Pick<Received, 'line'>, page: Page, until: AbortSignal): Promise<boolean> {
  const answer = await line.ask?.(questionOf(page), until);
  return answer?.ok === true && answer.result['action'] === 'accept';
}
