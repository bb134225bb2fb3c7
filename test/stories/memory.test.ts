import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { until } from '../support/downstream.ts';
import { modernAgent } from './support/agents.ts';
import { type Deployment, type Door, deploy } from './support/deployment.ts';
import { endedWithTest } from './support/ended.ts';
import { outputOf, sessionIn } from './support/listings.ts';

const SERVER = join(import.meta.dirname, 'support/slow-server.ts');
const AGENT = join(import.meta.dirname, 'support/resuming-agent.ts');

const policyOf = (folder: string, port: number): string => `
version: 1
profile: slow
who: local
servers:
  slow: { command: [node, ${JSON.stringify(SERVER)}, ${JSON.stringify(join(folder, 'struck'))}, "${port}"] }
tools:
  slow.strike: { effect: irreversible }
`;

type Loop = ChildProcessByStdio<null, Readable, null>;

const startAgent = (session: Door, era: string, env: Deployment['env']): Loop =>
  spawn(process.execPath, [AGENT, session.url, session.token, era], { env, stdio: ['ignore', 'pipe', 'inherit'] });

/** What the agent said that it did, once it has ended. */
async function didOf(agent: Loop): Promise<readonly unknown[]> {
  const lines: unknown[] = [];
  for await (const line of createInterface(agent.stdout)) lines.push(JSON.parse(line));
  return lines;
}

const made = z.object({ calls: z.array(z.object({ outcome: z.string().optional() })) });

async function outcomes({ url, token }: Door): Promise<readonly (string | undefined)[]> {
  const answer = await fetch(`${url}/calls`, { headers: { authorization: `Bearer ${token}` } });
  return made.parse(await answer.json()).calls.map(({ outcome }) => outcome);
}

const RESULT = { content: [{ type: 'text', text: 'the big one was struck' }] };

test.each([
  ['legacy', 'while the call is under way, which goes on without it', false, 'ok', RESULT],
  ['legacy', 'before it reads the answer', true, 'ok', RESULT],
  ['modern', 'while the call is under way, which is cancelled with its stream', false, 'unknown', null],
  ['modern', 'before it reads the answer', true, 'ok', RESULT],
] as const)(
  'a %s agent killed %s is resumed from its log, and nothing runs twice',
  {
    timeout: 180_000,
  },
  async (era, _when, isAnswered, outcome, result) => {
    const ended = endedWithTest();
    const watched = createServer().listen(0, '127.0.0.1');
    ended.defer(() => void watched.close());
    await once(watched, 'listening');
    const deployment = deploy(ended, (folder) => policyOf(folder, (watched.address() as AddressInfo).port));
    const door = await deployment.start();
    const opener = await modernAgent(door);
    await expect(opener.call('slow__nothing', {})).rejects.toThrow('Unknown tool');
    await opener.close();
    const session = { ...door, url: `${door.url}/${await sessionIn(deployment, undefined)}` };

    const struck = once(watched, 'connection') as Promise<[Socket]>;
    const first = startAgent(session, era, deployment.env);
    const gone = once(first, 'exit');
    ended.defer(() => void first.kill('SIGKILL'));
    const [gong] = await struck;
    ended.defer(() => void gong.destroy());
    await once(createInterface(gong), 'line');
    // Stopped, it reads nothing any more.
    first.kill(isAnswered ? 'SIGSTOP' : 'SIGKILL');
    if (!isAnswered) await gone;
    const settled = async (): Promise<boolean> => (await outcomes(session))[0] !== undefined;
    if (outcome === 'unknown') await until(settled);
    gong.write('answer\n');
    await until(settled);
    first.kill('SIGKILL');
    await gone;

    const second = startAgent(session, era, deployment.env);
    ended.defer(() => void second.kill('SIGKILL'));
    expect(await didOf(second)).toEqual([{ did: `recalls ${outcome}`, what: result }]);
    expect(await outcomes(session)).toEqual([outcome]);
    expect(readFileSync(join(deployment.folder, 'struck'), 'utf8')).toBe('the big one\n');
    expect(outputOf(await deployment.run('audit', 'verify'))).toContain('whole');
  },
);
