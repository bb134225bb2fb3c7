/** Whose authority a call carries to a server: obtained before the intent, for one session, one server and one set of scopes. */
import type { Principal } from './principal.ts';
import type { Result } from './result.ts';
import type { Secret } from './secret.ts';

export interface CredentialWanted {
  readonly server: string;
  readonly session: string;
  readonly principal: Principal;
  /** What the tool needs; none where its contract names none. */
  readonly scopes: readonly string[];
  /** The verified token of the caller, the subject of an exchange; undefined where the door takes none (loopback, stdio). */
  readonly subjectToken: Secret | undefined;
}

export interface Credential {
  /** The header that carries it, in lower case: `authorization`, mostly. */
  readonly header: string;
  readonly value: Secret;
  /** Milliseconds since the epoch; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
  /** For the trace; neither is secret. */
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
}

/** How a server said no to a credential. */
export interface Challenge {
  /** 403 says that the credential is good, and that its scopes are too few. */
  readonly status: 401 | 403;
  /** `WWW-Authenticate`, as it came. */
  readonly header: string | undefined;
}

/** Why there is none. */
export type NoCredential =
  /** The principal's person has to log in at `url` first: ours, where the way begins. */
  | { readonly kind: 'login'; readonly url: string }
  /** For the operator: one phrase without a full stop, and nothing secret in it. */
  | { readonly kind: 'failed'; readonly why: string };

export type Obtained = Result<Credential | undefined, NoCredential>;

/** The credentials of the servers. Never rejects: what goes wrong is a refusal. */
export interface Credentials {
  /**
   * Undefined where the server takes none. One request to an issuer is in flight for a key; kept until shortly before it
   * expires, and at once where it is kept.
   */
  obtain(wanted: CredentialWanted): Obtained | Promise<Obtained>;
  /**
   * The server refused this one: it is not handed out again, but for a 403 that nothing more can be done about. `challenge`:
   * undefined where no more is known than that it was a 401.
   */
  refused(wanted: CredentialWanted, credential: Credential, challenge?: Challenge): void;
  /** The session is over: its credentials are revoked where their issuer can, and forgotten. */
  leave(session: string): Promise<void>;
}
