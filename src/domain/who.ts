/** Who may work under a profile. */
import { type Caller, LOCAL } from './principal.ts';

/** `local`: agents on loopback and stdio. Else callers of an issuer, of whom each list that is there has to hold something. */
export type Who = typeof LOCAL | IssuersCallers;

export interface IssuersCallers {
  readonly issuer: string;
  /** One of the caller's is enough. */
  readonly groups: readonly string[] | undefined;
  readonly subjects: readonly string[] | undefined;
  readonly clients: readonly string[] | undefined;
  readonly tenants: readonly string[] | undefined;
}

/** Whether any entry lets this caller in. */
export const admits = (who: readonly Who[], caller: Caller): boolean => who.some((one) => letsIn(one, caller));

function letsIn(who: Who, { principal, groups }: Caller): boolean {
  if (who === LOCAL) return principal.issuer === LOCAL;
  return (
    principal.issuer === who.issuer &&
    holds(who.groups, groups) &&
    holds(who.subjects, [principal.subject]) &&
    holds(who.clients, [principal.client]) &&
    holds(who.tenants, [principal.tenant])
  );
}

const holds = (list: readonly string[] | undefined, some: readonly string[]): boolean =>
  list === undefined || some.some((one) => list.includes(one));
