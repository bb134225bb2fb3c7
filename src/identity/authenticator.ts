/** Who calls, by whichever proof a door received. */
import type { Caller, Presented } from '../domain/principal.ts';
import type { Result } from '../domain/result.ts';
import type { VerifyToken } from './token-verifier.ts';

export interface AuthenticatorOptions {
  /** The doors of this machine. */
  readonly local: (presented: Presented) => Caller | undefined;
  /** Tokens of the configured issuers; undefined where there is none, or none of their tokens opens this door. */
  readonly verify: VerifyToken | undefined;
  /** Whether a token of an issuer may be any text, and not a signed one alone. */
  readonly opaque: boolean;
  /** Whether `local` lets in who proves nothing. */
  readonly anonymous: boolean;
  /** Told why a token was refused: a phrase that holds nothing of it. */
  readonly refused: (why: string) => void;
}

/**
 * The socket and the loopback token name the local agent; a bearer with a dot in it, which that token never has, is an issuer's
 * and nothing else, so that a bad one is not let in as a stranger where strangers are (`--anonymous`).
 */
export function authenticator({ local, verify, opaque, anonymous, refused }: AuthenticatorOptions) {
  if (verify === undefined) return local;
  const judged = (verified: Result<Caller, string>): Caller | undefined => {
    if (verified.ok) return verified.value;
    refused(verified.error);
    return undefined;
  };
  return (presented: Presented): Caller | undefined | Promise<Caller | undefined> => {
    if (presented.door === 'socket' || presented.bearer === undefined) return local(presented);
    if (!presented.bearer.includes('.')) {
      const known = opaque && anonymous ? undefined : local(presented);
      if (known !== undefined || !opaque) return known;
    }
    const verified = verify(presented.bearer);
    return verified instanceof Promise ? verified.then(judged) : judged(verified);
  };
}
