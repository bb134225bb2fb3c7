/** What makes two implicit sessions the same one, and two sessions one principal's, as texts. */
import type { Principal } from '../domain/principal.ts';
import type { SessionKey } from '../domain/session.ts';

/** Of issuer, subject, client and tenant. The actor chain does not separate principals. */
export const ownerKey = ({ issuer, subject, client, tenant }: Principal): string =>
  JSON.stringify([issuer, subject, client, tenant]);

/** Of issuer and tenant. */
export const tenantKey = ({ issuer, tenant }: Pick<Principal, 'issuer' | 'tenant'>): string =>
  JSON.stringify([issuer, tenant]);

/** Of whose it is, profile and working folder. */
export const sessionIdentity = ({ principal, profile, folder }: SessionKey): string =>
  JSON.stringify([principal.issuer, principal.subject, principal.client, principal.tenant, profile, folder ?? null]);
