/** Servers behind URLs, over connections that are judged. */
import { afterEach, describe, expect, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import { exchangeOf } from '../support/downstream.ts';
import { ownAddress } from '../support/own-address.ts';
import { bodyOf, serveHttp } from '../support/servers/http-fixture.ts';
import { serveModernHttp } from '../support/servers/modern-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the servers are reached by: the resolver's answers in turn, the last for good. */
function open(url: string, answers: readonly string[] = [], ranges: readonly string[] = []) {
  const asked: string[] = [];
  const lookUp = async (name: string) => {
    asked.push(name);
    return [answers[Math.min(asked.length, answers.length) - 1] ?? '127.0.0.1'];
  };
  const outgoing = openOutgoing({ private: ranges, lookUp });
  const downstream = openDownstream({
    servers: new Map([['s', { kind: 'http', url, era: undefined } as const]]),
    connectTo: outgoing.toServer,
    now: Date.now,
    log: () => undefined,
  });
  closing.push(
    () => outgoing.close(),
    () => downstream.close(),
  );
  return { asked, connect: () => downstream.connect('s', 'one', NO_ABILITIES) };
}

async function serve() {
  const served = await serveModernHttp();
  closing.push(() => served.close());
  return served;
}

async function why(connecting: ReturnType<ReturnType<typeof open>['connect']>): Promise<string> {
  const connected = await connecting;
  return connected.ok ? 'connected' : connected.error.why;
}

describe('a server', () => {
  test('on loopback is reached where its URL says so, by address and by name', async () => {
    const { port } = await serve();
    expect(await why(open(`http://127.0.0.1:${port}/mcp`).connect())).toBe('connected');
    const named = open(`http://localhost:${port}/mcp`);
    expect([await why(named.connect()), new Set(named.asked)]).toEqual(['connected', new Set(['localhost'])]);
  });

  test.each([
    ['127.0.0.1', 'an address of this machine'],
    ['169.254.169.254', 'nothing there is ever connected to'],
    ['10.0.0.5', 'list its range under outgoing.private in gateway.yaml'],
    ['8.8.8.8', 'plain http does not go there'],
  ])('whose name is at %s is not connected to', async (address, words) => {
    const { port } = await serve();
    const said = await why(open(`http://crm.example.com:${port}/mcp`, [address]).connect());
    expect(said).toContain(`crm.example.com is at ${address}, `);
    expect(said).toContain(words);
  });

  test('that redirects is not followed', async () => {
    let followed = 0;
    const inner = await serveHttp((_, response) => void response.writeHead(200).end(String(++followed)));
    const outer = await serveHttp((_, response) => void response.writeHead(307, { location: inner.url }).end());
    closing.push(
      () => inner.close(),
      () => outer.close(),
    );
    expect(await why(open(outer.url).connect())).not.toBe('connected');
    expect(followed).toBe(0);
  });

  const own = ownAddress();
  test.skipIf(own === undefined)('whose name moves to loopback is reached no more, and loopback never', async () => {
    const { address = '', range = '' } = own ?? {};
    const served = await serve();
    // In front of the server, on an address that may be reached; each request takes a connection of its own.
    const judged = await serveHttp(
      async (request, response) => {
        const body = await bodyOf(request);
        const headers = Object.entries(request.headers).filter(
          ([name]) => !/^(connection|content-length|host)$/.test(name),
        );
        const answer = await fetch(served.url, { method: 'POST', headers: headers as [string, string][], body });
        const type = answer.headers.get('content-type') ?? 'text/plain';
        response.writeHead(answer.status, { connection: 'close', 'content-type': type }).end(await answer.text());
      },
      5_000,
      address,
    );
    closing.push(() => judged.close());
    expect(await why(open(`http://crm.example.com:${judged.port}/mcp`, [address], [range]).connect())).toBe(
      'connected',
    );
    const { asked, connect } = open(`http://crm.example.com:${judged.port}/mcp`, [address, '127.0.0.1'], [range]);
    const said = await why(connect());
    expect(said).toContain('crm.example.com is at 127.0.0.1, an address of this machine');
    expect(asked.length).toBeGreaterThan(1);
  });

  test('is looked up for connections, not for calls', async () => {
    const { port } = await serve();
    const { asked, connect } = open(`http://localhost:${port}/mcp`);
    const connected = await connect();
    if (!connected.ok) throw new Error(connected.error.why);
    const before = asked.length;
    for (let count = 0; count < 20; count++)
      expect(await connected.value.call(exchangeOf('echo', '{"text":"x"}'))).toMatchObject({ outcome: 'ok' });
    expect(asked.length - before).toBeLessThanOrEqual(1);
  });
});
