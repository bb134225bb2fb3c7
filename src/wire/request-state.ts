/**
 * `requestState` of a call that waits for its client (basic/patterns/mrtr.mdx): a sealed note that names the call and the
 * round. It is bound to the caller, the URL, the method and the target; it says of which session and which arguments the call
 * is, so that the path can compare them.
 */
import { openNote, type Seal, sealNote } from './seal.ts';

/** How long a client may take to come back, in milliseconds. Questions lapse sooner: this only ends what nobody redeemed. */
const COME_BACK_WITHIN = 60 * 60_000;
const PURPOSE = 'request-state 2';

/** The round of a call that a client answers. */
export interface RoundNote {
  readonly call: string;
  readonly number: number;
  readonly session: string;
  /** Of the effective arguments. */
  readonly digest: string;
}

/** `at`: milliseconds since the epoch. */
export const sealRound = ({ call, number, session, digest }: RoundNote, at: number, seal: Seal): string =>
  sealNote(PURPOSE, [call, number, at + COME_BACK_WITHIN, session, digest], seal);

/** Undefined where the state is not ours, has expired, or was given for something else. */
export function openRound(state: unknown, at: number, seal: Seal): RoundNote | undefined {
  const note = typeof state === 'string' ? openNote(PURPOSE, state, seal) : undefined;
  if (note === undefined) return undefined;
  const [call, number, until, session, digest] = note as readonly [string, number, number, string, string];
  return at > until ? undefined : { call, number, session, digest };
}
