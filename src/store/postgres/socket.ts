/** The socket of a connection to the database, which sends what is written at once. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** As the library has read it from the URL: several hosts are tried in order. */
interface Place {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a socket in the file system, instead of host and port. */
  readonly path?: string | false;
  /** Seconds. */
  readonly connect_timeout: number;
}

/**
 * Connected, with Nagle's algorithm off: else the end of a transaction waits until its beginning is acknowledged, one round
 * trip more. Rejects with what the network throws.
 */
export async function promptSocket({ host, port, path, connect_timeout }: Place): Promise<Socket> {
  const deadline = AbortSignal.timeout(connect_timeout * 1_000);
  if (path) return connected(connect({ path }), deadline);
  for (let index = 0; ; index++) {
    try {
      return await connected(connect({ host: host[index] ?? '', port: port[index] ?? 0, noDelay: true }), deadline);
    } catch (error) {
      if (index + 1 >= host.length) throw error;
    }
  }
}

async function connected(socket: Socket, deadline: AbortSignal): Promise<Socket> {
  try {
    await once(socket, 'connect', { signal: deadline });
    return socket;
  } catch (error) {
    socket.destroy();
    throw deadline.aborted ? Object.assign(new Error('no answer in time'), { code: 'CONNECT_TIMEOUT' }) : error;
  }
}
