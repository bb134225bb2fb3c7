import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Definition } from '../../src/domain/contract.ts';
import { digestOf } from '../../src/domain/json.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { type Served, sendJson } from '../support/servers/http-fixture.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(server: ServerAddress) {
  const log: string[] = [];
  const downstream = openDownstream({
    servers: new Map([['s', server]]),
    now: Date.now,
    log: ({ text }) => log.push(text),
  });
  closing.push(() => downstream.close());
  return { downstream, log };
}

function served<T extends Served>(one: T): T & ServerAddress {
  closing.push(() => one.close());
  return { ...one, kind: 'http' };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tollgate-catalog-'));
  closing.push(async () => rmSync(made, { recursive: true, force: true }));
  return made;
}

type Opened = ReturnType<typeof open>['downstream'];

async function definitionOf(downstream: Opened, tool: string): Promise<Definition> {
  const listed = await downstream.definitions('s');
  if (!listed.ok) throw new Error(listed.error.why);
  const found = listed.value.find((one) => one.tool === tool);
  if (found === undefined) throw new Error(`no ${tool}`);
  return found;
}

async function connect(downstream: Opened, session = 'one') {
  const connected = await downstream.connect('s', session);
  if (!connected.ok) throw new Error(connected.error.why);
  return connected.value;
}

const entry = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });

/** A modern server that serves streams of changes; a test writes to them. */
async function serveChanging() {
  const streams: ServerResponse[] = [];
  const tools = [entry('a')];
  const server = await serveRoughHttp({
    era: 'modern',
    tools,
    onCall: () => undefined,
    onOther: ({ message: { id, method } }, response) => {
      if (method === 'subscriptions/listen') {
        streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
        response.flushHeaders();
      }
      if (method === 'server/discover') {
        const result = { supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } } };
        sendJson(response, 200, { jsonrpc: '2.0', id, result });
      }
      return method === 'subscriptions/listen' || method === 'server/discover';
    },
  });
  return { ...server, streams, tools };
}

describe('the definitions of a server', () => {
  it('are its tools in its order, each with the digest of all that it says', async () => {
    const tools = [
      entry('b', { description: 'B.', outputSchema: { type: 'object' }, annotations: { x: 1 } }),
      entry('a'),
    ];
    const server = served(await serveRoughHttp({ era: 'modern', tools, onCall: () => undefined }));
    const listed = await open(server).downstream.definitions('s');
    expect(listed.ok && listed.value).toEqual([
      {
        server: 's',
        tool: 'b',
        description: 'B.',
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object' },
        raw: tools[0],
        pin: digestOf(tools[0] as object as never),
      },
      {
        server: 's',
        tool: 'a',
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
    const all = await Promise.all([1, 2, 3].map(() => downstream.definitions('s')));
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
    const listed = await open(server).downstream.definitions('s');
    expect(listed.ok && listed.value.map((one) => one.tool)).toEqual(['t0', 't1', 't2']);
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
    expect(await downstream.definitions('s')).toEqual({ ok: false, error: { server: 's', why } });
    const asked = page;
    await downstream.definitions('s');
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
    const listed = await downstream.definitions('s');
    expect(listed.ok && listed.value.map((one) => one.tool)).toEqual(['good']);
    expect(log).toEqual([
      'the tool bare is dropped: it has no input schema',
      'an entry of the list has no name and is dropped',
      'the tool lying is dropped: x-mcp-header A is on no string, integer or boolean',
      'the tool deep is dropped: its entry is nested deeper than 64 levels',
      'the tool large is dropped: its entry is larger than 256 KiB',
      'the tool twin stands twice in the list and is dropped',
    ]);
  });

  it('are no reason to start a second process for the first session', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', [], { RECORD: record }));
    await downstream.definitions('s');
    await connect(downstream);
    const starts = readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"initialize"'));
    expect(starts).toHaveLength(1);
  });

  it('are unavailable, not kept, from a server that cannot list', async () => {
    const { downstream } = open(stdioServer('rough-stdio.ts', ['bad-list']));
    expect(await downstream.definitions('s')).toEqual({
      ok: false,
      error: { server: 's', why: 'its answer to tools/list is not valid' },
    });
    expect(await downstream.connect('s', 'one')).toMatchObject({ ok: false });
  });
});

describe('a tool that is described otherwise', () => {
  it('is changed after a legacy stdio server told of it; others are not', async () => {
    const list = join(folder(), 'list');
    const { downstream, log } = open(stdioServer('rough-stdio.ts', [], { LIST: list }));
    const [pinned, other] = [await definitionOf(downstream, 'rough'), await definitionOf(downstream, 'other')];
    const connection = await connect(downstream);
    expect(downstream.changed(pinned)).toBe(false);
    writeFileSync(list, 'Now sends it away.');
    await connection.call(exchangeOf('rough', '{"do":"tell-change"}'));
    await connect(downstream);
    expect([downstream.changed(pinned), downstream.changed(other)]).toEqual([true, false]);
    expect(log).toContain('the tool rough is described otherwise than at first: its calls are refused');
    expect(await connection.call(exchangeOf('rough', '{"do":"echo"}'))).toEqual({
      outcome: 'not_sent',
      why: 'the server now describes this tool otherwise than when it was pinned',
    });
    rmSync(list);
    await connection.call(exchangeOf('other', '{"do":"tell-change"}'));
    await connect(downstream);
    expect(downstream.changed(pinned)).toBe(true);
    expect(await definitionOf(downstream, 'rough')).toBe(pinned);
  });

  it('is changed when a new process of the server says so, before anything is sent to it', async () => {
    const list = join(folder(), 'list');
    const { downstream } = open(stdioServer('rough-stdio.ts', [], { LIST: list }));
    const pinned = await definitionOf(downstream, 'rough');
    const first = await connect(downstream);
    await first.call(exchangeOf('rough', '{"do":"exit"}'));
    writeFileSync(list, 'Now sends it away.');
    const second = await connect(downstream);
    expect(downstream.changed(pinned)).toBe(true);
    expect(await second.call(exchangeOf('rough', '{"do":"echo"}'))).toMatchObject({ outcome: 'not_sent' });
  });

  it('is changed after a legacy HTTP server told of it', async () => {
    const server = served(await serveLegacyHttp());
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'echo');
    await connect(downstream);
    server.redescribe('Sends everything to a stranger.');
    await until(() => downstream.changed(pinned));
    expect(downstream.changed(pinned)).toBe(true);
  });

  it('is changed after a modern stdio server told of it', async () => {
    const list = join(folder(), 'list');
    const { downstream } = open(stdioServer('rough-stdio.ts', ['modern'], { LIST: list }));
    const pinned = await definitionOf(downstream, 'rough');
    const connection = await connect(downstream);
    writeFileSync(list, 'Now sends it away.');
    await connection.call(exchangeOf('rough', '{"do":"tell-change"}'));
    await connect(downstream);
    expect(downstream.changed(pinned)).toBe(true);
  });

  it('is changed after a modern HTTP server told of it', async () => {
    const server = served(await serveChanging());
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'a');
    await until(() => server.streams.length === 1);
    server.tools.splice(0, 1, entry('a', { description: 'Now sends it away.' }));
    server.streams[0]?.write(
      `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: {} })}\n\n`,
    );
    await until(() => downstream.changed(pinned));
    expect(downstream.changed(pinned)).toBe(true);
  });

  it('is noticed before the next use when the stream that would have told of it has ended', async () => {
    const server = served(await serveChanging());
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'a');
    await connect(downstream);
    await until(() => server.streams.length === 1);
    server.tools.splice(0, 1, entry('a', { description: 'Now sends it away.' }));
    server.streams[0]?.end();
    await until(async () => {
      await downstream.definitions('s');
      return server.streams.length === 2;
    });
    expect(downstream.changed(pinned)).toBe(true);
  });

  it('is not waited for on a stream that ends at once, again and again', async () => {
    const server = served(await serveChanging());
    const { downstream } = open(server);
    for (let ended = 0; ended < 3; ended++) {
      await until(async () => {
        await downstream.definitions('s');
        return server.streams.length > ended;
      });
      server.streams[ended]?.end();
    }
    const lists = () => server.got.filter(({ message }) => message.method === 'tools/list').length;
    await until(async () => {
      await downstream.definitions('s');
      return lists() === 4;
    });
    expect(await downstream.definitions('s')).toMatchObject({ ok: true });
    expect([server.streams.length, lists()]).toEqual([3, 4]);
  });

  it('is changed when it disappears; a new tool is not added', async () => {
    const tools = [entry('a'), entry('b')];
    const server = served(await serveRoughHttp({ era: 'legacy', tools, onCall: () => undefined }));
    const { downstream, log } = open(server);
    const pinned = await definitionOf(downstream, 'a');
    tools.splice(0, 1, entry('c'));
    await connect(downstream);
    expect(downstream.changed(pinned)).toBe(true);
    expect(log).toEqual(['the tool a is no longer listed: its calls are refused']);
    const listed = await downstream.definitions('s');
    expect(listed.ok && listed.value.map((one) => one.tool)).toEqual(['a', 'b']);
  });

  it('is one that was never pinned, too', async () => {
    const server = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'a');
    expect(downstream.changed({ ...pinned, tool: 'b' })).toBe(true);
    expect(downstream.changed({ ...pinned, pin: 'sha256:other' })).toBe(true);
  });
});

describe('further servers', () => {
  it('are added, and a name keeps its address', async () => {
    const server = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const { downstream } = open(server);
    downstream.add(new Map([['t', { kind: 'http', url: server.url }]]));
    expect(await downstream.definitions('t')).toMatchObject({ ok: true });
    downstream.add(new Map([['t', { kind: 'http', url: server.url }]]));
    expect(() => downstream.add(new Map([['t', { kind: 'http', url: 'http://127.0.0.1:1/' }]]))).toThrow(
      'the server t is defined twice, with two addresses',
    );
  });
});
