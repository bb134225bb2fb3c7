import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { stdioServer, until } from '../support/downstream.ts';
import { event, stream, TOOL } from '../support/downstream-http.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { type Got, serveRoughHttp } from '../support/servers/rough-http.ts';
import { EARLY } from '../support/servers/telling.ts';
import { addressOf, openGateway, subscribe } from '../support/subscriptions.ts';

const ACCEPTED = { outcome: 'ok', result: {} };
const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

/** A modern server in plain code; `onListen` answers what is listened to, the first time and later. */
async function listening(onListen: (got: Got, response: ServerResponse, times: number) => void) {
  let times = 0;
  const served = await serveRoughHttp({
    era: 'modern',
    tools: [TOOL],
    onCall: () => undefined,
    onOther: (got, response) => {
      const { id, method } = got.message;
      if (method === 'subscriptions/listen') onListen(got, response, ++times);
      if (method === 'server/discover') {
        const result = {
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {}, resources: { subscribe: true } },
        };
        sendJson(response, 200, { jsonrpc: '2.0', id, result });
      }
      return method === 'subscriptions/listen' || method === 'server/discover';
    },
  });
  const { connect, log } = openGateway(addressOf(served));
  return { connection: await connect(), log, times: () => times };
}

const notice = (id: unknown, method: string, params: object) =>
  event({ jsonrpc: '2.0', method, params: { ...params, _meta: { [SUBSCRIPTION_ID]: id } } });
const acknowledged = (id: unknown, uris: readonly string[]) =>
  notice(id, 'notifications/subscriptions/acknowledged', { notifications: { resourceSubscriptions: uris } });
const updated = (id: unknown, uri: string) => notice(id, 'notifications/resources/updated', { uri });
const ended = (id: unknown) =>
  event({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID]: id } } });

describe('a subscription at a modern server', () => {
  it('asks for its resource and nothing else, on a stream of its own', async () => {
    const asked: unknown[] = [];
    const { connection } = await listening(({ message: { id, params } }, response) => {
      asked.push(params?.['notifications']);
      stream(response).write(acknowledged(id, ['note://a']));
    });
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
    expect(asked).toEqual([{ resourceSubscriptions: ['note://a'] }]);
  });

  it('is refused when the server acknowledges something else, and its stream is closed', async () => {
    let closed = 0;
    const { connection } = await listening(({ message: { id } }, response) => {
      response.on('close', () => closed++);
      stream(response).write(acknowledged(id, ['note://b']));
    });
    expect(await subscribe(connection, 'note://a').outcome).toEqual({
      outcome: 'withheld',
      why: 'the server does not honour the subscription',
    });
    await until(() => closed === 1);
  });

  it("is refused in the server's words, and in ours when it ends or breaks before it was accepted", async () => {
    const { connection } = await listening(({ message: { id } }, response, times) => {
      const error = { code: -32603, message: 'Subscription limit reached' };
      if (times === 1) sendJson(response, 200, { jsonrpc: '2.0', id, error });
      if (times === 2) stream(response).end(ended(id));
      if (times === 3) stream(response).end();
      if (times === 4) response.writeHead(429).end();
    });
    const outcomes: unknown[] = [];
    for (let times = 0; times < 4; times++) outcomes.push(await subscribe(connection, 'note://a').outcome);
    expect(outcomes).toEqual([
      { outcome: 'rpc_error', code: -32603, message: 'Subscription limit reached' },
      { outcome: 'withheld', why: 'the server ended the subscription without accepting it' },
      { outcome: 'unknown', why: 'the stream ended before the answer came' },
      { outcome: 'rpc_error', code: 429, message: 'the server refused the request with HTTP 429' },
    ]);
  });

  it('is not waited for longer than its request may take, and its stream is closed then', async () => {
    let closed = 0;
    const { connection } = await listening((_got, response) => {
      response.on('close', () => closed++);
      stream(response).write(': soon\n\n');
    });
    expect(await subscribe(connection, 'note://a', { within: 100 }).outcome).toEqual({
      outcome: 'unknown',
      why: 'no answer within 0.1 s',
    });
    await until(() => closed === 1);
  });

  it.each([
    ['result', ended],
    [
      'cancellation',
      (id: unknown) => event({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }),
    ],
  ])('is made again when the server ends it with a %s, even if the stream stays open', async (_how, end) => {
    const responses: { id: unknown; response: ServerResponse }[] = [];
    const { connection, log } = await listening(({ message: { id } }, response) => {
      responses.push({ id, response });
      stream(response).write(acknowledged(id, ['note://a']));
    });
    const one = subscribe(connection, 'note://a');
    await one.outcome;
    responses[0]?.response.write(end(responses[0].id));
    await until(() => one.updates.length === 1);
    responses[1]?.response.write(updated(responses[1].id, 'note://a'));
    await until(() => one.updates.length === 2);
    expect([responses.length, log]).toEqual([2, []]);
  });

  it('is told nothing from the stream of another resource, nor of one that was not asked for', async () => {
    const streams = new Map<unknown, { id: unknown; response: ServerResponse }>();
    const { connection } = await listening(({ message: { id, params } }, response) => {
      const wanted = params?.['notifications'] as { resourceSubscriptions?: string[] } | undefined;
      const uris = wanted?.resourceSubscriptions ?? [];
      streams.set(uris[0], { id, response });
      stream(response).write(acknowledged(id, uris));
    });
    const [a, b] = [subscribe(connection, 'note://a'), subscribe(connection, 'note://b')];
    await Promise.all([a.outcome, b.outcome]);
    const [ofA, ofB] = [streams.get('note://a'), streams.get('note://b')];
    ofB?.response.write(
      updated(ofA?.id, 'note://a') + updated(ofB.id, 'note://stranger') + updated(ofB.id, 'note://b'),
    );
    await until(() => b.updates.length > 0);
    expect([a.updates, b.updates]).toEqual([[], ['note://b']]);
  });
});

describe('a notice that overtakes the yes to its subscription', () => {
  it('is told after it', async () => {
    const { connect } = openGateway(stdioServer('telling-stdio.ts', ['legacy']));
    const one = subscribe(await connect(), EARLY);
    expect(await one.outcome).toEqual(ACCEPTED);
    await until(() => one.updates.length > 0);
    expect(one.updates).toEqual([EARLY]);
  });
});

describe('a server that offers no subscriptions', () => {
  it('is not asked for one', async () => {
    const served = await serveRoughHttp({ era: 'modern', tools: [TOOL], onCall: () => undefined });
    const { connect } = openGateway(addressOf(served));
    expect(await subscribe(await connect(), 'note://a').outcome).toEqual({
      outcome: 'rpc_error',
      code: -32601,
      message: 'the server offers no subscriptions',
    });
    expect(served.got.map(({ message }) => message.method)).not.toContain('subscriptions/listen');
  });
});
