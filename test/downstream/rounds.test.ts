import { describe, expect, it } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Answer } from '../../src/domain/exchange.ts';
import { connect, open, served } from '../support/catalog.ts';
import { ALL_ABILITIES, exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { done, rough, TOOL } from '../support/downstream-http.ts';
import { FOUR_CELLS, saidIn } from '../support/four-cells.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { type Got, type OnCall, serveRoughHttp } from '../support/servers/rough-http.ts';

const WANTED = {
  first: { method: 'elicitation/create', params: { message: 'A?' } },
  second: { method: 'roots/list' },
};

/** Asks once for what is wanted, and then is done. */
const asks =
  (seen: Got[], inputRequests: object = WANTED): OnCall =>
  (got, response) => {
    seen.push(got);
    if (seen.length > 1) return done(got, response);
    const result = { resultType: 'input_required', inputRequests, requestState: 'séaled\n' };
    return sendJson(response, 200, { jsonrpc: '2.0', id: got.message.id, result });
  };

describe.each(FOUR_CELLS.filter(([cell]) => cell.startsWith('modern')))('a real %s server', (_cell, serve) => {
  it('asks all it needs at once, and goes on with the answers', async () => {
    const connection = await connect(open(await serve()).downstream);
    const exchange = exchangeOf('ask', '{"what":["form","url","sampling","roots"]}', {
      answer: async ({ key }) => {
        await until(() => exchange.questions.length === 4);
        if (key === 'roots') return { ok: true, result: { roots: [{ uri: 'file:///a' }] } };
        if (key !== 'sampling') return { ok: true, result: { action: 'accept' } };
        return { ok: true, result: { model: 'm', role: 'assistant', content: { type: 'text', text: 'thought' } } };
      },
    });
    expect(saidIn(await connection.call(exchange))).toMatchObject([
      { action: 'accept' },
      { action: 'accept' },
      { content: { text: 'thought' } },
      { roots: [{ uri: 'file:///a' }] },
    ]);
    expect(exchange.questions.map(({ key, method }) => [key, method])).toEqual([
      ['form', 'elicitation/create'],
      ['url', 'elicitation/create'],
      ['sampling', 'sampling/createMessage'],
      ['roots', 'roots/list'],
    ]);
  });
});

describe('what a modern server asks for', () => {
  it('is asked, and sent with the exact state, under a new id, with the same arguments', async () => {
    const seen: Got[] = [];
    const { connection } = await rough(asks(seen));
    const answer = async ({ method }: { method: string }): Promise<Answer> => ({ ok: true, result: { of: method } });
    const exchange = exchangeOf('größe', '{"a":1e+30}', { answer });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.questions).toEqual([
      { key: 'first', method: 'elicitation/create', params: { message: 'A?' } },
      { key: 'second', method: 'roots/list', params: {} },
    ]);
    const [one, two] = seen;
    expect(two?.message.id).not.toBe(one?.message.id);
    expect(two?.body).toContain('"arguments":{"a":1e+30},"inputResponses":');
    expect(two?.message.params).toMatchObject({
      inputResponses: { first: { of: 'elicitation/create' }, second: { of: 'roots/list' } },
      requestState: 'séaled\n',
    });
    for (const got of seen) {
      expect(got.message.params?.['_meta']).toMatchObject({
        'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {}, url: {} }, roots: {} },
      });
    }
  });

  it('ends the call with a sentence as soon as one answer is no', async () => {
    const { served: server, connection } = await rough(asks([]));
    const answer = ({ key }: { key: string | undefined }): Promise<Answer> =>
      key === 'second'
        ? Promise.resolve({ ok: false, code: -1, message: 'nobody is there' })
        : new Promise(() => undefined);
    expect(await connection.call(exchangeOf('größe', '{}', { answer }))).toEqual({
      outcome: 'rpc_error',
      code: -1,
      message: 'the server asked for roots/list before it would go on, and got no answer: nobody is there',
    });
    expect(server.calls()).toHaveLength(1);
  });

  it('is asked of nobody when one part of it may not be', async () => {
    const { served: server, connection } = await rough(asks([]));
    const answer = async (): Promise<Answer> => ({ ok: true, result: {} });
    const abilities = { ...NO_ABILITIES, elicitation: ['form' as const] };
    const exchange = exchangeOf('größe', '{}', { answer, abilities });
    expect(await connection.call(exchange)).toEqual({
      outcome: 'rpc_error',
      code: 0,
      message: 'the server asked for roots/list before it would go on, which this client cannot be asked',
    });
    expect(exchange.questions).toEqual([]);
    expect(server.calls()).toHaveLength(1);
  });

  it('is not asked for ever', async () => {
    const { served: server, connection } = await rough(({ message }, response) => {
      const result = { resultType: 'input_required', inputRequests: { k: { method: 'roots/list' } } };
      sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result });
    });
    const answer = async (): Promise<Answer> => ({ ok: true, result: { roots: [] } });
    expect(await connection.call(exchangeOf('größe', '{}', { answer }))).toMatchObject({
      outcome: 'rpc_error',
      message: 'the server asked for input more than 10 times',
    });
    expect(server.calls()).toHaveLength(11);
  });

  it('does not outlive the caller', async () => {
    const { connection } = await rough(asks([]));
    const caller = new AbortController();
    const answer = () => new Promise<Answer>(() => undefined);
    const exchange = exchangeOf('größe', '{}', { signal: caller.signal, answer });
    const call = connection.call(exchange);
    await until(() => exchange.questions.length > 0);
    caller.abort();
    expect(await call).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
  });

  it("costs the server none of the call's time, however long the client thinks", async () => {
    let asked = 0;
    const server = served(await serveRoughHttp({ era: 'modern', tools: [TOOL], onCall: asks([]) }));
    const connection = await connect(open(server, () => Date.now() + asked).downstream);
    const answer = async (): Promise<Answer> => {
      asked += 1_000_000;
      return { ok: true, result: {} };
    };
    expect(await connection.call(exchangeOf('größe', '{}', { answer }))).toMatchObject({ outcome: 'ok' });
  });

  it.each([
    ['resources/read', '{"uri":"a:b"}', { contents: [] }],
    ['prompts/get', '{"name":"x"}', { messages: [] }],
  ] as const)('may be asked for in %s too', async (operation, text, result) => {
    const seen: Got[] = [];
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [TOOL],
        onCall: done,
        onOther: (got, response) => {
          const { id, method } = got.message;
          if (method !== operation) return false;
          seen.push(got);
          const asking = { resultType: 'input_required', inputRequests: WANTED };
          sendJson(response, 200, { jsonrpc: '2.0', id, result: seen.length === 1 ? asking : result });
          return true;
        },
      }),
    );
    const connection = await connect(open(server).downstream);
    const answer = async (): Promise<Answer> => ({ ok: true, result: {} });
    const outcome = await connection.call(exchangeOf('a:b', text, { operation, answer }));
    expect(outcome).toEqual({ outcome: 'ok', result });
    expect(seen[1]?.message.params).toMatchObject({ inputResponses: { first: {}, second: {} } });
    expect(seen[1]?.message.params).not.toHaveProperty('requestState');
  });

  it('is no page to open before it runs the call: its error goes on as it is', async () => {
    const { connection } = await rough(({ message: { id } }, response) => {
      const data = { elicitations: [{ mode: 'url', message: 'm', url: 'https://example.com', elicitationId: 'e' }] };
      sendJson(response, 200, { jsonrpc: '2.0', id, error: { code: -32042, message: 'Open a page first.', data } });
    });
    const exchange = exchangeOf('größe', '{}', { answer: async () => ({ ok: true, result: { action: 'accept' } }) });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'rpc_error', code: -32042 });
    expect(exchange.questions).toEqual([]);
  });
});

describe.each(FOUR_CELLS.filter(([cell]) => cell.startsWith('legacy')))('a real %s server', (_cell, serve) => {
  it('that wants a page opened first is called again once the client has opened it, and offers it once', async () => {
    const connection = await connect(open(await serve()).downstream, 'one', ALL_ABILITIES);
    const answer = async (): Promise<Answer> => ({ ok: true, result: { action: 'accept' } });
    const exchange = exchangeOf('authorize', '{"times":2}', { answer });
    expect(saidIn(await connection.call(exchange))).toBe('authorized');
    expect(exchange.questions).toEqual([
      {
        method: 'elicitation/create',
        params: { mode: 'url', message: 'Open it.', url: 'https://example.com/authorize' },
        key: undefined,
      },
    ]);
  });
});

describe('a page that a legacy server wants opened before it runs the call', () => {
  const PAGE = { mode: 'url', message: 'm', url: 'https://example.com/a', elicitationId: 'e' };
  const requiring = (data: unknown, more: object = {}) => JSON.stringify({ do: 'url-required', data, ...more });
  const error = (data: unknown) => ({ outcome: 'rpc_error', code: -32042, message: 'Open a page first.', data });
  const opened = async (): Promise<Answer> => ({ ok: true, result: { action: 'accept' } });
  const start = () => connect(open(stdioServer('rough-stdio.ts')).downstream, 'one', ALL_ABILITIES);

  it.each<[string, Answer]>([
    ['declines', { ok: true, result: { action: 'decline' } }],
    ['cancels', { ok: true, result: { action: 'cancel' } }],
    ['cannot be asked', { ok: false, code: -1, message: 'gone' }],
  ])('is not opened when the client %s: the error goes on as it is', async (_case, said) => {
    const connection = await start();
    const data = { elicitations: [PAGE] };
    const exchange = exchangeOf('rough', requiring(data), { answer: async () => said });
    expect(await connection.call(exchange)).toEqual(error(data));
    expect(exchange.questions).toHaveLength(1);
  });

  it('is not offered to a client that opens no pages', async () => {
    const connection = await start();
    const data = { elicitations: [PAGE] };
    const abilities = { ...ALL_ABILITIES, elicitation: ['form' as const] };
    const exchange = exchangeOf('rough', requiring(data), { answer: opened, abilities });
    expect(await connection.call(exchange)).toEqual(error(data));
    expect(exchange.questions).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no page', { elicitations: [] }],
    ['more pages than are offered at once', { elicitations: Array.from({ length: 17 }, () => PAGE) }],
    ['a form', { elicitations: [{ ...PAGE, mode: 'form' }] }],
    ['a page without address', { elicitations: [{ ...PAGE, url: 1 }] }],
    ['a page without message', { elicitations: [PAGE, { ...PAGE, message: undefined }] }],
  ])('is not offered when the server names %s: the error goes on as it is', async (_case, data) => {
    const connection = await start();
    const exchange = exchangeOf('rough', requiring(data), { answer: opened });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'rpc_error', code: -32042 });
    expect(exchange.questions).toEqual([]);
  });

  it('is waited for no longer than the call may take; the server has said that it did not run it', async () => {
    const connection = await start();
    const data = { elicitations: [PAGE, { ...PAGE, url: 'https://example.com/b' }] };
    const exchange = exchangeOf('rough', requiring(data), { answer: opened, within: 600 });
    expect(await connection.call(exchange)).toEqual(error(data));
    expect(exchange.questions.map(({ params }) => params['url'])).toEqual(data.elicitations.map(({ url }) => url));
  });

  it('leaves a call not run, whatever becomes of the connection or the caller meanwhile', async () => {
    const data = { elicitations: [PAGE] };
    const gone = exchangeOf('rough', requiring(data, { exit: true }), { answer: opened });
    expect(await (await start()).call(gone)).toEqual(error(data));
    const caller = new AbortController();
    const cancelled = exchangeOf('rough', requiring(data), {
      signal: caller.signal,
      answer: async () => {
        caller.abort();
        return opened();
      },
    });
    expect(await (await start()).call(cancelled)).toEqual(error(data));
  });
});
