/**
 * Connections that are each used by one transaction at a time, and thrown away when they break. The library's own pool does
 * not do here: what is sent on a connection of its that broke meanwhile may never be answered, or end the process.
 */
import postgres, { type ReservedSql } from 'postgres';
import type { SqlRow, SqlValue } from '../sql.ts';
import { promptSocket } from './socket.ts';

/** Seconds. */
const CONNECT_WITHIN = 10;

/** Numbers of 64 bits come as numbers: none of ours is larger than 2^53. */
export const postgresOptions = {
  connect_timeout: CONNECT_WITHIN,
  // We have no arrays; and a connection that broke while the library asks for their types would end the process.
  fetch_types: false,
  onnotice: () => undefined,
  connection: { application_name: 'tollgate' },
  types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
};

class ConnectionClosed extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

export class Connection {
  readonly #client: postgres.Sql;
  readonly #unanswered = new Set<(error: Error) => void>();
  #sql: ReservedSql | undefined;
  #isBroken = false;

  private constructor(url: string) {
    const options = { ...postgresOptions, max: 1, socket: promptSocket, onclose: () => this.#break() };
    this.#client = postgres(url, options) as postgres.Sql;
  }

  /** Rejects with what the network or the database throws. */
  static async open(url: string): Promise<Connection> {
    const connection = new Connection(url);
    try {
      await connection.#client`SELECT 1`;
      connection.#sql = await connection.#client.reserve();
      return connection;
    } catch (error) {
      await connection.end();
      throw error;
    }
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Sent at once, in the order asked. Rejects where the connection is broken, or breaks before the answer. */
  send(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly SqlRow[]>();
    if (this.#isBroken || this.#sql === undefined) {
      reject(closed());
      return promise;
    }
    this.#unanswered.add(reject);
    const query =
      values === undefined ? this.#sql.unsafe(text) : this.#sql.unsafe(text, [...values], { prepare: true });
    Promise.resolve(query.execute() as PromiseLike<readonly SqlRow[]>)
      .then(resolve, reject)
      .finally(() => this.#unanswered.delete(reject));
    return promise;
  }

  /** All rows of a long answer, `page` at a time. */
  async each(text: string, page: number, visit: (row: SqlRow) => void): Promise<void> {
    if (this.#isBroken || this.#sql === undefined) throw closed();
    for await (const rows of this.#sql.unsafe(text).cursor(page)) for (const row of rows) visit(row);
  }

  async end(): Promise<void> {
    await this.#client.end({ timeout: 0 });
  }

  #break(): void {
    this.#isBroken = true;
    const error = closed();
    for (const reject of this.#unanswered) reject(error);
    this.#unanswered.clear();
  }
}

const closed = (): Error => new ConnectionClosed('the connection was closed');

export class Connections {
  readonly #url: string;
  readonly #most: number;
  readonly #free: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #count = 0;
  #hasEnded = false;

  /** At most `most` at a time. */
  constructor(url: string, most: number) {
    this.#url = url;
    this.#most = most;
  }

  /** For one transaction; to be given back. */
  async take(): Promise<Connection> {
    for (;;) {
      if (this.#hasEnded) throw closed();
      const free = this.#free.pop();
      if (free?.isBroken === false) return free;
      if (free !== undefined) this.#drop(free);
      else if (this.#count < this.#most) return this.#open();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  give(connection: Connection): void {
    if (connection.isBroken || this.#hasEnded) this.#drop(connection);
    else this.#free.push(connection);
    this.#waiting.shift()?.();
  }

  /** Ends those that were given back; the others end when they are. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(this.#free.splice(0).map((connection) => connection.end()));
  }

  async #open(): Promise<Connection> {
    this.#count++;
    try {
      return await Connection.open(this.#url);
    } catch (error) {
      this.#count--;
      this.#waiting.shift()?.();
      throw error;
    }
  }

  #drop(connection: Connection): void {
    this.#count--;
    void connection.end();
  }
}

/** Host and database, without user and password. */
export function nameOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'postgres://' : `postgres://${parsed.host}${parsed.pathname}`;
}
