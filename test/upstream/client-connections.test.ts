import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClientConnection, type Ear } from '../../src/upstream/client-connection.ts';
import { ClientConnections } from '../../src/upstream/client-connections.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const nothing = (): void => undefined;
const ear = (): Ear => ({ say: nothing, end: nothing });
const MINUTE = 60_000;

/** A connection of this id in which a request came and went. */
function visited(
  connections: ClientConnections,
  id: string,
  meanwhile: (connection: ClientConnection) => void = nothing,
) {
  const connection = connections.at(id);
  if (connection === undefined) throw new Error(`there is no room for ${id}`);
  connection.flights.open(1);
  meanwhile(connection);
  connection.close(1);
  return connection;
}

test('a connection is forgotten when nothing is left in it', () => {
  const connections = new ClientConnections(10);
  visited(connections, 'a', () => expect(connections.size).toBe(1));
  expect(connections.size).toBe(0);
  const close = connections.at('a')?.open(ear(), nothing);
  expect(connections.size).toBe(1);
  close?.();
  expect(connections.size).toBe(0);
});

test('it is remembered while it has a log level or a subscription, and no longer', () => {
  const connections = new ClientConnections(10);
  visited(connections, 'levels', (connection) => {
    connection.logLevel = 'error';
  });
  expect(connections.find('levels')?.logLevel).toBe('error');
  visited(connections, 'subscribes', (connection) => connection.subscribe('a://1', new AbortController()));
  expect(connections.size).toBe(2);
  visited(connections, 'subscribes', (connection) => connection.unsubscribe('a://1'));
  expect(connections.find('subscribes')).toBeUndefined();
});

test('at the limit the one that was idle longest makes room, and its subscriptions end', () => {
  const connections = new ClientConnections(3);
  const remember = (connection: ClientConnection, until = new AbortController()): void =>
    connection.subscribe('a', until);
  const busy = connections.at('busy');
  busy?.flights.open(1);
  const until = new AbortController();
  visited(connections, 'first', (connection) => remember(connection));
  visited(connections, 'second', (connection) => remember(connection, until));
  visited(connections, 'first');
  visited(connections, 'third', (connection) => remember(connection));
  expect(['busy', 'first', 'second', 'third'].filter((id) => connections.find(id))).toEqual(['busy', 'first', 'third']);
  expect(until.signal.aborted).toBe(true);
});

test('where none is idle there is no room: nothing that is under way is lost', () => {
  const connections = new ClientConnections(2);
  const signal = connections.at('a')?.flights.open(1);
  connections.at('b')?.open(ear(), nothing);
  expect(connections.at('c')).toBeUndefined();
  expect(signal?.aborted).toBe(false);
  connections.find('a')?.close(1);
  expect(connections.at('c')).toBeDefined();
});

test('a subscription lasts a minute beyond the last stream on which it could be told, and another stream saves it', () => {
  const rested = vi.fn();
  const connection = new ClientConnection(rested);
  const until = new AbortController();
  const first = connection.open(ear(), nothing);
  const second = connection.open(ear(), nothing);
  connection.subscribe('a://1', until);
  first();
  vi.advanceTimersByTime(2 * MINUTE);
  second();
  vi.advanceTimersByTime(MINUTE - 1);
  const third = connection.open(ear(), nothing);
  vi.advanceTimersByTime(2 * MINUTE);
  expect(until.signal.aborted).toBe(false);
  third();
  vi.advanceTimersByTime(MINUTE - 1);
  expect(until.signal.aborted).toBe(false);
  rested.mockClear();
  vi.advanceTimersByTime(1);
  expect([until.signal.aborted, connection.isEmpty, rested.mock.calls.length]).toEqual([true, true, 1]);
});

test('a subscription of a client that never opens a stream ends in a minute too', () => {
  const connection = new ClientConnection(nothing);
  const until = new AbortController();
  connection.subscribe('a://1', until);
  vi.advanceTimersByTime(MINUTE);
  expect(until.signal.aborted).toBe(true);
});

test('what is subscribed to after the end of the connection ends at once', () => {
  const connection = new ClientConnection(nothing);
  connection.end();
  const until = new AbortController();
  connection.subscribe('a://1', until);
  expect(until.signal.aborted).toBe(true);
});
