/** What a server may ask of the client in the middle of a call: held to the policy's `asks`, and made to name its asker. */
import type { Abilities, Asks } from '../../domain/abilities.ts';
import type { Answer, Question } from '../../domain/exchange.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { readOutput } from '../output/reading.ts';

/** What a question may hold, in characters of JSON: a person or a model is to read it. */
const LARGEST_QUESTION = 256 * 1024;
const LONGEST_MESSAGE = 8 * 1024;
/** Says which server asks, to clients that look. */
const ASKER = 'tollgate/server';

/**
 * The question as the client gets it. Refused, with a sentence without a full stop that the server may read, where the
 * client cannot be asked or the policy allows this server no such question.
 */
export function judgeQuestion(
  question: Question,
  server: string,
  { abilities, asks }: { readonly abilities: Abilities; readonly asks: Asks },
): Result<Question, string> {
  if (JSON.stringify(question.params).length > LARGEST_QUESTION) return refuse('the question is too large');
  const { _meta: _, ...said } = question.params;
  // What is asked holds no links to follow: what a server may hand over is judged where it hands it over.
  const read = readOutput(said, { server, allows: () => true, shows: () => true });
  if (!read.ok) return refuse(`the question ${read.error}`);
  const params = read.value;
  if (params['url'] !== said['url']) return refuse('the url holds what nobody can see');
  const put = (asked: JsonObject): Result<Question, string> =>
    ok({ ...question, params: { ...asked, _meta: { [ASKER]: server } } });
  switch (question.method) {
    case 'elicitation/create':
      return elicitation(params, server, abilities, put);
    case 'sampling/createMessage':
      return sampling(params, abilities, asks, put);
    case 'roots/list':
      return abilities.roots ? put({}) : refuse('the client may not be asked for its roots');
  }
}

type Put = (params: JsonObject) => Result<Question, string>;

/** The message names its server: clients must show who asks (client/elicitation.mdx). */
function elicitation(params: JsonObject, server: string, abilities: Abilities, put: Put): Result<Question, string> {
  const { mode = 'form', message, requestedSchema, url } = params;
  if (mode !== 'form' && mode !== 'url') return refuse('there is no such mode of elicitation');
  if (!abilities.elicitation.includes(mode)) return refuse(`the client may not be asked in ${mode} mode`);
  if (typeof message !== 'string' || message.length > LONGEST_MESSAGE)
    return refuse('the message is missing or too long');
  const said = `${server} asks: ${message}`;
  if (mode === 'form') {
    if (!isObject(requestedSchema)) return refuse('a form needs a requestedSchema');
    return put({ ...params, message: said, requestedSchema });
  }
  if (!isPlainWebAddress(url)) return refuse('the url is no plain http or https address');
  return put({ mode, message: said, url });
}

/** No other scheme, and no credentials in it: a person is to open it. */
function isPlainWebAddress(url: JsonValue | undefined): boolean {
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
}

/** `includeContext` would hand a server what others returned to this client. */
function sampling(params: JsonObject, abilities: Abilities, asks: Asks, put: Put): Result<Question, string> {
  if (abilities.sampling === undefined || asks.sampling === undefined) return refuse('the client may not be sampled');
  const { maxTokens, messages, includeContext: _, ...rest } = params;
  // Some models take less than one for as many as they like.
  const isBounded = typeof maxTokens === 'number' && Number.isSafeInteger(maxTokens) && maxTokens > 0;
  if (!isBounded || maxTokens > asks.sampling.maxTokens)
    return refuse(`a sampling request may ask for ${asks.sampling.maxTokens} tokens at most`);
  if (!Array.isArray(messages)) return refuse('a sampling request needs messages');
  const usesTools = rest['tools'] !== undefined || rest['toolChoice'] !== undefined;
  if (usesTools && !abilities.sampling.tools) return refuse('the client samples without tools');
  return put({ ...rest, messages, maxTokens });
}

/** How often a session was asked is counted by server and kind. */
export const countOf = (server: string, { method }: Question): string => `asked.${server}.${method.split('/')[0]}`;

const ACTIONS: ReadonlySet<unknown> = new Set(['accept', 'decline', 'cancel']);

/** Whether an answer has the form that its question wants. Its content is the client's: data for the server. */
export function fitsQuestion({ method }: Question, answer: Answer): boolean {
  if (!answer.ok) return true;
  const { action, content, role, model, roots } = answer.result;
  switch (method) {
    case 'elicitation/create':
      return ACTIONS.has(action) && (content === undefined || isObject(content));
    case 'sampling/createMessage':
      return typeof role === 'string' && typeof model === 'string' && typeof content === 'object' && content !== null;
    case 'roots/list':
      return Array.isArray(roots) && roots.every((root) => isObject(root) && typeof root['uri'] === 'string');
  }
}
