import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Answer, Question } from '../../src/domain/exchange.ts';
import { connect, folder, later, open, served } from '../support/catalog.ts';
import { ALL_ABILITIES, exchangeOf, stdioServer, until } from '../support/downstream.ts';
import { FOUR_CELLS, saidIn } from '../support/four-cells.ts';
import { serveLegacyHttp } from '../support/servers/legacy-http.ts';

const DECLINED: Answer = { ok: true, result: { action: 'decline' } };

async function rough(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const record = join(folder(), 'record');
  const { downstream } = open(stdioServer('rough-stdio.ts', flags, { RECORD: record, ...env }));
  const connection = await connect(downstream, 'one', ALL_ABILITIES);
  const heard = () => (existsSync(record) ? readFileSync(record, 'utf8').split('\n').slice(0, -1) : []);
  return { connection, heard };
}

const asking = (more: object = {}) => JSON.stringify({ do: 'ask', method: 'elicitation/create', ...more });

describe.each(FOUR_CELLS.filter(([cell]) => cell.startsWith('legacy')))('a real %s server', (_cell, serve) => {
  const what = ['form', 'url', 'sampling', 'tools', 'roots'];

  it('asks all it may at once, and gets each answer', async () => {
    const { downstream } = open(await serve());
    const connection = await connect(downstream, 'one', ALL_ABILITIES);
    const exchange = exchangeOf('ask', JSON.stringify({ what }), {
      answer: async ({ method, params }) => {
        await until(() => exchange.questions.length === what.length);
        if (method === 'roots/list') return { ok: true, result: { roots: [{ uri: 'file:///a' }] } };
        if (method === 'elicitation/create')
          return { ok: true, result: { action: 'accept', content: { of: `${params['mode']}` } } };
        return { ok: true, result: { model: 'm', role: 'assistant', content: { type: 'text', text: 'thought' } } };
      },
    });
    expect(saidIn(await connection.call(exchange))).toMatchObject([
      { action: 'accept', content: { of: 'form' } },
      { action: 'accept', content: { of: 'url' } },
      { content: { text: 'thought' } },
      { content: { text: 'thought' } },
      { roots: [{ uri: 'file:///a' }] },
    ]);
    expect(exchange.questions.map(({ key }) => key)).toEqual(what.map(() => undefined));
  });

  it.each<[string, Abilities, readonly string[]]>([
    ['nothing', NO_ABILITIES, []],
    ['forms', { ...NO_ABILITIES, elicitation: ['form'] }, ['form']],
    ['URLs', { ...NO_ABILITIES, elicitation: ['url'] }, ['url']],
    ['a model without tools', { ...NO_ABILITIES, sampling: { tools: false } }, ['sampling']],
    ['roots', { ...NO_ABILITIES, roots: true }, ['roots']],
  ])('is told that there is no such thing, and nobody is asked, beyond %s', async (_what, abilities, may) => {
    const { downstream } = open(await serve());
    const connection = await connect(downstream, 'one', abilities);
    const answer = async (): Promise<Answer> => ({ ok: false, code: 7, message: 'asked' });
    const exchange = exchangeOf('ask', JSON.stringify({ what }), { abilities, answer });
    const codes = (saidIn(await connection.call(exchange)) as readonly { code: number }[]).map(({ code }) => code);
    expect(codes).toEqual(what.map((one) => (may.includes(one) ? 7 : -32601)));
    expect(exchange.questions).toHaveLength(may.length);
  });
});

describe('what a legacy server asks in the middle of a call', () => {
  it('reaches the call that is open, and its answer goes back', async () => {
    const { connection } = await rough();
    const exchange = exchangeOf('rough', asking(), { answer: async () => DECLINED });
    const heard = saidIn(await connection.call(exchange));
    expect(exchange.questions).toEqual([
      { method: 'elicitation/create', params: { message: 'May I?' }, key: undefined },
    ]);
    expect(heard).toEqual({ jsonrpc: '2.0', id: 'q1', result: { action: 'decline' } });
  });

  it('is refused in the words of whoever refused it', async () => {
    const { connection } = await rough();
    const answer = async (): Promise<Answer> => ({ ok: false, code: -1, message: 'nobody is there' });
    const heard = saidIn(await connection.call(exchangeOf('rough', asking({ method: 'roots/list' }), { answer })));
    expect(heard).toMatchObject({ error: { code: -1, message: 'nobody is there' } });
  });

  it('is refused as a fault of ours when asking fails', async () => {
    const { connection } = await rough();
    const answer = () => Promise.reject(new Error('a secret'));
    const heard = saidIn(await connection.call(exchangeOf('rough', asking(), { answer })));
    expect(heard).toMatchObject({ error: { code: -32603, message: 'the question could not be asked' } });
  });

  it('is refused beyond 16 questions that are open', async () => {
    const { connection } = await rough();
    const answers: ((answer: Answer) => void)[] = [];
    const exchange = exchangeOf('rough', asking({ count: 17 }), {
      answer: () => new Promise((resolve) => void answers.push(resolve)),
    });
    const call = connection.call(exchange);
    await until(() => answers.length === 16);
    for (const resolve of answers) resolve(DECLINED);
    const heard = saidIn(await call) as readonly { id: string; error?: { code: number } }[];
    expect(heard.filter(({ error }) => error?.code === -32601).map(({ id }) => id)).toEqual(['q17']);
    expect(exchange.questions).toHaveLength(16);
  });

  it('is refused when two calls are open, since nobody can say whose question it is', async () => {
    const { connection } = await rough();
    const other = new AbortController();
    const answer = async () => DECLINED;
    const hanging = exchangeOf('rough', '{"do":"hang"}', { signal: other.signal, answer });
    const opened = connection.call(hanging);
    const exchange = exchangeOf('rough', asking(), { answer });
    expect(saidIn(await connection.call(exchange))).toMatchObject({ error: { code: -32601 } });
    expect([...hanging.questions, ...exchange.questions]).toEqual([]);
    other.abort();
    await opened;
  });

  it('is refused in the middle of a completion, which no person waits for', async () => {
    const { connection } = await rough();
    const exchange = exchangeOf('p', '{"argument":{},"ref":{}}', {
      operation: 'completion/complete',
      answer: async () => DECLINED,
    });
    const outcome = await connection.call(exchange);
    expect(JSON.stringify(outcome)).toContain('-32601');
    expect(exchange.questions).toEqual([]);
  });

  it.each([
    ['2025-06-18', 'url', -32601],
    ['2025-06-18', 'form', 7],
    ['2025-03-26', 'form', -32601],
    ['2025-11-25', 'url', 7],
    ['2025-11-25', 'telepathy', -32601],
  ])('is refused where its revision %s does not know the mode %s', async (revision, mode, code) => {
    const { connection } = await rough([], { REVISION: revision });
    const answer = async (): Promise<Answer> => ({ ok: false, code: 7, message: 'asked' });
    const heard = saidIn(await connection.call(exchangeOf('rough', asking({ params: { mode } }), { answer })));
    expect(heard).toMatchObject({ error: { code } });
  });

  it('is answered at once when it is a ping, and refused when it is anything else, or cannot be read', async () => {
    const { connection } = await rough();
    const ping = await connection.call(exchangeOf('rough', asking({ method: 'ping' })));
    expect(saidIn(ping)).toMatchObject({ result: {} });
    const answer = async () => DECLINED;
    for (const more of [{ method: 'tasks/list' }, { params: ['x'] }, { params: 'x' }]) {
      const exchange = exchangeOf('rough', asking(more), { answer });
      expect(saidIn(await connection.call(exchange))).toMatchObject({ error: { code: -32601 } });
      expect(exchange.questions).toEqual([]);
    }
  });

  it('is refused to a modern server, which may ask only by its result', async () => {
    const { connection } = await rough(['modern']);
    const exchange = exchangeOf('rough', asking(), { answer: async () => DECLINED });
    expect(saidIn(await connection.call(exchange))).toMatchObject({ error: { code: -32601 } });
    expect(exchange.questions).toEqual([]);
  });

  it('is refused when the call ends before anybody answered', async () => {
    const { connection, heard } = await rough();
    const caller = new AbortController();
    const exchange = exchangeOf('rough', asking(), {
      signal: caller.signal,
      answer: () => new Promise(() => undefined),
    });
    const call = connection.call(exchange);
    await until(() => exchange.questions.length > 0);
    caller.abort();
    expect(await call).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
    await until(() => heard().some((line) => line.includes('the call is over')));
    const told = heard().find((line) => line.includes('the call is over')) ?? '{}';
    expect(JSON.parse(told)).toMatchObject({ id: 'q1', error: { code: -32603 } });
  });
});

describe('the time of a call', () => {
  it('stands still from its first open question to its last answer', async () => {
    const { connection } = await rough();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    later(() => void vi.useRealTimers());
    const answers: ((answer: Answer) => void)[] = [];
    const exchange = exchangeOf('rough', asking({ count: 2 }), {
      within: 20_000,
      answer: () => new Promise((resolve) => void answers.push(resolve)),
    });
    const call = connection.call(exchange);
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(60_000);
    answers[0]?.(DECLINED);
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(60_000);
    answers[1]?.(DECLINED);
    expect(await call).toMatchObject({ outcome: 'ok' });
  });

  it('goes on after the answer', async () => {
    const { connection, heard } = await rough();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    later(() => void vi.useRealTimers());
    const exchange = exchangeOf('rough', asking({ afterwards: 'hang' }), {
      within: 20_000,
      answer: async () => DECLINED,
    });
    const call = connection.call(exchange);
    while (!heard().some((line) => line.includes('decline'))) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(60_000);
    expect(await call).toEqual({ outcome: 'unknown', why: 'no answer within 20 s' });
  });
});

describe('a question', () => {
  it('is asked of the call on whose stream it came', async () => {
    const { downstream } = open(served(await serveLegacyHttp()));
    const connection = await connect(downstream, 'one', ALL_ABILITIES);
    const asked: Question[][] = [];
    const calls = ['form', 'roots'].map((what, at) => {
      const exchange = exchangeOf('ask', JSON.stringify({ what: [what] }), {
        answer: async () => {
          await until(() => asked.every((questions) => questions.length === 1));
          return { ok: true, result: at === 0 ? { action: 'decline' } : { roots: [] } };
        },
      });
      asked.push(exchange.questions);
      return connection.call(exchange);
    });
    expect((await Promise.all(calls)).map(saidIn)).toEqual([[{ action: 'decline' }], [{ roots: [] }]]);
    expect(asked.map(([question]) => question?.method)).toEqual(['elicitation/create', 'roots/list']);
  });
});
