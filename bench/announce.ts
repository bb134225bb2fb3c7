/** How the bench's own servers start and end: on a free loopback port, told to the parent, gone when the parent is. */
import type { Server } from 'node:http';

/** Longer than a route waits for its next turn, so that connections last. Milliseconds. */
export const KEEP_ALIVE = 300_000;

export function announce(server: Server): void {
  process.once('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    process.send?.({ url: `http://127.0.0.1:${address.port}/mcp` });
  });
}
