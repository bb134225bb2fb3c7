/** Who may see and change which session over the API. */
import type { ApiCaller } from '../domain/person.ts';
import { type Caller, isSamePrincipal, LOCAL, localCaller, type Principal, type Scope } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { mayBy, type Right } from '../domain/role.ts';
import type { Session } from '../domain/session.ts';
import { invalid, type Problem } from './problem.ts';

/** One's own; with a role or the scope those of one's tenant. A token that acts for somebody sees that principal's own alone. */
export function maySee(caller: ApiCaller, session: Session): boolean {
  if (!isWithin(caller, session)) return false;
  return isSamePrincipal(caller.principal, session.principal) || seesTenant(caller);
}

/** Whether a caller sees the sessions of others in its tenant. */
export const seesTenant = (caller: ApiCaller): boolean =>
  caller.person === undefined
    ? has(caller, 'sessions:read') && !isActed(caller)
    : mayBy(caller.person.roles, 'see sessions');

/** Whether a session is of the caller's tenant, and the one that its token is for, if it is for one. */
export const isWithin = (
  { principal, sid }: Caller,
  session: { readonly id: string; readonly principal: Pick<Principal, 'issuer' | 'tenant'> },
): boolean =>
  session.principal.issuer === principal.issuer &&
  session.principal.tenant === principal.tenant &&
  (sid === undefined || sid === session.id);

/** What a route asks for: of programs the scope, of people one of the rights. */
export interface Needed {
  readonly method: 'get' | 'post';
  readonly scope: Scope | undefined;
  readonly rights: readonly Right[];
  /** It brings a fresh proof of its person, or asks what to prove: whoever came by a link may. */
  readonly byProof?: boolean | undefined;
}

/** Before anything is looked up: who may not change sessions learns of none. */
export function mayDo(caller: ApiCaller, needed: Needed): Result<void, Problem> {
  const { scope, rights } = needed;
  if (scope === undefined && rights.length === 0) return ok(undefined);
  if (isActed(caller))
    return refuse({ status: 403, reason: 'acted', detail: 'A token with the claim act decides nothing' });
  if (caller.person !== undefined) return mayInPerson(caller.person, needed);
  if (scope === undefined)
    return refuse({ status: 403, reason: 'people_only', detail: 'This is for people, who sign in: no token opens it' });
  if (has(caller, scope)) return ok(undefined);
  const headers = { 'www-authenticate': `Bearer realm="tollgate api", error="insufficient_scope", scope="${scope}"` };
  return refuse({ status: 403, reason: 'insufficient_scope', detail: `The token lacks the scope ${scope}`, headers });
}

function mayInPerson(
  { roles, looksOnly }: NonNullable<ApiCaller['person']>,
  { method, rights, byProof = false }: Needed,
): Result<void, Problem> {
  if (looksOnly && method !== 'get' && !byProof) return refuse(ONLY_LOOKS);
  return rights.some((right) => mayBy(roles, right)) ? ok(undefined) : refuse(notBy(rights));
}

/** What no role of a person lets it do. */
export const notBy = (rights: readonly Right[]): Problem => ({
  status: 403,
  reason: 'role',
  detail: `None of your roles lets you ${rights.join(' or ')}`,
});

const ONLY_LOOKS: Problem = {
  status: 403,
  reason: 'looks_only',
  detail: 'Who comes by a link looks, and answers with a proof: for this sign in, or use the command line',
};

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
