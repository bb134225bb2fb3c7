import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, entry, folder, open, served } from '../support/catalog.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { done } from '../support/downstream-http.ts';
import { FOUR_CELLS } from '../support/four-cells.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const RESOURCES = { capabilities: { tools: {}, resources: {} } };

describe.each(FOUR_CELLS)('the resources of a real %s server', (_cell, serve) => {
  it('are listed, and its templates', async () => {
    const { downstream } = open(await serve());
    const resources = await downstream.resources('s', 'resources', undefined);
    expect(resources.ok && resources.value).toMatchObject([
      { uri: 'note://one', name: 'one', description: 'The first.' },
    ]);
    const templates = await downstream.resources('s', 'resourceTemplates', undefined);
    expect(templates.ok && templates.value).toMatchObject([{ uriTemplate: 'note://{id}', name: 'note' }]);
  });
});

describe('the resources of a server', () => {
  it('are read to the last page, as they are now', async () => {
    const uris = ['a:0', 'a:1', 'a:2'];
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [],
        offers: RESOURCES,
        onCall: done,
        onOther: ({ message: { id, method, params } }, response) => {
          if (method !== 'resources/list') return false;
          const page = Number(params?.['cursor'] ?? 0);
          const more = page < uris.length - 1 ? { nextCursor: String(page + 1) } : {};
          sendJson(response, 200, {
            jsonrpc: '2.0',
            id,
            result: { resources: [{ uri: uris[page], name: 'n' }], ...more },
          });
          return true;
        },
      }),
    );
    const { downstream } = open(server);
    const seen = async () => {
      const listed = await downstream.resources('s', 'resources', undefined);
      return listed.ok && listed.value.map(({ uri }) => uri);
    };
    expect(await seen()).toEqual(['a:0', 'a:1', 'a:2']);
    uris.splice(1, 2, 'b:1');
    expect(await seen()).toEqual(['a:0', 'b:1']);
  });

  it('leave out, and log, what names no resource', async () => {
    let deep: object = {};
    for (let level = 0; level < 80; level++) deep = { deep };
    const resources = [
      { uri: 'a:b', name: 'good' },
      { uri: 'a:b' },
      { name: 'nowhere' },
      { uri: 1, name: 'n' },
      'text',
      { uri: 'a:c', name: 'deep', deep },
      { uri: 'a:d', name: 'large', description: 'x'.repeat(300 * 1024) },
    ];
    const resourceTemplates = [
      { uriTemplate: 'a:{b}', name: 'good' },
      { uri: 'a:b', name: 'no template' },
    ];
    const { downstream, log } = open(
      served(
        await serveRoughHttp({
          era: 'legacy',
          tools: [],
          offers: RESOURCES,
          lists: { 'resources/list': { resources }, 'resources/templates/list': { resourceTemplates } },
          onCall: done,
        }),
      ),
    );
    expect(await downstream.resources('s', 'resources', undefined)).toEqual({ ok: true, value: [resources[0]] });
    expect(await downstream.resources('s', 'resourceTemplates', undefined)).toEqual({
      ok: true,
      value: [resourceTemplates[0]],
    });
    // Told once, however often a client lists them.
    await downstream.resources('s', 'resources', undefined);
    expect(log).toEqual([
      '6 of the entries that it lists as resources cannot be shown and are dropped',
      '1 of the entries that it lists as resourceTemplates cannot be shown and are dropped',
    ]);
  });

  it('are none, and not asked for, where the server says it has none', async () => {
    const server = served(await serveRoughHttp({ era: 'legacy', tools: [entry('a')], onCall: done }));
    const { downstream } = open(server);
    for (const list of ['resources', 'resourceTemplates'] as const) {
      expect(await downstream.resources('s', list, 'one')).toEqual({ ok: true, value: [] });
    }
    expect(server.got.filter(({ message }) => message.method?.startsWith('resources/'))).toEqual([]);
  });

  it('are refused when the list has no end, or is none', async () => {
    let page = 0;
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [],
        offers: RESOURCES,
        lists: { 'resources/templates/list': { resourceTemplates: {} } },
        onCall: done,
        onOther: ({ message: { id, method } }, response) => {
          if (method !== 'resources/list') return false;
          sendJson(response, 200, { jsonrpc: '2.0', id, result: { resources: [], nextCursor: `c${page++}` } });
          return true;
        },
      }),
    );
    const { downstream } = open(server);
    expect(await downstream.resources('s', 'resources', undefined)).toEqual({
      ok: false,
      error: { server: 's', why: 'its list of resources has more than 100 pages' },
    });
    expect(await downstream.resources('s', 'resourceTemplates', undefined)).toEqual({
      ok: false,
      error: { server: 's', why: 'its answer to resources/templates/list is not valid' },
    });
  });

  it('are asked for on the connection of the session where one stands, and else on one of no session', async () => {
    const server = served(
      await serveRoughHttp({
        era: 'legacy',
        tools: [entry('a')],
        offers: RESOURCES,
        lists: { 'resources/list': { resources: [] } },
        onCall: done,
      }),
    );
    const { downstream } = open(server);
    const { call } = await connect(downstream, 'one');
    const sessionOf = (method: string) =>
      server.got.findLast(({ message }) => message.method === method)?.headers['mcp-session-id'];
    await call(exchangeOf('a', '{}'));
    await downstream.resources('s', 'resources', 'one');
    expect(sessionOf('resources/list')).toBe(sessionOf('tools/call'));
    const before = server.got.filter(({ message }) => message.method === 'initialize').length;
    await downstream.resources('s', 'resources', 'two');
    expect(sessionOf('resources/list')).not.toBe(sessionOf('tools/call'));
    expect(server.got.filter(({ message }) => message.method === 'initialize')).toHaveLength(before);
  });

  it('are listed through the process that a session has already', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', ['resources'], { RECORD: record }));
    await connect(downstream, 'one');
    expect(await downstream.resources('s', 'resources', 'one')).toEqual({
      ok: true,
      value: [{ uri: 'rough://one', name: 'one' }],
    });
    const starts = readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"initialize"'));
    expect(starts).toHaveLength(1);
  });
});
