/** Kept-alive HTTP connections, one pool an origin, shared by all sessions: no session waits for a handshake of TLS. */
import { Pool } from 'undici';

export class Pools {
  readonly #pools = new Map<string, Pool>();

  of(origin: string): Pool {
    const pool = this.#pools.get(origin) ?? new Pool(origin, { allowH2: false });
    this.#pools.set(origin, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }
}
