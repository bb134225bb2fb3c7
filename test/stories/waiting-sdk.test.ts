/**
 * Each way of waiting, with real clients: a call is held, its client gives up, the gateway is killed and started again, a
 * person approves, the agent goes on, and the call runs once.
 */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { until } from '../support/downstream.ts';
import { type RunningGateway, TOLLGATE } from '../support/gateway.ts';
import { modernHeaders, modernRequest, post } from '../support/posts.ts';
import { endedWithTest } from './support/ended.ts';
import { GIVEN, type HeldStory, heldStory, TOOL } from './support/held-story.ts';

const SLOW = { timeout: 180_000 };
/** How long these clients bear an open request, in milliseconds: they give up long before anybody answers. */
const IMPATIENT = 2_000;
const SELF = { name: 'story', version: '1' };

interface Agent {
  /** Rejects when it gives up. */
  call(name: string, given: Record<string, unknown>, patience?: number): Promise<string>;
  close(): Promise<unknown>;
}
/** `offered` is told of each page that the client is to open; all are "opened". */
type Connect = (gateway: RunningGateway, folder: string, offered: (url: string) => void) => Promise<Agent>;

const bearer = ({ token }: RunningGateway) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

const textOf = (result: unknown): string =>
  (result as { content: readonly { text: string }[] }).content.map(({ text }) => text).join('\n');

async function legacy(transport: Transport, offered?: (url: string) => void): Promise<Agent> {
  const client = new LegacyClient(SELF, { capabilities: offered === undefined ? {} : { elicitation: { url: {} } } });
  if (offered !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      if ('url' in params) offered(params.url);
      return { action: 'accept' };
    });
  }
  await client.connect(transport);
  return {
    call: async (name, given, timeout = 60_000) =>
      textOf(await client.callTool({ name, arguments: given }, CallToolResultSchema, { timeout })),
    close: () => client.close(),
  };
}

const legacyHttp = (gateway: RunningGateway): Transport =>
  new LegacyHttp(new URL(gateway.url), bearer(gateway)) as Transport;

const legacyStdio = ({ environment, policy }: RunningGateway, folder: string): Transport =>
  new StdioClientTransport({
    command: process.execPath,
    args: [TOLLGATE, 'stdio', '--policy', policy],
    env: Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    cwd: folder,
  });

async function modern(gateway: RunningGateway, offered?: (url: string) => void): Promise<Agent> {
  const client = new ModernClient(SELF, {
    versionNegotiation: { mode: { pin: '2026-07-28' } },
    capabilities: offered === undefined ? {} : { elicitation: { url: {} } },
  });
  if (offered !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      if ('url' in params) offered(params.url);
      return { action: 'accept' };
    });
  }
  await client.connect(new ModernHttp(new URL(gateway.url), bearer(gateway)));
  return {
    call: async (name, given, timeout = 60_000) =>
      textOf(await client.callTool({ name, arguments: given }, { timeout })),
    close: () => client.close(),
  };
}

const CLIENTS: readonly (readonly [name: string, pages: number, connect: Connect])[] = [
  ['the v1 SDK over HTTP', 0, (gateway) => legacy(legacyHttp(gateway))],
  ['the v1 SDK over HTTP that opens pages', 1, (gateway, _, offered) => legacy(legacyHttp(gateway), offered)],
  ['the v1 SDK over stdio', 0, (gateway, folder) => legacy(legacyStdio(gateway, folder))],
  [
    'the v1 SDK over stdio that opens pages',
    1,
    (gateway, folder, offered) => legacy(legacyStdio(gateway, folder), offered),
  ],
  ['the v2 SDK', 0, (gateway) => modern(gateway)],
  ['the v2 SDK that opens pages', 1, (gateway, _, offered) => modern(gateway, offered)],
];

/** Held, given up, killed, started again. */
async function givenUp(story: HeldStory, connect: Connect, offered: (url: string) => void): Promise<string> {
  const before = await connect(story.gateway(), story.folder, offered);
  const gaveUp = expect(before.call(TOOL, GIVEN, IMPATIENT)).rejects.toThrow(/timed out|timeout/i);
  const hold = await story.held();
  await gaveUp;
  await before.close();
  await story.restart();
  return hold;
}

test.each(CLIENTS)(
  '%s gives up and comes back: the same call is asked for once, runs once, and is continued to its record',
  SLOW,
  async (_, pages, connect) => {
    const ended = endedWithTest();
    const story = await heldStory(ended);
    const urls: string[] = [];
    const hold = await givenUp(story, connect, (url) => void urls.push(url));
    expect(story.ran()).toBe(0);
    expect(urls).toEqual(Array.from({ length: pages }, () => `http://127.0.0.1:${story.gateway().port}/holds/${hold}`));
    await story.approve(hold);
    expect(story.ran()).toBe(0);

    const after = await connect(story.gateway(), story.folder, () => undefined);
    ended.defer(() => after.close().then(() => undefined));
    expect(await after.call(TOOL, GIVEN)).not.toMatch(/HELD|RECORDED/);
    expect(await after.call('tollgate__continue', { hold })).toMatch(/^RECORDED: this exact call ran at/);
    expect([story.ran(), await story.asked()]).toEqual([1, 1]);
  },
);

test.each(CLIENTS.filter(([name]) => !name.includes('pages')))(
  '%s that comes back before anybody answers waits on the same hold, and tollgate__continue runs it',
  SLOW,
  async (_, _pages, connect) => {
    const ended = endedWithTest();
    const story = await heldStory(ended);
    const hold = await givenUp(story, connect, () => undefined);
    const after = await connect(story.gateway(), story.folder, () => undefined);
    ended.defer(() => after.close().then(() => undefined));
    const waiting = after.call('tollgate__continue', { hold });
    await until(async () => (await refusals(story, hold)) > 0);
    await story.approve(hold);
    expect(await waiting).not.toMatch(/HELD|RECORDED/);
    expect([story.ran(), await story.asked()]).toEqual([1, 1]);
  },
);

/** How often the hold was come back to since the gateway was started again. */
async function refusals(story: HeldStory, hold: string): Promise<number> {
  const { stdout } = await story.gateway().command('trace', await sessionOf(story), '--json');
  return (stdout.match(new RegExp(`tollgate__continue[^\\n]*${hold}|${hold}[^\\n]*tollgate__continue`, 'g')) ?? [])
    .length;
}

async function sessionOf(story: HeldStory): Promise<string> {
  const { stdout } = await story.gateway().command('sessions', '--json');
  return (JSON.parse(stdout) as readonly { readonly session: { readonly id: string } }[])[0]?.session.id ?? '';
}

test(
  'a client that takes tasks finds its task after the gateway was killed; looking at it runs the call once',
  SLOW,
  async () => {
    const ended = endedWithTest();
    const story = await heldStory(ended);
    const meta = {
      'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    };
    const send = async (method: string, params: Record<string, string | typeof GIVEN>) => {
      const message = modernRequest(method, { ...params, _meta: meta });
      return (await post(story.gateway(), message, modernHeaders(message))).last.result;
    };
    const made = await send('tools/call', { name: TOOL, arguments: GIVEN });
    expect(made).toMatchObject({ resultType: 'task', status: 'working' });
    const taskId = String(made?.['taskId']);
    const hold = await story.held();
    await story.restart();
    expect(await send('tasks/get', { taskId })).toMatchObject({ status: 'working' });
    await story.approve(hold);
    expect(story.ran()).toBe(0);
    await until(async () => (await send('tasks/get', { taskId }))?.['status'] === 'completed');
    expect([story.ran(), await story.asked()]).toEqual([1, 1]);
  },
);
