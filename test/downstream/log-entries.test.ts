import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/exchange.ts';
import { connect, folder, open, served } from '../support/catalog.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { done, event, stream, TOOL } from '../support/downstream-http.ts';
import { FOUR_CELLS, saidIn } from '../support/four-cells.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const levelsOf = (entries: readonly LogEntry[]) => entries.map(({ level }) => level);

describe.each(FOUR_CELLS)('the log of a real %s server', (_cell, serve) => {
  it('reaches the call that it is of, as severe as the caller wants it', async () => {
    const connection = await connect(open(await serve()).downstream);
    const exchange = exchangeOf('log', '{"levels":["debug","warning","notice","emergency"]}', { logLevel: 'notice' });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.entries).toEqual(
      ['warning', 'notice', 'emergency'].map((level) => ({ level, logger: 'fixture', data: { level } })),
    );
  });

  it('reaches nobody who does not want it', async () => {
    const connection = await connect(open(await serve()).downstream);
    const exchange = exchangeOf('log', '{"levels":["emergency"]}');
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.entries).toEqual([]);
  });
});

describe('a legacy server', () => {
  it('is told to log as much as anybody on its connection wants, before the call that wants it', async () => {
    const connection = await connect(open(served(await serveLegacyHttp())).downstream);
    const told = async (logLevel: 'error' | 'debug' | 'notice' | undefined) =>
      saidIn(await connection.call(exchangeOf('log', '{"levels":[]}', logLevel === undefined ? {} : { logLevel })));
    expect(await told(undefined)).toEqual([]);
    expect(await told('error')).toEqual(['error']);
    expect(await told('debug')).toEqual(['error', 'debug']);
    expect(await told('notice')).toEqual(['error', 'debug']);
  });

  it('that forgot the session is told again in the new one', async () => {
    const server = served(await serveLegacyHttp());
    const connection = await connect(open(server).downstream);
    const call = async () => saidIn(await connection.call(exchangeOf('log', '{"levels":[]}', { logLevel: 'info' })));
    expect(await call()).toEqual(['info']);
    server.forget();
    expect(await call()).toEqual(['info']);
  });

  it('is not told where it does not say that it logs; what it logs all the same is heard', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', [], { RECORD: record }));
    const connection = await connect(downstream);
    const entries = [{ level: 'info', data: 'said' }];
    const exchange = exchangeOf('rough', JSON.stringify({ do: 'log', entries }), { logLevel: 'debug' });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    expect(exchange.entries).toEqual([{ level: 'info', logger: undefined, data: 'said' }]);
    expect(readFileSync(record, 'utf8')).not.toContain('logging/setLevel');
  });

  it('that never answers on stdio is not waited for: it reads its lines in order', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', ['logging'], { RECORD: record }));
    const connection = await connect(downstream);
    const exchange = exchangeOf('rough', '{"do":"echo"}', { logLevel: 'debug', within: 1_500 });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'ok' });
    const lines = readFileSync(record, 'utf8').split('\n');
    const levelAt = lines.findIndex((line) => line.includes('"logging/setLevel","params":{"level":"debug"}'));
    expect(levelAt).toBeGreaterThan(0);
    expect(lines[levelAt + 1]).toContain('tools/call');
  });

  it('that refuses the level still runs the call, and is not asked at every call', async () => {
    const server = served(
      await serveRoughHttp({
        era: 'legacy',
        tools: [TOOL],
        offers: { capabilities: { logging: {} } },
        onCall: done,
        onOther: ({ message: { id, method } }, response) => {
          if (method !== 'logging/setLevel') return false;
          sendJson(response, 200, { jsonrpc: '2.0', id, error: { code: -32603, message: 'no' } });
          return true;
        },
      }),
    );
    const connection = await connect(open(server).downstream);
    for (let calls = 0; calls < 2; calls++) {
      const exchange = exchangeOf('größe', '{}', { logLevel: 'debug' });
      expect(await connection.call(exchange)).toEqual({ outcome: 'ok', result: { content: [] } });
    }
    expect(server.got.filter(({ message }) => message.method === 'logging/setLevel')).toHaveLength(1);
  });
});

describe('a log', () => {
  const rough = () => connect(open(stdioServer('rough-stdio.ts')).downstream);
  const logging = (entries: readonly unknown[], times = 1) => JSON.stringify({ do: 'log', entries, times });

  it('of one stream for all is of every call that is open and wants it', async () => {
    const connection = await rough();
    const caller = new AbortController();
    const [curious, other] = [{ logLevel: 'info' as const }, {}].map((more) => {
      const exchange = exchangeOf('rough', '{"do":"hang"}', { signal: caller.signal, ...more });
      return { exchange, call: connection.call(exchange) };
    });
    const exchange = exchangeOf(
      'rough',
      logging([
        { level: 'info', data: 1 },
        { level: 'error', data: 2 },
      ]),
      {
        logLevel: 'error',
      },
    );
    await connection.call(exchange);
    expect([curious, other].map((one) => levelsOf(one?.exchange.entries ?? []))).toEqual([['info', 'error'], []]);
    expect(levelsOf(exchange.entries)).toEqual(['error']);
    caller.abort();
    await Promise.all([curious?.call, other?.call]);
  });

  it("on a request's own stream is of that request alone", async () => {
    const { promise: go, resolve } = Promise.withResolvers<void>();
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [TOOL],
        onCall: async ({ message: { id, params = {} } }, response) => {
          const { name } = params['arguments'] as { name: string };
          stream(response).write(
            event({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: name } }),
          );
          if (name === 'b') resolve();
          await go;
          response.end(event({ jsonrpc: '2.0', id, result: { content: [] } }));
        },
      }),
    );
    const connection = await connect(open(server).downstream);
    const both = ['a', 'b'].map((name) => exchangeOf('größe', JSON.stringify({ name }), { logLevel: 'debug' }));
    await Promise.all(both.map((exchange) => connection.call(exchange)));
    expect(both.map(({ entries }) => entries.map(({ data }) => data))).toEqual([['a'], ['b']]);
  });

  it('is dropped where it is none, or more than anybody reads; its logger is cut', async () => {
    const connection = await rough();
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    const entries = [
      'text',
      { level: 'loud', data: 1 },
      { data: 1 },
      { level: 'info' },
      { level: 'info', data: nested(33) },
      { level: 'info', data: 'x'.repeat(64 * 1024) },
      { level: 'info', data: nested(32), logger: 5 },
      { level: 'info', data: null, logger: 'l'.repeat(200) },
    ];
    const exchange = exchangeOf('rough', logging(entries), { logLevel: 'debug' });
    await connection.call(exchange);
    expect(exchange.entries).toEqual([
      { level: 'info', logger: undefined, data: nested(32) },
      { level: 'info', logger: 'l'.repeat(100), data: null },
    ]);
  });

  it('is handed on a thousand times a call at most', async () => {
    const connection = await rough();
    const entries = [
      { level: 'debug', data: 1 },
      { level: 'info', data: 2 },
    ];
    const exchange = exchangeOf('rough', logging(entries, 1_001), { logLevel: 'info' });
    await connection.call(exchange);
    expect(exchange.entries).toHaveLength(1_000);
  });
});
