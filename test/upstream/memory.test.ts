import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

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
