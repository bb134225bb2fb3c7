import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { LARGEST_EVENT } from '../../src/domain/memory.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { legacyCall, post } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { type RawRequest, rawRequest, sendRaw } from './raw-http.ts';
import { openDoors } from './scripted-doors.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let ledger: Ledger;
let session: string;

beforeAll(async () => {
  const { yaml } = recordingServer(folder);
  gateway = await startGateway(
    `version: 1\nprofile: doors\nwho: local\nservers: { rough: ${yaml} }\ntools: { rough.rough: { effect: read } }\n`,
    { folder },
  );
  await post(gateway, legacyCall('rough__rough', { do: 'echo' }));
  ledger = await visit(homeOf(environmentOf(folder)));
  session = (await ledger.sessions(Date.now()))[0]?.session.id ?? '';
});

afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const POST: RawRequest = { body: '{"type":"step","content":"hi"}' };
const body = (value: JsonObject | string): RawRequest => ({
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const GET: RawRequest = { method: 'GET' };

/** A request that is honest but for one thing, its path after the session, and how it must end. */
type Row = readonly [danger: string, path: string, request: RawRequest, status: number, reason: string];

const rows: readonly Row[] = [
  ['the Host of another machine', 'events', { ...POST, headers: { host: 'evil.example:7411' } }, 421, 'refused'],
  ['a foreign Origin', 'events', { ...GET, headers: { origin: 'https://evil.example' } }, 403, 'refused'],
  ['no token', 'events', { ...GET, headers: { authorization: undefined } }, 401, 'unauthenticated'],
  ['a wrong token', 'spend', { ...POST, headers: { authorization: 'Bearer x' } }, 401, 'unauthenticated'],
  ['a method that is none of it', 'events', { ...POST, method: 'PUT' }, 405, 'refused'],
  ['GET of what is only written', 'spend', GET, 405, 'refused'],
  ['POST of what is only read', 'calls', POST, 405, 'refused'],
  [
    'a form, which a web page may send',
    'events',
    { ...POST, headers: { 'content-type': 'text/plain' } },
    415,
    'refused',
  ],
  ['gzip', 'events', { ...POST, headers: { 'content-encoding': 'gzip' } }, 415, 'refused'],
  ['a body that is too large', 'events', { ...POST, headers: { 'content-length': '600000' } }, 413, 'refused'],
  ['a body that is not UTF-8', 'events', { body: Buffer.from([0x7b, 0xff]) }, 400, 'refused'],
  ['a query beside a body', 'events?after=1', POST, 400, 'invalid_request'],
  ['an unknown query', 'events?token=x', GET, 400, 'invalid_request'],
  ['a query that stands twice', 'events?after=1&after=2', GET, 400, 'invalid_request'],
  ['a query without a value', 'events?after', GET, 400, 'invalid_request'],
  ['a number below zero', 'events?after=-1', GET, 400, 'invalid_request'],
  ['a wait of half an hour', 'events?wait=1800', GET, 400, 'invalid_request'],
  ['a query where there is none', 'results/call_1?x=1', GET, 400, 'invalid_request'],
  ['a call that is none', 'calls?before=', GET, 400, 'invalid_request'],
  ['no JSON', 'events', body('hello'), 400, 'invalid_request'],
  ['a member twice', 'events', body('{"type":"a","type":"b","content":1}'), 400, 'invalid_request'],
  ['a member that is not known', 'events', body({ type: 'a', content: 1, session: 's_other' }), 400, 'invalid_request'],
  ['no content', 'events', body({ type: 'a' }), 400, 'invalid_request'],
  ['a type that is no name', 'events', body({ type: 'a b', content: 1 }), 400, 'invalid_request'],
  ['a type that is ours', 'events', body({ type: 'tollgate.reported', content: 1 }), 400, 'invalid_request'],
  ['a number that is not exact', 'events', body('{"type":"a","content":1e400}'), 400, 'invalid_request'],
  [
    'an event that is too large',
    'events',
    body({ type: 'a', content: 'x'.repeat(LARGEST_EVENT - 1) }),
    413,
    'event_too_large',
  ],
  ['negative spend', 'spend', body({ class: 'low', amount: -1, why: '' }), 400, 'invalid_request'],
  ['no spend', 'spend', body({ class: 'low', amount: 0, why: '' }), 400, 'invalid_request'],
  [
    'spend of a fraction of a millionth',
    'spend',
    body({ class: 'low', amount: 0.0000001, why: '' }),
    400,
    'invalid_request',
  ],
  ['spend beyond all measure', 'spend', body({ class: 'low', amount: 100_001, why: '' }), 400, 'invalid_request'],
];

describe('at the door of a memory', () => {
  const send = (path: string, request: RawRequest, of = session) =>
    sendRaw(gateway.port, rawRequest(gateway.port, gateway.token ?? '', { target: `/mcp/${of}/${path}`, ...request }));

  test.each(rows)('%s is refused, as a problem, and writes nothing', async (_danger, path, request, status, reason) => {
    const before = await ledger.journal(session);
    const answer = await send(path, request);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json']);
    expect(JSON.parse(answer.body)).toEqual({
      title: expect.any(String),
      status,
      reason,
      detail: expect.any(String),
    });
    expect(await ledger.journal(session)).toEqual(before);
  });

  test('an event as large as one may be passes, however its characters are written', async () => {
    const content = '\u0001'.repeat((LARGEST_EVENT - 2) / 6);
    expect((await send('events', body({ type: 'large', content }))).status).toBe(201);
  });

  test('a session that does not exist is unknown, whatever is asked of it', async () => {
    const paths: readonly (readonly [string, RawRequest])[] = [
      ['events', GET],
      ['events', POST],
      ['calls', GET],
      ['results/call_1', GET],
      ['holds', GET],
      ['spend', body({ class: 'low', amount: 1, why: '' })],
    ];
    for (const [path, request] of paths) {
      const answer = await send(path, request, 's_none');
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        404,
        { title: 'Not Found', status: 404, reason: 'session_unknown', detail: 'Session unknown' },
      ]);
    }
  });

  test('the URL of a profile is no memory, whatever the profile is called', async () => {
    const answer = await sendRaw(
      gateway.port,
      rawRequest(gateway.port, gateway.token ?? '', {
        target: '/mcp/p/events',
        body: JSON.stringify(legacyCall('a', {})),
      }),
    );
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', error: { code: 404 } });
  });
});

test('who waits when the gateway stops is answered with what there is', async () => {
  let asked = (): void => undefined;
  const waits = new Promise<void>((reached) => {
    asked = reached;
  });
  const doors = await openDoors({
    memory: {
      events: async (_asker, _after, until) => {
        asked();
        await new Promise((over) => until.addEventListener('abort', over, { once: true }));
        return { ok: true, value: { events: [], more: false } };
      },
    },
  });
  const answer = fetch(`${doors.url}/s_1/events?wait=30`);
  await waits;
  await doors.stop();
  expect(await (await answer).json()).toEqual({ events: [], more: false });
});

test('waiting ends with the caller, and a fault of ours is a problem too', async () => {
  const gone = Promise.withResolvers<unknown>();
  const asked = Promise.withResolvers<void>();
  const doors = await openDoors({
    memory: {
      events: async (_asker, _after, until) => {
        asked.resolve();
        until.addEventListener('abort', () => gone.resolve(until.reason), { once: true });
        await gone.promise;
        return { ok: true, value: {} };
      },
      calls: async () => {
        throw new Error('the disk is gone');
      },
    },
  });
  onTestFinished(() => doors.stop());
  const leaving = new AbortController();
  const left = fetch(`${doors.url}/s_1/events?wait=30`, { signal: leaving.signal });
  await asked.promise;
  leaving.abort();
  await expect(left).rejects.toThrow();
  expect(await gone.promise).toMatchObject({ name: 'AbortError' });
  const faulty = await fetch(`${doors.url}/s_1/calls`);
  expect([faulty.status, faulty.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
  expect(await faulty.text()).not.toContain('disk');
  expect(doors.faults).toHaveLength(1);
});

test('who has no session yet has no such resource; only who names a session is told that it is unknown', async () => {
  const doors = await openDoors();
  onTestFinished(() => doors.stop());
  const read = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'tollgate://session' } };
  const said = async (path: string) => (await post({ url: `${doors.url}${path}`, token: undefined }, read)).last.error;
  expect(await said('')).toMatchObject({ code: -32002, message: 'Resource not found' });
  expect(await said('/s_1')).toMatchObject({ code: 404, message: 'Session unknown' });
  expect(doors.received).toEqual([]);
});
