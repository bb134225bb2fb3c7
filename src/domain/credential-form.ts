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
  /** The token of this machine's user at the provider, for local callers, who bring none; undefined: each caller's own. */
  readonly subject: string | undefined;
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

/** Each user logs in by themselves, at the server's own authorization server. */
export interface LoginForm {
  readonly kind: 'login';
  /** Where written, people log in there and nowhere else, whatever the server says. */
  readonly issuer: string | undefined;
  /** Without a secret: a public client. */
  readonly client: { readonly id: string; readonly secret: string | undefined } | undefined;
  /** Where written, these are asked for instead of what the server says. */
  readonly scopes: readonly string[] | undefined;
}

export type CredentialForm = ExchangeForm | IdJagForm | ClientCredentialsForm | HeaderForm | LoginForm;

/** Whether each caller has another: made of the caller's own token, or had by the caller's own login. */
export const isOfSubject = (form: CredentialForm | undefined): boolean =>
  form?.kind === 'exchange' || form?.kind === 'login' || (form?.kind === 'id_jag' && form.subject === undefined);
