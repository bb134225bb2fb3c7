import type { InSession } from '../domain/call.ts';
import type { Contract } from '../domain/contract.ts';
import type { Credential, Credentials } from '../domain/credential.ts';
import type { Unavailable } from '../domain/downstream.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { authorizing, wantedBy } from './obtain-credential.ts';
import { notConnected } from './stopped.ts';

type Caller = Pick<InSession, 'id' | 'session' | 'principal' | 'subjectToken'>;

/** What showing a server a credential takes. */
export interface Showing {
  readonly ledger: Ledger;
  readonly credentials: Pick<Credentials, 'obtain' | 'refused'>;
}

/**
 * Does at a server what may be done again. Where it refuses the credential another is asked for, once: there may be one by
 * then, or a way for the caller's person to get one. Gives the credential that was taken, too.
 */
export async function withCredential<T>(
  call: Caller,
  target: Pick<Contract, 'server' | 'scopes'>,
  credential: Credential | undefined,
  { ledger, credentials }: Showing,
  attempt: (credential: Credential | undefined) => Promise<Result<T, Unavailable>>,
): Promise<Result<{ readonly value: T; readonly credential: Credential | undefined }, Refusal>> {
  const wanted = wantedBy(call, target);
  let shown = credential;
  let had = await attempt(shown);
  if (!had.ok && had.error.challenge !== undefined && shown !== undefined) {
    credentials.refused(wanted, shown, had.error.challenge);
    const other = await authorizing(credentials)(call, target);
    if (!other.ok) return other;
    if (other.value !== shown) {
      shown = other.value;
      had = await attempt(shown);
      if (!had.ok && had.error.challenge !== undefined && shown !== undefined)
        credentials.refused(wanted, shown, had.error.challenge);
    }
  }
  return had.ok ? ok({ value: had.value, credential: shown }) : refuse(await notConnected(ledger, call, had.error));
}
