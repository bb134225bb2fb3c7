/** What ends with a session, whoever ended it and when. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { isAlive, until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

let folder: string;
let gateway: RunningGateway;
const policy = () => `version: 1
profile: ends
who: local
servers: { rough: { ${recordingServer(folder).yaml.slice(1, -1)}, cwd: "\${session.dir}" } }
tools: { rough.rough: { effect: write }, rough.other: { effect: read } }
`;
beforeEach(async () => {
  folder = temporaryFolder();
  gateway = await startGateway(policy(), { folder });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = (given: JsonObject) => post(gateway, legacyCall('rough__rough', given));
const pidOf = async (deed: string): Promise<number> => Number(textOf(await call({ do: deed })));
const session = async (): Promise<string> => {
  const listed = await gateway.command('sessions', '--json');
  return (JSON.parse(listed.stdout) as readonly Snapshot[])[0]?.session.id ?? '';
};

test('a session that another process ends leaves no process, nothing under way and no folder', async () => {
  const pids = [await pidOf('pid'), await pidOf('grandchild')];
  const id = await session();
  const room = join(gateway.home.sessions, id);
  writeFileSync(join(room, 'secret.txt'), 'secret');
  const hung = call({ do: 'hang', mark: 'hung' });
  const rough = recordingServer(folder);
  await until(() => rough.calls().some((one) => one['mark'] === 'hung'));
  const ledger = await visit(gateway.home);
  await ledger.change(id, 'complete', 'grace', 'done', Date.now());
  await ledger.close();
  expect(textOf(await hung)).toMatch(/^UNKNOWN: stopped by a person after it was sent/);
  await until(() => pids.every((pid) => !isAlive(pid)) && !existsSync(room));
  expect(rough.cancelled()).toContainEqual(expect.objectContaining({ mark: 'hung' }));
});

test('what a killed gateway left running is ended at the next start, and its over sessions’ folders go', async () => {
  const grandchild = await pidOf('grandchild');
  const id = await session();
  await gateway.kill();
  expect(isAlive(grandchild)).toBe(true);
  const ledger = await visit(gateway.home);
  await ledger.change(id, 'complete', 'grace', 'done', Date.now());
  await ledger.close();
  expect(existsSync(join(gateway.home.sessions, id))).toBe(true);
  gateway = await startGateway(policy(), { folder });
  expect(existsSync(join(gateway.home.sessions, id))).toBe(false);
  await until(() => !isAlive(grandchild));
  expect(gateway.reports.join('\n')).toContain('of the last gateway still ran, and ended');
});
