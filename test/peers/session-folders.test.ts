/** server-filesystem in `${session.dir}` through a gateway: what crosses from session to session, and what is left behind. */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Snapshot } from '../../src/domain/session.ts';
import { ref } from '../policy/policy-text.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import { firstLine, type SdkClient } from './sdk-clients.ts';
import { FILESYSTEM } from './shipped-servers.ts';

const POLICY = `version: 1
profile: files
who: local
servers: { files: { command: ${JSON.stringify([...FILESYSTEM, ref('session.dir')])}, cwd: "${ref('session.dir')}" } }
tools:
  files.read_text_file: { effect: read }
  files.list_directory: { effect: read }
  files.list_allowed_directories: { effect: read }
  files.write_file: { effect: write }
`;

let folder: string;
let gateway: RunningGateway;
beforeEach(async () => {
  folder = realpathSync(temporaryFolder());
  // A home that is reached through a link, as on a machine whose /home is one.
  mkdirSync(join(folder, 'disk'), { mode: 0o700 });
  symlinkSync(join(folder, 'disk'), join(folder, 'home'));
  gateway = await startGateway(POLICY, { folder });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** An agent that a client starts in a working folder of its own, and so in a session of its own. */
async function agentIn(name: string): Promise<SdkClient> {
  mkdirSync(join(folder, name), { recursive: true });
  const shim = [process.execPath, TOLLGATE, 'stdio', '--policy', gateway.policy];
  const inFolder = ['-c', 'cd "$0" && exec "$@"', join(folder, name), ...shim];
  const client = await firstLine({ command: ['sh', ...inFolder], env: gateway.environment });
  onTestFinished(() => client.close());
  return client;
}

const sessions = () => join(folder, 'disk', 'sessions');
const folders = (): readonly string[] => readdirSync(sessions());

async function sessionOf(name: string): Promise<string> {
  const all = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly Snapshot[];
  return all.find(({ session }) => session.folder === join(folder, name))?.session.id ?? '';
}

test('no path, link or name leads from a session’s folder into another’s', async () => {
  const [one, two] = [await agentIn('one'), await agentIn('two')];
  await two.call('files__list_allowed_directories');
  await one.call('files__list_allowed_directories');
  const [mine, theirs] = [join(sessions(), await sessionOf('one')), join(sessions(), await sessionOf('two'))];
  expect(mine).not.toBe(theirs);
  expect([statSync(mine).mode & 0o777, statSync(sessions()).mode & 0o777]).toEqual([0o700, 0o700]);

  const written = await two.call('files__write_file', { path: join(theirs, 'secret.txt'), content: 'canary-two' });
  expect(written['isError']).not.toBe(true);
  symlinkSync(theirs, join(mine, 'beside'));
  symlinkSync(join(theirs, 'secret.txt'), join(mine, 'secret.txt'));
  const tricks = [
    join(theirs, 'secret.txt'),
    `${mine}/../${await sessionOf('two')}/secret.txt`,
    `../${await sessionOf('two')}/secret.txt`,
    `${mine}/beside/secret.txt`,
    `${mine}/secret.txt`,
    `${theirs}/./secret.txt`,
    `${mine}/%2e%2e/${await sessionOf('two')}/secret.txt`,
  ];
  for (const path of tricks) {
    const read = await one.call('files__read_text_file', { path });
    expect(read, path).toMatchObject({ isError: true });
    expect(JSON.stringify(read)).not.toContain('canary-two');
    const put = await one.call('files__write_file', { path, content: 'canary-one' });
    expect(put, path).toMatchObject({ isError: true });
  }
  const unharmed = await two.call('files__read_text_file', { path: 'secret.txt' });
  expect(JSON.stringify(unharmed)).toContain('canary-two');
});

test('a folder is its session’s again after a restart, and goes when a person completes the session', async () => {
  const first = await agentIn('one');
  await first.call('files__write_file', { path: 'kept.txt', content: 'kept' });
  const session = await sessionOf('one');
  await first.close();
  await gateway.stop();
  gateway = await startGateway(POLICY, { folder });
  const again = await agentIn('one');
  expect(JSON.stringify(await again.call('files__read_text_file', { path: 'kept.txt' }))).toContain('kept');

  const other = await agentIn('two');
  await other.call('files__list_allowed_directories');
  const completed = await gateway.command('session', 'complete', session, '--because', 'done');
  expect(completed.stdout).toBe(`Session ${session} is completed.\n`);
  const second = await sessionOf('two');
  await until(() => !existsSync(join(sessions(), session)));
  expect(folders().filter((name) => name.startsWith('s_'))).toEqual([second]);

  const after = await again.call('files__list_directory', { path: '.' });
  expect(JSON.stringify(after)).not.toContain('kept.txt');
});

test('what a killed gateway left of sessions that are over is gone at the next start', async () => {
  const client = await agentIn('one');
  await client.call('files__write_file', { path: 'left.txt', content: 'left' });
  const session = await sessionOf('one');
  await client.close();
  await gateway.kill();
  mkdirSync(join(sessions(), '.listing-left'));
  gateway = await startGateway(POLICY, { folder });
  expect(folders()).toContain(session);
  await gateway.stop();

  const completed = await gateway.command('session', 'complete', session, '--because', 'done');
  expect(completed.code).toBe(0);
  expect(existsSync(join(sessions(), session))).toBe(false);
  mkdirSync(join(sessions(), session));
  gateway = await startGateway(POLICY, { folder });
  expect(folders().filter((name) => name === session || name === '.listing-left')).toEqual([]);
});
