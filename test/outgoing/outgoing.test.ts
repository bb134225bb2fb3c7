import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { OutgoingFault, type OutgoingOptions, openOutgoing } from '../../src/outgoing/outgoing.ts';
import { ownAddress } from '../support/own-address.ts';

const opened: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

function open(options: OutgoingOptions = {}) {
  const outgoing = openOutgoing({ isWritten: () => true, ...options });
  opened.push(() => outgoing.close());
  return outgoing;
}

/** A server that notes what reaches it. */
async function serve(listener: RequestListener, host = '127.0.0.1', port = 0) {
  const heard: string[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(request.url ?? '');
    listener(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port: taken } = server.address() as AddressInfo;
  return { port: taken, origin: `http://127.0.0.1:${taken}`, heard };
}

const saying =
  (text: string): RequestListener =>
  (_, response) =>
    void response.end(text);

const why = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'it was answered',
    (fault: unknown) => (fault instanceof OutgoingFault ? fault.message : String(fault)),
  );

describe('where the gateway goes by itself', () => {
  test('to a loopback origin that the operator wrote, and to no other port of it', async () => {
    const written = await serve(saying('yes'));
    const other = await serve(saying('no'));
    const outgoing = open({ isWritten: (origin) => origin === written.origin });
    const answer = await outgoing.fetch(`${written.origin}/keys`);
    expect([answer.status, await answer.text()]).toEqual([200, 'yes']);
    expect(await why(outgoing.fetch(`${other.origin}/keys`))).toBe(
      `127.0.0.1:${other.port} cannot be asked: 127.0.0.1 is an address of this machine: it is reached only by a URL with localhost or the address itself that stands in gateway.yaml or a policy`,
    );
    expect(other.heard).toEqual([]);
  });

  test.each([
    ['http://[::ffff:127.0.0.1]', '::ffff:7f00:1 is an address of this machine'],
    ['http://0x7f.1', '127.0.0.1 is an address of this machine'],
    ['http://2130706433', '127.0.0.1 is an address of this machine'],
    ['https://[::1]', '::1 is an address of this machine'],
  ])('not to loopback by another spelling: %s', async (origin, words) => {
    const own = await serve(saying('no'));
    const outgoing = open({ isWritten: () => false });
    expect(await why(outgoing.fetch(`${origin}:${own.port}/`))).toContain(words);
    expect(own.heard).toEqual([]);
  });

  test.each([
    ['127.0.0.1', 'an address of this machine'],
    ['::1', 'an address of this machine'],
    ['10.0.0.5', 'list its range under outgoing.private in gateway.yaml'],
    ['::ffff:192.168.0.1', 'list its range under outgoing.private in gateway.yaml'],
    ['169.254.169.254', 'nothing there is ever connected to'],
    ['fd00:ec2::254', 'nothing there is ever connected to'],
  ])('not to a name that is at %s, written or not', async (address, words) => {
    const outgoing = open({ lookUp: async () => [address] });
    const said = await why(outgoing.fetch('https://login.example.com/token?code=hunter2'));
    expect(said).toContain(`login.example.com is at ${address}, `);
    expect(said).toContain(words);
    expect(said).not.toContain('hunter2');
  });

  test('not to a name with one bad address among good ones', async () => {
    const outgoing = open({ lookUp: async () => ['8.8.8.8', '10.0.0.5'] });
    expect(await why(outgoing.fetch('https://login.example.com/'))).toContain('at 10.0.0.5, a private address');
  });

  test('not to a listed range but its own', async () => {
    const outgoing = open({ private: ['10.1.0.0/16'], lookUp: async () => ['10.2.0.5'] });
    expect(await why(outgoing.fetch('https://login.example.com/'))).toContain('outgoing.private');
  });

  test.each(['8.8.8.8', '10.1.0.5'])('with plain http not even to %s, which is allowed', async (address) => {
    const outgoing = open({ private: ['10.1.0.0/16'], lookUp: async () => [address] });
    expect(await why(outgoing.fetch('http://login.example.com/'))).toContain('plain http does not go there');
  });

  test.each([
    ['file:///etc/passwd', 'a URL with file: is not asked'],
    ['data:,x', 'a URL with data: is not asked'],
    ['https://ada:hunter2@login.example.com/', 'a URL of login.example.com holds a user name or password'],
  ])('not where no https leads: %s', async (url, words) => {
    const said = await why(open().fetch(url));
    expect(said).toContain(words);
    expect(said).not.toContain('hunter2');
  });

  test('a name without an address is told', async () => {
    const outgoing = open({ lookUp: async () => [] });
    expect(await why(outgoing.fetch('https://login.example.com/'))).toContain('login.example.com has no address');
  });
});

describe('an answer', () => {
  test('that is a redirect is an answer, and nobody goes there', async () => {
    const inner = await serve(saying('the inner secret'));
    const outer = await serve((_, response) => void response.writeHead(302, { location: `${inner.origin}/` }).end());
    const answer = await open().fetch(outer.origin, { redirect: 'follow' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${inner.origin}/`]);
    expect(inner.heard).toEqual([]);
  });

  test('without a body is one', async () => {
    const server = await serve((_, response) => void response.writeHead(204).end());
    expect((await open().fetch(server.origin)).status).toBe(204);
  });

  test.each([
    ['too large', (body: Buffer) => ({ body, headers: {} })],
    [
      'too large once it is unpacked',
      (body: Buffer) => ({ body: gzipSync(body), headers: { 'content-encoding': 'gzip' } }),
    ],
  ])('that is %s is none', async (_name, packed) => {
    const { body, headers } = packed(Buffer.alloc(1024 * 1024 + 1, 'a'));
    const server = await serve((_request, response) => void response.writeHead(200, headers).end(body));
    expect(await why(open().fetch(server.origin))).toContain('its answer is larger than 1 MiB');
  });

  test('of just a MiB is whole', async () => {
    const server = await serve(saying('a'.repeat(1024 * 1024)));
    expect(await (await open().fetch(server.origin)).text()).toHaveLength(1024 * 1024);
  });

  test.each<[string, RequestListener]>([
    ['that does not begin', () => undefined],
    [
      'that begins and drips',
      (_, response) => {
        const drip = setInterval(() => response.write('a'), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('%s is given up', async (_name, listener) => {
    const server = await serve(listener);
    expect(await why(open({ answeredWithin: 100 }).fetch(server.origin))).toContain('no whole answer came in 0.1 s');
  });

  test('that the caller does not want any more is given up in the caller’s words', async () => {
    const server = await serve(() => caller.abort(new Error('enough')));
    const caller = new AbortController();
    expect(await why(open().fetch(server.origin, { signal: caller.signal }))).toBe('Error: enough');
  });

  test('from nobody is told with its cause', async () => {
    const { origin, port } = await serve(saying(''));
    for (const close of opened.splice(0)) await close();
    expect(await why(open().fetch(origin))).toBe(
      `127.0.0.1:${port} cannot be asked: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });
});

const own = ownAddress();

describe.skipIf(own === undefined)('a resolver that changes its answer', () => {
  test('is asked once a connection, and what was judged is what is connected to', async () => {
    const { address = '', range = '' } = own ?? {};
    const judged = await serve(saying('judged'), address);
    const inner = await serve(saying('inner'), '127.0.0.1', judged.port);
    const answers = [[address], ['127.0.0.1']];
    let asked = 0;
    const outgoing = open({ private: [range], lookUp: async () => answers[asked++] ?? [] });
    const origin = `http://crm.example.com:${judged.port}`;
    const pool = new Pool(origin, { connections: 1, connect: outgoing.toServer(origin) });
    opened.push(() => pool.destroy());
    const say = async (): Promise<string> => (await pool.request({ method: 'GET', path: '/' })).body.text();
    expect([await say(), await say(), asked]).toEqual(['judged', 'judged', 1]);
    const again = new Pool(origin, { connect: outgoing.toServer(origin) });
    opened.push(() => again.destroy());
    await expect(again.request({ method: 'GET', path: '/' })).rejects.toThrow(
      'crm.example.com is at 127.0.0.1, an address of this machine',
    );
    expect([asked, inner.heard]).toEqual([2, []]);
  });
});
