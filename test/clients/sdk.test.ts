import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { MODERN } from '../support/posts.ts';
import type { RecordingServer } from '../support/recording-server.ts';
import { type Agent, firstLine, secondLine } from './agents.ts';
import { clientPolicy } from './policy.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;

beforeAll(async () => {
  const policy = clientPolicy(folder);
  server = policy.server;
  gateway = await startGateway(policy.text, { folder });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const cancelledMarks = (): readonly unknown[] => server.cancelled().map((given) => given['mark']);

const LEGACY = '2025-11-25';
const PINNED = { pin: MODERN };

const agents: readonly (readonly [name: string, connect: () => Promise<Agent>, revision: string])[] = [
  ['SDK v1 over HTTP', () => firstLine(gateway, 'http'), LEGACY],
  ['SDK v1 over stdio', () => firstLine(gateway, 'stdio'), LEGACY],
  ['SDK v2, legacy, over HTTP', () => secondLine(gateway, 'http', 'legacy'), LEGACY],
  ['SDK v2, legacy, over stdio', () => secondLine(gateway, 'stdio', 'legacy'), LEGACY],
  ['SDK v2, auto, over HTTP', () => secondLine(gateway, 'http', 'auto'), MODERN],
  ['SDK v2, auto, over stdio', () => secondLine(gateway, 'stdio', 'auto'), MODERN],
  ['SDK v2, pinned, over HTTP', () => secondLine(gateway, 'http', PINNED), MODERN],
  ['SDK v2, pinned, over stdio', () => secondLine(gateway, 'stdio', PINNED), MODERN],
];

describe.each(agents)('%s', (name, connect, revision) => {
  let agent: Agent;
  beforeAll(async () => {
    agent = await connect();
  });
  afterAll(() => agent.close());

  test('comes to the newest revision that both speak, and learns who answers', () => {
    expect(agent).toMatchObject({
      revision,
      server: 'tollgate',
      instructions: expect.stringContaining('HELD means a person must approve'),
    });
  });

  test('sees the tools of its policy, each with its contract first, and no other', async () => {
    const tools = await agent.tools();
    expect(tools.map((tool) => tool.name)).toEqual([
      'workspace__read_file',
      'workspace__list_files',
      'outbox__send_message',
      'rough__rough',
      'waiting__begin',
      'waiting__finish',
      'tollgate__continue',
    ]);
    expect(tools[0]?.description).toMatch(
      /^Effect: read, it only reads\. Can: Read what lies in one folder\. Cannot: Leave that folder\. Enforced by Tollgate\./,
    );
    expect(tools[2]?.description).toContain('A person must approve every call: Mail cannot be called back.');
  });

  test('has an allowed call made, and its structured result passes the checks of the SDK', async () => {
    expect(await agent.call('workspace__read_file', { path: 'hello.txt' })).toMatchObject({
      isError: false,
      text: 'Hello from a file.',
    });
    const listed = await agent.call('workspace__list_files', {});
    expect(listed.structured).toMatchObject({ entries: [{ name: 'hello.txt', type: 'file' }] });
  });

  test('reads why a call is denied, also where the tool promises structured results', async () => {
    const letter = { request_id: 'r1', to: 'eve@evil.example', subject: 'Hi', body: 'Hello' };
    expect(await agent.call('outbox__send_message', letter)).toEqual({
      isError: true,
      text: expect.stringMatching(/^DENIED, NOT DONE: `to` must be .*Rewording is denied too\./),
      structured: undefined,
    });
  });

  test("hears the server's own errors as they are", async () => {
    expect(await agent.call('workspace__read_file', { path: 'no.txt' })).toMatchObject({ isError: true });
    await expect(agent.call('rough__rough', { do: 'error' })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(/bad$/),
      data: { field: 'x' },
    });
  });

  test('learns no more of a tool that is kept from it than of one that does not exist', async () => {
    const [kept, none] = ['workspace__write_file', 'workspace__no_such_tool'];
    for (const tool of [kept, none]) {
      await expect(agent.call(tool, { path: 'notes/a.md', text: 'hi' })).rejects.toMatchObject({
        code: -32602,
        message: expect.stringMatching(new RegExp(`Unknown tool: ${tool}$`)),
      });
    }
  });

  test('hears of progress while the call lasts', async () => {
    const steps: number[] = [];
    const answer = await agent.call(
      'waiting__begin',
      { mark: name, steps: [1, 2, 3] },
      {
        onprogress: ({ progress }) => {
          steps.push(progress);
          if (progress === 3) void agent.call('waiting__finish', { mark: name });
        },
      },
    );
    expect([answer.text, steps]).toEqual([`${name} is done`, [1, 2, 3]]);
  });

  test('cancels the call that it means, and only that', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const marks = [`${name} one`, `${name} other`];
    const calls = [one, other].map(({ signal }, at) =>
      agent.call('rough__rough', { do: 'hang', mark: marks[at] }, { signal }).then(
        () => 'answered',
        () => 'cancelled',
      ),
    );
    await until(() => marks.every((mark) => server.calls().some((given) => given['mark'] === mark)));
    one.abort();
    await until(() => cancelledMarks().includes(marks[0]));
    expect((await agent.call('rough__rough', { do: 'echo' })).text).toBe('ok');
    expect(cancelledMarks()).not.toContain(marks[1]);
    other.abort();
    await until(() => cancelledMarks().includes(marks[1]));
    expect(await Promise.all(calls)).toEqual(['cancelled', 'cancelled']);
  });

  if (revision === LEGACY)
    test('is answered when it pings', async () => {
      expect(await agent.ping()).toEqual({});
    });
});

test('every client of one person and profile works in one session over HTTP, and stdio has one for each folder', async () => {
  const { stdout } = await gateway.command('sessions', '--json');
  const sessions = JSON.parse(stdout) as { session: { folder?: string; principal: { subject: string } } }[];
  expect(sessions.map(({ session }) => session.folder).sort()).toEqual([process.cwd(), undefined]);
  expect(new Set(sessions.map(({ session }) => session.principal.subject)).size).toBe(1);
});
