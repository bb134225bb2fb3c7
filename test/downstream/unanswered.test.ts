import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/domain/exchange.ts';
import { HttpChannel } from '../../src/downstream/links/http.ts';
import { Peer } from '../../src/downstream/links/peer.ts';
import { Pools } from '../../src/downstream/links/pools.ts';
import { exchangeOf } from '../support/downstream.ts';
import { closeEach, closing, connectHttp, done, rough, stream, TOOL } from '../support/downstream-http.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

describe('a call that got no answer', () => {
  it('is not sent where nobody listens any more', async () => {
    const served = await serveRoughHttp({ era: 'modern', tools: [TOOL], onCall: done, onOther: closeEach });
    const connection = await connectHttp(served);
    await served.close();
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'not_sent',
      why: `cannot connect to 127.0.0.1:${served.port} (ECONNREFUSED)`,
    });
    closing.splice(0, 1);
  });

  it('is not sent, now or later, when it is cancelled before its connection stands', async () => {
    const served = await serveRoughHttp({ era: 'modern', tools: [TOOL], onCall: done, onOther: closeEach });
    const connection = await connectHttp(served);
    const caller = new AbortController();
    const call = connection.call(exchangeOf('größe', '{}', { signal: caller.signal }));
    caller.abort();
    expect(await call).toEqual({ outcome: 'not_sent', why: 'cancelled by the caller before it was sent' });
    expect(await connection.call(exchangeOf('größe', '{"second":1}'))).toMatchObject({ outcome: 'ok' });
    expect(served.calls().map(({ message }) => message.params?.['arguments'])).toEqual([{ second: 1 }]);
  });

  it('is unknown, not unsent, when only its second round could not be sent', async () => {
    const served = await serveRoughHttp({
      era: 'modern',
      tools: [TOOL],
      onOther: closeEach,
      onCall: (got, response) => {
        closeEach(got, response);
        const result = { resultType: 'input_required', inputRequests: { k: { method: 'roots/list' } } };
        sendJson(response, 200, { jsonrpc: '2.0', id: got.message.id, result });
      },
    });
    const connection = await connectHttp(served);
    const answer = async (): Promise<Answer> => {
      await served.close();
      return { ok: true, result: { roots: [] } };
    };
    expect(await connection.call(exchangeOf('größe', '{}', { answer }))).toEqual({
      outcome: 'unknown',
      why: `cannot connect to 127.0.0.1:${served.port} (ECONNREFUSED)`,
    });
    closing.splice(0, 1);
  });

  it('is unknown when the connection breaks after it was sent, with or without a beginning of an answer', async () => {
    const { connection } = await rough((_got, _response, request) => void request.socket.destroy());
    const broken = await connection.call(exchangeOf('größe', '{}'));
    expect(broken).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('broke before the answer came') });
    const half = await rough((_got, response, request) => {
      stream(response).write(': wait\n\n', () => request.socket.destroy());
    });
    expect(await half.connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'unknown' });
  });

  it('is unknown when the stream ends politely without it', async () => {
    const { connection } = await rough((_got, response) => void stream(response).end(': bye\n\n'));
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: 'the stream ended before the answer came',
    });
  });

  it.each([202, 500, 502])('is unknown for HTTP %i', async (status) => {
    const { connection } = await rough((_got, response) => void response.writeHead(status).end('<html>'));
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'unknown',
      why: `the server answered HTTP ${status} without an answer`,
    });
  });

  it('is unknown for HTTP 500 with an error that names no request: something in between may have said it', async () => {
    const { connection } = await rough((_got, response) =>
      sendJson(response, 500, { jsonrpc: '2.0', id: null, error: { code: -32603, message: 'oops' } }),
    );
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'unknown' });
  });

  it('was refused for HTTP 4xx, and redirects are not followed', async () => {
    const { served, connection } = await rough((_got, response) => {
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'rpc_error',
      code: 307,
      message: 'the server refused the request with HTTP 307',
    });
    expect(served.calls()).toHaveLength(1);
    const refusing = await rough((_got, response) => void response.writeHead(429).end('slow down'));
    expect(await refusing.connection.call(exchangeOf('größe', '{}'))).toMatchObject({
      outcome: 'rpc_error',
      code: 429,
    });
  });

  it('is withheld when the answer is larger than 16 MiB', async () => {
    const { connection } = await rough(({ message }, response) => {
      const content = [{ type: 'text', text: 'x'.repeat(17 * 1024 * 1024) }];
      sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: { content } });
    });
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'withheld',
      why: 'the answer is larger than 16 MiB',
    });
  });

  it('is unknown when its deadline passes', async () => {
    const { connection } = await rough(() => undefined);
    expect(await connection.call(exchangeOf('größe', '{}', { within: 200 }))).toEqual({
      outcome: 'unknown',
      why: 'no answer within 0.2 s',
    });
  });

  it('is not sent when its time was up before a connection stood', async () => {
    // Takes connections and never greets: TLS cannot begin, so no byte of a request leaves.
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const url = new URL(`https://127.0.0.1:${(mute.address() as { port: number }).port}/mcp`);
    const pools = new Pools();
    const peer = new Peer(
      (inbound) => new HttpChannel(inbound, { pool: pools.of(url.origin), url, authority: undefined }),
      () => undefined,
    );
    const request = { method: 'x', text: () => '{}', within: 200, late: 'no answer within 0.2 s', cancellable: true };
    expect(await peer.request(request)).toEqual({
      kind: 'lost',
      sent: false,
      why: 'it could not be sent in time: no answer within 0.2 s',
    });
    await pools.close();
    mute.close();
  });
});
