import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { ok } from '../../src/domain/result.ts';
import { modernRequest, post } from '../support/posts.ts';
import { openLine, openModern, openSession, openStream, request } from './clients.ts';
import { aborted, type Doors, openDoors, settled } from './scripted-doors.ts';

/** What a call does before it is settled, by its `mark`; `gates` hold it until they are opened. */
let work: (call: Received) => Promise<void> | void;
const doors: Doors = await openDoors({
  offers: async () => ok({ capabilities: {}, instructions: undefined }),
  present: async (call) => {
    await work(call);
    return settled({ content: [{ type: 'text', text: String(call.arguments['mark']) }] }, call.id);
  },
});
afterAll(() => doors.stop());
beforeEach(() => {
  work = () => undefined;
});
afterEach(() => expect(doors.faults).toEqual([]));

const call = (mark: string, id: string | number = 1): JsonObject =>
  request('tools/call', { name: 'a__b', arguments: { mark } }, id);
const logged = (data: unknown) => ({
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'info', logger: 'crm', data },
});
const log = ({ line }: Received, data: string): void => line.log({ level: 'info', logger: 'crm', data });

describe('what a server says while it works', () => {
  test('rides on the stream of its own call, and never on another', async () => {
    const together = Promise.withResolvers<void>();
    let waiting = 0;
    work = async (one) => {
      waiting++;
      if (waiting === 2) together.resolve();
      await together.promise;
      log(one, `of ${one.arguments['mark']}`);
    };
    const headers = await openSession(doors.url);
    const [one, two] = await Promise.all(
      ['one', 'two'].map((mark, id) => openStream(doors.url, headers, call(mark, id))),
    );
    for (const [stream, mark] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      expect(await stream?.next()).toEqual(logged(`of ${mark}`));
      expect(await stream?.next()).toMatchObject({ result: { content: [{ text: mark }] } });
      expect(await stream?.next()).toBeUndefined();
    }
  });

  test('is told to a modern client at the level that its request wants, and not without one', async () => {
    const envelope = { 'io.modelcontextprotocol/logLevel': 'warning' };
    const params = { name: 'a__b', arguments: {} };
    await (await openModern(doors.url, modernRequest('tools/call', { ...params, _meta: envelope }))).next();
    expect(doors.received.at(-1)?.line.logLevel).toBe('warning');
    await (await openModern(doors.url, modernRequest('tools/call', params))).next();
    expect(doors.received.at(-1)?.line.logLevel).toBeUndefined();
  });

  test('after the answer is told to nobody, on either transport', async () => {
    let late: Received | undefined;
    work = (one) => {
      late = one;
    };
    const speakLate = (): void => {
      if (late !== undefined) log(late, 'late');
      late?.line.progress({ progress: 1, total: undefined, message: 'late' });
    };
    const { messages } = await post(doors, call('http'));
    speakLate();
    expect(messages).toHaveLength(1);
    const line = await openLine(doors.socket);
    line.send({ ...call('line'), params: { name: 'a__b', arguments: {}, _meta: { progressToken: 't' } } });
    await line.next();
    speakLate();
    line.send(request('ping', {}, 2));
    expect(await line.next()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
    await line.close();
  });

  test('to a legacy client whose stream broke is lost, and the gateway goes on', async () => {
    const over = Promise.withResolvers<void>();
    work = async (one) => {
      // The question ends when the gateway has seen the stream end.
      const question = { method: 'roots/list', params: {}, key: undefined } as const;
      const ask = () => one.line.ask?.(question, new AbortController().signal);
      expect(await ask()).toMatchObject({ ok: false });
      expect(await ask()).toMatchObject({ ok: false });
      log(one, 'second');
      one.line.progress({ progress: 1, total: undefined, message: undefined });
      over.resolve();
    };
    const headers = await openSession(doors.url);
    const params = { name: 'a__b', arguments: {}, _meta: { progressToken: 't' } };
    const stream = await openStream(doors.url, headers, request('tools/call', params));
    await stream.next();
    stream.close();
    await over.promise;
    work = () => undefined;
    expect((await post(doors, call('next', 2), headers)).status).toBe(200);
  });
});

describe('a client that does not keep up', () => {
  const LARGE = 'x'.repeat(64 * 1024);
  const MANY = 64;

  test('loses logs rather than our memory, and is answered all the same', async () => {
    work = (one) => {
      for (let entry = 0; entry < MANY; entry++) log(one, LARGE);
    };
    const { messages, last } = await post(doors, call('flooded'));
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.length).toBeLessThan(MANY / 2);
    expect(last).toMatchObject({ result: { content: [{ text: 'flooded' }] } });
  });

  test('has its stream of notices ended, so that it looks again', async () => {
    const headers = await openSession(doors.url);
    const stream = await openStream(doors.url, headers);
    await post(doors, request('resources/subscribe', { uri: 'a://1' }), headers);
    const subscriber = doors.received.at(-1)?.subscriber;
    for (let time = 0; time < MANY; time++) subscriber?.updated(`a://${LARGE}`);
    let told = 0;
    while ((await stream.next()) !== undefined) told++;
    expect(told).toBeLessThan(MANY / 2);
  });

  test('has its listen request answered, so that it listens again', async () => {
    const filter = { notifications: { resourceSubscriptions: ['a://1'] } };
    const stream = await openModern(doors.url, modernRequest('subscriptions/listen', filter));
    await stream.next();
    const subscriber = doors.received.at(-1)?.subscriber ?? expect.fail('nobody subscribed');
    for (let time = 0; time < MANY; time++) subscriber.updated(`a://${LARGE}`);
    await aborted(subscriber.signal);
    let last: JsonObject | undefined;
    for (let message = await stream.next(); message !== undefined; message = await stream.next()) last = message;
    expect(last).toMatchObject({ id: 1, result: { resultType: 'complete' } });
  });
});
