import { ClientConnection } from './client-connection.ts';

/** Connections of legacy clients by their sealed ids: there when first needed, forgotten when nothing is left in them. */
export class ClientConnections {
  readonly #limit: number;
  readonly #byId = new Map<string, ClientConnection>();
  /** Ids whose clients said goodbye, as many as are remembered: a sealed id alone would open again. */
  readonly #ended = new Set<string>();

  /** `limit`: how many may be remembered. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): ClientConnection | undefined {
    return this.#byId.get(id);
  }

  /** The connection of this id. At the limit the oldest idle one makes room; undefined where none is idle. */
  at(id: string): ClientConnection | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= this.#limit && !this.#makeRoom()) return undefined;
    const connection = new ClientConnection((rested) => this.#settle(id, rested));
    this.#byId.set(id, connection);
    return connection;
  }

  /** The client says goodbye: what is under way is cancelled, its streams end, and its id is of no use any more. */
  end(id: string): void {
    const [oldest] = this.#ended;
    if (this.#ended.size >= this.#limit && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.add(id);
    const connection = this.#byId.get(id);
    this.#byId.delete(id);
    connection?.end();
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }

  /** One that fell idle goes behind the others, so that the first idle one is the oldest. */
  #settle(id: string, connection: ClientConnection): void {
    if (!connection.isIdle || this.#byId.get(id) !== connection) return;
    this.#byId.delete(id);
    if (!connection.isEmpty) this.#byId.set(id, connection);
  }

  #makeRoom(): boolean {
    for (const [id, connection] of this.#byId) {
      if (!connection.isIdle) continue;
      this.#byId.delete(id);
      connection.end();
      return true;
    }
    return false;
  }
}
