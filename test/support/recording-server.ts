/** The stdio server that misbehaves on demand, as a policy names it, and what has reached it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';

export interface ReceivedMessage {
  readonly id?: number;
  readonly method: string;
  readonly params: JsonObject & { readonly arguments?: JsonObject; readonly _meta?: JsonObject };
}

export interface RecordingServer {
  /** What a policy says of it, in YAML's flow style. Its tools are `rough` and `other`; `do` says what a call does. */
  readonly yaml: string;
  /** Every message that reached it, oldest first. */
  received(): readonly ReceivedMessage[];
  /** The arguments of every call that reached it, oldest first. */
  calls(): readonly JsonObject[];
}

export function recordingServer(folder: string, env: Readonly<Record<string, string>> = {}): RecordingServer {
  const record = join(folder, 'received.jsonl');
  const program = join(import.meta.dirname, 'servers', 'rough-stdio.ts');
  const received = (): readonly ReceivedMessage[] =>
    existsSync(record)
      ? readFileSync(record, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as ReceivedMessage)
      : [];
  return {
    yaml: JSON.stringify({ command: ['node', program], env: { RECORD: record, ...env } }),
    received,
    calls: () =>
      received()
        .filter((message) => message.method === 'tools/call')
        .map((message) => message.params.arguments ?? {}),
  };
}
