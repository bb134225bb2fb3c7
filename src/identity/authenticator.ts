/** Who calls, by whichever proof a door received. */
import type { Now } from '../domain/ports.ts';
import type { Caller, Presented } from '../domain/principal.ts';
import type { Result } from '../domain/result.ts';
import type { VerifyToken } from './token-verifier.ts';

export interface AuthenticatorOptions {
  /** The doors of this machine. */
  readonly local: (presented: Presented) => Caller | undefined;
  /** Tokens of the configured issuer; undefined where there is none, or none of its tokens opens this door. */
  readonly verify: VerifyToken | undefined;
  readonly report: (line: string) => void;
  readonly now: Now;
}

/** One reason is told no more often, in milliseconds: whoever knocks must not fill the operator's log. */
const TOLD_EVERY = 60_000;

/**
 * The socket and the loopback token name the local agent; a bearer with a dot in it, which that token never has, is a JSON Web
 * Token and nothing else, so that a bad one is not let in as a stranger where strangers are (`--anonymous`).
 */
export function authenticator({ local, verify, report, now }: AuthenticatorOptions) {
  const told = new Map<string, number>();
  const judged = (verified: Result<Caller, string>): Caller | undefined => {
    if (verified.ok) return verified.value;
    const at = now();
    if (at - (told.get(verified.error) ?? Number.NEGATIVE_INFINITY) >= TOLD_EVERY) {
      told.set(verified.error, at);
      report(`a token was refused: ${verified.error}`);
    }
    return undefined;
  };
  if (verify === undefined) return local;
  return (presented: Presented): Caller | undefined | Promise<Caller | undefined> => {
    if (presented.door === 'socket' || presented.bearer?.includes('.') !== true) return local(presented);
    const verified = verify(presented.bearer);
    return verified instanceof Promise ? verified.then(judged) : judged(verified);
  };
}
