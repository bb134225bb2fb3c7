/** Earlier calls, as rules over them ask: of one session and its predecessors, or of all sessions of a principal. */
import { type Demand, type Fields, type Past, type PastAsked, type PastCall, pastAsked } from '../../domain/history.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import type { SessionRow } from '../session-row.ts';
import type { Awaitable, Sql, SqlRow, SqlValue } from '../sql.ts';

interface StoredPast {
  readonly target: string;
  readonly at: number;
  readonly settled_at: number | null;
  readonly outcome: OutcomeWord | null;
  readonly fields: string;
}

const WHOSE: Readonly<Record<Demand['per'], string>> = {
  session: 'lineage = ?',
  principal: 'lineage IN (SELECT lineage FROM session WHERE owner = ?)',
};

/** What is in flight, and what ended at `since` or later: one look into the index for each. */
const query = (per: Demand['per'], target: '' | 'AND target = ?'): string =>
  ['settled_at IS NULL', 'settled_at >= ?']
    .map(
      (ended) => `SELECT target, at, settled_at, outcome, fields FROM call WHERE ${WHOSE[per]} ${target} AND ${ended}`,
    )
    .join(' UNION ALL ');

const QUERIES = {
  session: { all: query('session', ''), target: query('session', 'AND target = ?') },
  principal: { all: query('principal', ''), target: query('principal', 'AND target = ?') },
} as const;

export class PastRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The calls before one of this session, read for what these demands ask at `at`. */
  of(session: SessionRow, demands: readonly Demand[], at: number): Awaitable<Past> {
    return demands.length === 0 ? () => [] : this.#of(session, demands, at);
  }

  async #of(session: SessionRow, demands: readonly Demand[], at: number): Promise<Past> {
    // Calls of other sessions count, which other transactions may be adding.
    if (demands.some(({ per }) => per === 'principal')) await this.#sql.lock(session.ownerKey);
    const read = new Map<string, readonly SqlRow[]>();
    for (const asking of demands.flatMap((demand) => pastAsked(demand, at))) {
      const key = keyOf(asking);
      if (!read.has(key)) read.set(key, await this.#read(session, asking));
    }
    return (per, target, since) => (read.get(keyOf({ per, target, since })) ?? []).map(pastCallOf);
  }

  /** The actor chain does not separate principals, as it does not separate sessions. */
  #read({ lineage, ownerKey }: SessionRow, { per, target, since }: PastAsked) {
    const whose: SqlValue[] = [per === 'session' ? lineage : ownerKey, ...(target === undefined ? [] : [target])];
    const from = Math.max(since, Number.MIN_SAFE_INTEGER);
    return this.#sql.all(QUERIES[per][target === undefined ? 'all' : 'target'], ...whose, ...whose, from);
  }
}

const keyOf = ({ per, target, since }: PastAsked): string => `${per} ${since} ${target ?? ''}`;

/** Most rules count: the fields are read where one asks for them. */
const pastCallOf = (row: SqlRow): PastCall => {
  const { target, at, settled_at, outcome, fields } = row as unknown as StoredPast;
  return {
    target,
    at,
    settledAt: settled_at ?? undefined,
    outcome: outcome ?? undefined,
    get fields(): Fields {
      return JSON.parse(fields) as Fields;
    },
  };
};
