import { describe, expect, it } from 'vitest';
import { connect, open, served } from '../support/catalog.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { done, stream, TOOL } from '../support/downstream-http.ts';
import { FOUR_CELLS } from '../support/four-cells.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

describe.each(FOUR_CELLS)('a real %s server', (_cell, serve) => {
  it('reads resources, gets prompts and completes both', async () => {
    const connection = await connect(open(await serve()).downstream);
    const outcomes = await Promise.all([
      connection.call(exchangeOf('note://one', '{"uri":"note://one"}', { operation: 'resources/read' })),
      connection.call(exchangeOf('note://other', '{"uri":"note://other"}', { operation: 'resources/read' })),
      connection.call(exchangeOf('greet', '{"name":"Ünal","tone":"formal"}', { operation: 'prompts/get' })),
      connection.call(
        exchangeOf('greet', '{"argument":{"name":"tone","value":"fr"},"ref":{"name":"greet","type":"ref/prompt"}}', {
          operation: 'completion/complete',
        }),
      ),
      connection.call(
        exchangeOf(
          'note://{id}',
          '{"argument":{"name":"id","value":"o"},"ref":{"type":"ref/resource","uri":"note://{id}"}}',
          { operation: 'completion/complete' },
        ),
      ),
    ]);
    expect(outcomes).toEqual([
      { outcome: 'ok', result: { contents: [{ uri: 'note://one', text: 'The first note.' }] } },
      { outcome: 'ok', result: { contents: [{ uri: 'note://other', text: 'Another note.' }] } },
      {
        outcome: 'ok',
        result: { messages: [{ role: 'user', content: { type: 'text', text: 'Greet Ünal, formal.' } }] },
      },
      { outcome: 'ok', result: { completion: { values: ['friendly'], total: 1, hasMore: false } } },
      { outcome: 'ok', result: { completion: { values: ['one', 'other'], total: 2, hasMore: false } } },
    ]);
  });

  it('says in its own words that a resource is not there', async () => {
    const connection = await connect(open(await serve()).downstream);
    const exchange = exchangeOf('gone://x', '{"uri":"gone://x"}', { operation: 'resources/read' });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'rpc_error', code: -32602 });
  });
});

describe('a request that is no call of a tool', () => {
  it.each([
    ['resources/read', 'note://ü', '{"uri":"note://ü"}', '=?base64?bm90ZTovL8O8?='],
    ['prompts/get', 'greet', '{"name":"x"}', 'greet'],
    ['completion/complete', 'greet', '{"argument":{},"ref":{}}', undefined],
  ] as const)(
    'says to a modern HTTP server in its headers what its body says: %s',
    async (operation, name, text, header) => {
      const server = served(
        await serveRoughHttp({
          era: 'modern',
          tools: [TOOL],
          onCall: done,
          onOther: ({ message: { id, method } }, response) => {
            if (method !== operation) return false;
            const result = { contents: [], messages: [], completion: { values: [] } };
            sendJson(response, 200, { jsonrpc: '2.0', id, result });
            return true;
          },
        }),
      );
      const connection = await connect(open(server).downstream);
      expect(await connection.call(exchangeOf(name, text, { operation }))).toMatchObject({ outcome: 'ok' });
      const got = server.got.find(({ message }) => message.method === operation);
      expect([got?.headers['mcp-method'], got?.headers['mcp-name']]).toEqual([operation, header]);
      const params =
        operation === 'prompts/get'
          ? `"params":{"name":"greet","arguments":${text},`
          : `"params":${text.slice(0, -1)},`;
      expect(got?.body).toContain(`${params}"_meta":`);
    },
  );

  it('is cancelled, told its progress and outlives no deadline, like any other', async () => {
    const server = served(
      await serveRoughHttp({
        era: 'legacy',
        tools: [TOOL],
        onCall: done,
        onOther: ({ message: { id, method } }, response) => {
          if (method !== 'resources/read') return false;
          const params = { progressToken: id, progress: 1 };
          stream(response).write(
            `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`,
          );
          return true;
        },
      }),
    );
    const connection = await connect(open(server).downstream);
    const exchange = exchangeOf('a:b', '{"uri":"a:b"}', { operation: 'resources/read', within: 200 });
    expect(await connection.call(exchange)).toEqual({ outcome: 'unknown', why: 'no answer within 0.2 s' });
    expect(exchange.steps).toHaveLength(1);
  });

  it('may be refused with an error whose data is handed on', async () => {
    const { downstream } = open(stdioServer('rough-stdio.ts'));
    const connection = await connect(downstream);
    const exchange = exchangeOf('a:b', '{"uri":"a:b"}', { operation: 'resources/read' });
    expect(await connection.call(exchange)).toEqual({
      outcome: 'rpc_error',
      code: -32002,
      message: 'not found',
      data: { uri: 'a:b' },
    });
  });
});
