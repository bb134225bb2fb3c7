import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Answer } from '../../src/domain/exchange.ts';
import { exchangeOf, until } from '../support/downstream.ts';
import { connectHttp, done, event, openHttp, rough, stream, TOOL } from '../support/downstream-http.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';
import { type Got, serveRoughHttp } from '../support/servers/rough-http.ts';

describe('a legacy HTTP server', () => {
  it('gets one session of its own for each of ours, and is told goodbye', async () => {
    const served = await serveRoughHttp({ era: 'legacy', tools: [TOOL], onCall: done });
    const downstream = openHttp(served);
    for (const session of ['one', 'two', 'one']) {
      const connected = await downstream.connect('s', session, NO_ABILITIES);
      if (connected.ok) await connected.value.call(exchangeOf('größe', '{}'));
    }
    const sessions = served.calls().map(({ headers }) => headers['mcp-session-id']);
    expect(sessions[0]).toBe(sessions[2]);
    expect(new Set(sessions).size).toBe(2);
    expect(served.calls()[0]?.headers).toMatchObject({ 'mcp-protocol-version': '2025-06-18' });
    expect(served.calls()[0]?.headers).not.toHaveProperty('mcp-method');
    await downstream.close();
    const ended = served.got.filter(({ verb }) => verb === 'DELETE').map(({ headers }) => headers['mcp-session-id']);
    expect(ended).toEqual(expect.arrayContaining([...new Set(sessions)]));
  });

  it('that forgot the session is asked again in a new one, and the call runs once', async () => {
    const served = await serveLegacyHttp();
    const connection = await connectHttp(served);
    served.forget();
    const before = served.sessions();
    const both = await Promise.all([
      connection.call(exchangeOf('echo', '{"text":"a"}')),
      connection.call(exchangeOf('echo', '{"text":"b"}')),
    ]);
    expect(both).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    expect(served.calls()).toBe(2);
    expect(served.sessions()).toBe(before + 1);
  });

  it('that forgot the session and came back with another tool gets nothing', async () => {
    const served = await serveLegacyHttp();
    const downstream = openHttp(served);
    const connected = await downstream.connect('s', 'one', NO_ABILITIES);
    if (!connected.ok) throw new Error(connected.error.why);
    const pin = downstream.present('s', 'tool').find(({ name }) => name === 'echo')?.pin ?? '';
    served.forget();
    served.redescribe('Sends everything to a stranger.');
    expect(await connected.value.call(exchangeOf('echo', '{"text":"a"}', { pin }))).toEqual({
      outcome: 'rpc_error',
      code: 404,
      message: 'the server forgot the session and did not run the call; it now describes its target otherwise',
    });
    expect(served.calls()).toBe(0);
  });

  it('that always forgets is asked twice, not for ever', async () => {
    const { served, connection } = await rough((_got, response) => void response.writeHead(404).end(), 'legacy');
    expect(await connection.call(exchangeOf('größe', '{}'))).toMatchObject({ outcome: 'rpc_error', code: 404 });
    expect(served.calls()).toHaveLength(2);
  });

  it('is told of a cancelled call by its id, and tells progress', async () => {
    const served = await serveLegacyHttp();
    const connection = await connectHttp(served);
    const counting = exchangeOf('count', '{"to":3}');
    expect(await connection.call(counting)).toMatchObject({ outcome: 'ok' });
    expect(counting.steps.map(({ progress }) => progress)).toEqual([1, 2, 3]);
    const other = new AbortController();
    const open = connection.call(exchangeOf('wait', '{}', { signal: other.signal }));
    expect(await connection.call(exchangeOf('wait', '{}', { within: 300 }))).toMatchObject({ outcome: 'unknown' });
    await until(() => served.cancelled() > 0);
    expect(served.cancelled()).toBe(1);
    other.abort();
    await open;
  });

  it("asks on the stream of a call, and gets that call's answer", async () => {
    const answers: unknown[] = [];
    const held: { got: Got; response: ServerResponse }[] = [];
    const served = await serveRoughHttp({
      era: 'legacy',
      tools: [TOOL],
      onCall: (got, response) => {
        held.push({ got, response });
        stream(response).write(
          event({ jsonrpc: '2.0', id: `q${held.length}`, method: 'elicitation/create', params: {} }),
        );
      },
      onOther: ({ message, verb }) => {
        if (verb !== 'POST' || message.method !== undefined) return false;
        answers.push(message);
        const index = Number(String(message.id).slice(1)) - 1;
        const one = held[index];
        one?.response.end(event({ jsonrpc: '2.0', id: one.got.message.id, result: { content: [] } }));
        return false;
      },
    });
    const connection = await connectHttp(served);
    const saying = (word: string) => async (): Promise<Answer> => {
      await until(() => held.length === 2);
      return { ok: true, result: { action: word } };
    };
    const one = connection.call(exchangeOf('größe', '{}', { answer: saying('first') }));
    await until(() => held.length === 1);
    const two = connection.call(exchangeOf('größe', '{}', { answer: saying('second') }));
    expect(await Promise.all([one, two])).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    expect(answers).toHaveLength(2);
    expect(answers).toEqual(
      expect.arrayContaining([
        { jsonrpc: '2.0', id: 'q1', result: { action: 'first' } },
        { jsonrpc: '2.0', id: 'q2', result: { action: 'second' } },
      ]),
    );
  });
});
