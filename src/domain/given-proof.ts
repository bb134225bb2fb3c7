/** What a person gives in order to prove something, before anybody has judged it. */
/** What a browser gave for a challenge of ours. `response` is as it came. */
export interface PasskeyAnswer {
  readonly challenge: string;
  readonly response: Readonly<Record<string, unknown>>;
}

/** What a person proves something with: the one, the other, or both. */
export interface GivenProof {
  readonly passphrase?: string | undefined;
  readonly passkey?: PasskeyAnswer | undefined;
}
