import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../src/domain/exchange.ts';
import { exchangeOf, until } from '../support/downstream.ts';
import { connectHttp, event, rough, stream, TOOL } from '../support/downstream-http.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { type Got, type RoughHttp, serveRoughHttp } from '../support/servers/rough-http.ts';
import { serveTellingLegacy } from '../support/servers/telling-http.ts';

const DONE = { outcome: 'ok', result: { content: [] } };
const answer = (id: unknown) => ({ jsonrpc: '2.0', id, result: { content: [] } });
const primed = (id: string, retry?: number) => `id: ${id}\n${retry === undefined ? '' : `retry: ${retry}\n`}data:\n\n`;

type OnGet = (got: Got, response: ServerResponse, times: number) => void;

/** A legacy server that drops the stream of a call after what `begin` says, and serves it on as `onGet` says. */
async function dropping(begin: string, onGet: OnGet): Promise<{ served: RoughHttp; connection: Connection }> {
  let times = 0;
  const served = await serveRoughHttp({
    era: 'legacy',
    tools: [TOOL],
    onCall: (_got, response) => void stream(response).end(begin),
    onOther: (got, response) => {
      if (got.verb === 'GET') onGet(got, response, ++times);
      return got.verb === 'GET';
    },
  });
  return { served, connection: await connectHttp(served) };
}

const gets = (served: RoughHttp) => served.got.filter(({ verb }) => verb === 'GET');
const callId = (served: RoughHttp) => served.calls()[0]?.message.id;

describe('the stream of a call to a legacy server', () => {
  it('is taken up again where a real server dropped it, and the call runs once', async () => {
    const served = await serveTellingLegacy({ retry: 10 });
    const connection = await connectHttp(served);
    expect(await connection.call(exchangeOf('drop', '{}'))).toMatchObject({ outcome: 'ok' });
    expect(served.log.filter(({ lastEventId }) => lastEventId !== undefined)).toHaveLength(1);
  });

  it('is asked for after the last event that came, in its session, and after the time that the server named', async () => {
    const { served, connection } = await dropping(
      `${primed('one', 77)}id: zwei ü\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\nid: cut off`,
      (_got, response) => void stream(response).end(event(answer(callId(served)))),
    );
    const clock = vi.spyOn(globalThis, 'setTimeout');
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual(DONE);
    expect(clock.mock.calls.filter(([, wait]) => wait === 77)).toHaveLength(1);
    clock.mockRestore();
    const [got] = gets(served);
    expect(Buffer.from(String(got?.headers['last-event-id']), 'latin1').toString()).toBe('zwei ü');
    expect(got?.headers).toMatchObject({
      accept: 'text/event-stream',
      'mcp-session-id': served.calls()[0]?.headers['mcp-session-id'],
      'mcp-protocol-version': '2025-06-18',
    });
    expect(served.calls()).toHaveLength(1);
  });

  it('goes on over any number of streams, each after the last event of the one before, with its progress', async () => {
    const progress = (step: number) =>
      `id: p${step}\n${event({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: callId(served), progress: step },
      })}`;
    const { served, connection } = await dropping(primed('start', 0), (_got, response, times) => {
      stream(response).end(times < 4 ? progress(times) : event(answer(callId(served))));
    });
    const exchange = exchangeOf('größe', '{}');
    expect(await connection.call(exchange)).toEqual(DONE);
    expect(exchange.steps.map((step) => step.progress)).toEqual([1, 2, 3]);
    expect(gets(served).map(({ headers }) => headers['last-event-id'])).toEqual(['start', 'p1', 'p2', 'p3']);
  });

  it('is asked for again when it breaks without a word, and when the server is away for a moment', async () => {
    const { served, connection } = await dropping(primed('one', 0), (_got, response, times) => {
      if (times === 1) stream(response).write(primed('two', 0), () => response.destroy());
      else if (times === 2) response.writeHead(503).end();
      else stream(response).end(event(answer(callId(served))));
    });
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual(DONE);
    expect(gets(served).map(({ headers }) => headers['last-event-id'])).toEqual(['one', 'two', 'two']);
  });

  it.each([
    ['405', (response: ServerResponse) => void response.writeHead(405).end()],
    ['404', (response: ServerResponse) => void response.writeHead(404).end()],
    [
      '404 with an error in its body',
      (response: ServerResponse) =>
        sendJson(response, 404, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }),
    ],
    ['200 without a stream', (response: ServerResponse) => sendJson(response, 200, { ok: true })],
  ])('is lost, and the call is not sent again, when the server answers %s', async (_what, refuse) => {
    const { served, connection } = await dropping(primed('one', 0), (_got, response) => refuse(response));
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: 'the stream ended before the answer came, and could not be taken up again',
    });
    expect([served.calls().length, gets(served).length]).toEqual([1, 1]);
  });

  it('is not asked for without an event to go on after', async () => {
    const { served, connection } = await dropping('retry: 0\n: hello\n\nid: one\n\nid\ndata:\n\n', () => undefined);
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: 'the stream ended before the answer came',
    });
    expect(gets(served)).toEqual([]);
  });

  it('is not asked for after an id that no header can hold', async () => {
    const { served, connection } = await dropping('id: a\u0001b\nretry: 0\ndata:\n\n', () => undefined);
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'unknown' });
    const long = await dropping(`id: ${'x'.repeat(2_000)}\nretry: 0\ndata:\n\n`, () => undefined);
    expect(await long.connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'unknown' });
    expect([gets(served), gets(long.served)]).toEqual([[], []]);
  });

  it('is asked for no more once the caller has cancelled, and the server is told', async () => {
    const { served, connection } = await dropping(primed('one', 200), () => undefined);
    const caller = new AbortController();
    const clock = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    const call = connection.call(exchangeOf('größe', '{}', { signal: caller.signal }));
    const waiting = () => clock.mock.calls.findIndex(([, wait]) => wait === 200);
    await until(() => waiting() >= 0);
    caller.abort();
    expect(await call).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
    expect(cleared.mock.calls.flat()).toContain(clock.mock.results[waiting()]?.value);
    vi.restoreAllMocks();
    await until(() => served.got.some(({ message }) => message.method === 'notifications/cancelled'));
    expect(gets(served)).toEqual([]);
  });

  it('is closed when the call is cancelled after it was taken up', async () => {
    let closed = 0;
    const { served, connection } = await dropping(primed('one', 0), (_got, response) => {
      stream(response).write(primed('two', 0));
      response.on('close', () => closed++);
    });
    const caller = new AbortController();
    const call = connection.call(exchangeOf('größe', '{}', { signal: caller.signal }));
    await until(() => gets(served).length === 1);
    caller.abort();
    expect(await call).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
    await until(() => closed === 1);
    expect(await connection.call(exchangeOf('größe', '{}', { within: 100 }))).toMatchObject({ outcome: 'unknown' });
    expect(gets(served).map(({ headers }) => headers['last-event-id'])).toEqual(['one', 'one']);
  });

  it('does not outlive the deadline of its call', async () => {
    const { served, connection } = await dropping(primed('one', 20_000), () => undefined);
    expect(await connection.call(exchangeOf('größe', '{}', { within: 200 }))).toEqual({
      outcome: 'unknown',
      why: 'no answer within 0.2 s',
    });
    expect(gets(served)).toEqual([]);
  });

  it('is not taken up in another session than its own', async () => {
    let isForgotten = false;
    const served = await serveRoughHttp({
      era: 'legacy',
      tools: [TOOL],
      onCall: ({ message }, response) => {
        if (isForgotten) return void response.writeHead(404).end();
        isForgotten = true;
        return void stream(response).end(primed(`after ${message.id}`, 300));
      },
    });
    const connection = await connectHttp(served);
    const first = connection.call(exchangeOf('größe', '{}'));
    await until(() => isForgotten);
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ code: 404 });
    expect(await first).toEqual({
      outcome: 'unknown',
      why: 'the stream ended before the answer came, and then the session',
    });
    expect(gets(served)).toEqual([]);
  });
});

describe('the stream of a call to a modern server', () => {
  it('is not taken up: the revision has no way to', async () => {
    const { served, connection } = await rough((_got, response) => void stream(response).end(primed('one', 0)));
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: 'the stream ended before the answer came',
    });
    expect(gets(served)).toEqual([]);
  });
});
