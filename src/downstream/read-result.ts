/** Judges what came back of an exchange. By hand, not by schema: this runs on every call. */
import type { Question } from '../domain/exchange.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Era } from '../wire/revisions.ts';
import type { Reply } from './links/channel.ts';
import { ASKING, MOST_QUESTIONS, readQuestion } from './links/questions.ts';
import { unansweredOutcome } from './unanswered-outcome.ts';

/** The server asks for input before it goes on. No question at all: it wants time. */
export interface InputRequired {
  readonly outcome: undefined;
  readonly questions: readonly Question[];
  readonly requestState: string | undefined;
  /** Of a legacy server: its refusal to run the request, which stands unless all is answered. */
  readonly otherwise: Outcome | undefined;
}

/** URLElicitationRequired (2025-11-25, client/elicitation): the server did not run the request. */
const URL_REQUIRED = -32042;

/** Levels of objects and lists in an answer. */
const DEEPEST_ANSWER = 64;

export function readReply(reply: Reply, operation: Operation, era: Era): Outcome | InputRequired {
  if (isDeeper(toldBy(reply), DEEPEST_ANSWER))
    return withheld(`the answer is nested deeper than ${DEEPEST_ANSWER} levels`);
  switch (reply.kind) {
    case 'result':
      return readResult(reply.result, operation, era);
    case 'error':
      return readError(reply, operation, era);
    default:
      return unansweredOutcome(reply);
  }
}

function toldBy(reply: Reply): JsonValue | undefined {
  if (reply.kind === 'result') return reply.result;
  return reply.kind === 'error' ? reply.data : undefined;
}

function readError(
  { code, message, data }: Extract<Reply, { kind: 'error' }>,
  operation: Operation,
  era: Era,
): Outcome | InputRequired {
  const error: Outcome =
    data === undefined ? { outcome: 'rpc_error', code, message } : { outcome: 'rpc_error', code, message, data };
  const urls = code === URL_REQUIRED && era === 'legacy' && ASKING[operation] ? readUrls(data) : undefined;
  return urls === undefined
    ? error
    : { outcome: undefined, questions: urls, requestState: undefined, otherwise: error };
}

/** The questions that stand for the URLs which a server wants opened first; undefined where it does not say so properly. */
function readUrls(data: JsonValue | undefined): readonly Question[] | undefined {
  const wanted = isObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(wanted) || wanted.length === 0 || wanted.length > MOST_QUESTIONS) return undefined;
  const questions: Question[] = [];
  for (const one of wanted as readonly JsonValue[]) {
    if (!isObject(one) || one['mode'] !== 'url') return undefined;
    const { message, url } = one;
    if (typeof message !== 'string' || typeof url !== 'string') return undefined;
    questions.push({ method: 'elicitation/create', params: { mode: 'url', message, url }, key: undefined });
  }
  return questions;
}

function readResult(result: JsonValue | undefined, operation: Operation, era: Era): Outcome | InputRequired {
  if (!isObject(result)) return withheld('the result is no object');
  const { resultType } = result;
  if (resultType === 'input_required' && era === 'modern' && ASKING[operation]) {
    return readInputRequired(result);
  }
  if (resultType !== undefined && resultType !== 'complete') {
    return withheld(`the result is of the unknown type ${JSON.stringify(resultType).slice(0, 60)}`);
  }
  const fault = FAULTS[operation](result, era);
  if (fault !== undefined) return withheld(fault);
  const isToolError = operation === 'tools/call' && result['isError'] === true;
  return {
    outcome: isToolError ? 'tool_error' : 'ok',
    result: withoutEnvelope(operation === 'resources/read' ? withoutHints(result) : result),
  };
}

/** What is wrong with a result of each operation, as a sentence that never says what it held. */
const FAULTS: Readonly<Record<Operation, (result: JsonObject, era: Era) => string | undefined>> = {
  'tools/call': ({ content, isError, structuredContent }, era) => {
    if (!Array.isArray(content)) return 'the result has no list of content';
    for (const block of content as readonly JsonValue[]) {
      if (!isObject(block) || typeof block['type'] !== 'string') return 'the result holds content without a type';
    }
    if (isError !== undefined && typeof isError !== 'boolean') return 'isError of the result is no truth value';
    if (era === 'legacy' && structuredContent !== undefined && !isObject(structuredContent)) {
      return 'structuredContent of the result is no object';
    }
    return undefined;
  },
  'prompts/get': ({ messages }) => {
    if (!Array.isArray(messages)) return 'the result has no list of messages';
    const areMessages = (messages as readonly JsonValue[]).every(
      (one) => isObject(one) && typeof one['role'] === 'string' && isObject(one['content']),
    );
    return areMessages ? undefined : 'the result holds a message without role and content';
  },
  'resources/read': ({ contents }) => {
    if (!Array.isArray(contents)) return 'the result has no list of contents';
    const areContents = (contents as readonly JsonValue[]).every(
      (one) =>
        isObject(one) &&
        typeof one['uri'] === 'string' &&
        (typeof one['text'] === 'string' || typeof one['blob'] === 'string'),
    );
    return areContents ? undefined : 'the result holds contents without URI and text or blob';
  },
  'completion/complete': ({ completion }) => {
    const values = isObject(completion) ? completion['values'] : undefined;
    if (!Array.isArray(values)) return 'the result has no list of values';
    return values.every((value) => typeof value === 'string') ? undefined : 'the result holds a value that is no text';
  },
  'resources/subscribe': () => undefined,
};

function readInputRequired(result: JsonObject): Outcome | InputRequired {
  const { inputRequests = {}, requestState } = result;
  if (!isObject(inputRequests)) return withheld('the server asks for input in a form that is not valid');
  if (requestState !== undefined && typeof requestState !== 'string') return withheld('the request state is no text');
  if (result['inputRequests'] === undefined && requestState === undefined) {
    return withheld('the server asks for input without saying which');
  }
  const asked = Object.entries(inputRequests);
  if (asked.length > MOST_QUESTIONS) return withheld(`the server asks for more than ${MOST_QUESTIONS} inputs at once`);
  const questions: Question[] = [];
  for (const [key, request] of asked) {
    const question = isObject(request) ? readQuestion(request['method'], request['params'], key) : undefined;
    if (question === undefined) return withheld('the server asks for input in a form that is not valid');
    questions.push(question);
  }
  return { outcome: undefined, questions, requestState, otherwise: undefined };
}

/** What belongs to this hop stays here: `resultType`, and the protocol's own keys of `_meta`. */
function withoutEnvelope(result: JsonObject): JsonObject {
  const { resultType, _meta: meta, ...rest } = result;
  if (!isObject(meta)) return resultType === undefined && meta === undefined ? result : rest;
  const kept = Object.entries(meta).filter(([name]) => !name.startsWith('io.modelcontextprotocol/'));
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}

/** How long and for whom we may keep a resource is said to us alone (server/utilities/caching.mdx). */
function withoutHints({ ttlMs, cacheScope, ...rest }: JsonObject): JsonObject {
  return rest;
}

const withheld = (why: string): Outcome => ({ outcome: 'withheld', why });
