/** JSON-RPC messages as MCP sends them: one message a body, an id that is a string or a whole number, named members only. */
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, type RequestId, type WireFault } from './faults.ts';
import { parseStrict } from './strict-json.ts';

export interface Request {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
}
export interface Notification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject;
}
/** A client's answer to a question of ours: one of the two is there. */
export interface Response {
  readonly kind: 'response';
  readonly id: RequestId;
  readonly result: JsonValue | undefined;
  readonly error: JsonValue | undefined;
}
export type Message = Request | Notification | Response;

const LONGEST_ID = 256;
const ENVELOPE = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
/** Members that the gateway reads, by their spelling in small letters: another spelling is an attempt to be read two ways. */
const READ_PARAMS = new Map(
  [
    '_meta',
    'name',
    'arguments',
    'cursor',
    'uri',
    'ref',
    'argument',
    'context',
    'notifications',
    'level',
    'requestId',
    'inputResponses',
    'requestState',
    'taskId',
    'protocolVersion',
    'capabilities',
    'clientInfo',
    'progressToken',
  ].map((name) => [name.toLowerCase(), name]),
);

export function readMessage(text: string): Result<Message, WireFault> {
  const parsed = parseStrict(text);
  if (!parsed.ok) return refuse({ id: null, code: PARSE_ERROR, message: `Parse error: ${parsed.error}`, status: 400 });
  const body = parsed.value;
  if (Array.isArray(body)) return invalid(null, 'a batch is not accepted: send one message a request');
  if (!isObject(body)) return invalid(null, 'a message is a JSON object');
  const id = isRequestId(body['id']) ? body['id'] : null;
  const envelopeFault = faultInEnvelope(body);
  if (envelopeFault !== undefined) return invalid(id, envelopeFault);
  const { result, error } = body;
  const answers = result !== undefined || error !== undefined;
  if (typeof body['method'] === 'string' && !answers) return readParams(body, body['method'], id);
  const both = result !== undefined && error !== undefined;
  return id === null || body['method'] !== undefined || !answers || both
    ? invalid(id, 'a message has a method that is text, or else an id with a result or an error')
    : ok({ kind: 'response', id, result, error });
}

function readParams(body: JsonObject, method: string, id: RequestId | null): Result<Message, WireFault> {
  const params = body['params'] ?? {};
  if (!isObject(params))
    return refuse({ id, code: INVALID_PARAMS, message: 'Invalid params: params is an object', status: 400 });
  const twin = Object.keys(params).find((name) => (READ_PARAMS.get(name.toLowerCase()) ?? name) !== name);
  if (twin !== undefined)
    return invalid(id, `params has the member ${JSON.stringify(twin)}, another spelling of one that is read`);
  const meta = params['_meta'] ?? {};
  if (!isObject(meta))
    return refuse({ id, code: INVALID_PARAMS, message: 'Invalid params: _meta is an object', status: 400 });
  if (body['id'] === undefined) return ok({ kind: 'notification', method, params, meta });
  return id === null
    ? invalid(null, `an id is a whole number or a string of at most ${LONGEST_ID} characters`)
    : ok({ kind: 'request', id, method, params, meta });
}

function faultInEnvelope(body: JsonObject): string | undefined {
  const stray = Object.keys(body).find((name) => !ENVELOPE.has(name));
  if (stray !== undefined) return `the message has the unknown member ${JSON.stringify(stray.slice(0, 40))}`;
  if (body['jsonrpc'] !== '2.0') return 'jsonrpc is "2.0"';
  return undefined;
}

export const isRequestId = (id: JsonValue | undefined): id is RequestId =>
  (typeof id === 'string' && id.length <= LONGEST_ID) || Number.isSafeInteger(id);

const invalid = (id: RequestId | null, why: string): Result<never, WireFault> =>
  refuse({ id, code: INVALID_REQUEST, message: `Invalid request: ${why}`, status: 400 });
