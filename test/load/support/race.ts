/** Many clients that race one budget through every door of one or several gateways. */
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Snapshot } from '../../../src/domain/session.ts';
import { type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../../support/gateway.ts';
import { modernHeaders, modernRequest, post, textOf } from '../../support/posts.ts';

export const BUDGET = 1_000;
export const CLIENTS = 64;

export const policyOf = (counter: string): string => `version: 1
profile: race
who: local
servers:
  counter: { url: ${counter} }
tools:
  counter.add: { effect: write, sends_to: internal }
budgets: { session: { calls: ${BUDGET} } }
`;

/** What one client is told: that its call was made, that nothing is left, or nothing at all. */
export type Told = 'made' | 'over' | 'lost';

/** One way to call, whichever door it leads through. */
export type Caller = (key: string) => Promise<Told>;

const toldBy = (text: string, isError: boolean): Told => {
  if (!isError) return 'made';
  if (text.startsWith('STOPPED:')) return 'over';
  if (text.startsWith('UNKNOWN:')) return 'lost';
  throw new Error(`a client was told: ${text}`);
};

/** A client over HTTP. `door` is asked anew for every call: gateways come and go. */
export const httpCaller =
  (door: () => string): Caller =>
  async (key) => {
    const message = modernRequest('tools/call', { name: 'counter__add', arguments: { key } });
    try {
      const answered = await post({ url: door(), token: undefined }, message, modernHeaders(message));
      return toldBy(textOf(answered), answered.last.result?.['isError'] === true);
    } catch (error) {
      if (error instanceof TypeError) return 'lost'; // fetch failed: the gateway is gone
      throw error;
    }
  };

export interface Shim {
  readonly call: Caller;
  close(): Promise<void>;
}

/** An SDK client on a shim of this gateway. */
export async function shimOf(gateway: RunningGateway, folder: string): Promise<Shim> {
  const env = Object.fromEntries(Object.entries(gateway.environment).map(([name, value]) => [name, value ?? '']));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
    env,
    cwd: folder,
  });
  const client = new Client({ name: 'race', version: '1' });
  await client.connect(transport);
  return {
    call: async (key) => {
      const { content, isError } = await client.callTool({ name: 'counter__add', arguments: { key } });
      const [text] = content as readonly { readonly text: string }[];
      return toldBy(text?.text ?? '', isError === true);
    },
    close: () => client.close(),
  };
}

/** All clients call until each is told that nothing is left. How many calls were made, as far as they were told. */
export async function race(callers: readonly Caller[]): Promise<Readonly<Record<Told, number>>> {
  const told = { made: 0, over: 0, lost: 0 };
  const run = async (client: number): Promise<void> => {
    const call = callers[client % callers.length];
    for (let turn = 0; call !== undefined; turn++) {
      const said = await call(`client ${client}, call ${turn}`);
      told[said]++;
      if (said === 'over') return;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => run(client)));
  return told;
}

/** Replicas on one PostgreSQL: homes of their own, the keys of the first. */
export class Replicas {
  readonly #policy: string;
  readonly #store: string;
  readonly #running: RunningGateway[] = [];
  #keys: string | undefined;
  #next = 0;

  constructor(policy: string, store: string) {
    this.#policy = policy;
    this.#store = store;
  }

  async start(): Promise<RunningGateway> {
    const folder = temporaryFolder();
    if (this.#keys !== undefined) {
      const keys = join(folder, 'home', 'keys');
      mkdirSync(keys, { recursive: true, mode: 0o700 });
      cpSync(this.#keys, keys, { recursive: true });
      chmodSync(keys, 0o700);
    }
    const gateway = await startGateway(this.#policy, { folder, words: ['--anonymous', '--store', this.#store] });
    this.#keys ??= gateway.home.keys;
    this.#running.push(gateway);
    return gateway;
  }

  /** The URL of one that runs, another each time. */
  readonly door = (): string => this.#running[this.#next++ % this.#running.length]?.url ?? '';

  /** Kills one as a power cut would, and starts another in its place. */
  async replace(): Promise<void> {
    const killed = this.#running.shift();
    await killed?.kill();
    await this.start();
  }

  async sessions(): Promise<readonly Snapshot[]> {
    const listed = await this.#running[0]?.command('sessions', '--json');
    return JSON.parse(listed?.stdout ?? '[]') as readonly Snapshot[];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((gateway) => gateway.stop()));
  }
}
