import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import type { RecordingServer } from '../support/recording-server.ts';
import { inspect, TARGETS } from './inspector.ts';
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

describe.each(TARGETS)('the Inspector %s', (_, target) => {
  test('lists the tools of its policy with their contracts, and no other', async () => {
    const { code, stdout } = await inspect(gateway, [...target(gateway), '--method', 'tools/list']);
    const { tools } = JSON.parse(stdout).result as { tools: { name: string; description: string }[] };
    expect([code, tools.map((tool) => tool.name)]).toEqual([
      0,
      [
        'workspace__read_file',
        'workspace__list_files',
        'outbox__send_message',
        'rough__rough',
        'waiting__begin',
        'waiting__finish',
        'tollgate__continue',
      ],
    ]);
    for (const tool of tools.slice(0, -1)) expect(tool.description).toMatch(/^Effect: .*Enforced by Tollgate\./);
  });

  test('has an allowed call made', async () => {
    const words = ['--method', 'tools/call', '--tool-name', 'workspace__read_file', '--tool-arg', 'path=hello.txt'];
    const { code, stdout } = await inspect(gateway, [...target(gateway), ...words]);
    expect([code, JSON.parse(stdout).result.content]).toEqual([0, [{ type: 'text', text: 'Hello from a file.' }]]);
  });

  test('shows why a call is denied, and fails', async () => {
    const letter = ['request_id=r1', 'to=eve@evil.example', 'subject=Hi', 'body=Hello'];
    const words = ['--method', 'tools/call', '--tool-name', 'outbox__send_message', '--tool-arg', ...letter];
    const { code, stdout } = await inspect(gateway, [...target(gateway), ...words]);
    expect([code, JSON.parse(stdout).result]).toEqual([
      5,
      expect.objectContaining({
        isError: true,
        content: [{ type: 'text', text: expect.stringMatching(/^DENIED, NOT DONE: `to` must be/) }],
      }),
    ]);
  });

  test('finds no tool that is kept from it', async () => {
    const before = server.calls().length;
    const words = ['--method', 'tools/call', '--tool-name', 'rough__other', '--tool-arg', 'do=echo'];
    const { code, stderr } = await inspect(gateway, [...target(gateway), ...words]);
    expect([code, stderr]).toEqual([5, expect.stringContaining("Tool 'rough__other' not found")]);
    expect(server.calls()).toHaveLength(before);
  });
});

test('without the token the Inspector is turned away', async () => {
  const { code, stdout } = await inspect(gateway, [gateway.url, '--transport', 'http', '--method', 'tools/list']);
  expect(code).not.toBe(0);
  expect(stdout).not.toContain('workspace__read_file');
});
