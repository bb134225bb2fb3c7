/** How a server's credential is had, as the deployment says it. References to secrets stand here, never secrets. */

/** This gateway at an issuer: its id there, and what proves it. */
export type ClientForm =
  | { readonly id: string; readonly secret: string }
  /** `key`: absolute path of a private key (PKCS#8 PEM or JWK) that signs assertions (RFC 7523). */
  | { readonly id: string; readonly key: string; readonly alg: string | undefined };

interface Issued {
  /** As it says it of itself, character by character. */
  readonly issuer: string;
  readonly client: ClientForm;
  /** Whether tokens that are no JWTs are looked into at the issuer (RFC 7662); else they are refused. */
  readonly introspection: boolean;
}

/** The caller's own token is exchanged for one that names the caller, and us as who acts (RFC 8693). */
export interface ExchangeForm extends Issued {
  readonly kind: 'exchange';
  readonly audience: string;
  readonly resource: string | undefined;
  /** A token that says who acts in our place. */
  readonly actor: string | undefined;
}

/** The caller's token becomes a grant of its identity provider, and that a token of the server's own issuer. */
export interface IdJagForm extends Issued {
  readonly kind: 'id_jag';
  /** The issuer that the grant is for. */
  readonly audience: string;
  readonly resource: string;
  /** Where the grant is handed in, and who we are there. */
  readonly at: { readonly issuer: string; readonly client: ClientForm };
}

export interface ClientCredentialsForm extends Issued {
  readonly kind: 'client_credentials';
  readonly resource: string | undefined;
  /** What is asked for where a target names no scopes. */
  readonly scopes: readonly string[];
}

/** What is kept as it is sent. */
export interface HeaderForm {
  readonly kind: 'header';
  /** In lower case. */
  readonly header: string;
  readonly secret: string;
  /** What stands in front of the secret, blank included. */
  readonly prefix: string;
}

export type CredentialForm = ExchangeForm | IdJagForm | ClientCredentialsForm | HeaderForm;

/** Whether it is made of the caller's own token, so that each caller has another. */
export const isOfSubject = (form: CredentialForm | undefined): boolean =>
  form?.kind === 'exchange' || form?.kind === 'id_jag';
