/** Processes that a killed gateway left: found wherever they hid, and nobody else's touched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { endLeft, markOf } from '../../src/downstream/links/left-processes.ts';
import { isAlive, until } from '../support/downstream.ts';

/** Ignores the end of its stdin and SIGTERM; starts a child that leaves its group and session, and says both ids. */
const STUBBORN = `
  process.on('SIGTERM', () => {});
  const stay = "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)";
  const child = require('node:child_process').spawn(process.execPath, ['-e', stay], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.on('data', (pid) => console.log(process.pid + ' ' + String(pid).trim()));
  setInterval(() => {}, 1000);
`;

async function started(environment: Readonly<Record<string, string>>): Promise<readonly number[]> {
  const child: ChildProcess = spawn(process.execPath, ['-e', STUBBORN], {
    env: { PATH: process.env['PATH'], ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (child.stdout === null) throw new Error('it says nothing');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const pids = line.split(' ').map(Number);
  onTestFinished(() => {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return pids;
}

test.skipIf(!existsSync('/proc/self/environ'))(
  'what a gateway left is ended, also what ignores SIGTERM and left its group; strangers are not touched (needs /proc)',
  async () => {
    const home = `/home/of/${process.pid}`;
    const left = await started(markOf(home));
    const others = [...(await started(markOf(`${home}/other`))), ...(await started({}))];
    expect(await endLeft(markOf(home))).toBe(left.length);
    await until(() => left.every((pid) => !isAlive(pid)));
    expect(others.filter(isAlive)).toEqual(others);
    expect(await endLeft(markOf(home))).toBe(0);
  },
);
