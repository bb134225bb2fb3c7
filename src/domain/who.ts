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
  /** Of each claim that is named the caller has to have one of these values. */
  readonly claims: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * The actors who may act for the caller, as `ISSUER:SUBJECT`: the nearest has to be one of them, and the others decide
   * nothing (RFC 8693, section 4.1). `none`: nobody acts. Undefined: whoever does.
   */
  readonly actors: readonly string[] | typeof NONE | undefined;
}

export const NONE = 'none';

/** Whether any entry lets this caller in. */
export const admits = (who: readonly Who[], caller: Caller): boolean => who.some((one) => letsIn(one, caller));

function letsIn(who: Who, { principal, groups, tokenClaims }: Caller): boolean {
  if (who === LOCAL) return principal.issuer === LOCAL;
  return (
    principal.issuer === who.issuer &&
    holds(who.groups, groups) &&
    holds(who.subjects, [principal.subject]) &&
    holds(who.clients, [principal.client]) &&
    holds(who.tenants, [principal.tenant]) &&
    hasClaims(who.claims, tokenClaims) &&
    isActedFor(who.actors, principal.actors)
  );
}

const hasClaims = (named: IssuersCallers['claims'], said: Caller['tokenClaims']): boolean =>
  named === undefined || Object.entries(named).every(([name, values]) => holds(values, said.get(name) ?? []));

function isActedFor(actors: IssuersCallers['actors'], [nearest]: readonly string[]): boolean {
  if (actors === undefined) return true;
  return actors === NONE ? nearest === undefined : nearest !== undefined && actors.includes(nearest);
}

/** The claims that decide who is let in somewhere. */
export const claimsNamed = (who: readonly Who[]): readonly string[] =>
  who.flatMap((one) => (one === LOCAL ? [] : Object.keys(one.claims ?? {})));

const holds = (list: readonly string[] | undefined, some: readonly string[]): boolean =>
  list === undefined || some.some((one) => list.includes(one));
