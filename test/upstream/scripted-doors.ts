/** Both doors over a path that the test writes: real sockets, real streams, and no server behind. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked, Received, Settled } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { localCaller } from '../../src/domain/principal.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { ok, type Result, refuse } from '../../src/domain/result.ts';
import { answerCall, type Path } from '../../src/upstream/answer.ts';
import { CallsUnderWay } from '../../src/upstream/calls-under-way.ts';
import type { Doorkeeper } from '../../src/upstream/conversation.ts';
import { listenHttp } from '../../src/upstream/http.ts';
import { listenSocket } from '../../src/upstream/socket.ts';
import { patienceOf } from '../../src/wire/patience.ts';
import { temporaryFolder } from '../support/gateway.ts';

/** What the path answers a call: unsaid, an empty tool result. */
export type Present = (received: Received) => Promise<Result<Settled | Asked, Refusal>>;

export interface Doors {
  readonly url: string;
  readonly token: undefined;
  readonly port: number;
  readonly socket: string;
  /** All calls that reached the path. */
  readonly received: readonly Received[];
  /** What went wrong on our side. */
  readonly faults: readonly unknown[];
  /** Ends as the gateway does: who waits is answered first. */
  stop(): Promise<void>;
}

export const settled = (result: JsonObject, id = 'call'): Result<Settled, Refusal> =>
  ok({ id, outcome: { outcome: 'ok', result }, recorded: undefined });

export const EMPTY_RESULT: JsonObject = { content: [] };

const nowhere = async () => refuse({ reason: 'session_unknown' as const });
const NO_MEMORY: Path['memory'] = {
  session: nowhere,
  events: nowhere,
  calls: nowhere,
  result: nowhere,
  holds: nowhere,
  addEvent: nowhere,
  report: nowhere,
};

type Script = Partial<Omit<Path, 'present' | 'memory'>> & {
  present?: Present;
  memory?: Partial<Path['memory']>;
  /** How long clients wait; unsaid, as they do. */
  patienceOf?: Doorkeeper['patienceOf'];
};

const NO_TASKS: Path['tasks'] = { look: nowhere, cancel: nowhere, watch: async () => undefined };

const withoutPatience = ({ patienceOf: _, ...path }: Script) => path;

let ids = 0;

export async function openDoors(script: Script = {}): Promise<Doors> {
  const folder = temporaryFolder();
  const received: Received[] = [];
  const faults: unknown[] = [];
  const path: Path = {
    authenticate: () => localCaller('ada'),
    list: async () => ok([]),
    offers: async () => ok({ capabilities: {}, instructions: undefined }),
    listen: async () => ok(undefined),
    answered: async () => true,
    recall: async () => undefined,
    loggedIn: async () => undefined,
    tasks: NO_TASKS,
    ...withoutPatience(script),
    memory: { ...NO_MEMORY, ...script.memory },
    present: async (call) => {
      received.push(call);
      return script.present === undefined ? settled(EMPTY_RESULT, call.id) : script.present(call);
    },
  };
  const calls = new CallsUnderWay();
  const keeper: Doorkeeper = {
    path,
    answerCall: calls.counted(answerCall(path, calls.stopping)),
    patienceOf: script.patienceOf ?? patienceOf,
    now: Date.now,
    newId: (prefix) => `${prefix}_${++ids}`,
    server: { name: 'tollgate', version: '1' },
    holdUrl: (hold) => `https://tools.example.com/holds/${hold}`,
    outcomeUrl: (call) => `https://tools.example.com/outcomes/${call}`,
    sealKey: Buffer.alloc(32, 7),
    stopping: calls.stopping,
    fault: (error) => void faults.push(error),
  };
  const http = await listenHttp(keeper, { host: '127.0.0.1', port: 0 });
  const socket = join(folder, 'socket');
  const line = await listenSocket(keeper, socket, {
    profileOf: async (policy) => ok(policy),
    enrol: async () => ok(undefined),
    open: () => '',
    accept: async () => ok(undefined),
    find: async () => ok(undefined),
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    calls.stop();
    await Promise.all([line.close(), http.close()]);
    await calls.settled();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    url: http.url,
    token: undefined,
    port: Number(new URL(http.url).port),
    socket,
    received,
    faults,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Resolves when the signal aborts. */
export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};
