/** What the README shows is so: its commands run here, and its files, tables and drawing are held against the code. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EXIT } from '../src/cli/exit.ts';
import { loadPolicy } from '../src/policy/file/load.ts';
import { type Answered, callAndWait, modernAgent } from './stories/support/agents.ts';
import { type Deployment, type Door, deploy, REPOSITORY } from './stories/support/deployment.ts';
import { endedWithTest } from './stories/support/ended.ts';
import { openHolds, sessionIn } from './stories/support/listings.ts';
import { FIRST_TIME, typedAt } from './stories/support/person.ts';
import { blocksOf, commandsOf, differenceOf } from './stories/support/shown.ts';
import { endStartedGateway } from './stories/support/started-gateway.ts';

const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const SLOW = 300_000;

const section = (title: string): string => README.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';

const ended = new AsyncDisposableStack();
let deployment: Deployment;
let door: Door;
let answer: Promise<Answered>;

beforeAll(async () => {
  deployment = deploy(ended);
  door = await deployment.start();
  const agent = await modernAgent(door);
  ended.defer(() => agent.close());
  const letter = { request_id: 'minutes-1', to: 'ada@example.com', subject: 'Minutes', body: 'Attached.' };
  ({ answer } = await callAndWait(agent, 'outbox__send_message', letter));
}, SLOW);
afterAll(() => ended.disposeAsync(), SLOW);

describe('a command of the README prints what is shown:', () => {
  const shown = blocksOf(README, 'console').flatMap(commandsOf);

  test.each(shown)('$ $command', { timeout: SLOW }, async ({ command, lines }) => {
    expect(differenceOf(lines, await outputOf(command))).toBe(undefined);
  });
});

/** Runs a command of the README as it stands there, but for ids, which are those of this run. */
async function outputOf(command: string): Promise<string> {
  // What is installed is what this test runs on; installing it again belongs to no test.
  const toRun = command.replace(/^npm install && /, '');
  if (toRun === 'npm start') return bannerOf(`${toRun} -- --port 0`);
  if (toRun.includes(' approve ')) {
    // On a busy machine npx turns a wheel of its own on the terminal.
    const env = { ...deployment.env, npm_config_progress: 'false' };
    const { screen } = await typedAt(env, 'sh', ['-c', await ofThisRun(toRun)], FIRST_TIME);
    await answer;
    return screen;
  }
  const ran = await shell(await ofThisRun(toRun));
  expect(ran).toMatchObject({ errors: '', code: 0 });
  return ran.output;
}

async function ofThisRun(command: string): Promise<string> {
  const [hold = 'none'] = await openHolds(deployment);
  const session = await sessionIn(deployment, undefined);
  return command.replace(/\bh_[\w-]+/, hold).replace(/\bs_[\w-]+/, session);
}

const shell = (command: string): Promise<{ code: unknown; output: string; errors: string }> =>
  new Promise((ran) => {
    const options = { env: deployment.env, cwd: REPOSITORY, maxBuffer: 1 << 24 };
    const child = execFile('sh', ['-c', command], options, (error, output, errors) =>
      ran({ code: error?.code ?? 0, output: withoutNpm(output), errors }),
    );
    child.stdin?.end();
  });

/** npm says first what it runs. */
const withoutNpm = (output: string): string => output.replaceAll(/^> .*\n/gm, '');

/** What a gateway prints when it has started; then it is stopped, and has to leave with 0. */
async function bannerOf(command: string): Promise<string> {
  const env = { ...deployment.env, TOLLGATE_HOME: join(deployment.folder, 'other-home') };
  const npm = spawn('sh', ['-c', command], { env, cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(npm, 'exit');
  let output = '';
  for await (const piece of npm.stdout.setEncoding('utf8')) {
    output += piece;
    if (output.includes('Nothing is forgotten.\n')) break;
  }
  process.kill(Number(/process +(\d+)/.exec(output)?.[1]), 'SIGINT');
  expect(await gone).toEqual([0, null]);
  return withoutNpm(output);
}

const config = z.object({ mcpServers: z.object({ tollgate: z.record(z.string(), z.unknown()) }) });
const shim = z.strictObject({ command: z.string(), args: z.array(z.string()) });
const http = z.strictObject({ type: z.literal('http'), url: z.url(), headers: z.record(z.string(), z.string()) });

describe('a client that is configured as the README says finds the tools,', () => {
  const [started, connected] = blocksOf(README, 'json').map(
    (text) => config.parse(JSON.parse(text)).mcpServers.tollgate,
  );

  test('by starting the shim, whatever Node the machine has', { timeout: SLOW }, async () => {
    const over = endedWithTest();
    const home = join(deployment.folder, 'third-home');
    const { command, args } = shim.parse(started);
    const here = (text: string): string => text.replace('/home/you/tollgate', REPOSITORY);
    const env = { HOME: deployment.folder, PATH: '/usr/bin:/bin', TOLLGATE_HOME: home };
    const transport = new StdioClientTransport({ command: here(command), args: args.map(here), env });
    over.defer(() => endStartedGateway(home));
    expect(await toolsOver(transport)).toContain('workspace__read_file');
  });

  test('over HTTP', { timeout: SLOW }, async () => {
    const { url, headers } = http.parse(connected);
    expect(url).toBe('http://127.0.0.1:7411/mcp');
    const ofThisGateway = Object.entries(headers).map(([name, value]) => [name, value.replace('TOKEN', door.token)]);
    const requestInit = { headers: Object.fromEntries(ofThisGateway) };
    // The SDK's own class misses its own interface by an optional property (`exactOptionalPropertyTypes`).
    const transport = new StreamableHTTPClientTransport(new URL(door.url), { requestInit }) as Transport;
    expect(await toolsOver(transport)).toContain('workspace__read_file');
  });
});

async function toolsOver(transport: Transport): Promise<readonly string[]> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  await client.close();
  return tools.map((tool) => tool.name);
}

test.each(blocksOf(README, 'yaml'))('a policy of the README is accepted: %s', (text) => {
  expect(loadPolicy({ file: '/home/you/notes.yaml', text })).toMatchObject({ ok: true });
});

const codeSpans = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

test('the commands of the table are those that there are', { timeout: SLOW }, async () => {
  const listed = codeSpans(section('Commands'), /^\| `tollgate ([a-z ]+)` \|/gm);
  const helps = await Promise.all(listed.map((command) => deployment.run(...command.split(' '), '--help')));
  expect(helps.map(({ code }) => code)).toEqual(listed.map(() => 0));
  const { output } = await deployment.run('--help');
  const there = codeSpans(output.slice(output.indexOf('Commands:')), /^ {2}([a-z]+) /gm);
  expect([...new Set(listed.map((command) => command.split(' ')[0]))]).toEqual(there.filter((name) => name !== 'help'));
});

test('the exit codes of the table are those that there are', () => {
  const listed = codeSpans(section('Commands'), /^\| (\d+) \|/gm).map(Number);
  expect(listed).toEqual([0, ...Object.values(EXIT), 70].toSorted((a, b) => a - b));
});

test('everything in the tree is there', () => {
  const listed = codeSpans(section('The tree'), /^([a-z][\w./-]+) {2,}/gm);
  expect(listed.length).toBeGreaterThan(15);
  expect(listed.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
});

describe('the drawing of a call', () => {
  const drawing = blocksOf(section("A call's life"), 'text').join('\n');
  const source = (path: string): string => readFileSync(join(REPOSITORY, 'src', path), 'utf8');

  test('has every refusal that there is, and no other', () => {
    const said = codeSpans(source('domain/refusal.ts'), /readonly reason: '(\w+)'/g);
    const drawn = codeSpans(drawing, /►(.*)$/gm).flatMap((text) => text.replaceAll(/\(.*?\)/g, '').split(','));
    const others = new Set(['protocol error', 'stale']);
    const names = new Set(drawn.map((name) => name.trim()).filter((name) => !others.has(name)));
    const reasons = new Set(said.filter((name) => !others.has(name)));
    expect([...names].toSorted()).toEqual([...reasons].toSorted());
  });

  test('has every stage of the pipeline, in its order', () => {
    const stages = source('pipeline.ts').split('export interface Stages {')[1]?.split('\n}')[0] ?? '';
    const aside = ['answerQuestion', 'recordRefusal'];
    const files = codeSpans(drawing, /stages\/([a-z-]+)\.ts/g);
    const drawn = files.map((file) => file.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
    expect([...drawn, ...aside]).toEqual(codeSpans(stages, /^ {2}readonly (\w+):/gm));
    expect(files.filter((file) => !existsSync(join(REPOSITORY, 'src/stages', `${file}.ts`)))).toEqual([]);
  });
});

test('an agent that waited got its answer once the README had approved it', async () => {
  expect(await answer).toMatchObject({ isError: false });
  expect(deployment.delivered()).toHaveLength(1);
});
