import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Downstream } from '../../src/domain/downstream.ts';
import type { Connection } from '../../src/domain/exchange.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, isAlive, stdioServer, until } from '../support/downstream.ts';

let folder: string;
let downstream: Downstream | undefined;
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-stdio-'));
  logged = [];
});
afterEach(async () => {
  await downstream?.close();
  downstream = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const record = () => join(folder, 'record');
const recorded = () => (existsSync(record()) ? readFileSync(record(), 'utf8').split('\n').slice(0, -1) : []);
const methods = () => recorded().map((line) => (JSON.parse(line) as { method?: string }).method);

function open(server: ServerAddress): Downstream {
  downstream = openDownstream({
    servers: new Map([['s', server]]),
    now: Date.now,
    log: ({ text }) => logged.push(text),
  });
  return downstream;
}

async function connect(server: ServerAddress, session = 'one'): Promise<Connection> {
  const connected = await open(server).connect('s', session, NO_ABILITIES);
  if (!connected.ok) throw new Error(connected.error.why);
  return connected.value;
}

const rough = (flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  stdioServer('rough-stdio.ts', flags, { RECORD: record(), ...env });

const textOf = (outcome: unknown) => (outcome as { result: { content: [{ text: string }] } }).result.content[0].text;

describe('a call over stdio', () => {
  it('sends what was judged, byte for byte', async () => {
    const connection = await connect(rough());
    const canonical = '{"10":0,"9":0,"do":"echo","huge":1e+30,"text":"\\u0001 ü \u2028 </s>","zero":0}';
    expect(await connection.call(exchangeOf('rough', canonical))).toEqual({
      outcome: 'ok',
      result: { content: [{ type: 'text', text: 'ok' }] },
    });
    expect(recorded().at(-1)).toContain(`"params":{"name":"rough","arguments":${canonical},"_meta":`);
  });

  it('carries our own trace context', async () => {
    const connection = await connect(rough());
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await connection.call(exchangeOf('rough', '{"do":"echo"}', { traceparent }));
    expect(JSON.parse(recorded().at(-1) ?? '').params._meta.traceparent).toBe(traceparent);
  });

  it('matches answers to calls that are open at the same time', async () => {
    const connection = await connect(rough());
    const canonicals = ['a', 'b', 'c'].map((word) => `{"do":"raw","result":{"content":[{"type":"${word}"}]}}`);
    const outcomes = await Promise.all(canonicals.map((text) => connection.call(exchangeOf('rough', text))));
    expect(
      outcomes.map((one) => (one as unknown as { result: { content: [{ type: string }] } }).result.content[0].type),
    ).toEqual(['a', 'b', 'c']);
  });

  it('hands on an error of the server with its code and data', async () => {
    const connection = await connect(rough());
    expect(await connection.call(exchangeOf('rough', '{"do":"error"}'))).toEqual({
      outcome: 'rpc_error',
      code: -32602,
      message: 'bad',
      data: { field: 'x' },
    });
  });

  it('is not disturbed by lines that are no messages, and the operator is told of them', async () => {
    const connection = await connect(rough());
    expect(textOf(await connection.call(exchangeOf('rough', '{"do":"garbage"}')))).toBe('after the garbage');
    expect(logged).toContain('stdout holds a line that is no MCP message: loading...');
  });

  it('tells progress of its own token only, and only while it rises', async () => {
    const connection = await connect(rough());
    const exchange = exchangeOf('rough', '{"do":"progress","steps":[1,2,2,1,3]}');
    expect(textOf(await connection.call(exchange))).toBe('done');
    expect(exchange.steps.map((step) => step.progress)).toEqual([1, 2, 3]);
  });
});

describe('a call that does not end', () => {
  it('is unknown when its deadline passes, and the server is told to stop that call only', async () => {
    const connection = await connect(rough());
    const other = new AbortController();
    const open = connection.call(exchangeOf('rough', '{"do":"hang"}', { signal: other.signal }));
    const outcome = await connection.call(exchangeOf('rough', '{"do":"hang","late":1}', { within: 200 }));
    expect(outcome).toEqual({ outcome: 'unknown', why: 'no answer within 0.2 s' });
    await until(() => methods().includes('notifications/cancelled'));
    const late = recorded().find((line) => line.includes('"late":1')) ?? '{}';
    const cancels = recorded().filter((line) => line.includes('notifications/cancelled'));
    expect(cancels.map((line) => JSON.parse(line).params.requestId)).toEqual([JSON.parse(late).id]);
    other.abort();
    expect(await open).toEqual({ outcome: 'unknown', why: 'cancelled by the caller after it was sent' });
  });

  it('is not sent when the caller had cancelled before', async () => {
    const connection = await connect(rough());
    const outcome = await connection.call(exchangeOf('rough', '{"do":"echo"}', { signal: AbortSignal.abort() }));
    expect(outcome).toEqual({ outcome: 'not_sent', why: 'cancelled by the caller before it was sent' });
    expect(methods()).not.toContain('tools/call');
  });

  it('is unknown when the server exits, without its last words, and the next connection is a new process', async () => {
    const connection = await connect(rough());
    const open = connection.call(exchangeOf('rough', '{"do":"hang"}'));
    expect(await connection.call(exchangeOf('rough', '{"do":"exit"}'))).toEqual({
      outcome: 'unknown',
      why: 'node ended (exit code 7)',
    });
    expect(await open).toMatchObject({ outcome: 'unknown' });
    expect(await connection.call(exchangeOf('rough', '{"do":"echo"}'))).toMatchObject({ outcome: 'not_sent' });
    const again = await downstream?.connect('s', 'one', NO_ABILITIES);
    expect(again?.ok && (await again.value.call(exchangeOf('rough', '{"do":"echo"}')))).toMatchObject({
      outcome: 'ok',
    });
  });

  it('is unknown when the server writes a line without end, and the server is ended', async () => {
    const connection = await connect(rough());
    const outcome = await connection.call(exchangeOf('rough', '{"do":"long"}'));
    expect(outcome).toEqual({ outcome: 'unknown', why: 'node wrote a line of more than 16 MiB' });
  });
});

describe('a server process', () => {
  it('is ended with all it started, though both ignore every request to leave', async () => {
    const connection = await connect(rough());
    const grandchild = Number(textOf(await connection.call(exchangeOf('rough', '{"do":"grandchild"}'))));
    expect(isAlive(grandchild)).toBe(true);
    await downstream?.close();
    expect(isAlive(grandchild)).toBe(false);
  });

  it('takes what it started with it when it ends by itself', async () => {
    const connection = await connect(rough());
    const grandchild = Number(textOf(await connection.call(exchangeOf('rough', '{"do":"grandchild"}'))));
    await connection.call(exchangeOf('rough', '{"do":"exit"}'));
    await until(() => !isAlive(grandchild));
    expect(isAlive(grandchild)).toBe(false);
  });

  it('does not outlive us, though nobody closed it', async () => {
    const leaver = join(import.meta.dirname, '../support/servers/leaves-a-server.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [leaver]);
    const pids = stdout.trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await until(() => !pids.some(isAlive));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('gets what is declared for it and no other variable of ours', async () => {
    process.env['TOLLGATE_TEST_SECRET'] = 'canary';
    const connection = await connect(rough([], { DECLARED: 'yes' }));
    const seen = JSON.parse(textOf(await connection.call(exchangeOf('rough', '{"do":"environment"}'))));
    delete process.env['TOLLGATE_TEST_SECRET'];
    expect(seen.env).toMatchObject({ DECLARED: 'yes', RECORD: record() });
    expect(seen.env.PATH.split(':')[0]).toBe(join(process.execPath, '..'));
    const allowed = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'DECLARED', 'RECORD'];
    expect(Object.keys(seen.env).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('is of one session only', async () => {
    await connect(rough());
    const first = await downstream?.connect('s', 'one', NO_ABILITIES);
    const same = await downstream?.connect('s', 'one', NO_ABILITIES);
    const other = await downstream?.connect('s', 'two', NO_ABILITIES);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
    expect(methods().filter((method) => method === 'initialize')).toHaveLength(2);
  });

  it('that cannot be started is named, with what is missing', async () => {
    const missing = { kind: 'stdio', command: ['no-such-program-here'], env: {}, cwd: folder, era: undefined } as const;
    expect(await open(missing).connect('s', 'one', NO_ABILITIES)).toEqual({
      ok: false,
      error: { server: 's', why: 'cannot start no-such-program-here: there is no program no-such-program-here' },
    });
    await downstream?.close();
    const nowhere = { ...missing, command: ['node'], cwd: join(folder, 'gone') } as const;
    expect(await open(nowhere).definitions('s', 'tool')).toEqual({
      ok: false,
      error: { server: 's', why: `cannot start node: its folder ${join(folder, 'gone')} does not exist` },
    });
  });

  it('that ends at once is named, with its exit code and its last line on stderr', async () => {
    expect(await open(rough(['dies-at-start'])).connect('s', 'one', NO_ABILITIES)).toEqual({
      ok: false,
      error: { server: 's', why: 'node ended (exit code 3): the database is not there' },
    });
    expect(logged).toContain('first line');
  });

  it('that hangs while it starts is ended when we close', async () => {
    const pidFile = join(folder, 'pid');
    const program = `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const connecting = open({
      kind: 'stdio',
      command: ['node', '-e', program],
      env: {},
      cwd: folder,
      era: undefined,
    }).connect('s', 'one', NO_ABILITIES);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    await downstream?.close();
    expect(await connecting).toMatchObject({ ok: false, error: { server: 's' } });
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  it('is not started for a server that nobody configured, nor after closing', async () => {
    const opened = open(rough());
    expect(await opened.connect('unknown', 'one', NO_ABILITIES)).toEqual({
      ok: false,
      error: { server: 'unknown', why: 'it is not configured' },
    });
    await opened.close();
    expect(await opened.connect('s', 'one', NO_ABILITIES)).toEqual({
      ok: false,
      error: { server: 's', why: 'the gateway is closing' },
    });
  });
});
