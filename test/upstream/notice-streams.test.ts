import { subscribe as tune, unsubscribe as untune } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { ListKind } from '../../src/domain/downstream.ts';
import { localCaller } from '../../src/domain/principal.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { post } from '../support/posts.ts';
import { introduce, openLine, openSession, openStream, request, type Stream } from './clients.ts';
import { aborted, type Doors, openDoors, settled } from './scripted-doors.ts';

/** Who listens for changed lists, in the order they came. */
const listeners: { changed: (list: ListKind) => void; signal: AbortSignal }[] = [];
let doors: Doors;
beforeAll(async () => {
  doors = await openDoors({
    listen: async (_presented, _route, changed, signal) => {
      listeners.push({ changed, signal });
      return ok(undefined);
    },
    present: async (call) =>
      call.target === 'a://forbidden'
        ? refuse({ reason: 'target_unknown', target: call.target })
        : settled({}, call.id),
  });
});
afterAll(() => doors.stop());
afterEach(() => expect(doors.faults).toEqual([]));

const listen = (headers: Record<string, string>): Promise<Stream> => openStream(doors.url, headers);
const listener = () => listeners.at(-1) ?? expect.fail('nobody listens');
const TOOLS = { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} };
const changed = (uri: string) => ({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } });
const subscribe = (uri: string, headers: Record<string, string>) =>
  post(doors, request('resources/subscribe', { uri }), headers);
/** The last call that reached the path, a subscription. */
function subscriber(): NonNullable<Received['subscriber']> {
  const call = doors.received.at(-1);
  if (call?.subscriber === undefined) throw new Error('nobody subscribed');
  return call.subscriber;
}

describe('a stream of notices', () => {
  test('tells a legacy client with a session of lists that changed', async () => {
    const stream = await listen(await openSession(doors.url));
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    for (const list of ['tools', 'prompts', 'resources'] as const) {
      listener().changed(list);
      expect(await stream.next()).toEqual({ ...TOOLS, method: `notifications/${list}/list_changed` });
    }
    stream.close();
    await aborted(listener().signal);
  });

  test('is not opened for a client that left while its token was checked', async () => {
    let [heard, asked] = [0, 0];
    const checked = Promise.withResolvers<void>();
    const slow = await openDoors({
      listen: async () => ok(void heard++),
      authenticate: async () => {
        if (++asked > 1) await checked.promise;
        return localCaller('ada');
      },
    });
    const headers = await openSession(slow.url);
    const arrived = Promise.withResolvers<IncomingMessage>();
    const see = (message: unknown): void => arrived.resolve((message as { request: IncomingMessage }).request);
    tune('http.server.request.start', see);
    const leaving = new AbortController();
    const left = fetch(slow.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: leaving.signal,
    }).catch(() => 'left');
    const { socket } = await arrived.promise;
    untune('http.server.request.start', see);
    const gone = once(socket, 'close');
    leaving.abort();
    expect(await left).toBe('left');
    await gone;
    checked.resolve();
    await slow.stop();
    expect([heard, slow.faults]).toEqual([0, []]);
  });

  test('is one of several: each message goes to one only, the newest that is left', async () => {
    const headers = await openSession(doors.url);
    const older = await listen(headers);
    const heard = listeners.length;
    const newer = await listen(headers);
    expect(listeners).toHaveLength(heard);
    listener().changed('tools');
    expect(await newer.next()).toEqual(TOOLS);
    newer.close();
    // The gateway has seen that stream end when the next thing that it says goes to the other.
    const { changed: tell, signal } = listener();
    const told = older.next();
    let isTold = false;
    told.then(() => {
      isTold = true;
    });
    while (!isTold) {
      tell('prompts');
      await post(doors, request('ping'), headers);
    }
    expect(await told).toMatchObject({ method: 'notifications/prompts/list_changed' });
    expect(signal.aborted).toBe(false);
    older.close();
    await aborted(signal);
  });

  test('tells nothing of another session’s', async () => {
    const [mine, yours] = await Promise.all([openSession(doors.url), openSession(doors.url)]);
    const stream = await listen(mine);
    await subscribe('a://yours', yours);
    subscriber().updated('a://yours');
    await subscribe('a://mine', mine);
    subscriber().updated('a://mine');
    expect(await stream.next()).toEqual(changed('a://mine'));
    stream.close();
  });

  test.each([
    ['without a session', () => ({}), 405],
    ['of a session that is somebody else’s', () => ({ 'mcp-session-id': 'bm90ZQ.bWFj' }), 404],
    ['of 2026-07-28, which has none', () => ({ 'mcp-session-id': 'x', 'mcp-protocol-version': '2026-07-28' }), 405],
    ['under a revision that never was', () => ({ 'mcp-session-id': 'x', 'mcp-protocol-version': '2025-01-01' }), 400],
    [
      'by a client that takes no event stream',
      async () => ({ ...(await openSession(doors.url)), accept: 'text/html' }),
      405,
    ],
  ])('%s is refused', async (_danger, headers, status) => {
    const stream = await listen(await headers());
    expect([stream.status, (await stream.next())?.['error']]).toEqual([status, expect.any(Object)]);
  });
});

test('a session whose client says goodbye ends with its streams and subscriptions, and no other does', async () => {
  const [mine, yours] = await Promise.all([openSession(doors.url), openSession(doors.url)]);
  const stream = await listen(mine);
  await subscribe('a://mine', mine);
  const own = subscriber();
  await subscribe('a://yours', yours);
  const other = subscriber();
  const goodbye = (headers: Record<string, string>) => fetch(doors.url, { method: 'DELETE', headers });
  expect((await goodbye(mine)).status).toBe(200);
  expect(await stream.next()).toBeUndefined();
  expect([own.signal.aborted, other.signal.aborted]).toEqual([true, false]);
  const after = [
    await post(doors, request('ping'), mine),
    await post(doors, { jsonrpc: '2.0', method: 'notifications/initialized' }, mine),
    await listen(mine),
    await post(doors, request('ping'), yours),
  ];
  expect(after.map(({ status }) => status)).toEqual([404, 404, 404, 200]);
});

describe('a subscription of a legacy client', () => {
  test('is presented as a call, told on its stream, and ended by its client', async () => {
    const headers = await openSession(doors.url);
    const stream = await listen(headers);
    expect((await subscribe('a://1', headers)).last).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    expect(doors.received.at(-1)).toMatchObject({ operation: 'resources/subscribe', target: 'a://1', arguments: {} });
    const one = subscriber();
    one.updated('a://1');
    expect(await stream.next()).toEqual(changed('a://1'));
    await subscribe('a://2', headers);
    const ended = await post(doors, request('resources/unsubscribe', { uri: 'a://1' }), headers);
    expect(ended.last).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    expect([one.signal.aborted, subscriber().signal.aborted]).toEqual([true, false]);
    stream.close();
  });

  test('that is made again takes the place of the first', async () => {
    const headers = await openSession(doors.url);
    await subscribe('a://1', headers);
    const first = subscriber();
    await subscribe('a://1', headers);
    expect([first.signal.aborted, subscriber().signal.aborted]).toEqual([true, false]);
  });

  test('that is refused is an error, and nothing is kept', async () => {
    const headers = await openSession(doors.url);
    const { status, last } = await subscribe('a://forbidden', headers);
    expect([status, last.error]).toEqual([
      200,
      { code: -32002, message: 'Resource not found', data: { uri: 'a://forbidden' } },
    ]);
  });

  test.each([
    ['resources/subscribe', { uri: 'a://1' }],
    ['resources/unsubscribe', { uri: 'a://1' }],
    ['logging/setLevel', { level: 'debug' }],
  ])('%s without a session is refused: there is nothing to remember it by', async (method, params) => {
    const before = doors.received.length;
    expect((await post(doors, request(method, params))).last.error).toMatchObject({ code: -32602 });
    expect(doors.received).toHaveLength(before);
  });

  test('is one of a thousand on its connection, at most', async () => {
    const line = await openLine(doors.socket);
    for (let at = 0; at <= 1000; at++) {
      line.send(request('resources/subscribe', { uri: `a://${at}` }, at));
      expect(await line.next()).toMatchObject(at < 1000 ? { id: at, result: {} } : { id: at, error: { code: -32602 } });
    }
    line.send(request('resources/unsubscribe', { uri: 'a://7' }, 1001));
    await line.next();
    line.send(request('resources/subscribe', { uri: 'a://1000' }, 1002));
    expect(await line.next()).toMatchObject({ id: 1002, result: {} });
    await line.close();
  });

  test('goes over a line as well, and ends with it', async () => {
    const line = await openLine(doors.socket);
    await introduce(line);
    line.send(request('resources/subscribe', { uri: 'a://line' }));
    expect(await line.next()).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    const { updated, signal } = subscriber();
    updated('a://line');
    expect(await line.next()).toEqual(changed('a://line'));
    listener().changed('tools');
    expect(await line.next()).toEqual(TOOLS);
    await line.close();
    await Promise.all([aborted(signal), aborted(listener().signal)]);
  });
});

test('a line is told of changes when its client is ready, or goes on after its gateway was another, and not before', async () => {
  const line = await openLine(doors.socket);
  const before = listeners.length;
  line.send(request('initialize', { protocolVersion: '2025-11-25', capabilities: {} }));
  await line.next();
  line.send(request('ping'));
  await line.next();
  expect(listeners).toHaveLength(before);
  line.send(request('tools/list'));
  await line.next();
  line.send(request('tools/list', {}, 2));
  await line.next();
  expect(listeners).toHaveLength(before + 1);
  await line.close();
});

describe('the level of logs', () => {
  const level = () => doors.received.at(-1)?.line.logLevel;
  const call = request('tools/call', { name: 'a__b' });

  test('is what its session was told last, and info where it was told none', async () => {
    const [mine, yours] = await Promise.all([openSession(doors.url), openSession(doors.url)]);
    expect((await post(doors, request('logging/setLevel', { level: 'error' }), mine)).last).toMatchObject({
      result: {},
    });
    await post(doors, call, mine);
    expect(level()).toBe('error');
    await post(doors, call, yours);
    expect(level()).toBe('info');
  });

  test('is none of RFC 5424: refused', async () => {
    const answer = await post(doors, request('logging/setLevel', { level: 'loud' }), await openSession(doors.url));
    expect([answer.status, answer.last.error?.['code']]).toEqual([400, -32602]);
  });

  test('is kept by a line', async () => {
    const line = await openLine(doors.socket);
    await introduce(line);
    line.send(request('logging/setLevel', { level: 'debug' }));
    await line.next();
    line.send(call);
    await line.next();
    expect(level()).toBe('debug');
    await line.close();
  });
});

test('a stream of notices ends with the gateway', async () => {
  const aside = await openDoors();
  const stream = await openStream(aside.url, await openSession(aside.url));
  await aside.stop();
  expect([await stream.next(), await stream.ended]).toEqual([undefined, true]);
});
