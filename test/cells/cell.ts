/** A cell: a client of one era and transport, a server of one era and transport, and the gateway between them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../src/domain/json.ts';
import { environmentOf, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import type { Client, Door, Era, Transport } from './clients/client.ts';
import { legacyClient } from './clients/legacy-client.ts';
import { modernClient } from './clients/modern-client.ts';
import { cellsPolicy, type Server } from './policy.ts';
import type { Event } from './servers/call.ts';

export interface Side {
  readonly era: Era;
  readonly over: Transport;
}

export const SIDES: readonly Side[] = [
  { era: 'legacy', over: 'http' },
  { era: 'legacy', over: 'stdio' },
  { era: 'modern', over: 'http' },
  { era: 'modern', over: 'stdio' },
];

export interface Cell {
  readonly client: Client;
  readonly asks: Side;
  readonly answers: Side;
  /** How agents see a tool or prompt of the server. */
  named(name: string): string;
  /** What the server saw of a kind, oldest first. */
  seen(saw: Event['saw']): readonly JsonObject[];
  /** Another client of the same side, which speaks this revision. */
  another(revision: string): Promise<Client>;
}

/** What stands behind a door: one server, with or without the gateway in front. */
export interface Row {
  cell(asks: Side): Promise<Cell>;
  close(): Promise<void>;
}

const PROGRAM: Readonly<Record<Era, string>> = {
  legacy: join(import.meta.dirname, 'servers/legacy.ts'),
  modern: join(import.meta.dirname, 'servers/modern.ts'),
};

const textOnly = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? '']));

/** A gateway in front of one server, shared by every client of the row. */
export async function throughGateway(server: Side): Promise<Row> {
  await using opened = new AsyncDisposableStack();
  const { folder, record, url } = await serve(server, opened);
  const reached: Server = url === undefined ? { program: PROGRAM[server.era], record } : { url };
  const gateway = await startGateway(cellsPolicy(reached), { folder });
  opened.defer(() => gateway.stop());
  const door: Door = {
    http: { url: gateway.url, token: gateway.token },
    stdio: {
      command: process.execPath,
      args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
      env: textOnly(gateway.environment),
    },
  };
  return rowOf(server, door, record, 'cells__', opened.move());
}

/** The server alone: what it and the clients of its own era do without a gateway. */
export async function alone(server: Side): Promise<Row> {
  await using opened = new AsyncDisposableStack();
  const { folder, record, url = '' } = await serve(server, opened);
  const door: Door = {
    http: { url, token: undefined },
    stdio: {
      command: process.execPath,
      args: [PROGRAM[server.era]],
      env: textOnly(environmentOf(folder, { RECORD: record })),
    },
  };
  return rowOf(server, door, record, '', opened.move());
}

/** A folder with a record for the server, and where it is when it runs by itself: on HTTP. */
async function serve({ era, over }: Side, opened: AsyncDisposableStack) {
  const folder = temporaryFolder();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const record = join(folder, 'record.jsonl');
  return { folder, record, url: over === 'http' ? await startServer(era, record, opened) : undefined };
}

function rowOf(server: Side, door: Door, record: string, prefix: string, opened: AsyncDisposableStack): Row {
  const connect = async ({ era, over }: Side, revision?: string): Promise<Client> => {
    const client = era === 'legacy' ? await legacyClient(door, over, revision) : await modernClient(door, over);
    opened.defer(() => client.close());
    return client;
  };
  return {
    cell: async (asks) => ({
      client: await connect(asks),
      asks,
      answers: server,
      named: (name) => `${prefix}${name}`,
      seen: (saw) => eventsIn(record).flatMap((event) => (event.saw === saw ? [event.what] : [])),
      another: (revision) => connect(asks, revision),
    }),
    close: () => opened.disposeAsync(),
  };
}

const eventsIn = (file: string): readonly Event[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Event)
    : [];

/** The server as a process on a port of its own; resolves to its URL. */
async function startServer(era: Era, record: string, opened: AsyncDisposableStack): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM[era], 'http'], {
    env: { ...process.env, RECORD: record },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  opened.defer(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  const ended = gone.then(([code]) => Promise.reject(new Error(`the server ended (exit code ${code})`)));
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  return String(line);
}
