import type { ApiCaller } from '../domain/person.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import type { SessionsAsked, SessionsPage } from '../domain/records.ts';
import { seesTenant } from './rights.ts';

type Asked = Pick<SessionsAsked, 'state' | 'after' | 'limit'>;

/** A page of the sessions that a caller may see (`maySee`). Undefined where `after` is none of them. */
export function seenSessions(
  caller: ApiCaller,
  asked: Asked,
  { ledger, now }: { readonly ledger: Pick<Ledger, 'records'>; readonly now: Now },
): Promise<SessionsPage | undefined> {
  const { principal, sid } = caller;
  const owner = seesTenant(caller) ? undefined : principal;
  return ledger.records.sessions({ ...asked, of: principal, owner, only: sid }, now());
}
