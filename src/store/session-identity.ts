/** What makes two implicit sessions the same one, as a text. */
import type { SessionKey } from '../domain/session.ts';

/** Of issuer, subject, client, tenant, profile and working folder. The actor chain does not separate sessions. */
export const sessionIdentity = ({ principal, profile, folder }: SessionKey): string =>
  JSON.stringify([principal.issuer, principal.subject, principal.client, principal.tenant, profile, folder ?? null]);
