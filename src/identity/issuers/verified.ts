/** What is known of a token that was found good. */
import type { JWTPayload } from 'jose';
import type { Caller } from '../../domain/principal.ts';
import type { Result } from '../../domain/result.ts';
import type { Lease } from './key-source.ts';

export interface Verified {
  readonly caller: Caller;
  /** Milliseconds since the epoch: so long it need not be verified again, while its lease stands. */
  readonly until: number;
  readonly lease: Lease;
}

/** A door of ours, as tokens name it. */
export interface Door {
  /** What tokens must be for. */
  readonly audience: string;
  /** What they must not be for as well: a token that agents hold opens one door only. */
  readonly notFor?: string | undefined;
}

/** Refuses with a phrase for the operator. `kid`: the key that the token names, if it names one. */
export type Verify = (token: string, kid: string | undefined) => Promise<Result<Verified, string>>;

/** How far the issuer's clock may be from ours, in seconds. */
export const TOLERANCE = 30;

export const audiencesOf = ({ aud = [] }: Pick<JWTPayload, 'aud'>): readonly string[] => [aud].flat();
