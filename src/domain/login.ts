/** A person's own login at the authorization server of a tool server: from our link, over the person's browser, back to us. */
import type { JsonObject } from './json.ts';
import type { Caller } from './principal.ts';
import type { Result } from './result.ts';

/** Where our links begin, and where authorization servers send people back to: below the base of our own URL. */
export const LOGIN_PATH = '/login/';
export const CALLBACK_PATH = '/oauth/callback';
/** Our Client ID Metadata Document. */
export const CLIENT_PATH = '/.well-known/tollgate-client.json';

/** Why a login does not go on. What it was is for the operator, who is told by the gateway's own report. */
export type LoginTrouble =
  /** Never there, used up, expired, or of another browser. Told apart to nobody. */
  | 'unknown'
  /** The person in this browser is not the one that the login is for, or did not prove to be. */
  | 'somebody_else'
  | 'failed';

export interface StartedLogin {
  /** At the authorization server. */
  readonly location: string;
  /** What this browser must bring back. */
  readonly cookie: { readonly name: string; readonly value: string };
}

/** Logins that were offered and are not finished. Each step can be taken once. */
export interface Logins {
  /** `person`: who is signed in at this browser; undefined where nobody is. Never rejects. */
  start(id: string, person: Caller | undefined): Promise<Result<StartedLogin, LoginTrouble>>;
  /** `answer`: the parameters that the browser was sent back with. Gives the server's name. Never rejects. */
  finish(
    answer: URLSearchParams,
    cookieOf: (name: string) => string | undefined,
    person: Caller | undefined,
  ): Promise<Result<string, LoginTrouble>>;
  /** Resolves when the login behind this URL of ours was finished, or when `signal` aborts. */
  finished(url: string, signal: AbortSignal): Promise<void>;
  /** What authorization servers read of us; undefined where our own URL is not `https:`, so that they read nothing. */
  clientDocument(): JsonObject | undefined;
}
