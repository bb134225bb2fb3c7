/** The policy that real clients work under in tests: the shipped servers, and two that do what the test says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const SERVERS = join(import.meta.dirname, '..', '..', 'servers');

const shipped = (name: string, folder: string): string =>
  JSON.stringify({ command: ['node', join(SERVERS, name, 'main.ts'), folder] });

export interface ClientPolicy {
  readonly text: string;
  readonly server: RecordingServer;
}

/** With a file `hello.txt` in the workspace. */
export function clientPolicy(folder: string): ClientPolicy {
  const server = recordingServer(folder);
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(join(workspace, 'hello.txt'), 'Hello from a file.');
  const text = `version: 1
profile: clients
who: local
servers:
  workspace: ${shipped('workspace', workspace)}
  outbox: ${shipped('outbox', join(folder, 'outbox'))}
  rough: ${server.yaml}
  waiting: ${recordingServer(folder, 'waiting-stdio.ts').yaml}
tools:
  workspace.list_files: { effect: read }
  workspace.read_file: { effect: read, can: Read what lies in one folder., cannot: Leave that folder. }
  outbox.send_message:
    effect: irreversible
    arguments: { to: { pattern: "[a-z]+@example\\\\.com" } }
    approval: { reason: Mail cannot be called back. }
  rough.rough: { effect: read }
  waiting.begin: { effect: read }
  waiting.finish: { effect: read }
`;
  return { text, server };
}
