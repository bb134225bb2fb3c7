/** Kept-alive HTTP connections, one pool an origin, shared by all sessions: no session waits for a handshake of TLS. */
import { type buildConnector, Pool } from 'undici';

/** How connections to an origin are opened. */
export type ConnectTo = (origin: string) => buildConnector.connector;

export class Pools {
  readonly #pools = new Map<string, Pool>();
  readonly #connectTo: ConnectTo | undefined;

  constructor(connectTo?: ConnectTo) {
    this.#connectTo = connectTo;
  }

  of(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const connect = this.#connectTo?.(origin);
    const pool = new Pool(origin, { allowH2: false, ...(connect && { connect }) });
    this.#pools.set(origin, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }
}
