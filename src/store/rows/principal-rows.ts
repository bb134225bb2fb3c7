/** The table of what all sessions of a principal used under a profile: a row for each kind, of the window that runs. */
import type { Amounts, Overdrawn, PrincipalCap } from '../../domain/budget.ts';
import type { SessionRow } from '../session-row.ts';
import type { Sql } from '../sql.ts';

interface Window {
  readonly kind: string;
  /** When it began. A clock set back begins no other. */
  readonly since: number;
  readonly used: number;
}

/** The caps of a principal, as they stand, until the transaction ends. */
export interface PrincipalStanding {
  /** The first cap that `claims` would pass. */
  overdrawn(claims: Amounts): Overdrawn | undefined;
  charge(claims: Amounts): Promise<void>;
}

export class PrincipalRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Nobody else charges this principal until the transaction ends. Touches nothing where there are no caps. */
  async standing(session: SessionRow, caps: readonly PrincipalCap[], at: number): Promise<PrincipalStanding> {
    const { ownerKey: owner, owner: key } = session;
    const windows = caps.length === 0 ? [] : await this.#windows(owner, key.profile, caps, at);
    return {
      overdrawn: (claims) => {
        for (const { cap, since, used } of windows) {
          const { kind, most, within } = cap;
          if (used + (claims[kind] ?? 0) > most)
            return { kind, used, cap: most, window: { within, endsAt: since + within } };
        }
        return undefined;
      },
      charge: async (claims) => {
        for (const { cap, since, used } of windows) {
          const claim = claims[cap.kind] ?? 0;
          if (claim > 0) await this.#write(owner, key.profile, { kind: cap.kind, since, used: used + claim });
        }
      },
    };
  }

  async #windows(owner: string, profile: string, caps: readonly PrincipalCap[], at: number) {
    await this.#sql.lock(owner);
    const text = 'SELECT kind, since, used FROM principal_budget WHERE owner = ? AND profile = ?';
    const rows = (await this.#sql.all(text, owner, profile)) as unknown as readonly Window[];
    return caps.map((cap) => {
      const row = rows.find(({ kind }) => kind === cap.kind);
      const runs = row !== undefined && at < row.since + cap.within;
      return { cap, since: runs ? row.since : at, used: runs ? row.used : 0 };
    });
  }

  async #write(owner: string, profile: string, { kind, since, used }: Window): Promise<void> {
    await this.#sql.run(
      `INSERT INTO principal_budget (owner, profile, kind, since, used) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (owner, profile, kind) DO UPDATE SET since = excluded.since, used = excluded.used`,
      ...[owner, profile, kind, since, used],
    );
  }
}
