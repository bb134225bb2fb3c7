import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Browsers come to `localhost` by either loopback address. Whoever else listened on the other one would be our origin to them: it
 * would read their cookies and be given their passkeys. `server` is a second one of the same door, beside the one at this address; true where the name is ours
 * alone now, which it also is where the machine has no IPv6.
 */
export async function ownLocalhost(server: Server, { family, port }: AddressInfo): Promise<boolean> {
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen({ port, host: family === 'IPv6' ? '127.0.0.1' : '::1', ipv6Only: true }, () => listening());
    });
    return true;
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
  }
}
