/** A cell: a client of one era and transport, a server of one era and transport, and the gateway between them. */
import { type ChildProcess, spawn } from 'node:child_process';
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
  readonly server: Side;
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
  const folder = temporaryFolder();
  const record = join(folder, 'record.jsonl');
  const started = server.over === 'http' ? await startServer(server.era, record) : undefined;
  const reached: Server = started === undefined ? { program: PROGRAM[server.era], record } : { url: started.url };
  const gateway = await startGateway(cellsPolicy(reached), { folder });
  const door: Door = {
    http: { url: gateway.url, token: gateway.token },
    stdio: {
      command: process.execPath,
      args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
      env: textOnly(gateway.environment),
    },
  };
  return rowOf(server, door, record, 'cells__', async () => {
    await gateway.stop();
    await started?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The server alone: what it and the clients of its own era do without a gateway. */
export async function alone(server: Side): Promise<Row> {
  const folder = temporaryFolder();
  const record = join(folder, 'record.jsonl');
  const started = server.over === 'http' ? await startServer(server.era, record) : undefined;
  const door: Door = {
    http: { url: started?.url ?? '', token: undefined },
    stdio: {
      command: process.execPath,
      args: [PROGRAM[server.era]],
      env: textOnly(environmentOf(folder, { RECORD: record })),
    },
  };
  return rowOf(server, door, record, '', async () => {
    await started?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

function rowOf(server: Side, door: Door, record: string, prefix: string, close: () => Promise<void>): Row {
  const clients: Client[] = [];
  const connect = async ({ era, over }: Side, revision?: string): Promise<Client> => {
    const client = era === 'legacy' ? await legacyClient(door, over, revision) : await modernClient(door, over);
    clients.push(client);
    return client;
  };
  return {
    server,
    cell: async (asks) => ({
      client: await connect(asks),
      asks,
      answers: server,
      named: (name) => `${prefix}${name}`,
      seen: (saw) => eventsIn(record).flatMap((event) => (event.saw === saw ? [event.what] : [])),
      another: (revision) => connect(asks, revision),
    }),
    close: async () => {
      await Promise.allSettled(clients.map((client) => client.close()));
      await close();
    },
  };
}

const eventsIn = (file: string): readonly Event[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Event)
    : [];

/** The server as a process on a port of its own. */
async function startServer(era: Era, record: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [PROGRAM[era], 'http'], {
    env: { ...process.env, RECORD: record },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await firstLine(child), stop: () => stop(child) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the server has no output to read');
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`the server ended (exit code ${code})`);
  });
  const [line] = await Promise.race([once(createInterface({ input: stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  return String(line);
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
