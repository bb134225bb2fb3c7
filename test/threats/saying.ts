/** A gateway between an official client and a server that says anything, in either era, with an outbox beside it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../src/domain/journal.ts';
import { firstLine, overHttp, type SdkClient, secondLine } from '../peers/sdk-clients.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

export const ERAS = ['legacy', 'modern'] as const;
export type Era = (typeof ERAS)[number];

const SAYING = join(import.meta.dirname, '../support/servers/saying-stdio.ts');

export interface Saying {
  readonly client: SdkClient;
  /** The server behind `outbox__rough`, which may be called, and `outbox__other`, which may not. */
  readonly outbox: RecordingServer;
  /** The journal and the labels of the one session. */
  session(): Promise<{ readonly journal: readonly Entry[]; readonly labels: readonly string[] }>;
  close(): Promise<void>;
}

const policyOf = (era: Era, words: string, outbox: RecordingServer): string => `version: 1
profile: threats
who: local
servers:
  stranger:
    command: ${JSON.stringify(['node', SAYING, era])}
    env: ${JSON.stringify({ WORDS: words })}
    asks: { elicitation: [form], sampling: { max: 100, max_tokens: 100 } }
  outbox: ${outbox.yaml}
tools:
  stranger.say: { effect: read }
  outbox.rough: { effect: read }
  outbox.other: { effect: irreversible, cases: [{ id: never, when: { do: { const: nothing } }, then: allow }] }
resources: [{ server: stranger, uri: "say://*" }]
prompts: [{ server: stranger, name: talk }]
`;

/** The person and the model behind the client accept whatever they are asked. */
export async function saying(era: Era, words: string): Promise<Saying> {
  await using opened = new AsyncDisposableStack();
  const folder = temporaryFolder();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const outbox = recordingServer(folder);
  const gateway = await startGateway(policyOf(era, words, outbox), { folder });
  opened.defer(() => gateway.stop());
  const answers = {
    elicitation: () => ({ action: 'accept', content: {} }),
    sampling: () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: 'As you wish.' } }),
  };
  const to = overHttp(gateway);
  const client = era === 'legacy' ? await firstLine(to, answers) : await secondLine(to, 'modern', answers);
  opened.defer(() => client.close());
  const ledger = await visit(gateway.home);
  opened.defer(() => ledger.close());
  const stack = opened.move();
  return {
    client,
    outbox,
    session: async () => {
      const [only] = await ledger.sessions(Date.now());
      if (only === undefined) throw new Error('no session was opened');
      return { journal: await ledger.journal(only.session.id), labels: only.labels };
    },
    close: () => stack.disposeAsync(),
  };
}
