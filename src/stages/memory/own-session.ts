/** Whose memory is asked for: the session that the caller names, or its live one. Opens none. */
import type { Route } from '../../domain/call.ts';
import type { Unwritten } from '../../domain/memory.ts';
import type { Profile } from '../../domain/policy.ts';
import type { Presented } from '../../domain/principal.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Snapshot } from '../../domain/session.ts';
import { type Looking, seenBy } from '../seen-by.ts';

/** Who asks, and at which door. */
export interface Asker {
  readonly presented: Presented;
  readonly route: Route;
}

/** A session that is not the caller's own is as unknown as one that is not there. */
export type MemoryRefusal =
  | Extract<Refusal, { reason: 'unauthenticated' | 'profile_unclear' | 'session_unknown' }>
  | { readonly reason: Unwritten | 'session_archived' | 'call_unknown' };

interface OwnSession {
  readonly profile: Profile;
  readonly snapshot: Snapshot;
}

/** A session that is over can be read until it is archived. */
export async function ownSession(looking: Looking, asker: Asker): Promise<Result<OwnSession, MemoryRefusal>> {
  const seen = await seenBy(looking, asker.presented, asker.route);
  if (!seen.ok) return refuse(callerRefusal(seen.error));
  const { profile, session } = seen.value;
  const snapshot = session === undefined ? undefined : await looking.ledger.look(session, looking.now());
  if (snapshot === undefined) return refuse({ reason: 'session_unknown' });
  return snapshot.session.state === 'archived' ? refuse({ reason: 'session_archived' }) : ok({ profile, snapshot });
}

const callerRefusal = (refusal: Refusal): MemoryRefusal =>
  refusal.reason === 'unauthenticated' || refusal.reason === 'profile_unclear'
    ? refusal
    : { reason: 'session_unknown' };
