import { afterEach, describe, expect, it, vi } from 'vitest';
import { exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { serveTellingLegacy, serveTellingModern } from '../support/servers/telling-http.ts';
import { addressOf, openGateway, subscribe, subscribedAt, tell, UPDATED } from '../support/subscriptions.ts';

const ACCEPTED = { outcome: 'ok', result: {} };

afterEach(() => void vi.useRealTimers());

describe.each([
  ['legacy', serveTellingLegacy],
  ['modern', serveTellingModern],
] as const)('a subscription at a %s HTTP server', (_era, serve) => {
  it('is made again when its stream drops, and its subscribers are told once that they may have missed something', async () => {
    const served = await serve();
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
    const served = await serve();
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

  it('leaves no stream behind when the last subscriber goes, and none when it goes while the server is away', async () => {
    const served = await serve();
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    await until(() => served.streams() === 1);
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    expect(served.streams()).toBe(2);
    one.stop();
    await until(() => served.streams() === 1);
    const two = subscribe(connection, 'note://b');
    await two.outcome;
    served.refuse(503);
    const asked = served.asked();
    served.drop();
    await until(() => served.asked() > asked + 1);
    two.stop();
    served.refuse(undefined);
    await until(() => served.streams() === 1);
    const three = subscribe(connection, 'note://c');
    expect(await three.outcome).toEqual(ACCEPTED);
    await until(() => !served.subscribed().includes('note://b'));
    expect([served.subscribed(), two.updates]).toEqual([['note://c'], []]);
  });

  it('ends with the gateway, and so does its stream', async () => {
    const served = await serve();
    const { connect, downstream, log } = openGateway(addressOf(served));
    const connection = await connect();
    await subscribe(connection, 'note://a').outcome;
    await downstream.close();
    await until(() => served.streams() === 0);
    expect(log).toEqual([]);
    expect(await subscribe(connection, 'note://a').outcome).toMatchObject({ outcome: 'not_sent' });
  });

  it('ends when its server is taken out of the policies', async () => {
    const served = await serve();
    const { connect, downstream } = openGateway(addressOf(served));
    await subscribe(await connect(), 'note://a').outcome;
    (downstream as ReturnType<typeof import('../../src/downstream/downstream.ts').openDownstream>).remove(['s']);
    await until(() => served.streams() === 0);
    expect(served.streams()).toBe(0);
  });

  it('are at most 1,000 a session, leave no warning, and nothing at all when they end', async () => {
    const served = await serve();
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    await until(() => served.streams() === 1);
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
    await until(() => served.streams() === 1 && served.subscribed().length === 0);
    await until(() => timers() <= before);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
    expect(await subscribe(connection, 'note://more').outcome).toEqual(ACCEPTED);
  });
});

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a subscription at a legacy HTTP server', () => {
  it('is made again in the new session when the server forgot the old one', async () => {
    const served = await serveTellingLegacy();
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
    const served = await serveTellingLegacy();
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
    const served = await serveTellingLegacy();
    const { connect } = openGateway(addressOf(served));
    const connection = await connect();
    served.forget();
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
    expect(await subscribedAt(connection)).toEqual(['note://a']);
  });

  it('is had of a server that serves no stream, too: it may tell on the streams of requests', async () => {
    const served = await serveTellingLegacy();
    served.refuse(405);
    const { connect, log } = openGateway(addressOf(served));
    const connection = await connect();
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
    expect([await subscribedAt(connection), log]).toEqual([['note://a'], []]);
  });

  it('keeps its connection, which is closed when it was idle for long after', async () => {
    const served = await serveTellingLegacy();
    const { connect } = openGateway(addressOf(served));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connection = await connect();
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    vi.advanceTimersByTime(60 * 60_000);
    expect([served.subscribed(), deletes(served.log)]).toEqual([['note://a'], 0]);
    one.stop();
    while (served.streams() > 1 || served.subscribed().length > 0)
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
    const served = await serveTellingModern();
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
