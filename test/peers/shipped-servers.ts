/** The reference servers of the protocol's own makers, as they are published. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const mainOf = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url));

export type Command = readonly [program: string, ...words: string[]];

export const EVERYTHING: Command = ['node', mainOf('server-everything'), 'stdio'];
export const MEMORY: Command = ['node', mainOf('server-memory')];
export const FILESYSTEM: Command = ['node', mainOf('server-filesystem')];

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** It takes its port from the environment and tells nobody which it got: so it is given one that was free just now. */
export async function everythingOverHttp(): Promise<HttpServer> {
  for (;;) {
    const port = await freePort();
    const child = spawn('node', [mainOf('server-everything'), 'streamableHttp'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const gone = once(child, 'exit');
    const listens = new Promise<boolean>((heard) => {
      createInterface({ input: child.stderr }).on('line', (line) => line.includes('listening') && heard(true));
    });
    // Whoever took the port meanwhile: another is tried.
    if (!(await Promise.race([listens, gone.then(() => false)]))) continue;
    const close = async (): Promise<void> => {
      child.kill('SIGKILL');
      await gone;
    };
    return { url: `http://127.0.0.1:${port}/mcp`, close };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
