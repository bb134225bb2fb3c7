/** From what the path answered to the JSON-RPC message that a client of either era reads. */
import type { Asked, Settled } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Refusal } from '../domain/refusal.ts';
import { type Dress, dressed, resultText } from './dress.ts';
import { INTERNAL_ERROR, type RequestId, type Said, saidFault, type WireFault } from './faults.ts';
import { leftMarks, withLeft } from './left.ts';
import { type Named, refusalFault, refusalMarks, serverFault } from './refusals.ts';
import { outcomeSentence, recordedSentence, refusalSentence, type SpokenRefusal } from './sentences.ts';

const said = (id: RequestId, result: JsonObject, dress: Dress): Said => ({
  text: resultText(id, result, dress),
  status: 200,
});

/** What a call is answered with: a result, or an error of the protocol. */
export type Worded = { readonly result: JsonObject } | { readonly fault: WireFault };

const saidOf = (id: RequestId, worded: Worded, dress: Dress): Said =>
  'fault' in worded ? saidFault(worded.fault) : said(id, worded.result, dress);

/** A call that was made, as its caller reads it. */
export function wordedSettled(
  id: RequestId,
  named: Named,
  { id: call, outcome, recorded, left }: Settled,
  dress: Dress,
): Worded {
  const { operation } = named;
  switch (outcome.outcome) {
    case 'ok':
    case 'tool_error': {
      const own = marked(outcome.result, call, recorded, operation);
      // Dressed first: what an older client gets as text comes before our words.
      return { result: withLeft(dressed(operation, own, dress), left, operation) };
    }
    case 'rpc_error':
      return { fault: serverFault(id, named, outcome, dress) };
    default: {
      const sentence = outcomeSentence(outcome, dress.outcomeUrl(call));
      const marks = { 'tollgate/call': call, 'tollgate/outcome': outcome.outcome, ...leftMarks(left) };
      return operation === 'tools/call'
        ? { result: spoken(sentence, marks) }
        : { fault: { id, code: INTERNAL_ERROR, message: sentence, data: marks, status: 200 } };
    }
  }
}

export const saidSettled = (id: RequestId, named: Named, settled: Settled, dress: Dress): Said =>
  saidOf(id, wordedSettled(id, named, settled, dress), dress);

/** A call whose server asks the client something first (basic/patterns/mrtr.mdx). Modern clients alone come back. */
export function saidAsked(
  id: RequestId,
  { questions }: Pick<Asked, 'questions'>,
  requestState: string,
  dress: Dress,
): Said {
  const requests = Object.entries(questions).map(([key, { method, params }]) => [key, { method, params }] as const);
  const inputRequests = requests.length === 0 ? {} : { inputRequests: Object.fromEntries(requests) };
  return said(id, { resultType: 'input_required', ...inputRequests, requestState }, dress);
}

/** A call that was refused: the tool's answer where the agent can act on it, an error of the protocol where it cannot. */
export function wordedRefusal(id: RequestId, named: Named, refusal: Refusal, dress: Dress): Worded {
  const fault = refusalFault(id, named, refusal, dress);
  if (fault !== undefined) return { fault };
  const own = refusal as SpokenRefusal;
  return { result: spoken(refusalSentence(own, dress.holdUrl), refusalMarks(own, dress.holdUrl)) };
}

export const saidRefusal = (id: RequestId, named: Named, refusal: Refusal, dress: Dress): Said =>
  saidOf(id, wordedRefusal(id, named, refusal, dress), dress);

const spoken = (sentence: string, marks: JsonObject): JsonObject => ({
  content: [{ type: 'text', text: sentence }],
  isError: true,
  _meta: marks,
});

/** A result says which call it is of, by which it is found again. A recorded one says so, and a tool's first of all in words. */
function marked(
  result: JsonObject,
  call: string,
  recorded: Settled['recorded'],
  operation: Named['operation'],
): JsonObject {
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  if (recorded === undefined) return { ...result, _meta: { ...meta, 'tollgate/call': call } };
  const { at, textOnly } = recorded;
  const _meta = { ...meta, 'tollgate/call': call, 'tollgate/recorded': new Date(at).toISOString() };
  if (operation !== 'tools/call') return { ...result, _meta };
  const { structuredContent, ...rest } = result;
  const content = Array.isArray(result['content']) ? result['content'] : [];
  return {
    ...rest,
    ...(textOnly ? {} : { structuredContent }),
    content: [
      { type: 'text', text: recordedSentence(at) },
      ...content,
      ...(textOnly ? inWords(content, structuredContent) : []),
    ],
    _meta,
  };
}

/** Structured content as text, where the server gave it in no other form. */
const inWords = (content: readonly JsonValue[], structured: JsonValue | undefined): readonly JsonObject[] =>
  structured === undefined || content.length > 0 ? [] : [{ type: 'text', text: JSON.stringify(structured) }];
