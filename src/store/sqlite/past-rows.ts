/** Rows of earlier calls, as rules over them ask: of one session, or of all sessions of a principal. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Demand, Fields, Past, PastCall } from '../../domain/history.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { PastRows } from '../rows.ts';
import type { SessionRow } from '../session-row.ts';

interface StoredPast {
  readonly target: string;
  readonly at: number;
  readonly settled_at: number | null;
  readonly outcome: OutcomeWord | null;
  readonly fields: string;
}

const OF_SESSION = 'session = :session';
/** In the words of the index, or it is not used. */
const OF_PRINCIPAL = `session IN (SELECT id FROM session WHERE principal ->> 'issuer' = :issuer
  AND principal ->> 'subject' = :subject AND principal ->> 'client' = :client AND principal ->> 'tenant' = :tenant)`;
const OF_TARGET = 'AND target = :target';

/** What is in flight, and what ended at `since` or later: one look into the index for each. */
const query = (whose: string, target: string): string =>
  ['settled_at IS NULL', 'settled_at >= :since']
    .map((ended) => `SELECT target, at, settled_at, outcome, fields FROM call WHERE ${whose} ${target} AND ${ended}`)
    .join(' UNION ALL ');

export class SqlitePastRows implements PastRows {
  readonly #ofTarget: Readonly<Record<Demand['per'], StatementSync>>;
  readonly #all: Readonly<Record<Demand['per'], StatementSync>>;

  constructor(db: DatabaseSync) {
    const prepared = (target: string) => ({
      session: db.prepare(query(OF_SESSION, target)),
      principal: db.prepare(query(OF_PRINCIPAL, target)),
    });
    this.#ofTarget = prepared(OF_TARGET);
    this.#all = prepared('');
  }

  /** Read as it is asked for: the file is at hand. */
  of(session: SessionRow): Past {
    return (per, target, since) => this.#find(session, per, target, since);
  }

  /** The actor chain does not separate principals, as it does not separate sessions. */
  *#find({ id, owner }: SessionRow, per: Demand['per'], target: string | undefined, since: number): Iterable<PastCall> {
    const { issuer, subject, client, tenant } = owner.principal;
    const whose = per === 'session' ? { session: id } : { issuer, subject, client, tenant };
    const statement = (target === undefined ? this.#all : this.#ofTarget)[per];
    for (const row of statement.iterate({ ...whose, ...(target === undefined ? {} : { target }), since })) {
      yield pastCallOf(row as unknown as StoredPast);
    }
  }
}

/** Most rules count: the fields are read where one asks for them. */
const pastCallOf = ({ target, at, settled_at, outcome, fields }: StoredPast): PastCall => ({
  target,
  at,
  settledAt: settled_at ?? undefined,
  outcome: outcome ?? undefined,
  get fields(): Fields {
    return JSON.parse(fields) as Fields;
  },
});
