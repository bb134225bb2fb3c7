import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import { digestOf } from '../../src/domain/json.ts';
import type { Reply } from '../../src/downstream/links/channel.ts';
import { Catalog } from '../../src/downstream/lists/catalog.ts';
import { pinOf } from '../../src/policy/lock/definition-of.ts';
import { connect, entry, folder, open, served } from '../support/catalog.ts';
import { stdioServer } from '../support/downstream.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

describe('the definitions of a server', () => {
  it('are its tools in its order, each with the digest of all that it says but for its hints', async () => {
    const tools = [
      entry('b', { description: 'B.', outputSchema: { type: 'object' }, annotations: { x: 1 } }),
      entry('a'),
    ];
    const server = served(await serveRoughHttp({ era: 'modern', tools, onCall: () => undefined }));
    const listed = await open(server).downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value).toEqual([
      {
        kind: 'tool',
        server: 's',
        name: 'b',
        description: 'B.',
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object' },
        raw: tools[0],
        pin: pinOf(tools[0] as object as never),
      },
      {
        kind: 'tool',
        server: 's',
        name: 'a',
        description: undefined,
        inputSchema: { type: 'object' },
        outputSchema: undefined,
        raw: tools[1],
        pin: digestOf(tools[1] as object as never),
      },
    ]);
  });

  it('are listed once for all who ask at the same time', async () => {
    const server = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const { downstream } = open(server);
    const all = await Promise.all([1, 2, 3].map(() => downstream.definitions('s', 'tool')));
    expect(all.every((one) => one.ok)).toBe(true);
    expect(server.got.filter(({ message }) => message.method === 'tools/list')).toHaveLength(1);
  });

  it('are read to the last page', async () => {
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [],
        onCall: () => undefined,
        onOther: ({ message }, response) => {
          if (message.method !== 'tools/list') return false;
          const page = Number(message.params?.['cursor'] ?? 0);
          const more = page < 2 ? { nextCursor: String(page + 1) } : {};
          sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: { tools: [entry(`t${page}`)], ...more } });
          return true;
        },
      }),
    );
    const listed = await open(server).downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value.map((one) => one.name)).toEqual(['t0', 't1', 't2']);
  });

  it.each([
    [
      'repeats a page',
      (page: number) => ({ tools: [entry(`t${page}`)], nextCursor: 'same' }),
      'its list of tools repeats a page',
    ],
    [
      'has no end',
      (page: number) => ({ tools: [], nextCursor: `c${page}` }),
      'its list of tools has more than 100 pages',
    ],
    [
      'has too many tools',
      () => ({ tools: Array.from({ length: 2001 }, (_, at) => entry(`t${at}`)) }),
      'it lists more than 2000 tools',
    ],
    ['is no list', () => ({ tools: {} }), 'its answer to tools/list is not valid'],
  ])('are refused when the list %s, and asked for again', async (_case, resultOf, why) => {
    let page = 0;
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [],
        onCall: () => undefined,
        onOther: ({ message }, response) => {
          if (message.method !== 'tools/list') return false;
          sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: resultOf(page++) });
          return true;
        },
      }),
    );
    const { downstream } = open(server);
    expect(await downstream.definitions('s', 'tool')).toEqual({ ok: false, error: { server: 's', why } });
    const asked = page;
    await downstream.definitions('s', 'tool');
    expect(page).toBeGreaterThan(asked);
  });

  it('leave out, and log, what cannot be a tool', async () => {
    let deep: object = {};
    for (let level = 0; level < 80; level++) deep = { deep };
    const tools = [
      entry('good'),
      entry('twin'),
      entry('twin', { description: 'another' }),
      { name: 'bare' },
      'text',
      entry('lying', { inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } }),
      entry('deep', { deep }),
      entry('large', { description: 'x'.repeat(300 * 1024) }),
    ];
    const server = served(await serveRoughHttp({ era: 'modern', tools, onCall: () => undefined }));
    const { downstream, log } = open(server);
    const listed = await downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value.map((one) => one.name)).toEqual(['good']);
    expect(log).toEqual([
      'the tool bare is dropped: it has no input schema',
      'an entry of the list has no name and is dropped',
      'the tool lying is dropped: x-mcp-header A is on no string, integer or boolean',
      'the tool deep is dropped: its entry is nested deeper than 64 levels',
      'the tool large is dropped: its entry is larger than 256 KiB',
      'the tool twin stands twice in the list and is dropped',
    ]);
  });

  it('are dropped with one word to the operator, however many sessions come, and with another for what is new', async () => {
    const tools: unknown[] = [entry('good'), { name: 'bare' }];
    const server = served(await serveRoughHttp({ era: 'legacy', tools, onCall: () => undefined }));
    const { downstream, log } = open(server);
    for (const session of ['one', 'two']) await connect(downstream, session);
    expect(log).toEqual(['the tool bare is dropped: it has no input schema']);
    tools.push({ name: 'bald' });
    await connect(downstream, 'three');
    expect(log.slice(1)).toEqual(['the tool bald is dropped: it has no input schema']);
  });

  it('are wanted in vain of a server that is away: the operator is told once, and anew after it was back', async () => {
    const log: string[] = [];
    const catalog = new Catalog({
      kind: 'tool',
      hasList: () => true,
      accepted: () => [],
      log: (_server, text) => void log.push(text),
    });
    let isAway = false;
    const request = async (): Promise<Reply> =>
      isAway ? { kind: 'lost', sent: false, why: 'away' } : { kind: 'result', result: { tools: [entry('a')] } };
    const told: number[] = [];
    for (isAway of [false, true, true, false, true]) {
      catalog.doubt('s');
      await catalog.reread('s', { era: 'legacy', request });
      told.push(log.length);
    }
    expect(told).toEqual([0, 1, 1, 1, 2]);
    expect(log[0]).toBe('the list of tools cannot be read again: away');
  });

  it('are no reason to start a second process for the first session', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', [], { RECORD: record }));
    await downstream.definitions('s', 'tool');
    await connect(downstream);
    const starts = readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"initialize"'));
    expect(starts).toHaveLength(1);
  });

  it('are unavailable, not kept, from a server that cannot list', async () => {
    const { downstream } = open(stdioServer('rough-stdio.ts', ['bad-list']));
    expect(await downstream.definitions('s', 'tool')).toEqual({
      ok: false,
      error: { server: 's', why: 'its answer to tools/list is not valid' },
    });
    expect(await downstream.connect('s', 'one', NO_ABILITIES)).toMatchObject({ ok: false });
  });
});

describe('further servers', () => {
  it('are forgotten with their policy: the name is free for another address, and its tools are pinned anew', async () => {
    const one = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const two = served(await serveRoughHttp({ era: 'modern', tools: [entry('b')], onCall: () => undefined }));
    const { downstream } = open(one);
    downstream.add(new Map([['t', { kind: 'http', url: one.url, era: undefined }]]));
    expect(await downstream.definitions('t', 'tool')).toMatchObject({ ok: true, value: [{ name: 'a' }] });
    downstream.remove(['t']);
    expect(await downstream.definitions('t', 'tool')).toMatchObject({ ok: false });
    downstream.add(new Map([['t', { kind: 'http', url: two.url, era: undefined }]]));
    expect(await downstream.definitions('t', 'tool')).toMatchObject({ ok: true, value: [{ name: 'b' }] });
  });

  it('are added, and a name keeps its address', async () => {
    const server = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const { downstream } = open(server);
    downstream.add(new Map([['t', { kind: 'http', url: server.url, era: undefined }]]));
    expect(await downstream.definitions('t', 'tool')).toMatchObject({ ok: true });
    downstream.add(new Map([['t', { kind: 'http', url: server.url, era: undefined }]]));
    expect(() =>
      downstream.add(new Map([['t', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined }]])),
    ).toThrow('the server t is defined twice, with two addresses');
  });
});
