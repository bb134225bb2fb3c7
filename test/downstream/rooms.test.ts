/** `${session.dir}` in how a server is started, with a real server that shows where it is. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import type { ServerPool } from '../../src/downstream/server-pool.ts';
import { SessionFolders } from '../../src/store/session-folders.ts';
import { FILESYSTEM } from '../peers/shipped-servers.ts';
import { ref } from '../policy/policy-text.ts';
import { exchangeOf, until } from '../support/downstream.ts';
import { temporaryFolder } from '../support/gateway.ts';

const DIR = ref('session.dir');
const files: ServerAddress = { kind: 'stdio', command: [...FILESYSTEM, DIR], env: {}, cwd: '/', era: undefined };

let folder: string;
let folders: SessionFolders;
let downstream: ServerPool;
beforeEach(() => {
  folder = temporaryFolder();
  folders = new SessionFolders(join(folder, 'sessions'));
});
afterEach(async () => {
  await downstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const listings = () => readdirSync(join(folder, 'sessions')).filter((name) => name.startsWith('.'));

function open(server: ServerAddress, rooms: SessionFolders | 'none' = folders): void {
  const enter = rooms === 'none' ? {} : { rooms: rooms.enter };
  downstream = openDownstream({ servers: new Map([['files', server]]), ...enter, now: Date.now, log: () => undefined });
}

async function call(session: string, tool: string, given: object): Promise<string> {
  const connected = await downstream.connect('files', session, NO_ABILITIES);
  if (!connected.ok) return connected.error.why;
  const outcome = await connected.value.call(exchangeOf(tool, JSON.stringify(given)));
  return JSON.stringify(outcome);
}

describe('a server that is given the session’s folder', () => {
  test('serves each session in its own, and neither the other’s', async () => {
    open(files);
    const [mine, theirs] = [folders.of('s_1'), folders.of('s_2')];
    expect(await call('s_1', 'list_allowed_directories', {})).toContain(mine);
    expect(await call('s_1', 'write_file', { path: join(mine, 'a.txt'), content: 'canary' })).toContain('"ok"');
    expect(await call('s_2', 'read_text_file', { path: join(mine, 'a.txt') })).toContain('Access denied');
    expect(await call('s_2', 'list_allowed_directories', {})).not.toContain(mine);
    expect(await call('s_2', 'list_directory', { path: theirs })).not.toContain('a.txt');
  });

  test('lists in a folder that goes with the process, and is not taken over by a session', async () => {
    open(files);
    expect((await downstream.definitions('files', 'tool')).ok).toBe(true);
    expect(listings()).toHaveLength(1);
    const said = await call('s_1', 'list_allowed_directories', {});
    expect(said).toContain(folders.of('s_1'));
    expect(said).not.toContain('.listing-');
    await downstream.close();
    expect(listings()).toEqual([]);
    expect(existsSync(folders.of('s_1'))).toBe(true);
  });

  test('ends with its session, and starts for no other one', async () => {
    open(files);
    await call('s_1', 'list_allowed_directories', {});
    const connected = await downstream.connect('files', 's_1', NO_ABILITIES);
    await downstream.leave('s_1');
    expect(connected.ok && (await connected.value.call(exchangeOf('list_allowed_directories', '{}'))).outcome).toBe(
      'not_sent',
    );
  });

  test('is not started where there is no folder to give it, and the reason is told', async () => {
    open(files, 'none');
    expect(await call('s_1', 'list_allowed_directories', {})).toContain(`that ${DIR} could stand for`);
    open(files);
    writeFileSync(folders.of('s_1'), 'a file where the folder should be');
    expect(await call('s_1', 'list_allowed_directories', {})).toContain('its folder cannot be made');
  });
});

test('the folder stands in words, variables and the working folder alike', async () => {
  const record = join(folder, 'said');
  const script =
    'require("fs").writeFileSync(process.argv[1], [process.cwd(), process.env.A, process.argv[2]].join("\\n"))';
  const env = { A: `in ${DIR} and ${DIR}` };
  open({ kind: 'stdio', command: ['node', '-e', script, record, `${DIR}/x`], env, cwd: DIR, era: 'legacy' });
  await downstream.definitions('files', 'tool');
  await until(() => existsSync(record));
  const [cwd, a, word] = readFileSync(record, 'utf8').split('\n');
  expect(cwd).toContain(join(folder, 'sessions', '.listing-'));
  expect([a, word]).toEqual([`in ${cwd} and ${cwd}`, `${cwd}/x`]);
});
