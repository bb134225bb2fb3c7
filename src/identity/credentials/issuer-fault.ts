/** What went wrong with an issuer, as one phrase for the operator: codes that are ours or registered, never its own words. */
import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

/** A request that came to nothing on the way. `message` may be told. */
export class Unreached extends Error {
  override readonly name = 'Unreached';
}

/** RFC 6749, section 5.2: what an issuer may write there is told only where it is such a word. */
const CODE = /^[a-z_]{1,40}$/;

export function issuerFault(issuer: string, fault: unknown): string {
  if (fault instanceof ResponseBodyError)
    return `${issuer} refused it${CODE.test(fault.error) ? `: ${fault.error}` : ` (HTTP ${fault.status})`}`;
  if (fault instanceof WWWAuthenticateChallengeError)
    return `${issuer} does not take this gateway for its client (HTTP ${fault.status})`;
  for (let cause = fault; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'TimeoutError' || cause.name === 'JWKSTimeout') return `${issuer} did not answer in time`;
    if (cause instanceof Unreached) return `${issuer} cannot be reached: ${cause.message}`;
  }
  const { code } = fault as { readonly code?: unknown };
  return `${issuer} gave an answer that cannot be used${typeof code === 'string' ? ` (${code})` : ''}`;
}

/** The innermost reason that has a code says more than what is wrapped around it. */
export function unreached(fault: unknown): Unreached {
  for (let cause = fault; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return new Unreached(code);
  }
  return new Unreached(fault instanceof Error ? fault.message : 'it failed');
}
