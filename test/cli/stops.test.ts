import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stop } from '../../src/domain/stop.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;

beforeAll(async () => {
  const { yaml } = recordingServer(folder);
  const tools = 'tools: { rough.rough: { effect: read } }';
  gateway = await startGateway(`version: 1\nprofile: stops\nwho: local\nservers: { rough: ${yaml} }\n${tools}\n`, {
    folder,
  });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('stops are listed until they are lifted, with who stopped what and why', async () => {
  expect((await gateway.command('stops')).stdout).toBe('Nothing is stopped.\n');
  const stopped = await gateway.command('stop', '--server', 'rough\u202e', '--why', 'Look\nfirst');
  expect(stopped.stdout).toMatch(/^Stopped: server rough\\u\{202e\}\. To lift it: tollgate lift st_\S+ --why TEXT\n$/);
  const [one] = JSON.parse((await gateway.command('stops', '--json')).stdout) as readonly Stop[];
  expect(one).toMatchObject({ kind: 'server', key: 'rough\u202e', why: 'Look\nfirst' });
  const { stdout } = await gateway.command('stops');
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stdout).toContain(`${one?.id}  server rough\\u{202e}`);
  expect(stdout).toContain('Look\\u{a}first');
  expect((await gateway.command('lift', one?.id ?? '', '--why', 'mended')).code).toBe(0);
  expect((await gateway.command('stops')).stdout).toBe('Nothing is stopped.\n');
  expect((await gateway.command('stops', '--all')).stdout).toMatch(/: mended\n$/);
});

test.each([
  [['stop', '--why', 'x'], 64, 'say what is stopped: one of --call, --tool, --server, --session, --principal, --all'],
  [
    ['stop', '--all', '--server', 'x', '--why', 'x'],
    64,
    'say what is stopped: one of --call, --tool, --server, --session, --principal, --all',
  ],
  [['stop', '--server', '', '--why', 'x'], 64, '--server names nothing'],
  [['stop', '--all'], 64, "required option '--why <text>' not specified"],
  [['stop', '--session', 's_none', '--why', 'x'], 1, 'There is no session s_none.'],
  [['stop', '--call', 'call_none', '--why', 'x'], 1, 'There is no call call_none.'],
  [['lift', 'st_none', '--why', 'x'], 1, 'There is no stop st_none.'],
])('%j ends with %i and says why', async (words, code, why) => {
  const ended = await gateway.command(...words);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([code, '', `tollgate: ${why}\n`]);
});
