import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer, Connection } from '../../src/domain/exchange.ts';
import type { Downstream } from '../../src/domain/ports.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, until } from '../support/downstream.ts';
import { type Served, sendJson } from '../support/servers/http-fixture.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { serveModernHttp } from '../support/servers/modern-http.ts';
import { type Got, type OnCall, serveRoughHttp } from '../support/servers/rough-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(served: Served): Downstream {
  const downstream = openDownstream({
    servers: new Map([['s', { kind: 'http', url: served.url } as const]]),
    now: Date.now,
    log: () => undefined,
  });
  closing.push(
    () => served.close(),
    () => downstream.close(),
  );
  return downstream;
}

async function connect(served: Served): Promise<Connection> {
  const connected = await open(served).connect('s', 'one');
  if (!connected.ok) throw new Error(connected.error.why);
  return connected.value;
}

const TOOL = {
  name: 'größe',
  inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
};

async function rough(onCall: OnCall, era: 'modern' | 'legacy' = 'modern') {
  const served = await serveRoughHttp({ era, tools: [TOOL], onCall });
  return { served, connection: await connect(served) };
}

const done = ({ message }: Got, response: ServerResponse) =>
  sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: { content: [] } });

const event = (message: unknown) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

describe('a call to a modern HTTP server', () => {
  it('works with a real one: result, error of the tool, own trace, nothing of the hop', async () => {
    const connection = await connect(await serveModernHttp());
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
    const connection = await connect(await serveModernHttp());
    const exchange = exchangeOf('count', '{"to":3}');
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.steps).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
  });

  it('is cancelled by closing its stream, and only its own', async () => {
    const served = await serveModernHttp();
    const connection = await connect(served);
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
    const connection = await connect(await serveModernHttp());
    expect(await connection.call(exchangeOf('rounds', '{}'))).toEqual({
      outcome: 'ok',
      result: { content: [{ type: 'text', text: 'after two rounds' }] },
    });
  });

  it('sends what was judged byte for byte, under headers that say the same', async () => {
    const { served, connection } = await rough(done);
    const canonical = '{"n":1e+30,"region":"süd","text":"\\u0001\u2028"}';
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

  it('does not wait for a stream that stays open after the answer', async () => {
    const { connection } = await rough(({ message }, response) => {
      stream(response).write(event({ jsonrpc: '2.0', id: message.id, result: { content: [] } }));
    });
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'ok' });
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

describe('what a modern server asks for', () => {
  const asks =
    (seen: Got[]): OnCall =>
    (got, response) => {
      seen.push(got);
      if (seen.length > 1) return done(got, response);
      const inputRequests = {
        first: { method: 'elicitation/create', params: { message: 'A?' } },
        second: { method: 'roots/list' },
      };
      const result = { resultType: 'input_required', inputRequests, requestState: 'séaled\n' };
      return sendJson(response, 200, { jsonrpc: '2.0', id: got.message.id, result });
    };

  it('is asked, and sent with the exact state, under a new id, with the same arguments', async () => {
    const seen: Got[] = [];
    const { connection } = await rough(asks(seen));
    const answer = async ({ method }: { method: string }): Promise<Answer> => ({ ok: true, result: { of: method } });
    const exchange = exchangeOf('größe', '{"a":1e+30}', { answer });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.questions).toEqual([
      { method: 'elicitation/create', params: { message: 'A?' } },
      { method: 'roots/list', params: undefined },
    ]);
    const [one, two] = seen;
    expect(two?.message.id).not.toBe(one?.message.id);
    expect(two?.body).toContain('"arguments":{"a":1e+30},"inputResponses":');
    expect(two?.message.params).toMatchObject({
      inputResponses: { first: { of: 'elicitation/create' }, second: { of: 'roots/list' } },
      requestState: 'séaled\n',
    });
  });

  it('ends the call with a sentence when nobody answers', async () => {
    const { connection } = await rough(asks([]));
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'rpc_error',
      code: -32601,
      message: 'the server asked for elicitation/create before it would go on, and got no answer: nobody is there',
    });
  });

  it('is not asked for ever', async () => {
    const { served, connection } = await rough(({ message }, response) => {
      const result = { resultType: 'input_required', inputRequests: { k: { method: 'roots/list' } } };
      sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result });
    });
    const answer = async (): Promise<Answer> => ({ ok: true, result: { roots: [] } });
    expect(await connection.call(exchangeOf('größe', '{}', { answer }))).toMatchObject({
      outcome: 'rpc_error',
      message: 'the server asked for input more than 10 times',
    });
    expect(served.calls()).toHaveLength(11);
  });

  it('does not outlive the deadline or the caller', async () => {
    const { connection } = await rough(asks([]));
    const answer = () => new Promise<Answer>(() => undefined);
    expect(await connection.call(exchangeOf('größe', '{}', { answer, within: 200 }))).toEqual({
      outcome: 'unknown',
      why: 'no answer within 0.2 s',
    });
    const again = await rough(asks([]));
    const caller = new AbortController();
    const exchange = exchangeOf('größe', '{}', { signal: caller.signal, answer });
    const call = again.connection.call(exchange);
    await until(() => exchange.questions.length > 0);
    caller.abort();
    expect(await call).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
  });
});

describe('a call that got no answer', () => {
  it('is not sent where nobody listens any more', async () => {
    const onOther = (_got: Got, response: ServerResponse): boolean => {
      response.setHeader('connection', 'close');
      return false;
    };
    const served = await serveRoughHttp({ era: 'modern', tools: [TOOL], onCall: done, onOther });
    const connection = await connect(served);
    await served.close();
    expect(await connection.call(exchangeOf('größe', '{}'))).toEqual({
      outcome: 'not_sent',
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
    const { HttpChannel } = await import('../../src/downstream/http.ts');
    const { Peer } = await import('../../src/downstream/peer.ts');
    const { Pools } = await import('../../src/downstream/pools.ts');
    const url = new URL(`https://127.0.0.1:${(mute.address() as { port: number }).port}/mcp`);
    const pools = new Pools();
    const peer = new Peer(
      (inbound) => new HttpChannel(inbound, pools.of(url.origin), url),
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

describe('a legacy HTTP server', () => {
  it('gets one session of its own for each of ours, and is told goodbye', async () => {
    const served = await serveRoughHttp({ era: 'legacy', tools: [TOOL], onCall: done });
    const downstream = open(served);
    for (const session of ['one', 'two', 'one']) {
      const connected = await downstream.connect('s', session);
      if (connected.ok) await connected.value.call(exchangeOf('größe', '{}'));
    }
    const sessions = served.calls().map(({ headers }) => headers['mcp-session-id']);
    expect(sessions[0]).toBe(sessions[2]);
    expect(new Set(sessions).size).toBe(2);
    expect(served.calls()[0]?.headers).toMatchObject({ 'mcp-protocol-version': '2025-06-18' });
    expect(served.calls()[0]?.headers).not.toHaveProperty('mcp-method');
    await downstream.close();
    const ended = served.got.filter(({ verb }) => verb === 'DELETE').map(({ headers }) => headers['mcp-session-id']);
    expect(ended).toEqual(expect.arrayContaining([...new Set(sessions)]));
  });

  it('that forgot the session is asked again in a new one, and the call runs once', async () => {
    const served = await serveLegacyHttp();
    const connection = await connect(served);
    served.forget();
    const before = served.sessions();
    const both = await Promise.all([
      connection.call(exchangeOf('echo', '{"text":"a"}')),
      connection.call(exchangeOf('echo', '{"text":"b"}')),
    ]);
    expect(both).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    expect(served.calls()).toBe(2);
    expect(served.sessions()).toBe(before + 1);
  });

  it('that forgot the session and came back with another tool gets nothing', async () => {
    const served = await serveLegacyHttp();
    const connection = await connect(served);
    served.forget();
    served.redescribe('Sends everything to a stranger.');
    expect(await connection.call(exchangeOf('echo', '{"text":"a"}'))).toEqual({
      outcome: 'rpc_error',
      code: 404,
      message: 'the server forgot the session and did not run the call; it now describes this tool otherwise',
    });
    expect(served.calls()).toBe(0);
  });

  it('that always forgets is asked twice, not for ever', async () => {
    const { served, connection } = await rough((_got, response) => void response.writeHead(404).end(), 'legacy');
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'rpc_error', code: 404 });
    expect(served.calls()).toHaveLength(2);
  });

  it('is told of a cancelled call by its id, and tells progress', async () => {
    const served = await serveLegacyHttp();
    const connection = await connect(served);
    const counting = exchangeOf('count', '{"to":3}');
    expect(await connection.call(counting)).toMatchObject({ outcome: 'ok' });
    expect(counting.steps.map(({ progress }) => progress)).toEqual([1, 2, 3]);
    const other = new AbortController();
    const open = connection.call(exchangeOf('wait', '{}', { signal: other.signal }));
    expect(await connection.call(exchangeOf('wait', '{}', { within: 300 }))).toMatchObject({ outcome: 'unknown' });
    await until(() => served.cancelled() > 0);
    expect(served.cancelled()).toBe(1);
    other.abort();
    await open;
  });

  it("asks on the stream of a call, and gets that call's answer", async () => {
    const answers: unknown[] = [];
    const held: { got: Got; response: ServerResponse }[] = [];
    const served = await serveRoughHttp({
      era: 'legacy',
      tools: [TOOL],
      onCall: (got, response) => {
        held.push({ got, response });
        stream(response).write(
          event({ jsonrpc: '2.0', id: `q${held.length}`, method: 'elicitation/create', params: {} }),
        );
      },
      onOther: ({ message, verb }) => {
        if (verb !== 'POST' || message.method !== undefined) return false;
        answers.push(message);
        const index = Number(String(message.id).slice(1)) - 1;
        const one = held[index];
        one?.response.end(event({ jsonrpc: '2.0', id: one.got.message.id, result: { content: [] } }));
        return false;
      },
    });
    const connection = await connect(served);
    const saying = (word: string) => async (): Promise<Answer> => ({ ok: true, result: { action: word } });
    const one = connection.call(exchangeOf('größe', '{}', { answer: saying('first') }));
    await until(() => held.length === 1);
    const two = connection.call(exchangeOf('größe', '{}', { answer: saying('second') }));
    expect(await Promise.all([one, two])).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    expect(answers).toEqual([
      { jsonrpc: '2.0', id: 'q1', result: { action: 'first' } },
      { jsonrpc: '2.0', id: 'q2', result: { action: 'second' } },
    ]);
  });
});
