/** server-filesystem through Tollgate: a scoped folder, writes that a person approves, and the roots of the client. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { answerNext } from './answer-next.ts';
import { type Answers, firstLine, overHttp, type SdkClient, secondLine } from './sdk-clients.ts';
import { FILESYSTEM } from './shipped-servers.ts';

const folder = realpathSync(temporaryFolder());
const [work, rooted] = [join(folder, 'work'), join(folder, 'rooted')];
let gateway: RunningGateway;
let person: Person;

beforeAll(async () => {
  person = await enrolPerson(homeOf(environmentOf(folder)));
  for (const one of [work, rooted]) mkdirSync(one);
  writeFileSync(join(work, 'hello.txt'), 'Hello.');
  writeFileSync(join(rooted, 'rooted.txt'), 'Rooted.');
  writeFileSync(join(folder, 'secret.txt'), 'A secret.');
  const command = JSON.stringify([...FILESYSTEM, work]);
  gateway = await startGateway(
    `version: 1
profile: files
who: local
servers: { files: { command: ${command} } }
tools:
  files.read_text_file: { effect: read }
  files.write_file:
    effect: write
    arguments: { path: { pattern: "${work}/[a-z0-9-]+\\\\.txt" } }
    approval: { reason: It overwrites. }
`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Connect = (to: RunningGateway, answers?: Answers) => Promise<SdkClient>;

const CLIENTS: readonly (readonly [name: string, connect: Connect])[] = [
  ['sdk-v1', (to, answers) => firstLine(overHttp(to), answers)],
  ['sdk-v2-modern', (to, answers) => secondLine(overHttp(to), 'modern', answers)],
];

const textOf = (result: unknown): string =>
  (result as { readonly content: readonly { readonly text: string }[] }).content.map(({ text }) => text).join('\n');

describe.each(CLIENTS)('%s', (line, connect) => {
  let client: SdkClient;
  beforeAll(async () => {
    client = await connect(gateway);
  });
  afterAll(() => client.close());

  test('reads in the folder that the server is given, and nothing beside it', async () => {
    expect(await client.call('files__read_text_file', { path: join(work, 'hello.txt') })).toMatchObject({
      content: [{ type: 'text', text: 'Hello.' }],
      structuredContent: { content: 'Hello.' },
    });
    const beside = await client.call('files__read_text_file', { path: join(work, '..', 'secret.txt') });
    expect(beside).toMatchObject({ isError: true });
    expect(textOf(beside)).toContain('Access denied');
  });

  test('a write is held, on disk once a person approves it, and not made again when it is repeated', async () => {
    const path = join(work, `${line}.txt`);
    const write = { path, content: `Written by ${line}.` };
    const call = client.call('files__write_file', write);
    const hold = await answerNext(gateway.home, person, 'approve', call, () => expect(existsSync(path)).toBe(false));
    expect(hold.effective).toEqual(write);
    expect(textOf(await call)).toContain('Successfully wrote');
    expect(readFileSync(path, 'utf8')).toBe(write.content);

    writeFileSync(path, 'Changed since.');
    expect(textOf(await client.call('files__write_file', write))).toMatch(/^RECORDED: /);
    expect(readFileSync(path, 'utf8')).toBe('Changed since.');
  });

  test('a write that a person denies is never made', async () => {
    const path = join(work, `${line}-denied.txt`);
    const call = client.call('files__write_file', { path, content: 'No.' });
    await answerNext(gateway.home, person, 'deny', call);
    expect(textOf(await call)).toMatch(/^DENIED, NOT DONE: /);
    expect(existsSync(path)).toBe(false);
  });

  test('a write outside the folder is denied before anybody is asked', async () => {
    const path = join(folder, 'outside.txt');
    expect(textOf(await client.call('files__write_file', { path, content: 'No.' }))).toMatch(/^DENIED, NOT DONE: /);
    expect(existsSync(path)).toBe(false);
  });
});

describe.each(CLIENTS)('%s and its roots', (line, connect) => {
  const own = join(folder, `roots-${line}`);
  let rootsGateway: RunningGateway;

  beforeAll(async () => {
    mkdirSync(own);
    const command = JSON.stringify([...FILESYSTEM, work]);
    rootsGateway = await startGateway(
      `version: 1
profile: roots
who: local
servers:
  asks: { command: ${command}, asks: { roots: true } }
  quiet: { command: ${command} }
tools:
  asks.list_allowed_directories: { effect: read }
  asks.read_text_file: { effect: read }
  quiet.list_allowed_directories: { effect: read }
`,
      { folder: own },
    );
  });
  afterAll(() => rootsGateway.stop());

  const folders = async (client: SdkClient, server: string): Promise<string> =>
    textOf(await client.call(`${server}__list_allowed_directories`)).replace(/^Allowed directories:\n/, '');

  test('are where the server works that the policy lets ask for them, once, and no other server', async () => {
    const client = await connect(rootsGateway, { roots: [{ uri: pathToFileURL(rooted).href, name: 'rooted' }] });
    // The server takes its time to look at them.
    await until(async () => (await folders(client, 'asks')) === rooted);
    const read = (path: string) => client.call('asks__read_text_file', { path });
    expect(textOf(await read(join(rooted, 'rooted.txt')))).toBe('Rooted.');
    expect(await read(join(work, 'hello.txt'))).toMatchObject({ isError: true });
    expect(await folders(client, 'quiet')).toBe(work);
    expect(client.asked.map(({ method }) => method)).toEqual(['roots/list']);
    await client.close();
  });

  test('are not those of another client that has none, though it works in the same session', async () => {
    const client = await connect(rootsGateway);
    expect(await folders(client, 'asks')).toBe(work);
    await client.close();
  });
});
