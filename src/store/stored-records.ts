/** What people look back on, asked of the ledger's home itself. */
import type { Entry } from '../domain/journal.ts';
import type { AskedHold, EntriesAsked, HoldsAsked, Records, SessionsAsked, SessionsPage } from '../domain/records.ts';
import type { SessionStanding } from '../domain/session.ts';
import type { LedgerHome } from './ledger-home.ts';
import type { KnownStanding } from './operations.ts';
import { snapshotOf } from './snapshots.ts';

export class StoredRecords implements Records {
  readonly #home: LedgerHome;

  constructor(home: LedgerHome) {
    this.#home = home;
  }

  async sessions(asked: SessionsAsked, at: number): Promise<SessionsPage | undefined> {
    const page = await this.#home.ask('sessionsPage', { ...asked, at });
    return (
      page && {
        ...page,
        sessions: page.sessions.map((one) => ({ ...standingOf(one, at), description: one.description })),
      }
    );
  }

  entries(asked: EntriesAsked): Promise<readonly Entry[]> {
    return this.#home.ask('entries', asked);
  }

  asked(asked: HoldsAsked): Promise<readonly AskedHold[]> {
    return this.#home.ask('asked', asked);
  }
}

export const standingOf = ({ known, awaiting }: KnownStanding, at: number): SessionStanding => ({
  ...snapshotOf(known, at),
  awaiting,
});
