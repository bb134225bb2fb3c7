/** A PostgreSQL of the tests' own, on a free port of the loopback address. Debian's package, or what is on the PATH. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';

const run = promisify(execFile);

export interface PostgresServer {
  /** A fresh database. */
  database(): Promise<string>;
  /** Ends every connection, as a failing network or a restart would. */
  disconnect(): Promise<void>;
  /** Stops the server, and waits until it is gone. */
  down(): Promise<void>;
  /** Starts it again, and waits until it answers. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

const folders = (): readonly string[] => [
  ...(process.env['PATH'] ?? '').split(delimiter),
  ...globSync('/usr/lib/postgresql/*/bin').toSorted().reverse(),
];

const programs = folders().find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));

/** PostgreSQL does not run as root: there its own user does. */
export const user = ((): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const idOf = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
})();

/** Why there can be none here, as a reason to skip; undefined where there can. */
export const noPostgres: string | undefined =
  programs === undefined
    ? 'there is no PostgreSQL'
    : process.getuid?.() === 0 && user === undefined
      ? 'there is no user postgres to run it as'
      : undefined;

/** `durable`: a commit waits for the disk, as it does by default; without, tests are faster. */
export async function startPostgres({ durable } = { durable: false }): Promise<PostgresServer> {
  if (programs === undefined) throw new Error('there is no PostgreSQL');
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const cluster = join(folder, 'cluster');
  await run(join(programs, 'initdb'), ['-D', cluster, '-U', 'tollgate', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    fsync: durable ? 'on' : 'off',
    max_connections: 200,
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const program = join(programs, 'postgres');
  const start = () => {
    const child = spawn(program, ['-D', cluster, ...words], { ...user, cwd: folder, stdio: 'ignore' });
    return { child, exited: once(child, 'exit') };
  };
  let server = start();
  const end = async (): Promise<void> => {
    server.child.kill('SIGQUIT');
    await server.exited;
  };
  const urlOf = (database: string): string => `postgres://tollgate@127.0.0.1:${port}/${database}`;
  const admin = (text: string) => queryOnce(urlOf('postgres'), text);
  const ready = (): Promise<void> =>
    answering(
      () => admin('SELECT 1'),
      () => server.child.exitCode !== null,
    );
  await ready();
  return {
    database: async () => {
      const name = `t${randomBytes(8).toString('hex')}`;
      await admin(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    disconnect: async () => {
      await admin(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
      );
    },
    down: end,
    up: async () => {
      server = start();
      await ready();
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

/** On a connection of its own: one that idles would be cut with the others, and the library says so to nobody. */
export async function queryOnce(url: string, text: string): Promise<readonly postgres.Row[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function answering(ask: () => Promise<unknown>, gone: () => boolean): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (gone()) throw new Error('PostgreSQL ended before it answered', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
