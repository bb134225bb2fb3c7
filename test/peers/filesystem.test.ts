/** server-filesystem through Tollgate: a scoped folder, writes that a person approves, and the roots of the client. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
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
servers:
  files: { command: ${command} }
  rooted: { command: ${command}, asks: { roots: true } }
tools:
  files.read_text_file: { effect: read }
  files.write_file:
    effect: write
    arguments: { path: { pattern: "${work}/[a-z0-9-]+\\\\.txt" } }
    approval: { reason: It overwrites. }
  rooted.read_text_file: { effect: read }
  rooted.list_allowed_directories: { effect: read }
`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CLIENTS: readonly (readonly [name: string, connect: (answers?: Answers) => Promise<SdkClient>])[] = [
  ['sdk-v1', (answers) => firstLine(overHttp(gateway), answers)],
  ['sdk-v2-modern', (answers) => secondLine(overHttp(gateway), 'modern', answers)],
];

const textOf = (result: unknown): string =>
  (result as { readonly content: readonly { readonly text: string }[] }).content.map(({ text }) => text).join('\n');

describe.each(CLIENTS)('%s', (line, connect) => {
  let client: SdkClient;
  beforeAll(async () => {
    client = await connect();
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

  test('the server works in the roots of its client, where the policy lets it ask for them', async () => {
    const asked = await connect({ roots: [{ uri: pathToFileURL(rooted).href, name: 'rooted' }] });
    expect(textOf(await asked.call('rooted__list_allowed_directories'))).toBe(`Allowed directories:\n${rooted}`);
    expect(textOf(await asked.call('rooted__read_text_file', { path: join(rooted, 'rooted.txt') }))).toBe('Rooted.');
    expect(await asked.call('rooted__read_text_file', { path: join(work, 'hello.txt') })).toMatchObject({
      isError: true,
    });
    // The other server may not ask.
    expect(await asked.call('files__read_text_file', { path: join(rooted, 'rooted.txt') })).toMatchObject({
      isError: true,
    });
    expect(asked.asked.map(({ method }) => method)).toEqual(['roots/list']);
    await asked.close();
  });

  test('a client without roots works in the folder that the server is given', async () => {
    expect(textOf(await client.call('rooted__list_allowed_directories'))).toBe(`Allowed directories:\n${work}`);
  });
});
