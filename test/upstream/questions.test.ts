import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { Answer } from '../../src/domain/exchange.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { modernHeaders, modernRequest, post } from '../support/posts.ts';
import { introduce, openLine, openSession, openStream, request, type Stream } from './clients.ts';
import { type Doors, openDoors, settled } from './scripted-doors.ts';

/** Each call asks its client something; `heard` is what it was told, by what the call was marked with. */
const heard = new Map<unknown, Promise<Answer>>();
let takeBack = new AbortController();
const doors: Doors = await openDoors({
  present: async (call: Received) => {
    const question = { method: 'elicitation/create', params: { message: 'who?' }, key: undefined } as const;
    const answer = call.line.ask?.(question, takeBack.signal) ?? Promise.resolve(CANNOT);
    heard.set(call.arguments['mark'], answer);
    return settled({ content: [{ type: 'text', text: JSON.stringify(await answer) }] }, call.id);
  },
});
const CANNOT: Answer = { ok: false, code: 0, message: 'cannot be asked' };
afterAll(() => doors.stop());
afterEach(() => {
  takeBack = new AbortController();
});

const ELICITS = { elicitation: {} };
const call = (mark: string, id: number | string = 1): JsonObject =>
  request('tools/call', { name: 'a__b', arguments: { mark } }, id);
const answer = (id: unknown, name: string): JsonObject => ({
  jsonrpc: '2.0',
  id: id as string,
  result: { action: 'accept', content: { name } },
});
const accepted = (name: string) => ({ ok: true, result: { action: 'accept', content: { name } } });

/** A call that has asked, and the id of its question. */
async function asked(headers: Record<string, string>, mark: string): Promise<{ stream: Stream; id: unknown }> {
  const stream = await openStream(doors.url, headers, call(mark));
  const question = await stream.next();
  expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'who?' } });
  return { stream, id: question?.['id'] };
}

describe('a question to a legacy client', () => {
  test('goes out on the stream of its own call, and its answer comes by another POST', async () => {
    const headers = await openSession(doors.url, ELICITS);
    const { stream, id } = await asked(headers, 'plain');
    expect((await post(doors, answer(id, 'ada'), headers)).status).toBe(202);
    expect(await heard.get('plain')).toEqual(accepted('ada'));
    expect(await stream.next()).toMatchObject({ id: 1, result: { content: [{ type: 'text' }] } });
    expect(await stream.next()).toBeUndefined();
  });

  test('is answered by nobody else: neither another session nor no session, though it knows the id', async () => {
    const [mine, yours] = await Promise.all([openSession(doors.url, ELICITS), openSession(doors.url, ELICITS)]);
    const one = await asked(mine, 'mine');
    const two = await asked(yours, 'yours');
    await post(doors, answer(one.id, 'mallory'), yours);
    await post(doors, answer(one.id, 'mallory'));
    await post(doors, answer(two.id, 'mallory'), mine);
    await post(doors, answer(one.id, 'ada'), mine);
    await post(doors, answer(two.id, 'bob'), yours);
    expect([await heard.get('mine'), await heard.get('yours')]).toEqual([accepted('ada'), accepted('bob')]);
  });

  test('is answered once: what comes later finds no question', async () => {
    const headers = await openSession(doors.url, ELICITS);
    const { id } = await asked(headers, 'once');
    await post(doors, answer(id, 'first'), headers);
    expect((await post(doors, answer(id, 'second'), headers)).status).toBe(202);
    expect(await heard.get('once')).toEqual(accepted('first'));
  });

  test('may be refused', async () => {
    const headers = await openSession(doors.url, ELICITS);
    const { id } = await asked(headers, 'refused');
    await post(doors, { jsonrpc: '2.0', id: id as string, error: { code: -1, message: 'no' } }, headers);
    expect(await heard.get('refused')).toEqual({ ok: false, code: -1, message: 'no' });
  });

  test('ends with its call, and the client is told', async () => {
    const headers = await openSession(doors.url, ELICITS);
    const { stream, id } = await asked(headers, 'ended');
    takeBack.abort();
    expect(await heard.get('ended')).toMatchObject({ ok: false });
    expect(await stream.next()).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
    expect(await stream.next()).toMatchObject({ id: 1, result: {} });
  });

  test('ends with the stream it was put on: nobody is left to answer', async () => {
    const headers = await openSession(doors.url, ELICITS);
    const { stream } = await asked(headers, 'left');
    stream.close();
    expect(await heard.get('left')).toMatchObject({ ok: false });
  });

  test('is put to no client that cannot be asked now: one without a session, or of 2026-07-28', async () => {
    const modern = modernRequest('tools/call', { name: 'a__b', arguments: { mark: 'modern' } });
    const envelope = { 'io.modelcontextprotocol/clientCapabilities': ELICITS };
    const elicits = modernRequest('tools/call', { name: 'a__b', arguments: { mark: 'elicits' }, _meta: envelope });
    await post(doors, call('sessionless'));
    await post(doors, modern, modernHeaders(modern));
    await post(doors, elicits, modernHeaders(elicits));
    for (const mark of ['sessionless', 'modern', 'elicits']) expect(await heard.get(mark)).toBe(CANNOT);
  });

  test('is one of a hundred that wait on its connection, at most, and answered ones make room', async () => {
    const line = await openLine(doors.socket);
    await introduce(line, ELICITS);
    const waiting: unknown[] = [];
    for (let at = 0; at < 100; at++) {
      line.send(call(`many ${at}`, at));
      waiting.push((await line.next())?.['id']);
    }
    line.send(call('too many', 100));
    expect(await line.next()).toMatchObject({ id: 100, result: {} });
    expect(await heard.get('too many')).toMatchObject({ ok: false });
    line.send(answer(waiting[0], 'ada'));
    await line.next();
    line.send(call('one more', 101));
    expect(await line.next()).toMatchObject({ method: 'elicitation/create' });
    await line.close();
  });

  test('goes over a line as well, and each line hears its own answers only', async () => {
    const [mine, yours] = await Promise.all([openLine(doors.socket), openLine(doors.socket)]);
    await Promise.all([introduce(mine, ELICITS), introduce(yours, ELICITS)]);
    mine.send(call('my line'));
    const question = await mine.next();
    expect(question).toMatchObject({ method: 'elicitation/create' });
    yours.send(answer(question?.['id'], 'mallory'));
    yours.send(request('ping', {}, 9));
    expect(await yours.next()).toMatchObject({ id: 9, result: {} });
    mine.send(answer(question?.['id'], 'ada'));
    expect(await heard.get('my line')).toEqual(accepted('ada'));
    expect(await mine.next()).toMatchObject({ id: 1, result: {} });
    mine.send(call('gone line', 2));
    await mine.next();
    await mine.close();
    expect(await heard.get('gone line')).toMatchObject({ ok: false });
    await yours.close();
  });
});

test('what a client of the legacy era can be asked is what its initialize said, and nothing before it', async () => {
  const last = () => doors.received.at(-1)?.abilities;
  await post(doors, call('a'));
  expect(last()).toEqual({ elicitation: [], sampling: undefined, roots: false, ui: undefined });
  const headers = await openSession(doors.url, { ...ELICITS, sampling: {}, roots: {} });
  const { id } = await asked(headers, 'b');
  expect(last()).toEqual({ elicitation: ['form'], sampling: { tools: false }, roots: true, ui: undefined });
  await post(doors, answer(id, 'x'), headers);
  const old = await openSession(doors.url, ELICITS, '2025-03-26');
  const { id: other } = await asked(old, 'c');
  expect(last()?.elicitation).toEqual([]);
  await post(doors, answer(other, 'x'), old);
});

test('nobody was at fault', () => {
  expect(doors.faults).toEqual([]);
});
