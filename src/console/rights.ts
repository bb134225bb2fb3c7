/** Who may see and change which session over the API. */
import { type Caller, isSamePrincipal, LOCAL, localCaller, type Scope } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Session } from '../domain/session.ts';
import { invalid, type Problem } from './problem.ts';

/** One's own; with the scope those of one's tenant. A token that acts for somebody sees that principal's own alone. */
export function maySee(caller: Caller, session: Session): boolean {
  if (!isWithin(caller, session)) return false;
  return isSamePrincipal(caller.principal, session.principal) || (has(caller, 'sessions:read') && !isActed(caller));
}

/** Whether a session is of the caller's tenant, and the one that its token is for, if it is for one. */
export const isWithin = ({ principal, sid }: Caller, session: Session): boolean =>
  session.principal.issuer === principal.issuer &&
  session.principal.tenant === principal.tenant &&
  (sid === undefined || sid === session.id);

/** Before anything is looked up: who may not change sessions learns of none. */
export function mayDecide(caller: Caller, scope: Scope): Result<void, Problem> {
  if (isActed(caller))
    return refuse({ status: 403, reason: 'acted', detail: 'A token with the claim act decides nothing' });
  if (has(caller, scope)) return ok(undefined);
  const headers = { 'www-authenticate': `Bearer realm="tollgate api", error="insufficient_scope", scope="${scope}"` };
  return refuse({ status: 403, reason: 'insufficient_scope', detail: `The token lacks the scope ${scope}`, headers });
}

/** For whom a session is opened: the caller, at this machine its agent, or another of its issuer and tenant, by name. */
export function workerOf(
  caller: Caller,
  named: { readonly subject: string; readonly client: string } | undefined,
): Result<Caller, Problem> {
  if (caller.sid !== undefined)
    return refuse({ status: 403, reason: 'one_session', detail: 'A token for one session opens no other' });
  const isLocal = caller.principal.issuer === LOCAL;
  const own = isLocal ? localCaller(caller.principal.subject) : caller;
  if (named === undefined || isNamed(own, named)) return ok(own);
  if (isLocal)
    return refuse(invalid('principal', `principal: on this machine sessions are those of ${own.principal.subject}`));
  // Which groups another is in, what it claims and who acts for it, its own token says, and nobody else.
  const groups = named.subject === own.principal.subject ? own.groups : [];
  return ok({
    principal: { ...own.principal, ...named, actors: [] },
    groups,
    tokenClaims: new Map(),
    scopes: [],
    sid: undefined,
  });
}

const isNamed = ({ principal }: Caller, named: { readonly subject: string; readonly client: string }): boolean =>
  principal.subject === named.subject && principal.client === named.client;

const isActed = ({ principal }: Caller): boolean => principal.actors.length > 0;
const has = ({ scopes }: Caller, scope: Scope): boolean => scopes.includes(scope);
