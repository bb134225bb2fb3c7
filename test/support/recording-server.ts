/** Fixture servers on stdio that write down what reaches them, as a policy names them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';

export interface ReceivedMessage {
  readonly id?: number;
  readonly method: string;
  readonly params: JsonObject & { readonly arguments?: JsonObject; readonly _meta?: JsonObject };
}

export interface RecordingServer {
  /** What a policy says of it, in YAML's flow style. */
  readonly yaml: string;
  /** Every message that reached it, oldest first, whatever process of it was meant. */
  received(): readonly ReceivedMessage[];
  /** The arguments of every call that reached it, oldest first. */
  calls(): readonly JsonObject[];
  /** The arguments of the calls that it was told to give up. */
  cancelled(): readonly JsonObject[];
}

/** `rough-stdio.ts` (tools `rough` and `other`; `do` says what a call does) or another server that records likewise. */
export function recordingServer(
  folder: string,
  program = 'rough-stdio.ts',
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): RecordingServer {
  const record = join(folder, `${program}.jsonl`);
  const file = join(import.meta.dirname, 'servers', program);
  const received = (): readonly ReceivedMessage[] => (existsSync(record) ? messagesIn(record) : []);
  return {
    yaml: JSON.stringify({ command: ['node', file, ...flags], env: { ...env, RECORD: record } }),
    received,
    calls: () =>
      received()
        .filter((message) => message.method === 'tools/call')
        .map((message) => message.params.arguments ?? {}),
    cancelled: () =>
      received().flatMap(({ method, params }, at, all) => {
        if (method !== 'notifications/cancelled') return [];
        // Each process counts its ids for itself: the nearest one before is the one that is meant.
        const call = all.slice(0, at).findLast((one) => one.id === params['requestId']);
        return [call?.params.arguments ?? {}];
      }),
  };
}

const messagesIn = (file: string): readonly ReceivedMessage[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReceivedMessage);
