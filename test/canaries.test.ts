/** The search of a run for secrets finds them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CANARIES, canarySecret, leaksIn, putOut, putOutFiles, putOutProcesses } from './support/canaries.ts';
import { temporaryFolder } from './support/gateway.ts';

const folder = temporaryFolder();
const secret = canarySecret('KEY');
let run = '';
let count = 0;
beforeEach(() => {
  run = join(folder, `run-${++count}`);
  mkdirSync(run);
  vi.stubEnv(CANARIES, run);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each<[string, string]>([
  ['as it is', secret],
  ['in upper case', secret.toUpperCase()],
  ['in hex', Buffer.from(secret).toString('hex')],
  ['in a header of basic authentication', Buffer.from(`client:${secret}`).toString('base64')],
  ['in a token, one letter on', Buffer.from(`{"jti":"${secret}"}`).toString('base64url')],
  ['in a token, two letters on', Buffer.from(`{"a_jti":"${secret}"}`).toString('base64url')],
  ['in a URL', `https://a.example/?t=${encodeURIComponent(secret)}`],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ secret }))],
])('a secret is found %s, by file and line, and not repeated', (_name, text) => {
  putOut('gateway', `first\nsecond ${text} end`);
  const leaks = leaksIn(run);
  expect(leaks).toEqual([expect.stringMatching(new RegExp(`^${join(run, `${process.pid}.txt`)}:2: gateway: second `))]);
  expect(leaks[0]).not.toContain(secret);
});

test('a secret is found in the files of a gateway', () => {
  const home = join(folder, 'home');
  mkdirSync(join(home, 'deep'), { recursive: true });
  writeFileSync(join(home, 'deep', 'ledger.db'), Buffer.concat([Buffer.from([0, 255, 7]), Buffer.from(secret)]));
  writeFileSync(join(home, 'clean'), 'nothing');
  putOutFiles(home);
  expect(leaksIn(run)).toEqual([expect.stringMatching(/ledger\.db: \[canary KEY\]$/)]);
});

test.skipIf(process.platform !== 'linux')(
  'a secret is found in a command line, and in every environment but its own',
  async () => {
    const own = { KEY: secret, PATH: process.env['PATH'] };
    const started = [
      spawn('sleep', ['60'], { env: own }),
      spawn('sleep', ['61'], { env: { ...own, OTHER: canarySecret('KEY') } }),
      spawn('sh', ['-c', 'sleep 62; :', secret], { env: own }),
    ];
    try {
      await Promise.all(started.map((child) => once(child, 'spawn')));
      putOutProcesses(process.pid);
      const of = (at: number) => started[at]?.pid;
      expect(leaksIn(run).map((leak) => leak.replace(/^.*?\d: /, ''))).toEqual(
        expect.arrayContaining([
          `environment of ${of(1)}: OTHER=[canary KEY]`,
          expect.stringMatching(new RegExp(`^command line of ${of(2)}: .*\\[canary KEY\\]$`)),
        ]),
      );
      expect(leaksIn(run).filter((leak) => leak.includes(` ${of(0)}:`))).toEqual([]);
    } finally {
      for (const child of started) child.kill('SIGKILL');
    }
  },
);

test('what is no secret is left alone, and nothing is kept outside a run', () => {
  putOut('gateway', 'canarySecret(name) put out a canary: q7vx');
  expect(leaksIn(run)).toEqual([]);
  vi.stubEnv(CANARIES, undefined);
  putOut('gateway', secret);
  expect(leaksIn(run)).toEqual([]);
});
