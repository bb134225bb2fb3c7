/** From what the path answered to the JSON-RPC message that a client of either era reads. */
import type { Settled } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Refusal } from '../domain/refusal.ts';
import {
  faultText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  PROFILE_UNCLEAR,
  type RequestId,
  SESSION_UNKNOWN,
  UNAUTHENTICATED,
  type WireFault,
} from './faults.ts';
import { type Client, complete } from './modern.ts';
import type { Era } from './revisions.ts';
import { outcomeSentence, recordedSentence, refusalSentence } from './sentences.ts';

/** What dresses a result: the era it goes to, and who we say we are. */
export interface Dress {
  readonly era: Era;
  readonly server: Client;
}

export const resultText = (id: RequestId, result: JsonObject, dress: Dress): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: dress.era === 'modern' ? complete(result, dress.server) : result });

/** A call that was made, as its caller reads it. */
export function settledText(id: RequestId, settled: Settled, dress: Dress): string {
  const { outcome } = settled;
  switch (outcome.outcome) {
    case 'ok':
    case 'tool_error':
      return resultText(id, settled.recorded ? marked(outcome.result, settled.recorded) : outcome.result, dress);
    case 'rpc_error':
      return faultText({
        id,
        code: translated(outcome.code),
        message: outcome.message,
        ...(outcome.data === undefined ? {} : { data: outcome.data }),
      });
    default:
      return resultText(id, spoken(outcomeSentence(outcome), { 'tollgate/outcome': outcome.outcome }), dress);
  }
}

/** A call that was refused: the tool's answer where the agent can act on it, an error of the protocol where it cannot. */
export function refusalText(id: RequestId, target: string, refusal: Refusal, dress: Dress): string {
  const fault = faultOf(id, target, refusal);
  if (fault !== undefined) return faultText(fault);
  const said = refusal as Parameters<typeof refusalSentence>[0];
  const marks = {
    'tollgate/refused': said.reason,
    ...(said.reason === 'held' ? { 'tollgate/hold': said.hold.id } : {}),
  };
  return resultText(id, spoken(refusalSentence(said), marks), dress);
}

/** The protocol error of a refusal; undefined where the refusal is the tool's answer. */
export function faultOf(id: RequestId | null, target: string, refusal: Refusal): WireFault | undefined {
  switch (refusal.reason) {
    case 'unauthenticated':
      return { id, code: UNAUTHENTICATED, message: 'Unauthorized: a valid bearer token is required', status: 401 };
    case 'session_unknown':
      return { id, code: SESSION_UNKNOWN, message: 'Session unknown', status: 404 };
    case 'profile_unclear':
      return { id, code: PROFILE_UNCLEAR, message: profilesSentence(refusal.profiles), status: 409 };
    case 'target_unknown':
      return { id, code: INVALID_PARAMS, message: `Unknown tool: ${target}`, status: 200 };
    default:
      return undefined;
  }
}

const profilesSentence = (profiles: readonly string[]): string =>
  profiles.length === 0
    ? 'No policy applies to this caller'
    : `Several policies apply (${profiles.join(', ')}): name one in the URL, /mcp/p/${profiles[0]}`;

const spoken = (sentence: string, marks: JsonObject): JsonObject => ({
  content: [{ type: 'text', text: sentence }],
  isError: true,
  _meta: marks,
});

/** A recorded result says so first, in words and in `_meta`. */
function marked(result: JsonObject, { at, textOnly }: NonNullable<Settled['recorded']>): JsonObject {
  const { structuredContent, ...rest } = result;
  const content = Array.isArray(result['content']) ? result['content'] : [];
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  return {
    ...rest,
    ...(textOnly ? {} : { structuredContent }),
    content: [
      { type: 'text', text: recordedSentence(at) },
      ...content,
      ...(textOnly ? inWords(content, structuredContent) : []),
    ],
    _meta: { ...meta, 'tollgate/recorded': new Date(at).toISOString() },
  };
}

/** Structured content as text, where the server gave it in no other form. */
const inWords = (content: readonly JsonValue[], structured: JsonValue | undefined): readonly JsonObject[] =>
  structured === undefined || content.length > 0 ? [] : [{ type: 'text', text: JSON.stringify(structured) }];

/** Codes that speak of the hop between us and the server mean nothing on this one (-32020 to -32099 are the protocol's). */
const translated = (code: number): number => (code <= -32020 && code >= -32099 ? INTERNAL_ERROR : code);
