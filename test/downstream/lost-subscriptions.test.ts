import { afterEach, describe, expect, it, vi } from 'vitest';
import { exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { done, TOOL } from '../support/downstream-http.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';
import { serveTellingLegacy, serveTellingModern } from '../support/servers/telling-http.ts';
import { addressOf, openGateway, subscribe, subscribedAt, tell, tries, UPDATED } from '../support/subscriptions.ts';

const ACCEPTED = { outcome: 'ok', result: {} };

afterEach(() => void vi.useRealTimers());

describe.each([
  ['legacy', serveTellingLegacy],
  ['modern', serveTellingModern],
] as const)('a subscription at a %s HTTP server', (_era, serve) => {
  it('is made again when its stream drops, and its subscribers are told once that they may have missed something', async () => {
    const served = await serve({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    const [one, two] = [subscribe(connection, 'note://a'), subscribe(connection, 'note://a')];
    expect(await Promise.all([one.outcome, two.outcome])).toEqual([ACCEPTED, ACCEPTED]);
    served.drop();
    await until(() => one.updates.length > 0);
    await tell(connection, UPDATED('note://a'));
    await until(() => one.updates.length > 1 && two.updates.length > 1);
    expect([one.updates, two.updates]).toEqual([
      ['note://a', 'note://a'],
      ['note://a', 'note://a'],
    ]);
    expect(served.subscribed()).toEqual(['note://a']);
  });

  it('waits for a server that is away, and is not told of anything meanwhile', async () => {
    const served = await serve({ quiet: true });
    const { connect, log } = openGateway(addressOf(served));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    served.refuse(503);
    const asked = served.asked();
    served.drop();
    await until(() => served.asked() > asked + 1);
    expect(one.updates).toEqual([]);
    served.refuse(undefined);
    await until(() => one.updates.length > 0);
    expect([one.updates, log]).toEqual([['note://a'], []]);
  });

  it('leaves no stream behind when the last subscriber goes', async () => {
    const served = await serve({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const one = subscribe(await connect(), 'note://a');
    await one.outcome;
    expect(served.streams()).toBe(1);
    one.stop();
    await until(() => served.streams() === 0 && served.subscribed().length === 0);
    expect(served.asked()).toBe(1);
  });

  it.each([503, 'silence'] as const)(
    'is taken back when its last subscriber goes while the stream is away (%s)',
    async (how) => {
      const served = await serve({ quiet: true });
      const { connect } = openGateway(addressOf(served));
      const connection = await connect();
      const one = subscribe(connection, 'note://a');
      await one.outcome;
      served.refuse(how);
      served.drop();
      await until(() => served.asked() > 1);
      one.stop();
      served.refuse(undefined);
      await until(() => served.subscribed().length === 0);
      const other = subscribe(connection, 'note://b');
      expect(await other.outcome).toEqual(ACCEPTED);
      expect([served.subscribed(), one.updates]).toEqual([['note://b'], []]);
    },
  );

  it('ends with the gateway, and so does its stream', async () => {
    const served = await serve({ quiet: true });
    const { connect, downstream, log } = openGateway(addressOf(served));
    const connection = await connect();
    await subscribe(connection, 'note://a').outcome;
    await downstream.close();
    await until(() => served.streams() === 0);
    await tries();
    expect(log).toEqual([]);
    expect(await subscribe(connection, 'note://a').outcome).toMatchObject({ outcome: 'not_sent' });
  });

  it('ends when its server is taken out of the policies', async () => {
    const served = await serve({ quiet: true });
    const { connect, downstream, log } = openGateway(addressOf(served));
    await subscribe(await connect(), 'note://a').outcome;
    downstream.remove(['s']);
    await until(() => served.streams() === 0);
    await tries();
    expect([served.streams(), served.asked(), log]).toEqual([0, 1, []]);
  });

  it('are at most 1,000 a session, leave no warning, and nothing at all when they end', async () => {
    const served = await serve({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', warn);
    const before = timers();
    const all = Array.from({ length: 1_000 }, (_none, index) => subscribe(connection, `note://${index}`));
    const outcomes = await Promise.all(all.map(({ outcome }) => outcome));
    expect(outcomes.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(await subscribe(connection, 'note://more').outcome).toEqual({
      outcome: 'not_sent',
      why: 'this session has 1000 subscriptions at this server, the most there may be',
    });
    for (const { stop } of all) stop();
    await until(() => served.streams() === 0 && served.subscribed().length === 0);
    await until(() => timers() <= before);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
    expect(await subscribe(connection, 'note://more').outcome).toEqual(ACCEPTED);
  });
});

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a subscription at a legacy HTTP server', () => {
  it('is made again in the new session when the server forgot the old one', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    served.forget();
    expect(await connection.call(exchangeOf('subscribed', '{}'))).toMatchObject({ outcome: 'ok' });
    await until(() => one.updates.length > 0);
    expect(await subscribedAt(connection)).toEqual(['note://a']);
    await tell(connection, UPDATED('note://a'));
    await until(() => one.updates.length > 1);
    expect(one.updates).toEqual(['note://a', 'note://a']);
  });

  it('finds a forgotten session by itself when its stream drops', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    served.forget();
    served.drop();
    await until(() => one.updates.length > 0);
    expect(await subscribedAt(connection)).toEqual(['note://a']);
  });

  it('is had in a new session when the server forgot the old one before', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    served.forget();
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
    expect(await subscribedAt(connection)).toEqual(['note://a']);
  });

  it('is had of a server that serves no stream, too: it may tell on the streams of requests', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    served.refuse(405);
    const { connect, log } = openGateway(addressOf(served));
    const connection = await connect();
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
    expect([await subscribedAt(connection), log]).toEqual([['note://a'], []]);
  });

  it('waits for a server that has not noticed yet that its stream before has ended', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    served.refuse(409);
    const one = subscribe(connection, 'note://a');
    await until(() => served.asked() === 1);
    served.refuse(undefined);
    expect(await one.outcome).toEqual(ACCEPTED);
    expect(served.streams()).toBe(1);
  });

  it('is made after the one before was taken back, and not at the same time', async () => {
    const asked: string[] = [];
    let release = (): void => undefined;
    const served = await serveRoughHttp({
      era: 'legacy',
      tools: [TOOL],
      onCall: done,
      onOther: ({ message: { id, method } }, response) => {
        const result = (value: object) => sendJson(response, 200, { jsonrpc: '2.0', id, result: value });
        if (method === 'initialize') {
          const capabilities = { tools: {}, resources: { subscribe: true } };
          result({ protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'r', version: '1' } });
          return true;
        }
        if (!method?.startsWith('resources/')) return false;
        asked.push(method);
        if (method === 'resources/subscribe') result({});
        else release = () => result({});
        return true;
      },
    });
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    one.stop();
    const two = subscribe(connection, 'note://a');
    await until(() => asked.length > 1);
    await connection.call(exchangeOf('größe', '{}'));
    expect(asked).toEqual(['resources/subscribe', 'resources/unsubscribe']);
    release();
    expect(await two.outcome).toEqual(ACCEPTED);
    expect(asked).toEqual(['resources/subscribe', 'resources/unsubscribe', 'resources/subscribe']);
  });

  it('keeps its connection, which is closed when it was idle for long after', async () => {
    const served = await serveTellingLegacy({ quiet: true });
    const { connect } = openGateway(addressOf(served));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    vi.advanceTimersByTime(60 * 60_000);
    expect([served.subscribed(), deletes(served.log)]).toEqual([['note://a'], 0]);
    one.stop();
    while (served.streams() > 0 || served.subscribed().length > 0)
      await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(11 * 60_000);
    while (deletes(served.log) === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(deletes(served.log)).toBe(1);
  });
});

const deletes = (log: readonly { readonly verb: string }[]): number =>
  log.filter(({ verb }) => verb === 'DELETE').length;

describe('a subscription at a modern HTTP server', () => {
  it('is dropped, and the operator told, when the server serves it no more', async () => {
    const served = await serveTellingModern({ quiet: true });
    const { connect, log } = openGateway(addressOf(served));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    const asked = served.asked();
    served.refuse(404);
    served.drop();
    await until(() => log.length > 0);
    expect(log).toEqual(['the subscription to note://a is dropped: it answered the subscription with HTTP 404']);
    expect([one.updates, served.asked() > asked]).toEqual([[], true]);
    served.refuse(undefined);
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
  });
});

describe.each(['legacy', 'modern'])('a subscription at a %s stdio server', (era) => {
  it('is made again in a new process, and its subscribers are told once that they may have missed something', async () => {
    const { connect, log } = openGateway(stdioServer('telling-stdio.ts', [era]));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    expect(await connection.call(exchangeOf('exit', '{}'))).toMatchObject({ outcome: 'unknown' });
    await until(() => one.updates.length > 0);
    const again = await connect();
    expect(await tell(again, UPDATED('note://a'))).toEqual(['note://a']);
    await until(() => one.updates.length > 1);
    expect([one.updates, log]).toEqual([['note://a', 'note://a'], []]);
  });

  it('starts no process when its last subscriber left before', async () => {
    const { connect, log } = openGateway(stdioServer('telling-stdio.ts', [era]));
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    one.stop();
    await connection.call(exchangeOf('exit', '{}'));
    const again = await connect();
    expect([await subscribedAt(again), log]).toEqual([[], []]);
  });
});
