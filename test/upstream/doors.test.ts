import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, MODERN, modernHeaders, modernMeta, modernRequest } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { type RawRequest, rawRequest, sendRaw } from './raw-http.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;

beforeAll(async () => {
  server = recordingServer(folder);
  gateway = await startGateway(
    `version: 1\nprofile: doors\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const send = (request: RawRequest) => sendRaw(gateway.port, rawRequest(gateway.port, gateway.token ?? '', request));

const CALL = legacyCall('rough__rough', { do: 'echo' });
const MODERN_CALL = modernRequest('tools/call', { name: 'rough__rough', arguments: { do: 'echo' } });

/** A request that is honest but for one thing, and how it must end. `code` is of JSON-RPC; undefined where HTTP alone answers. */
type Row = readonly [name: string, request: RawRequest, status: number, code: number | undefined, id?: string | number];

const body = (message: JsonObject | string, rest: Omit<RawRequest, 'body'> = {}): RawRequest => ({
  ...rest,
  body: typeof message === 'string' ? message : JSON.stringify(message),
});
const head = (headers: Record<string, string | undefined>): RawRequest => body(CALL, { headers });
const modern = (message: JsonObject, headers: Record<string, string | undefined> = {}): RawRequest =>
  body(message, { headers: { ...modernHeaders(message), ...headers } });
/** A call whose arguments are this JSON text. */
const given = (text: string): RawRequest =>
  body(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rough__rough","arguments":${text}}}`);
const lacking = (key: string): JsonObject => {
  const { [key]: _, ...meta } = modernMeta();
  return { ...MODERN_CALL, params: { name: 'rough__rough', arguments: {}, _meta: meta } };
};
/** A legacy client's GET: a stream of notices. */
const stream = (headers: Record<string, string | undefined>): RawRequest => ({
  method: 'GET',
  headers: { accept: 'text/event-stream', ...headers },
});
const goodbye = (headers: Record<string, string | undefined>): RawRequest => ({ method: 'DELETE', headers });
const answer = (headers: Record<string, string>): RawRequest =>
  body({ jsonrpc: '2.0', id: 'q.1', result: {} }, { headers });
const READ: JsonObject = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'a://1' } };
const MODERN_READ = modernRequest('resources/read', { uri: 'a://1' });
const resumed = (requestState: JsonValue): JsonObject =>
  modernRequest('tools/call', { name: 'rough__rough', arguments: { do: 'echo' }, requestState });
const listening = (resourceSubscriptions: readonly string[]): JsonObject =>
  modernRequest('subscriptions/listen', { notifications: { resourceSubscriptions } });
const chunked = (size: number): RawRequest => {
  const piece = Buffer.alloc(size, ' ');
  return {
    headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
    body: Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), piece, Buffer.from('\r\n0\r\n\r\n')]),
  };
};

const rows: readonly Row[] = [
  ['the Host of another machine', head({ host: 'evil.example:7411' }), 421, -32600],
  ['a Host that only begins like ours (DNS rebinding)', head({ host: '127.0.0.1.evil.example' }), 421, -32600],
  ['a Host with another name in front', head({ host: 'evil.example@127.0.0.1' }), 421, -32600],
  ['no Host', head({ host: undefined }), 400, undefined],
  ['a foreign Origin', head({ origin: 'https://evil.example' }), 403, -32600],
  ['an Origin that only begins like ours', head({ origin: 'http://localhost.evil.example' }), 403, -32600],
  ['the Origin of a sandboxed page: null', head({ origin: 'null' }), 403, -32600],
  ['the Origin of a file', head({ origin: 'file://localhost' }), 403, -32600],
  ['no token', head({ authorization: undefined }), 401, 401],
  ['a wrong token', head({ authorization: `Bearer ${'A'.repeat(43)}` }), 401, 401],
  ['a token with another scheme', head({ authorization: 'Basic dXNlcjpwYXNz' }), 401, 401],
  ['an empty token', head({ authorization: 'Bearer ' }), 401, 401],
  ['GET', { method: 'GET' }, 405, -32600],
  ['GET of a session of somebody else', stream({ 'mcp-session-id': 'bm90ZQ.bWFj' }), 404, 404],
  ['GET without a token', stream({ 'mcp-session-id': 'x', authorization: undefined }), 401, 401],
  ['GET by a page of another site', stream({ 'mcp-session-id': 'x', origin: 'https://evil.example' }), 403, -32600],
  ['GET of no session', stream({}), 405, -32600],
  ['GET that takes no event stream', stream({ 'mcp-session-id': 'x', accept: 'text/html' }), 405, -32600],
  [
    'GET of 2026-07-28, which has no such streams',
    stream({ 'mcp-session-id': 'x', 'mcp-protocol-version': MODERN }),
    405,
    -32600,
  ],
  ['DELETE of no session', { method: 'DELETE' }, 405, -32600],
  ['DELETE of a session of somebody else', goodbye({ 'mcp-session-id': 'bm90ZQ.bWFj' }), 404, 404],
  ['DELETE without a token', goodbye({ 'mcp-session-id': 'x', authorization: undefined }), 401, 401],
  ['DELETE by a page of another site', goodbye({ 'mcp-session-id': 'x', origin: 'https://evil.example' }), 403, -32600],
  ['DELETE of 2026-07-28', goodbye({ 'mcp-session-id': 'x', 'mcp-protocol-version': MODERN }), 405, -32600],
  ['PUT', { ...body(CALL), method: 'PUT' }, 405, -32600],
  ['text/plain, which a web page may send unasked', head({ 'content-type': 'text/plain' }), 415, -32600],
  ['a form', head({ 'content-type': 'application/x-www-form-urlencoded' }), 415, -32600],
  ['no Content-Type', head({ 'content-type': undefined }), 415, -32600],
  ['gzip', head({ 'content-encoding': 'gzip' }), 415, -32600],
  ['a body that is declared too large', head({ 'content-length': String(5 * 1024 * 1024) }), 413, -32600],
  ['a chunked body that grows too large', chunked(4 * 1024 * 1024 + 1), 413, -32600],
  ['a chunked body that goes on long after it was refused', chunked(32 * 1024 * 1024), 413, -32600],
  ['two lengths', body(CALL, { lines: ['transfer-encoding: chunked'] }), 400, undefined],
  ['a header of 40 KiB', head({ 'x-much': 'x'.repeat(40 * 1024) }), 431, undefined],
  ['another path', body(CALL, { target: '/other' }), 404, -32600],
  ['a path that climbs', body(CALL, { target: '/mcp/../../etc/passwd' }), 404, -32600],
  ['a path that climbs, encoded', body(CALL, { target: '/mcp/%2e%2e/%2e%2e/etc/passwd' }), 404, -32600],
  ['a path with an empty part', body(CALL, { target: '/mcp/' }), 404, -32600],
  ['a path with a NUL', body(CALL, { target: '/mcp/a%00b' }), 404, -32600],
  ['a query', body(CALL, { target: '/mcp?x=1' }), 404, -32600],
  ['the profile of nobody', body(CALL, { target: '/mcp/p/nobody' }), 404, 404, 1],
  ['the session of nobody', body(CALL, { target: '/mcp/s_nobody' }), 404, 404, 1],
  ['a session that climbs', body(CALL, { target: '/mcp/p/../doors' }), 404, -32600],
  ['no JSON', body('hello'), 400, -32700],
  ['JSON that is cut off', body('{"jsonrpc":"2.0","id":1'), 400, -32700],
  ['an empty body', body(''), 400, -32700],
  ['two JSON texts', body(`${JSON.stringify(CALL)}${JSON.stringify(CALL)}`), 400, -32700],
  ['a body that is not UTF-8', { body: Buffer.from('{"jsonrpc":"2.0","id":"\xff"}', 'latin1') }, 400, -32700],
  ['a byte order mark', body(`\uFEFF${JSON.stringify(CALL)}`), 400, -32700],
  ['a body of 65 levels', given(`${'{"a":'.repeat(63)}1${'}'.repeat(63)}`), 400, -32700],
  ['brackets without end', body('['.repeat(200_000)), 400, -32700],
  ['a batch', body(JSON.stringify([CALL])), 400, -32600],
  ['a number for a message', body('1'), 400, -32600],
  ['null for an id', body({ ...CALL, id: null }), 400, -32600],
  ['a fraction for an id', body({ ...CALL, id: 1.5 }), 400, -32600],
  ['an object for an id', body({ ...CALL, id: {} }), 400, -32600],
  ['an id of 257 characters', body({ ...CALL, id: 'x'.repeat(257) }), 400, -32600],
  ['an unsafe integer for an id', body(JSON.stringify(CALL).replace('"id":1', '"id":9007199254740993')), 400, -32700],
  ['JSON-RPC 1.0', body({ ...CALL, jsonrpc: '1.0' }), 400, -32600, 1],
  ['a method that is no text', body({ ...CALL, method: {} }), 400, -32600, 1],
  ['neither a method nor a result', body({ jsonrpc: '2.0', id: 1 }), 400, -32600, 1],
  ['a method and a result at once', body({ ...CALL, result: {} }), 400, -32600, 1],
  ['a result and an error at once', body({ jsonrpc: '2.0', id: 1, result: {}, error: {} }), 400, -32600, 1],
  ['a response without an id', body({ jsonrpc: '2.0', result: {} }), 400, -32600],
  ['a response for a session of nobody', answer({ 'mcp-session-id': 'bm90ZQ.bWFj' }), 404, 404, 'q.1'],
  ['a response of 2026-07-28, which has none', answer({ 'mcp-protocol-version': MODERN }), 400, -32600, 'q.1'],
  ['a result with a method that is no text', body({ ...CALL, method: 1, result: {} }), 400, -32600, 1],
  ['a list for params', body({ ...CALL, params: [] }), 400, -32602, 1],
  ['a number for a name', body({ ...CALL, params: { name: 7 } }), 400, -32602, 1],
  ['a list for arguments', body({ ...CALL, params: { name: 'rough__rough', arguments: [] } }), 400, -32602, 1],
  ['two methods', body(JSON.stringify(CALL).replace('{', '{"method":"ping",')), 400, -32700],
  ['two methods, one escaped', body(JSON.stringify(CALL).replace('{', '{"\\u006dethod":"ping",')), 400, -32700],
  ['a Method beside a method', body({ ...CALL, Method: 'ping' }), 400, -32600, 1],
  ['a Params beside params', body({ ...CALL, PARAMS: {} }), 400, -32600, 1],
  ['a Name beside a name', body({ ...CALL, params: { name: 'rough__rough', Name: 'x' } }), 400, -32600, 1],
  ['Arguments for arguments', body({ ...CALL, params: { name: 'rough__rough', Arguments: {} } }), 400, -32600, 1],
  ['a URI beside a uri', body({ ...READ, params: { uri: 'a://1', URI: 'a://2' } }), 400, -32600, 1],
  [
    'RequestState for requestState',
    body({ ...CALL, params: { name: 'rough__rough', RequestState: 'x' } }),
    400,
    -32600,
    1,
  ],
  ['a uri that is no text', body({ ...READ, params: { uri: ['a://1'] } }), 400, -32602, 1],
  ['a completion of nothing', body({ ...READ, method: 'completion/complete' }), 400, -32602, 1],
  ['an argument twice', given('{"do":"echo","do":"exit"}'), 400, -32700],
  ['an argument twice, deep inside', given('{"a":[{"b":{"c":1,"c":2}}]}'), 400, -32700],
  ['__proto__ among the arguments', given('{"__proto__":{"do":"echo"}}'), 400, -32700],
  ['__proto__, escaped', given('{"\\u005f_proto__":{"do":"echo"}}'), 400, -32700],
  ['an integer that a double cannot hold', given('{"n":9007199254740993}'), 400, -32700],
  ['a number beyond all doubles', given('{"n":1e999}'), 400, -32700],
  ['a great number in another form', given('{"n":9007199254740993.0}'), 400, -32700],
  ['half a character', given('{"s":"\\ud83d"}'), 400, -32700],
  ['half a character in a name', given('{"\\udc00":1}'), 400, -32700],
  ['a tool that is not there', body({ ...CALL, params: { name: 'rough__other' } }), 200, -32602, 1],
  ['a resource that is not there', body(READ), 200, -32002, 1],
  ['a prompt that is not there', body({ ...READ, method: 'prompts/get', params: { name: 'x' } }), 200, -32602, 1],
  ['a method that is not there', body({ ...CALL, method: 'tools/run' }), 200, -32601, 1],
  ['a legacy revision that never was', head({ 'mcp-protocol-version': '2025-01-01' }), 400, -32600, 1],
  ['a session id of somebody else', head({ 'mcp-session-id': 'bm90ZQ.bWFj' }), 404, 404, 1],
  ['a session id that is no id', head({ 'mcp-session-id': 'x'.repeat(2000) }), 404, 404, 1],
  ['modern: no version header', modern(MODERN_CALL, { 'mcp-protocol-version': undefined }), 400, -32020, 1],
  ['modern: a legacy version header', modern(MODERN_CALL, { 'mcp-protocol-version': '2025-11-25' }), 400, -32020, 1],
  ['modern: no Mcp-Method', modern(MODERN_CALL, { 'mcp-method': undefined }), 400, -32020, 1],
  ['modern: Mcp-Method of a list', modern(MODERN_CALL, { 'mcp-method': 'tools/list' }), 400, -32020, 1],
  ['modern: Mcp-Method in capitals', modern(MODERN_CALL, { 'mcp-method': 'TOOLS/CALL' }), 400, -32020, 1],
  ['modern: no Mcp-Name', modern(MODERN_CALL, { 'mcp-name': undefined }), 400, -32020, 1],
  ['modern: Mcp-Name of another tool', modern(MODERN_CALL, { 'mcp-name': 'rough__other' }), 400, -32020, 1],
  ['modern: Mcp-Name badly encoded', modern(MODERN_CALL, { 'mcp-name': '=?base64?cm91Z2?=' }), 400, -32020, 1],
  [
    'modern: Mcp-Name twice',
    body(MODERN_CALL, { headers: modernHeaders(MODERN_CALL), lines: ['mcp-name: x'] }),
    400,
    -32020,
    1,
  ],
  ['modern: Mcp-Name of another resource', modern(MODERN_READ, { 'mcp-name': 'a://2' }), 400, -32020, 1],
  ['modern: a resource that is not there', modern(MODERN_READ, { 'mcp-name': 'a://1' }), 200, -32602, 1],
  ['modern: a state that nobody gave', modern(resumed('bm90ZQ.bWFj')), 200, -32602, 1],
  ['modern: a state that is no text', modern(resumed({})), 200, -32602, 1],
  ['modern: endless subscriptions', modern(listening(Array(1001).fill('a://1'))), 400, -32602, 1],
  ['modern: headers without an envelope', body(CALL, { headers: modernHeaders(CALL) }), 400, -32602, 1],
  ['modern: no version in _meta', modern(lacking('io.modelcontextprotocol/protocolVersion')), 400, -32602, 1],
  ['modern: no capabilities in _meta', modern(lacking('io.modelcontextprotocol/clientCapabilities')), 400, -32602, 1],
  ['modern: a list for _meta', modern({ ...MODERN_CALL, params: { name: 'rough__rough', _meta: [] } }), 400, -32602, 1],
  ['modern: an unknown method', modern(modernRequest('tools/run')), 404, -32601, 1],
  ...['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/list'].map(
    (method): Row => [`modern: the removed method ${method}`, modern(modernRequest(method)), 404, -32601, 1],
  ),
];

/** What a stranger must not learn: stack traces, paths, modules. */
const INTERNALS = /\n\s+at |node:|\/(?:home|root|tmp|usr|var|work|src)\/|node_modules|\.ts\b|Error:/;

describe('the door refuses', () => {
  for (const [name, request, status, code, id] of rows)
    test(name, async () => {
      const answer = await send(request);
      expect(answer.status).toBe(status);
      expect(answer.body).not.toMatch(INTERNALS);
      if (code === undefined) {
        expect(answer.body.replace('0\r\n\r\n', '')).toBe('');
        return;
      }
      expect(answer.headers['content-type']).toBe('application/json');
      const said = JSON.parse(answer.body);
      expect(said).toEqual({
        jsonrpc: '2.0',
        id: id ?? null,
        error: expect.objectContaining({ code, message: expect.stringMatching(/^[A-Z]/) }),
      });
    });

  test('with a word on how to do it right', async () => {
    expect((await send({ method: 'GET' })).headers['allow']).toBe('POST');
    expect((await send(head({ authorization: undefined }))).headers['www-authenticate']).toMatch(/^Bearer/);
    const unsupported = modernRequest('tools/list', {
      _meta: { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' },
    });
    const answer = await send(modern(unsupported, { 'mcp-protocol-version': '2099-01-01' }));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      {
        jsonrpc: '2.0',
        id: 1,
        error: {
          code: -32022,
          message: expect.any(String),
          data: { supported: [MODERN], requested: '2099-01-01' },
        },
      },
    ]);
  });

  test('a token in the URL, even beside a right one, and never repeats it', async () => {
    const answer = await send(body(CALL, { target: `/mcp?token=${gateway.token}` }));
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain(gateway.token);
  });
});

describe('the door lets in', () => {
  test.each<readonly [string, RawRequest]>([
    ['localhost', head({ host: `localhost:1234` })],
    ['the loopback address of version 6', head({ host: '[::1]:1234' })],
    ['a page of this machine', head({ origin: 'http://localhost:6274' })],
    ['a charset', head({ 'content-type': 'application/json; charset=utf-8' })],
    ['an id of text', body({ ...CALL, id: 'one' })],
    ['a body of 64 levels', given(`{"do":"echo","a":${'['.repeat(60)}${']'.repeat(60)}}`)],
    ['the largest exact integer', given('{"do":"echo","n":-9007199254740991}')],
    ["case variants among the arguments, which are the tool's own", given('{"do":"echo","Do":"x","DO":"y"}')],
    ['a whole character, escaped', given('{"do":"echo","s":"\\ud83d\\ude00"}')],
    ['modern: with the name encoded', modern(MODERN_CALL, { 'mcp-name': `=?base64?${btoa('rough__rough')}?=` })],
    ['modern: with blanks around a header', modern(MODERN_CALL, { 'mcp-method': '  tools/call  ' })],
    ['modern: with a legacy session id, which means nothing', modern(MODERN_CALL, { 'mcp-session-id': 'x' })],
  ])('%s', async (_, request) => {
    const before = server.calls().length;
    const answer = await send(request);
    expect([answer.status, JSON.parse(answer.body).result]).toEqual([
      200,
      expect.objectContaining({ content: [{ type: 'text', text: 'ok' }] }),
    ]);
    expect(server.calls()).toHaveLength(before + 1);
  });

  test('what was refused never reached the server', async () => {
    const before = server.calls().length;
    for (const [, request] of rows) await send(request);
    expect(server.calls()).toHaveLength(before);
    expect(gateway.reports.filter((line) => line.startsWith('fault'))).toEqual([]);
  });
});
