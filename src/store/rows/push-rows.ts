/** The table of browsers that are told. An address with its keys is what lets one wake a browser: it lies there sealed. */
import type { Known } from '../../domain/person.ts';
import type { PushSubscription } from '../../domain/push.ts';
import type { Sealing } from '../sealing.ts';
import type { Sql, SqlRow } from '../sql.ts';

type Sealed = Omit<PushSubscription, 'id' | 'person' | 'until'>;

export class PushRows {
  readonly #sql: Sql;
  readonly #sealing: Sealing;

  constructor(sql: Sql, sealing: Sealing) {
    this.#sql = sql;
    this.#sealing = sealing;
  }

  async all(at: number): Promise<readonly PushSubscription[]> {
    const rows = await this.#sql.all('SELECT * FROM push WHERE until > ? ORDER BY since, id', at);
    return rows.map((row) => this.#subscriptionOf(row));
  }

  /** Of other browsers than this one. */
  async count({ issuer, subject, tenant }: Known, id: string, at: number): Promise<number> {
    const row = await this.#sql.one(
      'SELECT count(*) AS n FROM push WHERE issuer = ? AND subject = ? AND tenant = ? AND id <> ? AND until > ?',
      ...[issuer, subject, tenant, id, at],
    );
    return Number(row?.['n']);
  }

  async put({ id, person, until, ...rest }: PushSubscription, at: number): Promise<void> {
    const sealed = this.#sealing.sealForAll(placeOf(id), Buffer.from(JSON.stringify(rest satisfies Sealed)));
    const { issuer, subject, tenant } = person;
    await this.#sql.run(
      `INSERT INTO push (id, issuer, subject, tenant, sealed, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject, tenant = excluded.tenant,
         sealed = excluded.sealed, until = excluded.until`,
      ...[id, issuer, subject, tenant, sealed, at, until],
    );
  }

  async remove(id: string): Promise<void> {
    await this.#sql.run('DELETE FROM push WHERE id = ?', id);
  }

  async isOf({ issuer, subject, tenant }: Known, id: string): Promise<boolean> {
    const row = await this.#sql.one(
      'SELECT id FROM push WHERE id = ? AND issuer = ? AND subject = ? AND tenant = ?',
      ...[id, issuer, subject, tenant],
    );
    return row !== undefined;
  }

  #subscriptionOf(row: SqlRow): PushSubscription {
    const id = String(row['id']);
    const sealed = this.#sealing.unsealForAll(placeOf(id), row['sealed'] as Uint8Array).toString();
    return {
      // One of before groups were kept is of nobody's group until its person comes by.
      groups: [],
      ...(JSON.parse(sealed) as Omit<Sealed, 'groups'> & Partial<Pick<Sealed, 'groups'>>),
      id,
      person: { issuer: String(row['issuer']), subject: String(row['subject']), tenant: String(row['tenant']) },
      until: Number(row['until']),
    };
  }
}

const placeOf = (id: string): string => `push ${id}`;
