import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { LARGEST_EVENT } from '../../src/domain/memory.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { type RawRequest, rawRequest, sendRaw } from './raw-http.ts';
import { openDoors } from './scripted-doors.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let ledger: Ledger;
let session: string;

const policyOf = (yaml: string, profile = 'memory'): string => `version: 1
profile: ${profile}
who: local
servers: { rough: ${yaml} }
tools: { rough.rough: { effect: write, spend: { amount: 0.5 } } }
budgets: { session: { spend: { max: 2, currency: EUR } } }
`;

const call = (to: RunningGateway) => post(to, legacyCall('rough__rough', { do: 'echo' }));

beforeAll(async () => {
  gateway = await startGateway(policyOf(recordingServer(folder).yaml), { folder });
  await call(gateway);
  ledger = await visit(homeOf(environmentOf(folder)));
  session = (await ledger.sessions(Date.now()))[0]?.session.id ?? '';
});

afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Said {
  readonly status: number;
  readonly type: string | null;
  readonly body: JsonObject;
}

async function ask(path: string, body?: JsonObject, signal: AbortSignal | null = null): Promise<Said> {
  const response = await fetch(`${gateway.url}/${session}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal,
  });
  const said = (await response.json()) as JsonObject;
  return { status: response.status, type: response.headers.get('content-type'), body: said };
}

describe('an agent over HTTP', () => {
  test('writes down events and reads them back in order, after the one it knows', async () => {
    const first = await ask('events', { type: 'step', content: 'read the notes' });
    expect(first).toMatchObject({ status: 201, body: { event: expect.any(Number) } });
    const after = Number(first.body['event']);
    await ask('events', { type: 'plan.next', content: { to: ['ada'], draft: null } });
    expect(await ask(`events?after=${after - 1}`)).toMatchObject({
      status: 200,
      type: 'application/json',
      body: {
        more: false,
        events: [
          { seq: after, type: 'step', content: 'read the notes' },
          { seq: after + 1, type: 'plan.next', content: { to: ['ada'], draft: null } },
        ],
      },
    });
  });

  test('waits for the next event, and is answered when it comes, from another process too', async () => {
    const { body } = await ask('events', { type: 'step', content: 1 });
    const next = ask(`events?after=${body['event']}&wait=30`);
    await ledger.addEvent({ session, type: 'step', content: '"elsewhere"', at: Date.now() });
    expect(await next).toMatchObject({ status: 200, body: { events: [{ content: 'elsewhere' }] } });
  });

  test('waits no longer than it wants', async () => {
    expect(await ask('events?after=9000&wait=1')).toMatchObject({ status: 200, body: { events: [], more: false } });
  });

  test('finds a call by the id that its result says, and reads what came back', async () => {
    const message = modernRequest('tools/call', { name: 'rough__rough', arguments: { do: 'echo', mark: 'mine' } });
    const { last } = await post(gateway, message, modernHeaders(message));
    const { 'tollgate/call': id } = (last.result?.['_meta'] ?? {}) as JsonObject;
    expect((await ask('calls')).body['calls']).toMatchObject([{ call: id, outcome: 'ok', kept: true }, {}]);
    expect(await ask(`results/${id}`)).toMatchObject({
      status: 200,
      body: { call: id, arguments: { mark: 'mine' }, result: { content: [{ text: 'ok' }] } },
    });
    expect((await ask(`calls?before=${id}`)).body['calls']).toHaveLength(1);
    expect(await ask('results/call_none')).toMatchObject({ status: 404, body: { reason: 'call_unknown' } });
  });

  test('sees the holds of its session', async () => {
    expect(await ask('holds')).toEqual({
      status: 200,
      type: 'application/json',
      body: { changes: 0, holds: [] },
    });
  });
});

test('spend that is reported is charged like any other, and once it is over the cap every call is stopped', async () => {
  const place = temporaryFolder();
  const other = await startGateway(policyOf(recordingServer(place).yaml, 'other'), { folder: place });
  onTestFinished(async () => {
    await other.stop();
    rmSync(place, { recursive: true, force: true });
  });
  await call(other);
  const opened = await visit(homeOf(environmentOf(place)));
  const [own] = await opened.sessions(Date.now());
  await opened.close();
  const response = await fetch(`${other.url}/${own?.session.id}/spend`, {
    method: 'POST',
    headers: { authorization: `Bearer ${other.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ class: 'model', amount: 2.000001, why: 'the model itself' }),
  });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ event: 1, spend: { used: 2.500001, cap: 2, left: 0, unit: 'EUR' } });
  expect(textOf(await call(other))).toBe('STOPPED: 2.50 of 2.00 EUR spent. Summarise and stop.');
});

describe('as resources of MCP, in both eras,', () => {
  const read = async (uri: string, era: 'legacy' | 'modern', path = ''): Promise<JsonObject> => {
    const to = { url: `${gateway.url}${path}`, token: gateway.token };
    const message = modernRequest('resources/read', { uri });
    const legacy = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } };
    const answer = era === 'modern' ? post(to, message, modernHeaders(message)) : post(to, legacy);
    return (await answer).last as JsonObject;
  };
  const textIn = (answer: JsonObject): JsonObject => {
    const { contents } = answer['result'] as { contents: readonly { text: string }[] };
    return JSON.parse(contents[0]?.text ?? '') as JsonObject;
  };

  test.each(['legacy', 'modern'] as const)('a %s client reads its session', async (era) => {
    const uri = 'tollgate://session';
    const answer = await read(uri, era);
    expect(answer['result']).toMatchObject({ contents: [{ uri, mimeType: 'application/json' }] });
    expect(textIn(answer)).toMatchObject({
      session,
      state: 'running',
      budget: { spend: { cap: 2, unit: 'EUR' } },
    });
    expect(textIn(await read('tollgate://session/calls', era, `/${session}`))).toHaveProperty('calls');
    if (era === 'modern') expect(answer['result']).toMatchObject({ resultType: 'complete', cacheScope: 'private' });
  });

  test.each([
    ['legacy', -32002],
    ['modern', -32602],
  ] as const)('what is not there is not found, in the code of the %s era', async (era, code) => {
    const uri = 'tollgate://session/results/call_none';
    expect((await read(uri, era))['error']).toMatchObject({ code, message: 'Resource not found', data: { uri } });
  });

  test('a session of nobody is unknown, as it is to every call', async () => {
    expect((await read('tollgate://session', 'modern', '/s_none'))['error']).toEqual({
      code: 404,
      message: 'Session unknown',
    });
  });
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
  const gone = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const doors = await openDoors({
    memory: {
      events: async (_asker, _after, until) => {
        asked.resolve();
        until.addEventListener('abort', () => gone.resolve(), { once: true });
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
  await gone.promise;
  const faulty = await fetch(`${doors.url}/s_1/calls`);
  expect([faulty.status, faulty.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
  expect(await faulty.text()).not.toContain('disk');
  expect(doors.faults).toHaveLength(1);
});
