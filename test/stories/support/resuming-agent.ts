/**
 * A small agent's loop, a program of its own: it sends what it was told to send, and writes down what it is about to do before
 * it does it. Started again after it died, it reads what it knows and calls nothing twice.
 * Arguments: the session's URL, the token, the era (`legacy` or `modern`). Writes one line of JSON for each thing that it did.
 */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import * as z from 'zod';

const [url = '', token = '', era = ''] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const say = (did: string, what: unknown = null): void =>
  void process.stdout.write(`${JSON.stringify({ did, what })}\n`);

interface Tools {
  call(name: string, given: Record<string, unknown>): Promise<unknown>;
  read(uri: string): Promise<string>;
}

const read = z.object({ contents: z.tuple([z.object({ text: z.string() })]) });

async function connect(): Promise<Tools> {
  const who = { name: 'resuming-agent', version: '1' };
  if (era === 'modern') {
    const client = new ModernClient(who, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new ModernHttp(new URL(url), { requestInit: { headers } }));
    return {
      call: (name, given) => client.callTool({ name, arguments: given }),
      read: async (uri) => read.parse(await client.readResource({ uri })).contents[0].text,
    };
  }
  const client = new LegacyClient(who);
  await client.connect(new LegacyHttp(new URL(url), { requestInit: { headers } }) as Transport);
  return {
    call: (name, given) => client.callTool({ name, arguments: given }),
    read: async (uri) => read.parse(await client.readResource({ uri })).contents[0].text,
  };
}

async function writeDown(type: string, content: unknown): Promise<void> {
  const answer = await fetch(`${url}/events`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ type, content }),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
}

const known = z.object({ events: z.array(z.object({ type: z.string() })) });
const made = z.object({
  calls: z.array(z.object({ call: z.string(), target: z.string(), outcome: z.string().optional() })),
});
const kept = z.object({ result: z.unknown().optional() });

const tools = await connect();
const { events } = known.parse(JSON.parse(await tools.read('tollgate://session/events')));
if (!events.some(({ type }) => type === 'striking')) {
  await writeDown('striking', { gong: 'the big one' });
  say('writes');
  say('answered', await tools.call('slow__strike', { gong: 'the big one' }));
} else {
  const { calls } = made.parse(JSON.parse(await tools.read('tollgate://session/calls')));
  const struck = calls.find(({ target }) => target === 'slow.strike');
  const found = kept.parse(JSON.parse(await tools.read(`tollgate://session/results/${struck?.call}`)));
  say(`recalls ${struck?.outcome}`, found.result ?? null);
}
process.exit(0);
