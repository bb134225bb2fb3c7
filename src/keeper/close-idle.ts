import { isOver } from '../domain/session.ts';
import type { Kept } from './kept.ts';

/** Closes what runs for sessions without a call for as long as their policy bears it. They stay as they are. */
export async function closeIdle({ ledger, profiles, sessions, rest, now }: Kept): Promise<void> {
  for (const session of sessions()) {
    const snapshot = await ledger.look(session, now());
    if (snapshot === undefined || isOver(snapshot.session)) continue;
    const idle = profiles.get(snapshot.session.profile)?.life.idle;
    if (idle !== undefined && snapshot.at >= snapshot.touchedAt + idle) await rest(session);
  }
}
