/** Calls that wait for a person, to clients that take tasks: over real sockets, with a server that counts. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person, visit } from '../support/person.ts';
import { type Answered, modernHeaders, modernRequest, post } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { openStream, type Stream } from './clients.ts';

const TAKES = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const folder = temporaryFolder();
const home = homeOf(environmentOf(folder));
let policy = '';
let gateway: RunningGateway;
let server: RecordingServer;
let person: Person;
let ledger: Ledger;

beforeAll(async () => {
  person = await enrolPerson(home);
  server = recordingServer(folder, 'rough-stdio.ts');
  policy = `version: 1\nprofile: held\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: irreversible, approval: {} } }\n`;
  gateway = await startGateway(policy, { folder });
  ledger = await visit(home);
});
afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const message = (method: string, params: JsonObject, capabilities: JsonObject = TAKES): JsonObject =>
  modernRequest(method, { ...params, _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities } });

async function send(method: string, params: JsonObject, capabilities = TAKES as JsonObject): Promise<Answered> {
  const sent = message(method, params, capabilities);
  return post(gateway, sent, modernHeaders(sent));
}

const get = async (taskId: string) => (await send('tasks/get', { taskId })).last.result;
const times = (mark: string): number => server.calls().filter((given) => given['mark'] === mark).length;

/** Makes a call that is held, and gives its task and its hold. */
async function held(
  mark: string,
): Promise<{ readonly task: string; readonly hold: string; readonly made: JsonObject }> {
  const made = (await send('tools/call', { name: 'rough__rough', arguments: { do: 'echo', mark } })).last.result ?? {};
  const open = await ledger.holds({ open: true }, Date.now());
  const hold = open.find(({ effective }) => effective['mark'] === mark)?.id ?? '';
  return { task: String(made['taskId']), hold, made };
}

async function answer(id: string, verdict: 'approve' | 'deny', because?: string): Promise<void> {
  const hold = await ledger.hold(id, Date.now());
  if (hold === undefined) throw new Error(`there is no hold ${id}`);
  const decided = await ledger.decide(id, person.sign(ledger, hold, verdict, because));
  if (!decided.ok) throw new Error(decided.error);
}

/** Looks until the task has ended. */
async function ended(task: string): Promise<JsonObject | undefined> {
  let found: JsonObject | undefined;
  await until(async () => {
    found = await get(task);
    return found?.['status'] !== 'working';
  });
  return found;
}

describe('a held call of a client that takes tasks', () => {
  test('is a task at once, which says where to approve it; looking runs nothing', async () => {
    const { task, hold, made } = await held('looks');
    const page = `http://127.0.0.1:${gateway.port}/holds/${hold}`;
    const words = `Not done: waiting for approval by a person, at ${page}`;
    expect(made).toMatchObject({ resultType: 'task', status: 'working', statusMessage: words });
    expect([made['ttlMs'], made['pollIntervalMs']].every(Number.isSafeInteger)).toBe(true);
    expect(await get(task)).toMatchObject({
      resultType: 'complete',
      taskId: task,
      status: 'working',
      statusMessage: words,
    });
    expect(await get(task)).toMatchObject({ status: 'working' });
    const { session } = (await ledger.hold(hold, Date.now())) ?? { session: '' };
    const refusals = (await ledger.journal(session)).filter(({ kind }) => kind === 'refused');
    expect(refusals.length).toBe(1);
    await send('tasks/cancel', { taskId: task });
    expect(times('looks')).toBe(0);
  });

  test('runs once it is approved and looked at, once, whoever looks how often at the same time', async () => {
    const { task, hold } = await held('runs');
    await answer(hold, 'approve');
    expect(times('runs')).toBe(0);
    await Promise.all(Array.from({ length: 8 }, () => get(task)));
    const done = await ended(task);
    expect(done).toMatchObject({ status: 'completed', result: { content: [{ type: 'text' }] } });
    expect(JSON.stringify(done)).not.toContain('RECORDED');
    expect((await get(task))?.['result']).toEqual(done?.['result']);
    expect(times('runs')).toBe(1);
  });

  test('survives a gateway that is killed, before the answer and after it', async () => {
    const { task, hold } = await held('survives');
    await gateway.kill();
    gateway = await startGateway(policy, { folder, words: ['--port', String(gateway.port)] });
    expect(await get(task)).toMatchObject({ status: 'working' });
    await answer(hold, 'approve');
    expect(await ended(task)).toMatchObject({ status: 'completed' });
    await gateway.kill();
    gateway = await startGateway(policy, { folder, words: ['--port', String(gateway.port)] });
    expect(await get(task)).toMatchObject({ status: 'completed', result: { content: [{ type: 'text' }] } });
    expect(times('survives')).toBe(1);
  });

  test('that is denied has ended, and the agent reads why', async () => {
    const { task, hold } = await held('denied');
    await answer(hold, 'deny', 'Not today.');
    const text = expect.stringMatching(/^DENIED, NOT DONE: a person denied this exact call: Not today\./);
    expect(await get(task)).toMatchObject({ status: 'completed', result: { isError: true, content: [{ text }] } });
    expect(times('denied')).toBe(0);
  });

  test('that is taken back can be approved no more, whether it was answered or not', async () => {
    for (const mark of ['taken back', 'taken back late']) {
      const { task, hold } = await held(mark);
      if (mark === 'taken back late') await answer(hold, 'approve');
      expect((await send('tasks/cancel', { taskId: task })).last.result).toMatchObject({ resultType: 'complete' });
      expect(await get(task)).toMatchObject({ status: 'cancelled' });
      await expect(answer(hold, 'approve')).rejects.toThrow('has lapsed');
      expect(times(mark)).toBe(0);
    }
  });

  test('that somebody else continues is told its recorded result', async () => {
    const { task, hold } = await held('continued');
    await answer(hold, 'approve');
    const other = await send('tools/call', { name: 'tollgate__continue', arguments: { hold } }, {});
    expect(other.last.result).toMatchObject({ resultType: 'complete', content: [{ type: 'text' }] });
    const done = await ended(task);
    expect(JSON.stringify(done)).toContain('RECORDED: this exact call ran at');
    expect(times('continued')).toBe(1);
  });

  test('made again while it waits is another task of the same hold: nobody is asked twice, and it runs once', async () => {
    const [one, two] = [await held('twice'), await held('twice')];
    expect(two.hold).toBe(one.hold);
    await answer(one.hold, 'approve');
    const [first, second] = await Promise.all([ended(one.task), ended(two.task)]);
    expect([first?.['status'], second?.['status']]).toEqual(['completed', 'completed']);
    expect(times('twice')).toBe(1);
  });
});

describe('a task is', () => {
  test('nothing to a client that does not say that it takes tasks', async () => {
    const { task } = await held('undeclared');
    for (const [method, more] of [
      ['tasks/get', {}],
      ['tasks/update', { inputResponses: {} }],
      ['tasks/cancel', {}],
    ] as const) {
      const { status, last } = await send(method, { taskId: task, ...more }, {});
      expect([status, last.error?.['code']]).toEqual([400, -32021]);
      expect(last.error?.['data']).toEqual({ requiredCapabilities: TAKES });
    }
    expect(await get(task)).toMatchObject({ status: 'working' });
    await send('tasks/cancel', { taskId: task });
  });

  test('unknown where its id was changed, made up, or given at another door', async () => {
    const { task } = await held('guessed');
    const elsewhere = message('tasks/get', { taskId: task });
    const at = { ...gateway, url: `${gateway.url}/p/held` };
    const answers = [
      await send('tasks/get', { taskId: `${task}x` }),
      await send('tasks/get', { taskId: 'call_1' }),
      await send('tasks/cancel', { taskId: 'call_1' }),
      await post(at, elsewhere, modernHeaders(elsewhere)),
    ];
    for (const { last } of answers) expect(last.error).toMatchObject({ code: -32602 });
    await send('tasks/cancel', { taskId: task });
  });

  test('named by the header as by the body', async () => {
    const sent = message('tasks/get', { taskId: 'one' });
    const { status, last } = await post(gateway, sent, { ...modernHeaders(sent), 'mcp-name': 'two' });
    expect([status, last.error?.['code']]).toEqual([400, -32020]);
  });

  test('told of to who listens, until it ends, and to nobody who takes none', async () => {
    const { task, hold } = await held('told');
    const listen = message('subscriptions/listen', { notifications: { taskIds: [task, 'another'] } });
    const headers = { ...modernHeaders(listen), authorization: `Bearer ${gateway.token}` };
    const stream = await openStream(gateway.url, headers, listen);
    expect(await stream.next()).toMatchObject({ params: { notifications: { taskIds: [task] } } });
    expect(await noticeOf(stream)).toMatchObject({ taskId: task, status: 'working' });
    await answer(hold, 'approve');
    expect(await noticeOf(stream)).toMatchObject({
      statusMessage: 'A person has answered. Look at the task to go on.',
    });
    await ended(task);
    let last: JsonObject = {};
    while (last['status'] !== 'completed') last = await noticeOf(stream);
    expect(last).not.toHaveProperty('result');
    stream.close();
    const undeclared = await send('subscriptions/listen', { notifications: { taskIds: [task] } }, {});
    expect(undeclared.last.error).toMatchObject({ code: -32021 });
  });
});

async function noticeOf(stream: Stream): Promise<JsonObject> {
  const notice = await stream.next();
  expect(notice).toMatchObject({ method: 'notifications/tasks' });
  return (notice?.['params'] ?? {}) as JsonObject;
}
