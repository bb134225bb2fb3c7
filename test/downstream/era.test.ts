import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Downstream } from '../../src/domain/downstream.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { type Served, sendJson, serveHttp } from '../support/servers/http-fixture.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { serveModernHttp } from '../support/servers/modern-http.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(server: ServerAddress): Downstream {
  const downstream = openDownstream({ servers: new Map([['s', server]]), now: Date.now, log: () => undefined });
  closing.push(() => downstream.close());
  return downstream;
}

async function revisionOf(server: ServerAddress): Promise<string> {
  const connected = await open(server).connect('s', 'one', NO_ABILITIES);
  return connected.ok ? connected.value.revision : connected.error.why;
}

async function served<T extends Served>(server: Promise<T>): Promise<T & ServerAddress> {
  const one = await server;
  closing.push(() => one.close());
  return { ...one, kind: 'http', era: undefined };
}

describe('the era of a server', () => {
  it('is legacy of a real stdio server that knows no probe, and its tools work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-era-'));
    closing.push(async () => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'note.txt'), 'remember');
    const program = join(
      import.meta.dirname,
      '../../node_modules/@modelcontextprotocol/server-filesystem/dist/index.js',
    );
    const downstream = open({
      kind: 'stdio',
      command: ['node', program, folder],
      env: {},
      cwd: folder,
      era: undefined,
    });
    const listed = await downstream.definitions('s', 'tool');
    expect(listed.ok && listed.value.map((one) => one.name)).toContain('read_text_file');
    const connected = await downstream.connect('s', 'one', NO_ABILITIES);
    if (!connected.ok) throw new Error(connected.error.why);
    expect(connected.value.revision).toBe('2025-11-25');
    const read = await connected.value.call(
      exchangeOf('read_text_file', JSON.stringify({ path: join(folder, 'note.txt') })),
    );
    expect(read).toMatchObject({ outcome: 'ok', result: { content: [{ type: 'text', text: 'remember' }] } });
    const outside = await connected.value.call(exchangeOf('read_text_file', '{"path":"/etc/hostname"}'));
    expect(outside).toMatchObject({ outcome: 'tool_error' });
  });

  it('is modern of a modern stdio server', async () => {
    expect(await revisionOf(stdioServer('modern-stdio.ts'))).toBe('2026-07-28');
  });

  it('is modern of a modern HTTP server', async () => {
    expect(await revisionOf(await served(serveModernHttp()))).toBe('2026-07-28');
  });

  it('is legacy of a sessionful HTTP server', async () => {
    expect(await revisionOf(await served(serveLegacyHttp()))).toBe('2025-11-25');
  });

  it('is legacy of a stdio server that is silent to the probe', async () => {
    expect(await revisionOf(stdioServer('rough-stdio.ts', ['silent-at-probe']))).toBe('2025-11-25');
  });

  it('is legacy of a stdio server that ends at the probe, which is started again', async () => {
    expect(await revisionOf(stdioServer('rough-stdio.ts', ['dies-at-probe']))).toBe('2025-11-25');
  });

  it('may be any older revision that is known, and no other', async () => {
    for (const revision of ['2025-06-18', '2025-03-26', '2024-11-05']) {
      expect(await revisionOf(stdioServer('rough-stdio.ts', [], { REVISION: revision }))).toBe(revision);
    }
    expect(await revisionOf(stdioServer('rough-stdio.ts', [], { REVISION: '2023-01-01' }))).toBe(
      'it speaks revision 2023-01-01, which is not known here',
    );
  });

  it('is not modern for a clean answer that does not name the revision', async () => {
    const server = await served(
      serveRoughHttp({
        era: 'legacy',
        tools: [],
        onCall: () => undefined,
        onOther: ({ message }, response) => {
          if (message.method !== 'server/discover') return false;
          sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: { supportedVersions: ['2099-01-01'] } });
          return true;
        },
      }),
    );
    expect(await revisionOf(server)).toBe('2025-06-18');
  });

  it.each([401, 403, 500, 503])(
    'is not guessed from HTTP %i: the server is unavailable, and asked again',
    async (status) => {
      let asked = 0;
      const server = await served(
        serveHttp((_request, response) => {
          asked++;
          response.writeHead(status).end();
        }),
      );
      const downstream = open(server);
      const why =
        status < 500
          ? `it answered server/discover with HTTP ${status}`
          : `the server answered HTTP ${status} without an answer`;
      expect(await downstream.connect('s', 'one', NO_ABILITIES)).toEqual({ ok: false, error: { server: 's', why } });
      expect(await downstream.connect('s', 'one', NO_ABILITIES)).toMatchObject({ ok: false });
      expect(asked).toBe(2);
    },
  );

  it('is asked once, and again after a connection failed', async () => {
    let era: 'modern' | 'legacy' = 'modern';
    let broken = false;
    const options = {
      get era() {
        return era;
      },
      tools: [],
      onCall: () => undefined,
      onOther: (_got: unknown, response: import('node:http').ServerResponse) => {
        if (broken) response.writeHead(500).end();
        return broken;
      },
    };
    const server = await served(serveRoughHttp(options));
    const probes = () => server.got.filter(({ message }) => message.method === 'server/discover').length;
    const downstream = open(server);
    await downstream.connect('s', 'one', NO_ABILITIES);
    await downstream.connect('s', 'two', NO_ABILITIES);
    expect(probes()).toBe(1);
    broken = true;
    expect(await downstream.connect('s', 'three', NO_ABILITIES)).toMatchObject({ ok: false });
    broken = false;
    era = 'legacy';
    const again = await downstream.connect('s', 'three', NO_ABILITIES);
    expect(again.ok && again.value.revision).toBe('2025-06-18');
    expect(probes()).toBe(2);
  });
});
