import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { openGateway } from '../../src/gateway.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { rawRequest, sendRaw } from './raw-http.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let policy: string;

beforeAll(async () => {
  server = recordingServer(folder);
  policy = `version: 1\nprofile: http\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;
  gateway = await startGateway(policy, { folder });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rough = (given: JsonObject, id: string | number = 1): JsonObject => legacyCall('rough__rough', given, id);
const modernRough = (given: JsonObject, id: string | number = 1): JsonObject =>
  modernRequest('tools/call', { name: 'rough__rough', arguments: given }, id);

/** Opens a legacy session and answers its headers. */
async function initialized(url = gateway.url): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const answer = await post({ ...gateway, url }, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
}

const cancel = (requestId: string | number): JsonObject => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

/** The `mark` of each call that the server was told to give up, in order. */
const cancelledMarks = (): readonly unknown[] => server.cancelled().map((given) => given['mark']);
const hasArrived = (mark: string): Promise<void> => until(() => server.calls().some((given) => given['mark'] === mark));

describe('requests in flight', () => {
  test('two with one id on one connection: the second is refused, the first goes on', async () => {
    const headers = await initialized();
    const first = post(gateway, rough({ do: 'hang', mark: 'first' }, 7), headers);
    await hasArrived('first');
    const second = await post(gateway, rough({ do: 'echo' }, 7), headers);
    expect([second.status, second.last.error?.['code']]).toEqual([400, -32600]);
    const other = await post(gateway, rough({ do: 'echo' }, '7'), headers);
    expect(textOf(other)).toBe('ok');
    await post(gateway, cancel(7), headers);
    expect(textOf(await first)).toMatch(/^UNKNOWN: cancelled by the caller after it was sent/);
    expect(textOf(await post(gateway, rough({ do: 'echo' }, 7), headers))).toBe('ok');
  });

  test('a cancel ends the call of its own connection, not one of the same id on another', async () => {
    const [mine, yours] = [await initialized(), await initialized()];
    const kept = post(gateway, rough({ do: 'hang', mark: 'mine' }, 1), mine);
    const ended = post(gateway, rough({ do: 'hang', mark: 'yours' }, 1), yours);
    await Promise.all([hasArrived('mine'), hasArrived('yours')]);
    await post(gateway, cancel(1), yours);
    await ended;
    await until(() => cancelledMarks().includes('yours'));
    expect(cancelledMarks()).not.toContain('mine');
    await post(gateway, cancel(1), mine);
    await kept;
  });

  test('a cancel without a session, or of an id that is not open, ends nothing', async () => {
    const headers = await initialized();
    const kept = post(gateway, rough({ do: 'hang', mark: 'kept' }, 1), headers);
    await hasArrived('kept');
    for (const [notification, given] of [
      [cancel(1), {}],
      [cancel('1'), headers],
      [cancel(2), headers],
    ] as const) {
      expect((await post(gateway, notification, given)).status).toBe(202);
    }
    expect(textOf(await post(gateway, rough({ do: 'echo' }, 3), headers))).toBe('ok');
    expect(cancelledMarks()).not.toContain('kept');
    await post(gateway, cancel(1), headers);
    await kept;
  });

  test('a modern caller cancels by closing its stream; only its own call ends', async () => {
    const closing = new AbortController();
    const [one, two] = [modernRough({ do: 'hang', mark: 'left' }), modernRough({ do: 'hang', mark: 'stayed' })];
    const staying = new AbortController();
    const left = post(gateway, one, modernHeaders(one), closing.signal).catch((fault: Error) => fault.name);
    const stayed = post(gateway, two, modernHeaders(two), staying.signal).catch((fault: Error) => fault.name);
    await Promise.all([hasArrived('left'), hasArrived('stayed')]);
    closing.abort();
    await until(() => cancelledMarks().includes('left'));
    expect(cancelledMarks()).not.toContain('stayed');
    staying.abort();
    expect(await Promise.all([left, stayed])).toEqual(['AbortError', 'AbortError']);
    await until(() => cancelledMarks().includes('stayed'));
  });

  test('a legacy caller whose stream breaks has not cancelled', async () => {
    const headers = await initialized();
    const closing = new AbortController();
    const gone = post(gateway, rough({ do: 'hang', mark: 'broken' }, 1), headers, closing.signal).catch(() => 'gone');
    await hasArrived('broken');
    closing.abort();
    expect(await gone).toBe('gone');
    expect(textOf(await post(gateway, rough({ do: 'echo' }, 2), headers))).toBe('ok');
    expect(cancelledMarks()).not.toContain('broken');
    await post(gateway, cancel(1), headers);
    await until(() => cancelledMarks().includes('broken'));
  });
});

describe('a session id', () => {
  test('given at one URL is worth nothing at another', async () => {
    const elsewhere = { ...gateway, url: `${gateway.url}/p/http` };
    const answer = await post(elsewhere, rough({ do: 'echo' }), await initialized());
    expect([answer.status, answer.last.error?.['code']]).toEqual([404, 404]);
    expect(textOf(await post(elsewhere, rough({ do: 'echo' }), await initialized(elsewhere.url)))).toBe('ok');
  });

  test("is altered by one letter, and is nobody's", async () => {
    const headers = await initialized();
    const id = headers['mcp-session-id'] ?? '';
    const forged = { ...headers, 'mcp-session-id': `${id.startsWith('W') ? 'X' : 'W'}${id.slice(1)}` };
    expect((await post(gateway, rough({ do: 'echo' }), forged)).status).toBe(404);
    expect((await post(gateway, rough({ do: 'echo' }), headers)).status).toBe(200);
  });
});

describe('progress', () => {
  test('reaches the caller under its own token, rising, without what was not ours', async () => {
    const call = rough({ do: 'progress', steps: [1, 2, 2, 1, 3] });
    const asked = { ...call, params: { ...(call['params'] as JsonObject), _meta: { progressToken: 'mine' } } };
    const { messages } = await post(gateway, asked);
    expect(messages.slice(0, -1).map((message) => message['params'])).toEqual(
      [1, 2, 3].map((progress) => ({ progressToken: 'mine', progress })),
    );
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { content: [{ type: 'text', text: 'done' }] } });
  });

  test('unasked for stays here, and the answer is plain JSON', async () => {
    const { headers, messages } = await post(gateway, rough({ do: 'progress', steps: [1] }));
    expect([headers.get('content-type'), messages.length]).toEqual(['application/json', 1]);
  });

  test.each([[1.5], [true], ['x'.repeat(257)], [{}]])('under the token %j is refused', async (progressToken) => {
    const asked = modernRequest('tools/call', { name: 'rough__rough', arguments: {}, _meta: { progressToken } });
    const answer = await post(gateway, asked, modernHeaders(asked));
    expect([answer.status, answer.last.error?.['code']]).toEqual([400, -32602]);
  });
});

describe('callers that trickle', () => {
  test('are cut off: heads within a minute, whole requests within one and a half, and no header grows over 32 KiB', async () => {
    const aside = temporaryFolder();
    const file = join(aside, 'policy.yaml');
    writeFileSync(file, policy);
    const opened = await openGateway({
      home: homeOf(environmentOf(aside)),
      config: { ...defaultConfig(), listen: { host: '127.0.0.1', port: 0 } },
      policies: [file],
      anonymous: true,
      user: 'ada',
      version: '1',
      now: Date.now,
      newId: (prefix) => `${prefix}_${crypto.randomUUID()}`,
      report: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error.problems.join('\n'));
    let served: Server | undefined;
    const see = (message: unknown): void => {
      served = (message as { server: Server }).server;
    };
    subscribe('http.server.request.start', see);
    await post({ url: opened.value.url, token: undefined }, rough({ do: 'echo' }));
    unsubscribe('http.server.request.start', see);
    await opened.value.close();
    rmSync(aside, { recursive: true, force: true });
    expect(served?.headersTimeout).toBe(60_000);
    expect(served?.requestTimeout).toBe(60_000);
    expect(served && 'maxHeaderSize' in served && served.maxHeaderSize).toBe(32 * 1024);
  });

  test('and go away in the middle of a body are no fault of ours, and nothing is called', async () => {
    const before = server.calls().length;
    const bytes = rawRequest(gateway.port, gateway.token ?? '', { body: JSON.stringify(rough({ do: 'echo' })) });
    const socket = connect(gateway.port, '127.0.0.1');
    await new Promise<void>((sent) => socket.write(bytes.subarray(0, -5), () => sent()));
    const gone = new Promise<void>((closed) => socket.once('close', () => closed()));
    socket.destroy();
    await gone;
    // The next request is answered after the broken one was noticed: both came over the same loop.
    expect((await sendRaw(gateway.port, bytes)).status).toBe(200);
    expect(server.calls()).toHaveLength(before + 1);
    expect(gateway.reports.filter((line) => line.startsWith('fault'))).toEqual([]);
  });
});
