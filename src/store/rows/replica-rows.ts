/** The tables of replicas and of their leases. A replica lives while it has a row. */
import type { Leasing } from '../operations.ts';
import type { Sql } from '../sql.ts';

export class ReplicaRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async living(): Promise<readonly string[]> {
    return (await this.#sql.all('SELECT id FROM replica')).map((row) => String(row['id']));
  }

  async isLiving(id: string): Promise<boolean> {
    return (await this.#sql.one('SELECT id FROM replica WHERE id = ?', id)) !== undefined;
  }

  /** Gives up the replicas whose time has passed, and what they had. One that renews itself meanwhile is spared, or fails to. */
  async giveUp(): Promise<void> {
    await this.#sql.lock('recover');
    const now = await this.#sql.clock();
    await this.#sql.run('DELETE FROM replica WHERE until <= ?', now);
    await this.#sql.run('DELETE FROM lease WHERE NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = lease.replica)');
    await this.#sql.run(
      'DELETE FROM relay WHERE NOT EXISTS (SELECT 1 FROM replica WHERE replica.id = relay.recipient)',
    );
  }

  /** Gives up one replica where its time has passed. Answers whether it lives. */
  async stillLives(id: string): Promise<boolean> {
    await this.#sql.run('DELETE FROM replica WHERE id = ? AND until <= ?', id, await this.#sql.clock());
    return this.isLiving(id);
  }

  /** Takes a lease where nobody has it. Answers who has it; nobody else gets it until the transaction ends. */
  async lease({ session, server, replica }: Leasing): Promise<string> {
    await this.#sql.run(
      'INSERT INTO lease (session, server, replica) VALUES (?, ?, ?) ON CONFLICT (session, server) DO NOTHING',
      ...[session, server, replica],
    );
    const row = await this.#sql.one(
      `SELECT replica FROM lease WHERE session = ? AND server = ?${this.#sql.toChange}`,
      ...[session, server],
    );
    return String(row?.['replica']);
  }

  /** Takes over a lease that another had. */
  async passOn({ session, server, replica }: Leasing): Promise<void> {
    await this.#sql.run('UPDATE lease SET replica = ? WHERE session = ? AND server = ?', ...[replica, session, server]);
  }

  async release({ session, server, replica }: Leasing): Promise<void> {
    await this.#sql.run(
      'DELETE FROM lease WHERE session = ? AND server = ? AND replica = ?',
      ...[session, server, replica],
    );
  }

  async leasedButOver(replica: string): Promise<readonly Omit<Leasing, 'replica'>[]> {
    const rows = await this.#sql.all(
      `SELECT lease.session AS session, server FROM lease JOIN session ON session.id = lease.session
       WHERE lease.replica = ? AND session.state NOT IN ('created', 'running', 'paused')`,
      replica,
    );
    return rows.map(({ session, server }) => ({ session: String(session), server: String(server) }));
  }
}
