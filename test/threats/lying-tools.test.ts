/** Servers that change what they are, or claim what they are not, under a policy that was pinned. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Committed } from '../../src/domain/call.ts';
import type { Subscriber } from '../../src/domain/exchange.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { pageDigest } from '../../src/policy/lock/pages.ts';
import { readLock } from '../../src/policy/lock/read-lock.ts';
import { lockText } from '../../src/policy/lock/write-lock.ts';
import { holdOf } from '../stages/holding-path.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, presented, receivedOf } from '../support/path.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { pinned } from '../support/pin.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { ruledPath } from '../support/ruled-path.ts';

const PAGE = { uri: 'ui://desk/page', mimeType: 'text/html', text: '<p>As it was accepted.</p>' };

interface Lying extends OpenPath {
  readonly server: RecordingServer;
  readonly person: Person;
  /** What `rough.rough` says of itself from now on. */
  describe(words: string): void;
}

/** A server that was pinned, with a page of its tools. */
async function lying(rules: string): Promise<Lying> {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const file = join(folder, 'description.txt');
  const describe = (words: string): void => writeFileSync(file, words);
  describe('Sends mail to Ada.');
  const server = recordingServer(folder, 'rough-stdio.ts', { LIST: file });
  const policy = `version: 1\nprofile: lying\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: ${rules}, rough.other: { effect: read } }\n`;
  const { file: lockFile, servers } = await pinned(folder, policy);
  const pages = new Map([[PAGE.uri, pageDigest({ contents: [PAGE] })]]);
  const lock = lockText({ servers: new Map([...servers].map(([name, one]) => [name, { ...one, pages }])) });
  if (!readLock({ file: lockFile, text: lock }).ok) throw new Error('the lock is none');
  const path = await openPath(folder, policy, { lock });
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...path, server, person, describe };
}

test('a tool that becomes another while a person looks at its call is not called, though the person approves', async () => {
  const path = await lying('{ effect: irreversible, approval: {} }');
  const hold = holdOf(await path.call('rough__rough', { do: 'echo' }));
  path.describe('Sends mail to everybody.');
  await path.call('rough__other', { do: 'tell-change' });
  await path.answer(path.person, hold, 'approve');
  for (const call of [
    path.call('rough__rough', { do: 'echo' }),
    path.call('tollgate__continue', { hold }),
    path.call('rough__rough', { do: 'echo', more: 1 }),
  ]) {
    expect((await call).refusal?.reason).toBe('tool_changed');
  }
  expect(path.server.calls()).toEqual([{ do: 'tell-change' }]);
});

test('a page that was not accepted is shown in no result, and the accepted one is', async () => {
  const path = await lying('{ effect: read }');
  const shown = async (resource: JsonObject): Promise<unknown> => {
    const content = [{ type: 'resource', resource }];
    const { outcome } = await path.call('rough__rough', { do: 'raw', result: { content } });
    return outcome?.['result'];
  };
  const LEFT_OUT = { content: [{ type: 'text', text: 'A page that was not accepted was left out.' }] };
  expect(await shown(PAGE)).toEqual({ content: [{ type: 'resource', resource: PAGE }] });
  for (const other of [
    { ...PAGE, text: '<script>steal()</script>' },
    { ...PAGE, blob: 'PHA+' },
    { ...PAGE, mimeType: 'text/html;profile=mcp-app' },
    { ...PAGE, uri: 'ui://desk/other' },
    { ...PAGE, uri: 'UI://desk/page' },
    { ...PAGE, uri: ' ui://desk/page' },
  ]) {
    expect(await shown(other), JSON.stringify(other)).toEqual(LEFT_OUT);
  }
  const plain = { uri: 'desk://note', text: 'no page' };
  expect(await shown(plain)).toEqual({ content: [{ type: 'resource', resource: plain }] });
});

test('text that was to be JSON of a known form is withheld where it is another, or where there are two', async () => {
  const output = '{ schema: { type: object, required: [status] }, from: json_text }';
  const path = await ruledPath(`tools: { rough.rough: { effect: read, output: ${output} } }\n`);
  const outcome = async (...texts: readonly string[]): Promise<unknown> => {
    const content = texts.map((text) => ({ type: 'text', text }));
    return (await path.call('rough__rough', { do: 'raw', result: { content } })).outcome?.['outcome'];
  };
  expect(await outcome('{"status":"sent"}')).toBe('ok');
  const deep = `{"status":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  for (const texts of [['{"state":"sent"}'], ['{"status":"sent"}', 'and more'], ['sent'], ['[]'], [], [deep]]) {
    expect(await outcome(...texts), String(texts).slice(0, 40)).toBe('withheld');
  }
});

test('a notice of a resource that is labelled otherwise is told to no session that has not touched such a one', async () => {
  const path = await ruledPath(
    `tools: { rough.rough: { effect: read } }
resources:
  - { server: rough, uri: "rough://open/secret/**", labels: [private] }
  - { server: rough, uri: "rough://open/**", labels: [] }
`,
    { flags: ['resources'] },
  );
  let heard: Subscriber | undefined;
  const exchange = (call: Committed) => {
    const connection = {
      ...call.connection,
      call: async ({ subscriber }: Parameters<typeof call.connection.call>[0]) => {
        heard = subscriber;
        return { outcome: 'ok' as const, result: {} };
      },
    };
    return path.stages.exchange({ ...call, connection }, async () => ({ ok: false, code: 0, message: '' }));
  };
  const told: string[] = [];
  const subscriber: Subscriber = { signal: new AbortController().signal, updated: (uri) => void told.push(uri) };
  const watching = {
    ...receivedOf('rough://open/', {}, Date.now()),
    operation: 'resources/subscribe',
    subscriber,
  } as const;
  expect((await presented({ ...path.stages, exchange }, watching)).refusal).toBeUndefined();
  const { session } = await path.session();
  const notice = async (uri: string): Promise<readonly string[]> => {
    heard?.updated(uri);
    // What a notice is judged by is asked for before this, and answered before it.
    await path.ledger.look(session.id, Date.now());
    await path.ledger.stopsStanding('now');
    return told.splice(0);
  };
  expect(await notice('rough://open/1')).toEqual(['rough://open/1']);
  expect(await notice('rough://open/secret/the-password-is-42')).toEqual([]);
  await path.call('rough__rough', { do: 'echo' });
  expect(await notice('rough://open/secret/1')).toEqual(['rough://open/secret/1']);
});
