/** Where the credentials of one server come from: a way for each form, behind one shape. */
import type { Credential, CredentialWanted, NoCredential } from '../../domain/credential.ts';
import type { Now } from '../../domain/ports.ts';
import { type Result, refuse } from '../../domain/result.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import type { IssuerClients } from './issuer-clients.ts';

/** What was had anew. */
export interface Fetched {
  readonly credential: Credential;
  /** Takes it back at its issuer; undefined where that cannot be. Rejects where it failed. */
  readonly revoke: (() => Promise<void>) | undefined;
}

/** Never rejects. */
export type Fetch = (wanted: CredentialWanted) => Promise<Result<Fetched, NoCredential>>;

export interface Sources {
  readonly clients: IssuerClients;
  readonly readSecret: ReadSecret;
  readonly now: Now;
}

export const failed = (why: string): { readonly ok: false; readonly error: NoCredential } =>
  refuse({ kind: 'failed', why });
