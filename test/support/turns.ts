/**
 * A door before a server, as far away as another machine, that counts round trips: how often a client said something after it
 * was answered. Answers take a while, so that what was written together counts once, in however many packets it came.
 */
import { connect, createServer, type Socket } from 'node:net';

export interface Turns {
  readonly port: number;
  /** How many were begun by now, on all connections. */
  readonly count: number;
  close(): Promise<void>;
}

/** Milliseconds. */
const FAR = 15;

export async function countTurns(host: string, port: number): Promise<Turns> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(port, host);
    for (const socket of [client, behind]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      sockets.add(socket);
    }
    let isAnswered = true;
    client.on('data', (chunk) => {
      if (isAnswered) count += 1;
      isAnswered = false;
      behind.write(chunk);
    });
    behind.on('data', (chunk) => {
      setTimeout(() => {
        isAnswered = true;
        if (!client.destroyed) client.write(chunk);
      }, FAR);
    });
    client.on('close', () => behind.destroy());
    behind.on('close', () => setTimeout(() => client.destroy(), FAR));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    port: address.port,
    get count() {
      return count;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
