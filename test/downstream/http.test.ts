import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { exchangeOf, until } from '../support/downstream.ts';
import { closing, connectHttp, done, event, rough, stream } from '../support/downstream-http.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveModernHttp } from '../support/servers/modern-http.ts';
import type { Got } from '../support/servers/rough-http.ts';

describe('a call to a modern HTTP server', () => {
  it('works with a real one: result, error of the tool, own trace, nothing of the hop', async () => {
    const connection = await connectHttp(await serveModernHttp());
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await connection.call(exchangeOf('echo', '{"text":"ü"}', { traceparent }))).toEqual({
      outcome: 'ok',
      result: { content: [{ type: 'text', text: 'ü' }], _meta: { traceparent, own: 'kept' } },
    });
    expect(await connection.call(exchangeOf('fail', '{}'))).toMatchObject({ outcome: 'tool_error' });
    expect(await connection.call(exchangeOf('headed', '{"region":" eu "}'))).toMatchObject({
      outcome: 'ok',
      result: { content: [{ text: ' eu ' }] },
    });
    expect(await connection.call(exchangeOf('nothing', '{}'))).toMatchObject({ outcome: 'rpc_error', code: -32602 });
  });

  it('hears progress in order', async () => {
    const connection = await connectHttp(await serveModernHttp());
    const exchange = exchangeOf('count', '{"to":3}');
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.steps).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
  });

  it('is cancelled by closing its stream, and only its own', async () => {
    const served = await serveModernHttp();
    const connection = await connectHttp(served);
    const caller = new AbortController();
    const other = new AbortController();
    const open = connection.call(exchangeOf('wait', '{}', { signal: other.signal }));
    const cancelled = connection.call(exchangeOf('wait', '{}', { signal: caller.signal }));
    expect(await connection.call(exchangeOf('echo', '{"text":"x"}'))).toMatchObject({ outcome: 'ok' });
    caller.abort();
    expect(await cancelled).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
    await until(() => served.deeds.cancelled > 0);
    expect(served.deeds.cancelled).toBe(1);
    other.abort();
    await open;
  });

  it('goes on by itself when the server only wants another round', async () => {
    const connection = await connectHttp(await serveModernHttp());
    expect(await connection.call(exchangeOf('rounds', '{}'))).toEqual({
      outcome: 'ok',
      result: { content: [{ type: 'text', text: 'after two rounds' }] },
    });
  });

  it('sends what was judged byte for byte, under headers that say the same', async () => {
    const { served, connection } = await rough(done);
    const canonical = '{"10":0,"9":0,"n":1e+30,"region":"süd","text":"\\u0001\u2028"}';
    expect(await connection.call(exchangeOf('größe', canonical))).toEqual({ outcome: 'ok', result: { content: [] } });
    const [got] = served.calls();
    expect(got?.body).toContain(`"params":{"name":"größe","arguments":${canonical},"_meta":`);
    expect(got?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?Z3LDtsOfZQ==?=',
      'mcp-param-region': '=?base64?c8O8ZA==?=',
    });
    expect(
      served.got.filter(({ message }) => message.method === undefined || message.method.startsWith('notif')),
    ).toEqual([]);
  });

  it('is not cut short by the clock that watches over streams after their answer', async () => {
    const { served, connection } = await rough(({ message: { id } }, response) => {
      const params = { progressToken: id, progress: 1 };
      stream(response).write(event({ jsonrpc: '2.0', method: 'notifications/progress', params }));
      onGo = () => response.end(event({ jsonrpc: '2.0', id, result: { content: [] } }));
    });
    let onGo = (): unknown => undefined;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    closing.push(async () => void vi.useRealTimers());
    const exchange = exchangeOf('größe', '{}');
    const call = connection.call(exchange);
    while (exchange.steps.length === 0) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(20_000);
    onGo();
    expect(await call).toMatchObject({ outcome: 'ok' });
    expect(served.calls()).toHaveLength(1);
  });

  it('does not wait for a stream that stays open after the answer', async () => {
    const { connection } = await rough(({ message }, response) => {
      stream(response).write(event({ jsonrpc: '2.0', id: message.id, result: { content: [] } }));
    });
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'ok' });
  });

  it('takes nothing from the stream of another call: neither its answer nor its progress', async () => {
    const held: { got: Got; response: ServerResponse }[] = [];
    const { connection } = await rough((got, response) => {
      held.push({ got, response });
      const [one, two] = held;
      if (one === undefined || two === undefined) return;
      const { id } = one.got.message;
      const params = { progressToken: id, progress: 1 };
      stream(two.response).write(event({ jsonrpc: '2.0', method: 'notifications/progress', params }));
      two.response.end(event({ jsonrpc: '2.0', id, result: { content: [{ type: 'foreign' }] } }));
    });
    const exchange = exchangeOf('größe', '{}');
    const one = connection.call(exchange);
    await until(() => held.length === 1);
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'unknown' });
    expect(exchange.steps).toEqual([]);
    const [first] = held;
    if (first !== undefined) done(first.got, first.response);
    expect(await one).toEqual({ outcome: 'ok', result: { content: [] } });
  });

  it('takes no answer of another id for its own', async () => {
    const { connection } = await rough((_got, response) =>
      sendJson(response, 200, { jsonrpc: '2.0', id: 999, result: { content: [] } }),
    );
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: 'the server answered HTTP 200 without an answer',
    });
  });
});
