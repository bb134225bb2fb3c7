/** Messages of a stdio server that no honest one writes: the gateway serves on, and nothing of them reaches a client. */
import { describe, expect, it } from 'vitest';
import type { ListKind } from '../../src/domain/downstream.ts';
import type { Answer } from '../../src/domain/exchange.ts';
import { connect, open } from '../support/catalog.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';

const line = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });
/** Written by hand: to stringify it would fill the stack. */
const NESTED = '['.repeat(200_000) + ']'.repeat(200_000);

/** A server that says these lines before it answers a call, and what came of them. */
async function saying(lines: readonly string[]) {
  const { downstream } = open(stdioServer('rough-stdio.ts'));
  const told: ListKind[] = [];
  downstream.onListChanged((_server, list) => told.push(list));
  const connection = await connect(downstream);
  const exchange = exchangeOf('rough', JSON.stringify({ do: 'say', lines }));
  return { outcome: await connection.call(exchange), told, exchange, connection };
}

describe('what a hostile server says', () => {
  it('is no change of a list when its method is a name that every object has', async () => {
    const methods = ['toString', 'constructor', '__proto__', 'hasOwnProperty', 'notifications/prompts/list_changed'];
    const { outcome, told } = await saying(methods.map((method) => line({ method })));
    expect(outcome).toMatchObject({ outcome: 'ok' });
    expect(told).toEqual(['prompts']);
  });

  it('gets no answer under an id that no request has, however deep that is', async () => {
    const odd = [NESTED, '{}', 'null', '1.5', 'true', '[]'];
    const { outcome, connection } = await saying(odd.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`));
    expect(outcome).toMatchObject({ outcome: 'ok' });
    expect(await connection.call(exchangeOf('rough', '{"do":"echo"}'))).toMatchObject({ outcome: 'ok' });
  });

  it('is no progress where it is no number that can be told', async () => {
    const params = (token: number) => `{"progressToken":${token},"progress":1e999,"total":1}`;
    const every = Array.from({ length: 20 }, (_, token) => params(token));
    const { outcome, exchange } = await saying(
      every.map((one) => `{"jsonrpc":"2.0","method":"notifications/progress","params":${one}}`),
    );
    expect(outcome).toMatchObject({ outcome: 'ok' });
    expect(exchange.steps).toEqual([]);
  });

  it('is no error that a client could read, where its code is no whole number', async () => {
    const { connection } = await saying([]);
    for (const code of ['1e999', '1.5']) {
      const lines = Array.from(
        { length: 30 },
        (_, id) => `{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"m"}}`,
      );
      const exchange = exchangeOf('rough', JSON.stringify({ do: 'say', lines }));
      expect(await connection.call(exchange)).toMatchObject({ outcome: 'withheld' });
    }
  });

  it('asks so often in one call and no more: what is refused is put on record, and fills it', async () => {
    const { connection } = await saying([]);
    const answer = async (): Promise<Answer> => ({ ok: false, code: 7, message: 'refused' });
    const exchange = exchangeOf('rough', JSON.stringify({ do: 'ask-on', method: 'roots/list' }), {
      answer,
      within: 1_500,
    });
    expect(await connection.call(exchange)).toMatchObject({ outcome: 'unknown', why: 'no answer within 1.5 s' });
    expect(exchange.questions.length).toBeLessThanOrEqual(160);
  });
});
