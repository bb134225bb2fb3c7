import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, definitionOf, entry, folder, open, serveChanging, served } from '../support/catalog.ts';
import { exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

describe('a tool that is described otherwise', () => {
  it('is changed after a legacy stdio server told of it, until it is itself again; others are not', async () => {
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
    const again = exchangeOf('rough', '{"do":"echo"}', { pin: pinned.pin });
    expect(await connection.call(again)).toEqual({
      outcome: 'not_sent',
      why: 'the server now describes this tool otherwise than when it was pinned',
    });
    rmSync(list);
    await connection.call(exchangeOf('other', '{"do":"tell-change"}'));
    await connect(downstream);
    expect(downstream.changed(pinned)).toBe(false);
    expect(await definitionOf(downstream, 'rough')).toBe(pinned);
    expect(await connection.call(again)).toMatchObject({ outcome: 'ok' });
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
    const { pin } = pinned;
    expect(await second.call(exchangeOf('rough', '{"do":"echo"}', { pin }))).toMatchObject({ outcome: 'not_sent' });
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
      await downstream.definitions('s', 'tool');
      return downstream.changed(pinned);
    });
    // Not only when the stream was opened again.
    expect(server.streams).toHaveLength(1);
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
    const listed = await downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value.map((one) => one.name)).toEqual(['a', 'b']);
  });

  it('is one that was never pinned, too', async () => {
    const server = served(await serveRoughHttp({ era: 'modern', tools: [entry('a')], onCall: () => undefined }));
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'a');
    expect(downstream.changed({ ...pinned, name: 'b' })).toBe(true);
    expect(downstream.changed({ ...pinned, pin: 'sha256:other' })).toBe(true);
  });
});
