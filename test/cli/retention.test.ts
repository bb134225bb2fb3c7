import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { verifyExport } from '../../src/keeper/verify-export.ts';
import { blocksOf } from '../stories/support/shown.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let session: string;

beforeAll(async () => {
  const server = recordingServer(folder);
  gateway = await startGateway(
    `version: 1
profile: retention
who: local
servers: { rough: ${server.yaml} }
tools: { rough.rough: { effect: read } }
`,
    { folder },
  );
  expect(textOf(await post(gateway, legacyCall('rough__rough', { do: 'echo', mark: 'canary' })))).toBe('ok');
  const sessions = JSON.parse((await gateway.command('sessions', '--json')).stdout) as readonly Snapshot[];
  session = sessions[0]?.session.id ?? '';
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.trimEnd().split('\n');
}

test('a session is exported while it runs, to standard output or a file of its own user, with its policy', async () => {
  const { code, stdout, stderr } = await gateway.command('session', 'export', session);
  expect([code, stderr]).toEqual([0, '']);
  expect(await verifyExport(linesOf(stdout))).toMatchObject({ ok: true, value: { session, entries: 3 } });
  expect(stdout).toContain('canary');
  expect(stdout).toContain('"record":"policy"');
  const out = join(folder, 'one.jsonl');
  expect(await gateway.command('session', 'export', session, '--out', out)).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(out, 'utf8')).toBe(stdout);
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const digests = await gateway.command('session', 'export', session, '--digests');
  expect(digests.stdout).not.toContain('canary');
  expect(await verifyExport(linesOf(digests.stdout))).toMatchObject({ ok: true });
  expect(await gateway.command('session', 'export', 's_none')).toMatchObject({ code: 1, stdout: '' });
});

test('a session is archived where the deployment says, once it is over', async () => {
  const archive = join(folder, 'old');
  writeFileSync(join(folder, 'gateway.yaml'), `version: 1\nretention: { archive: old }\n`);
  const words = ['session', 'archive', session, '--because', 'so', '--config', join(folder, 'gateway.yaml')];
  expect(await gateway.command(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining('is running') });
  expect(existsSync(archive)).toBe(false);
  await gateway.command('session', 'complete', session, '--because', 'so');
  const { code, stdout } = await gateway.command(...words);
  const [file = ''] = readdirSync(archive);
  expect([code, stdout]).toEqual([0, `Session ${session} is archived: it is exported to ${join(archive, file)}.\n`]);
  expect(await verifyExport(linesOf(readFileSync(join(archive, file), 'utf8')))).toMatchObject({ ok: true });
  expect((await gateway.command('session', 'export', session)).stdout).not.toContain('canary');
  expect((await gateway.command('audit', 'verify')).code).toBe(0);
});

test('the ledger is copied while the gateway runs, and no file is replaced', async () => {
  const to = join(folder, 'backup.db');
  expect(await gateway.command('backup', to)).toMatchObject({ code: 0, stderr: '' });
  expect(statSync(to).size).toBeGreaterThan(10_000);
  expect(await gateway.command('backup', to)).toMatchObject({ code: 74, stderr: expect.stringContaining('already') });
});

test('a gateway that runs keeps its ledger from being moved', async () => {
  const words = ['--from', `sqlite:${gateway.home.ledger}`, '--to', 'postgres://nobody@127.0.0.1:1/none'];
  const { code, stderr } = await gateway.command('ledger', 'move', ...words);
  expect([code, stderr]).toEqual([74, expect.stringContaining('is in use. Stop the gateway')]);
  const turned = ['--from', 'postgres://nobody@127.0.0.1:1/none', '--to', `sqlite:${gateway.home.ledger}`];
  expect(await gateway.command('ledger', 'move', ...turned)).toMatchObject({ code: 64 });
});

test('the deployment that docs/retention.md shows loads, with every key that there is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/retention.md'), 'utf8');
  const loaded = loadConfig({ file: '/etc/tollgate/gateway.yaml', text: blocksOf(page, 'text')[0] ?? '' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { quotas, ...rest } = loaded.value.retention;
  expect([...Object.values(rest), ...Object.values(quotas)]).not.toContain(undefined);
});
