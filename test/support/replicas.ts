/** Several gateways on one database, each a process with a home of its own, with the same keys and the same people. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { secretKey } from '../../src/identity/keys.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from './gateway.ts';
import { enrolPerson } from './person.ts';
import { queryOnce } from './postgres-server.ts';
import { type Answered, modernHeaders, modernMeta, modernRequest, post } from './posts.ts';

export interface Replicas {
  readonly url: string;
  /** Shared by all: for records of servers. */
  readonly folder: string;
  /** Starts one more gateway. */
  start(): Promise<RunningGateway>;
  /** Starts three, all at the same time. */
  startThree(): Promise<readonly [RunningGateway, RunningGateway, RunningGateway]>;
  /** Has the time of a replica pass that does not renew itself any more, because it was killed or stopped. */
  lapse(replica: string): Promise<void>;
  /** The replica that has a session's connection to this server. */
  holderOf(server: string): Promise<string | undefined>;
  /** The replica that makes the only call in flight. */
  makerOf(): Promise<string>;
  sql<T extends object>(text: string): Promise<readonly T[]>;
  /** The ledger, as a command line opens it. */
  visit(): Promise<Ledger>;
  close(): Promise<void>;
}

/** `policyOf` writes the policy for the folder that all share. */
export async function replicasOn(url: string, policyOf: (folder: string) => string): Promise<Replicas> {
  const folder = temporaryFolder();
  const master = homeOf(environmentOf(join(folder, 'master')));
  mkdirSync(master.folder, { recursive: true, mode: 0o700 });
  for (const name of ['content', 'seal']) secretKey(master.keys, name);
  const sql = (text: string) => queryOnce(url, text);
  const started: RunningGateway[] = [];
  let count = 0;
  const start = async (): Promise<RunningGateway> => {
    const own = join(folder, `replica-${++count}`);
    const home = homeOf(environmentOf(own));
    copyPrivate(master.keys, home.keys);
    if (existsSync(master.approvers)) copyPrivate(master.approvers, home.approvers);
    const gateway = await startGateway(policyOf(folder), { folder: own, words: ['--store', url] });
    started.push(gateway);
    return gateway;
  };
  const one = async (text: string): Promise<string | undefined> => (await sql(text))[0]?.['replica'];
  return {
    url,
    folder,
    start,
    startThree: () => Promise.all([start(), start(), start()]),
    lapse: async (replica) => {
      await sql(`UPDATE replica SET until = 0 WHERE id = '${replica}'`);
    },
    holderOf: (server) => one(`SELECT replica FROM lease WHERE server = '${server}'`),
    makerOf: async () => {
      const maker = await one('SELECT replica FROM call WHERE outcome IS NULL');
      if (maker === undefined) throw new Error('no call is in flight');
      return maker;
    },
    sql: async <T extends object>(text: string) => (await sql(text)) as unknown as readonly T[],
    visit: () => openPostgres({ url, contentKey: secretKey(master.keys, 'content'), role: 'visitor' }),
    close: async () => {
      await Promise.all(started.map((gateway) => gateway.kill()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function copyPrivate(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  cpSync(from, to, { recursive: true });
}

/** Someone whom every gateway that starts from now on knows. */
export const enrolIn = ({ folder }: Replicas, name: string) =>
  enrolPerson(homeOf(environmentOf(join(folder, 'master'))), name);

const CAN_ANSWER = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };

/** `tools/call` of a client of 2026-07-28 that can be asked; `more` are its answers and state. */
export function callAt(
  gateway: RunningGateway,
  name: string,
  given: JsonObject,
  more: JsonObject = {},
): Promise<Answered> {
  const message = modernRequest('tools/call', { name, arguments: given, ...more, _meta: modernMeta(CAN_ANSWER) });
  return post(gateway, message, modernHeaders(message));
}
