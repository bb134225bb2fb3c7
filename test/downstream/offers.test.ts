import { describe, expect, it } from 'vitest';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { connect, entry, folder, open, served } from '../support/catalog.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { done } from '../support/downstream-http.ts';
import { FOUR_CELLS } from '../support/four-cells.ts';
import { sendJson, serveHttp } from '../support/servers/http-fixture.ts';
import { type Got, serveRoughHttp } from '../support/servers/rough-http.ts';

describe.each(FOUR_CELLS)('what a real %s server offers', (_cell, serve) => {
  it('is known once it was reached', async () => {
    const { downstream } = open(await serve());
    expect(downstream.offers('s')).toBeUndefined();
    await downstream.definitions('s', 'tool');
    expect(downstream.offers('s')).toMatchObject({
      capabilities: { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} },
      instructions: 'Mind the gap.',
    });
  });
});

describe('what a server offers', () => {
  async function offersOf(
    offers: { capabilities?: object; instructions?: unknown },
    era: 'modern' | 'legacy' = 'modern',
  ) {
    const server = served(await serveRoughHttp({ era, tools: [], offers, onCall: done }));
    const { downstream } = open(server);
    expect(await downstream.definitions('s', 'tool')).toMatchObject({ ok: true });
    return downstream.offers('s');
  }

  it('is still known when its connection has ended, and not when the server is forgotten', async () => {
    const { downstream } = open(stdioServer('rough-stdio.ts', ['resources']));
    const connection = await connect(downstream);
    await connection.call(exchangeOf('rough', '{"do":"exit"}'));
    expect(downstream.offers('s')).toEqual({ capabilities: { tools: {}, resources: {} }, instructions: undefined });
    downstream.remove(['s']);
    expect(downstream.offers('s')).toBeUndefined();
  });

  it('is cut, or left out, where it is more than anybody reads', async () => {
    let deep: object = {};
    for (let level = 0; level < 80; level++) deep = { deep };
    const long = `${'x'.repeat(16 * 1024 - 1)}😀y`;
    expect(await offersOf({ capabilities: { deep }, instructions: long })).toEqual({
      capabilities: {},
      instructions: `${'x'.repeat(16 * 1024 - 1)}\ufffd`,
    });
    expect(await offersOf({ capabilities: { large: 'x'.repeat(300 * 1024) }, instructions: 5 }, 'legacy')).toEqual({
      capabilities: {},
      instructions: undefined,
    });
  });
});

describe('the era that the configuration names', () => {
  const probes = (got: readonly Got[]) =>
    got.map(({ message }) => message.method).filter((one) => !one?.includes('list'));

  it('is believed: a legacy server is not probed', async () => {
    const server = served(await serveRoughHttp({ era: 'legacy', tools: [entry('a')], onCall: done }));
    const { downstream } = open({ ...server, era: 'legacy' });
    expect((await connect(downstream)).revision).toBe('2025-06-18');
    expect(probes(server.got)).not.toContain('server/discover');
  });

  it('is believed: a modern server that refuses discovery is asked what it has', async () => {
    const refusing = (status: number) => ({
      era: 'modern' as const,
      tools: [entry('a')],
      onCall: done,
      onOther: ({ message: { id, method } }: Got, response: import('node:http').ServerResponse) => {
        if (method === 'tools/list') return false;
        sendJson(response, status, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
        return true;
      },
    });
    for (const status of [200, 404]) {
      const server = served(await serveRoughHttp(refusing(status)));
      const { downstream } = open({ ...server, era: 'modern' });
      const connection = await connect(downstream);
      expect(connection.revision).toBe('2026-07-28');
      expect(await connection.call(exchangeOf('a', '{}'))).toMatchObject({ outcome: 'ok' });
      expect(await downstream.definitions('s', 'prompt')).toEqual({ ok: true, value: [] });
      expect(await downstream.resources('s', 'resources', undefined)).toEqual({ ok: true, value: [] });
      expect(downstream.offers('s')).toBeUndefined();
      const asked = server.got.map(({ message }) => message.method);
      expect(asked).toEqual(expect.arrayContaining(['prompts/list', 'resources/list']));
      expect(asked).not.toContain('initialize');
    }
  });

  it.each<[string, (era: 'modern' | 'legacy') => ServerAddress, 'modern' | 'legacy', string]>([
    ['modern stdio', (era) => stdioServer('modern-stdio.ts', [], {}, era), 'modern', '2026-07-28'],
    ['legacy stdio', (era) => stdioServer('legacy-stdio.ts', [], {}, era), 'legacy', '2025-11-25'],
    // It would end at the probe.
    ['legacy stdio', (era) => stdioServer('rough-stdio.ts', ['dies-at-probe'], {}, era), 'legacy', '2025-11-25'],
  ])('is spoken to a %s server', async (_case, serverOf, era, revision) => {
    const { downstream } = open(serverOf(era));
    expect((await connect(downstream)).revision).toBe(revision);
  });

  it('is not given up: a server that ends at discovery is unavailable, not legacy', async () => {
    const { downstream } = open(stdioServer('rough-stdio.ts', ['dies-at-probe'], {}, 'modern'));
    expect(await downstream.definitions('s', 'tool')).toEqual({
      ok: false,
      error: { server: 's', why: 'node ended (exit code 1)' },
    });
  });

  it('is no reason to ask on where no answer came', async () => {
    let asked = 0;
    const server = served(
      await serveHttp((_request, response) => {
        asked++;
        response.writeHead(503).end();
      }),
    );
    const { downstream } = open({ ...server, era: 'modern' });
    expect(await downstream.definitions('s', 'tool')).toEqual({
      ok: false,
      error: { server: 's', why: 'the server answered HTTP 503 without an answer' },
    });
    expect(asked).toBe(1);
  });

  it('is not given up: a modern stdio server that is silent to discovery is asked what it has', async () => {
    const record = `${folder()}/record`;
    const { downstream } = open(stdioServer('rough-stdio.ts', ['silent-at-probe'], { RECORD: record }, 'modern'));
    const listed = await downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value.map(({ name }) => name)).toEqual(['rough', 'other']);
    expect((await connect(downstream)).revision).toBe('2026-07-28');
  });
});
