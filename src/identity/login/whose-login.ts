import { agentOf, type Caller, LOCAL, type Principal } from '../../domain/principal.ts';

/**
 * Whether a login for this principal may go on in a browser where `person` is signed in. Its token will act for the
 * principal, so the person must be proven to be its own: the same subject of the same issuer and tenant, by themselves. On this
 * machine the link is enough, which nobody else is given and which works once.
 */
export function mayLogIn(principal: Principal, person: Caller | undefined, isHere: boolean): boolean {
  if (person === undefined) return principal.issuer === LOCAL && isHere;
  const { issuer, subject, tenant, actors } = person.principal;
  if (issuer === LOCAL) return principal.issuer === LOCAL && principal.subject === agentOf(subject).subject;
  const isSame = principal.issuer === issuer && principal.subject === subject && principal.tenant === tenant;
  return isSame && actors.length === 0;
}
