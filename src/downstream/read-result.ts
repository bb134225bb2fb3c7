/** Judges what came back of a call. By hand, not by schema: this runs on every call. */
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './channel.ts';

/** The server asks for input before it goes on (basic/patterns/mrtr.mdx). */
export interface InputRequired {
  readonly outcome: undefined;
  readonly inputRequests: JsonObject;
  readonly requestState: string | undefined;
}

/** Levels of objects and lists in an answer. */
const DEEPEST_ANSWER = 64;

export function readReply(reply: Reply, era: Era): Outcome | InputRequired {
  if (isDeeper(toldBy(reply), DEEPEST_ANSWER))
    return withheld(`the answer is nested deeper than ${DEEPEST_ANSWER} levels`);
  switch (reply.kind) {
    case 'result':
      return readResult(reply.result, era);
    case 'error': {
      const { code, message, data } = reply;
      return data === undefined
        ? { outcome: 'rpc_error', code, message }
        : { outcome: 'rpc_error', code, message, data };
    }
    case 'refused':
      return {
        outcome: 'rpc_error',
        code: reply.status,
        message: `the server refused the request with HTTP ${reply.status}`,
      };
    case 'forgotten':
      return { outcome: 'rpc_error', code: 404, message: 'the server forgot the session' };
    case 'withheld':
      return { outcome: 'withheld', why: reply.why };
    case 'lost':
      return { outcome: reply.sent ? 'unknown' : 'not_sent', why: reply.why };
  }
}

function toldBy(reply: Reply): JsonValue | undefined {
  if (reply.kind === 'result') return reply.result;
  return reply.kind === 'error' ? reply.data : undefined;
}

function readResult(result: JsonValue | undefined, era: Era): Outcome | InputRequired {
  if (!isObject(result)) return withheld('the result is no object');
  const { resultType } = result;
  if (resultType === 'input_required' && era === 'modern') return readInputRequired(result);
  if (resultType !== undefined && resultType !== 'complete') {
    return withheld(`the result is of the unknown type ${JSON.stringify(resultType).slice(0, 60)}`);
  }
  const { content, isError, structuredContent } = result;
  if (!Array.isArray(content)) return withheld('the result has no list of content');
  for (const block of content as readonly JsonValue[]) {
    if (!isObject(block) || typeof block['type'] !== 'string')
      return withheld('the result holds content without a type');
  }
  if (isError !== undefined && typeof isError !== 'boolean') return withheld('isError of the result is no truth value');
  if (era === 'legacy' && structuredContent !== undefined && !isObject(structuredContent)) {
    return withheld('structuredContent of the result is no object');
  }
  return { outcome: isError === true ? 'tool_error' : 'ok', result: withoutEnvelope(result) };
}

function readInputRequired(result: JsonObject): Outcome | InputRequired {
  const { inputRequests = {}, requestState } = result;
  if (!isObject(inputRequests)) return withheld('the server asks for input in a form that is not valid');
  if (requestState !== undefined && typeof requestState !== 'string') return withheld('the request state is no text');
  if (result['inputRequests'] === undefined && requestState === undefined) {
    return withheld('the server asks for input without saying which');
  }
  return { outcome: undefined, inputRequests, requestState };
}

/** What belongs to this hop stays here: `resultType`, and the protocol's own keys of `_meta`. */
function withoutEnvelope(result: JsonObject): JsonObject {
  const { resultType, _meta: meta, ...rest } = result;
  if (!isObject(meta)) return resultType === undefined && meta === undefined ? result : rest;
  const kept = Object.entries(meta).filter(([name]) => !name.startsWith('io.modelcontextprotocol/'));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

const withheld = (why: string): Outcome => ({ outcome: 'withheld', why });
