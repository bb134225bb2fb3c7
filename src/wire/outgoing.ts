/**
 * What we send to servers, in both eras. The effective arguments arrive as the RFC 8785 text that was judged and
 * digested, and are spliced in as they are: never parsed, never written again.
 */
import type { Answer, TraceContext } from '../domain/exchange.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { type Era, MODERN, NEWEST_LEGACY } from './revisions.ts';

const CLIENT = { name: 'tollgate', version: '0.1.0' } as const;

/** Policies allow servers to ask nothing of the client yet, so nothing is declared. */
const CAPABILITIES = {};

/** What the envelope of 2026-07-28 says on every request (basic/index.mdx). */
const ENVELOPE: JsonObject = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
  'io.modelcontextprotocol/clientInfo': CLIENT,
};
const ENVELOPE_MEMBERS = JSON.stringify(ENVELOPE).slice(1, -1);

/** The second and later rounds of a call (basic/patterns/mrtr.mdx): the answers, and the state exactly as it came. */
export interface Round {
  /** Undefined where the server named no input and only wanted time. */
  readonly inputResponses: JsonObject | undefined;
  readonly requestState: string | undefined;
}

export interface OutgoingCall {
  readonly tool: string;
  /** RFC 8785 text of the effective arguments. */
  readonly canonical: string;
  readonly trace: TraceContext;
  readonly round: Round | undefined;
}

/** `tools/call`. The progress token is the request's id: both are unique among the open requests of a connection. */
export function callText(era: Era, id: number, call: OutgoingCall): string {
  const { tool, canonical, round } = call;
  const responses =
    round?.inputResponses === undefined ? '' : `,"inputResponses":${JSON.stringify(round.inputResponses)}`;
  const state = round?.requestState === undefined ? '' : `,"requestState":${JSON.stringify(round.requestState)}`;
  const params = `"name":${JSON.stringify(tool)},"arguments":${canonical}${responses}${state}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{${params},"_meta":${callMeta(era, id, call.trace)}}}`;
}

function callMeta(era: Era, id: number, trace: TraceContext): string {
  const envelope = era === 'modern' ? `,${ENVELOPE_MEMBERS}` : '';
  const parent = trace.traceparent === undefined ? '' : `,"traceparent":${JSON.stringify(trace.traceparent)}`;
  const state = trace.tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(trace.tracestate)}`;
  return `{"progressToken":${id}${envelope}${parent}${state}}`;
}

/** Any other request of ours. */
export function requestText(era: Era, id: number, method: string, params: JsonObject): string {
  const all = era === 'modern' ? { ...params, _meta: ENVELOPE } : params;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: all });
}

/** `initialize`, which carries no envelope and offers the newest legacy revision. */
export const initializeText = (id: number): string =>
  requestText('legacy', id, 'initialize', {
    protocolVersion: NEWEST_LEGACY,
    capabilities: CAPABILITIES,
    clientInfo: CLIENT,
  });

export const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

export const cancelText = (id: number, reason: string): string =>
  JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });

/** Our answer to a server's own request, under the server's own id. */
export const answerText = (id: JsonValue, answer: Answer): string =>
  JSON.stringify(
    answer.ok
      ? { jsonrpc: '2.0', id, result: answer.result }
      : { jsonrpc: '2.0', id, error: { code: answer.code, message: answer.message } },
  );

/** The headers of one POST. `parameters` are the `Mcp-Param-*` ones; `name` is what the body's target says. */
export function headersOf(
  era: Era,
  message: {
    readonly method: string;
    readonly name: string | undefined;
    readonly parameters: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (era === 'legacy') return headers;
  headers['mcp-protocol-version'] = MODERN;
  headers['mcp-method'] = message.method;
  if (message.name !== undefined) headers['mcp-name'] = encodeHeader(message.name);
  return Object.assign(headers, message.parameters);
}

const PLAIN = /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/;
const LOOKS_ENCODED = /^=\?base64\?.*\?=$/s;

/** A header's value, in the Base64 form where a plain one would not arrive as it is. */
export const encodeHeader = (value: string): string =>
  PLAIN.test(value) && !LOOKS_ENCODED.test(value)
    ? value
    : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
