import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import {
  endStarted,
  environmentOf,
  type RunningGateway,
  startGateway,
  TOLLGATE,
  temporaryFolder,
} from '../support/gateway.ts';
import { legacyCall, modernRequest, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;

beforeAll(async () => {
  server = recordingServer(folder);
  gateway = await startGateway(
    `version: 1\nprofile: shims\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Shim {
  send(...lines: readonly (JsonObject | string)[]): void;
  /** The next message that it writes. */
  next(): Promise<JsonObject>;
  /** Ends its input; resolves with its exit code and what it wrote besides. */
  leave(): Promise<{ code: number; rest: readonly string[]; complaints: string }>;
}

function shim(environment = gateway.environment): Shim {
  const child = spawn(process.execPath, [TOLLGATE, 'stdio', '--policy', gateway.policy], { env: environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  let heard = (): void => undefined;
  let complaints = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    complaints += piece;
  });
  const next = async (): Promise<JsonObject> => {
    while (lines.length === 0) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    return JSON.parse(lines.shift() ?? '') as JsonObject;
  };
  return {
    send: (...messages) => {
      for (const message of messages)
        child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
    },
    next,
    leave: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      const [code] = (await closed) as [number];
      return { code, rest: lines, complaints };
    },
  };
}

const call = (given: JsonObject, id: string | number = 1): JsonObject => legacyCall('rough__rough', given, id);
const said = async (one: Shim): Promise<string> => textOf({ last: await one.next() });

describe('a line on standard input', () => {
  test.each<readonly [string, string, number, unknown]>([
    ['that is no JSON', 'hello', -32700, null],
    ['that is a batch', `[${JSON.stringify(call({ do: 'echo' }))}]`, -32600, null],
    ['with a member twice', JSON.stringify(call({})).replace('{', '{"id":2,'), -32700, null],
    ['with null for an id', JSON.stringify({ ...call({}), id: null }), -32600, null],
    ['with a method that is not there', JSON.stringify({ ...call({}), method: 'tools/run' }), -32601, 1],
    ['with a removed method in modern dress', JSON.stringify(modernRequest('ping')), -32601, 1],
    ['with a tool that is kept from it', JSON.stringify(legacyCall('rough__other', {})), -32602, 1],
    [
      'of a version that never was',
      JSON.stringify(
        modernRequest('tools/list', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } }),
      ),
      -32022,
      1,
    ],
  ])('%s is answered with an error, and the next one as usual', async (_, line, code, id) => {
    const before = server.calls().length;
    const one = shim();
    one.send(line);
    expect(await one.next()).toEqual({
      jsonrpc: '2.0',
      id,
      error: expect.objectContaining({ code, message: expect.any(String) }),
    });
    expect(server.calls()).toHaveLength(before);
    one.send(call({ do: 'echo' }));
    expect(await said(one)).toBe('ok');
    expect(await one.leave()).toEqual({ code: 0, rest: [], complaints: '' });
  });

  test('with a line separator of Unicode in it is one line', async () => {
    const one = shim();
    one.send(call({ do: 'echo', text: 'a\u2028b\u2029c\u0085d' }));
    expect(await said(one)).toBe('ok');
    expect(server.calls().at(-1)).toEqual({ do: 'echo', text: 'a\u2028b\u2029c\u0085d' });
    expect(await one.leave()).toMatchObject({ code: 0, rest: [] });
  });

  test('may carry both eras in turn', async () => {
    const one = shim();
    one.send(call({ do: 'echo' }, 'old'));
    expect(await one.next()).toEqual({
      jsonrpc: '2.0',
      id: 'old',
      result: { content: [{ type: 'text', text: 'ok' }], _meta: { 'tollgate/call': expect.stringMatching(/^call_/) } },
    });
    one.send(modernRequest('tools/call', { name: 'rough__rough', arguments: { do: 'echo' } }, 'new'));
    expect(await one.next()).toMatchObject({ id: 'new', result: { resultType: 'complete' } });
  });
});

describe('a client', () => {
  test('that sends two requests with one id has the second refused and the first answered', async () => {
    const one = shim();
    one.send(call({ do: 'hang', mark: 'twice' }, 7));
    await until(() => server.calls().some((given) => given['mark'] === 'twice'));
    one.send(call({ do: 'echo' }, 7));
    expect(await one.next()).toMatchObject({ id: 7, error: { code: -32600 } });
    one.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
    await until(() => server.cancelled().some((given) => given['mark'] === 'twice'));
    one.send(call({ do: 'echo' }, 8));
    // A cancelled request gets no answer: the next message is the next request's.
    expect(await one.next()).toMatchObject({ id: 8 });
  });

  test('that is killed has its calls cancelled, and only its own', async () => {
    const [left, stays] = [shim(), shim()];
    left.send(call({ do: 'hang', mark: 'left' }));
    stays.send(call({ do: 'hang', mark: 'stays' }));
    await until(() => ['left', 'stays'].every((mark) => server.calls().some((given) => given['mark'] === mark)));
    await left.leave();
    await until(() => server.cancelled().some((given) => given['mark'] === 'left'));
    expect(server.cancelled().some((given) => given['mark'] === 'stays')).toBe(false);
  });
});

test('the first shim starts the gateway, the next finds it, and it outlives them both', async () => {
  const alone = temporaryFolder();
  const environment = environmentOf(alone);
  onTestFinished(async () => {
    await endStarted(homeOf(environment));
    rmSync(alone, { recursive: true, force: true });
  });
  const [one, two] = [shim(environment), shim(environment)];
  one.send(call({ do: 'pid' }));
  two.send(call({ do: 'pid' }));
  const [first, second] = await Promise.all([said(one), said(two)]);
  // One session, so one server process.
  expect(second).toBe(first);
  expect((await one.leave()).code).toBe(0);
  expect((await two.leave()).code).toBe(0);
  const three = shim(environment);
  three.send(call({ do: 'pid' }));
  expect(await said(three)).toBe(first);
});
