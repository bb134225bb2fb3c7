/**
 * What we send to servers, in both eras. The effective arguments arrive as the RFC 8785 text that was judged and
 * digested, and are spliced in as they are: never parsed, never written again.
 */
import { type Abilities, NO_ABILITIES } from '../domain/abilities.ts';
import type { Answer, LogLevel, TraceContext } from '../domain/exchange.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { TASKS } from '../domain/tasks.ts';
import { type Era, MODERN, NEWEST_LEGACY } from './revisions.ts';

const CLIENT = { name: 'tollgate', version: '0.1.0' } as const;

/** The extension that says how a client shows MCP Apps. */
const UI = 'io.modelcontextprotocol/ui';

/** MCP client capabilities, as the newest revisions of both eras write them. That roots changed is never told. */
export function capabilitiesOf(abilities: Abilities): JsonObject {
  const { elicitation, sampling, roots, ui } = abilities;
  return {
    ...(elicitation.length > 0 && { elicitation: Object.fromEntries(elicitation.map((mode) => [mode, {}])) }),
    ...(sampling !== undefined && { sampling: sampling.tools ? { tools: {} } : {} }),
    ...(roots && { roots: {} }),
    ...(ui !== undefined && { extensions: { [UI]: ui } }),
  };
}

/** Of the modern era alone: legacy servers know tasks of another kind. */
function modernCapabilities(abilities: Abilities): JsonObject {
  const all = capabilitiesOf(abilities);
  return abilities.tasks === true ? { ...all, extensions: { ...(all['extensions'] as JsonObject), [TASKS]: {} } } : all;
}

/** What the envelope of 2026-07-28 says on every request (basic/index.mdx). */
const envelopeOf = (abilities: Abilities): JsonObject => ({
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': modernCapabilities(abilities),
  'io.modelcontextprotocol/clientInfo': CLIENT,
});
const membersOf = (envelope: JsonObject): string => JSON.stringify(envelope).slice(1, -1);

/** Most requests declare nothing: their envelope is written once. */
const BARE_ENVELOPE = envelopeOf(NO_ABILITIES);
const BARE_MEMBERS = membersOf(BARE_ENVELOPE);

/** The second and later rounds of a call (basic/patterns/mrtr.mdx): the answers, and the state exactly as it came. */
export interface Round {
  /** Undefined where the server named no input and only wanted time. */
  readonly inputResponses: JsonObject | undefined;
  readonly requestState: string | undefined;
}

export interface OutgoingExchange {
  readonly operation: Operation;
  /** The tool, the prompt or the URI. */
  readonly name: string;
  /** RFC 8785 text of the effective arguments. */
  readonly canonical: string;
  readonly abilities: Abilities;
  /** The least severe log that is wanted. Modern servers alone are told so here. */
  readonly logLevel: LogLevel | undefined;
  readonly trace: TraceContext;
  readonly round: Round | undefined;
}

/** One request of an exchange. The progress token is the request's id: both are unique among the open requests of a connection. */
export function exchangeText(era: Era, id: number, exchange: OutgoingExchange): string {
  const { operation, round } = exchange;
  const responses =
    round?.inputResponses === undefined ? '' : `"inputResponses":${JSON.stringify(round.inputResponses)},`;
  const state = round?.requestState === undefined ? '' : `"requestState":${JSON.stringify(round.requestState)},`;
  const params = `${targetParams(exchange)}${responses}${state}"_meta":${exchangeMeta(era, id, exchange)}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"${operation}","params":{${params}}}`;
}

/** Of tools and prompts the arguments are one of the parameters; of anything else they are the parameters. */
function targetParams({ operation, name, canonical }: OutgoingExchange): string {
  if (operation === 'tools/call' || operation === 'prompts/get') {
    return `"name":${JSON.stringify(name)},"arguments":${canonical},`;
  }
  return canonical === '{}' ? '' : `${canonical.slice(1, -1)},`;
}

function exchangeMeta(era: Era, id: number, { trace, abilities, logLevel }: OutgoingExchange): string {
  const envelope = era === 'modern' ? modernMeta(abilities, logLevel) : '';
  const parent = trace.traceparent === undefined ? '' : `,"traceparent":${JSON.stringify(trace.traceparent)}`;
  const state = trace.tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(trace.tracestate)}`;
  return `{"progressToken":${id}${envelope}${parent}${state}}`;
}

function modernMeta(abilities: Abilities, logLevel: LogLevel | undefined): string {
  const members = abilities === NO_ABILITIES ? BARE_MEMBERS : membersOf(envelopeOf(abilities));
  return logLevel === undefined ? `,${members}` : `,${members},"io.modelcontextprotocol/logLevel":"${logLevel}"`;
}

/** A request about a task of a modern server, with what its client said that it can be asked. */
export const taskText = (id: number, method: string, params: JsonObject, abilities: Abilities): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: envelopeOf(abilities) } });

/** Any other request of ours. It declares no abilities: nobody is there to be asked. */
export function requestText(era: Era, id: number, method: string, params: JsonObject): string {
  const all = era === 'modern' ? { ...params, _meta: BARE_ENVELOPE } : params;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: all });
}

/** `initialize`, which carries no envelope and offers the newest legacy revision. */
export const initializeText = (id: number, abilities: Abilities): string =>
  requestText('legacy', id, 'initialize', {
    protocolVersion: NEWEST_LEGACY,
    capabilities: capabilitiesOf(abilities),
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
