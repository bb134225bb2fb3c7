import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ListKind } from '../../src/domain/downstream.ts';
import type { Subscriber } from '../../src/domain/exchange.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { modernHeaders, modernRequest, post } from '../support/posts.ts';
import { openLine, openModern, request } from './clients.ts';
import { aborted, type Doors, openDoors, settled } from './scripted-doors.ts';

let doors: Doors;
let hearing: { changed: (list: ListKind) => void; signal: AbortSignal }[];
let subscribers: Map<string, Subscriber>;
/** What happens while a subscription is being made. */
let meanwhile: () => void;

beforeEach(async () => {
  hearing = [];
  subscribers = new Map();
  meanwhile = () => undefined;
  doors = await openDoors({
    offers: async () =>
      ok({
        capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { subscribe: true } },
        instructions: undefined,
      }),
    listen: async (_presented, _route, changed, signal) => {
      hearing.push({ changed, signal });
      return ok(undefined);
    },
    present: async ({ id, target, subscriber }) => {
      if (subscriber === undefined || target.startsWith('no:')) return refuse({ reason: 'target_unknown', target });
      subscribers.set(target, subscriber);
      meanwhile();
      return settled({}, id);
    },
  });
});
afterEach(async () => {
  expect(doors.faults).toEqual([]);
  await doors.stop();
});

const listenRequest = (notifications: JsonObject, id: string | number = 1): JsonObject =>
  modernRequest('subscriptions/listen', { notifications }, id);

/** One client on each transport: what it reads of its listen request, and its end. */
const TRANSPORTS = [
  [
    'over HTTP, by closing its stream',
    async (message: JsonObject) => {
      const stream = await openModern(doors.url, message);
      return { next: stream.next, end: async () => stream.close() };
    },
  ],
  [
    'on a line, by cancelling its request',
    async (message: JsonObject) => {
      const line = await openLine(doors.socket);
      line.send(message);
      const requestId = message['id'] as string | number;
      const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
      return { next: line.next, end: async () => line.send(cancel) };
    },
  ],
  [
    'on a line, by leaving',
    async (message: JsonObject) => {
      const line = await openLine(doors.socket);
      line.send(message);
      return { next: line.next, end: line.close };
    },
  ],
] as const;

const about = (id: string | number) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } });
const acknowledged = (id: string | number, notifications: JsonObject) => ({
  jsonrpc: '2.0',
  method: 'notifications/subscriptions/acknowledged',
  params: { ...about(id), notifications },
});
const updated = (id: string | number, uri: string) => ({
  jsonrpc: '2.0',
  method: 'notifications/resources/updated',
  params: { ...about(id), uri },
});
const listChanged = (id: string | number, list: ListKind) => ({
  jsonrpc: '2.0',
  method: `notifications/${list}/list_changed`,
  params: about(id),
});

describe.each(TRANSPORTS)('a client that listens and ends it %s', (_, open) => {
  test.each([['seven'], [7]])('is told first what is honoured, then of that alone, under its id %j', async (id) => {
    const filter = {
      toolsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: ['a://1', 'no:1', 'a://2'],
    };
    const client = await open(listenRequest(filter, id));
    const honoured = { toolsListChanged: true, resourceSubscriptions: ['a://1', 'a://2'] };
    expect(await client.next()).toEqual(acknowledged(id, honoured));
    hearing[0]?.changed('prompts');
    hearing[0]?.changed('resources');
    hearing[0]?.changed('tools');
    expect(await client.next()).toEqual(listChanged(id, 'tools'));
    subscribers.get('a://2')?.updated('a://2');
    expect(await client.next()).toEqual(updated(id, 'a://2'));
    await client.end();
    await Promise.all([...subscribers.values(), ...hearing].map(({ signal }) => aborted(signal)));
    expect(subscribers.size).toBe(2);
  });
});

describe.each(TRANSPORTS.slice(0, 2))('a listen request %s', (_, open) => {
  test('tells after the acknowledgement what changed before it', async () => {
    meanwhile = () => {
      for (let time = 0; time < 3; time++) hearing[0]?.changed('tools');
      subscribers.get('a://1')?.updated('a://1');
    };
    const filter = { toolsListChanged: true, resourceSubscriptions: ['a://1'] };
    const client = await open(listenRequest(filter));
    expect(await client.next()).toEqual(acknowledged(1, filter));
    expect(await client.next()).toEqual(listChanged(1, 'tools'));
    expect(await client.next()).toEqual(updated(1, 'a://1'));
    await client.end();
  });

  test('ends with the gateway by a result, and tells nothing more', async () => {
    const client = await open(listenRequest({ toolsListChanged: true, resourceSubscriptions: ['a://1'] }, 'x'));
    await client.next();
    const stopped = doors.stop();
    expect(await client.next()).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: {
        resultType: 'complete',
        _meta: { ...about('x')._meta, 'io.modelcontextprotocol/serverInfo': { name: 'tollgate', version: '1' } },
      },
    });
    hearing[0]?.changed('tools');
    expect(await client.next()).toBeUndefined();
    expect(subscribers.get('a://1')?.signal.aborted).toBe(true);
    await stopped;
  });

  test('that nothing can be honoured of is acknowledged as empty, and stays open', async () => {
    const client = await open(listenRequest({ resourcesListChanged: true, resourceSubscriptions: ['no:1'] }));
    expect(await client.next()).toEqual(acknowledged(1, {}));
    expect(hearing).toEqual([]);
    await client.end();
  });
});

test('two listen requests of one line are two subscriptions: ending one leaves the other', async () => {
  const line = await openLine(doors.socket);
  line.send(listenRequest({ resourceSubscriptions: ['a://1'] }, 1));
  expect(await line.next()).toMatchObject(acknowledged(1, {}));
  line.send(listenRequest({ resourceSubscriptions: ['a://2'] }, '1'));
  expect(await line.next()).toMatchObject(acknowledged('1', {}));
  line.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await aborted(subscribers.get('a://1')?.signal ?? AbortSignal.abort());
  subscribers.get('a://1')?.updated('a://1');
  subscribers.get('a://2')?.updated('a://2');
  expect(await line.next()).toEqual(updated('1', 'a://2'));
  await line.close();
});

test('an endless filter, or none, is refused before anything is subscribed to', async () => {
  const endless = { resourceSubscriptions: Array.from({ length: 1001 }, (_, at) => `a://${at}`) };
  for (const notifications of [endless, { resourceSubscriptions: 'a://1' }]) {
    const message = listenRequest(notifications);
    const answer = await post(doors, message, modernHeaders(message));
    expect([answer.status, answer.last.error?.['code']]).toEqual([400, -32602]);
  }
  expect(subscribers.size).toBe(0);
});

test('a legacy client has no such request', async () => {
  const answer = await post(doors, request('subscriptions/listen', { notifications: {} }));
  expect(answer.last.error).toMatchObject({ code: -32601 });
});
