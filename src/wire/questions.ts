/** Requests of ours to a client of the legacy era, in the middle of its own, and their answers. */
import type { Answer, Question } from '../domain/exchange.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { INTERNAL_ERROR } from './faults.ts';
import type { Response } from './message.ts';

/** The legacy era names each URL elicitation, so that its end could be told; the modern one has no such name. */
export const questionText = (id: string, { method, params }: Question): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method,
    params: params['mode'] === 'url' ? { ...params, elicitationId: id } : params,
  });

const LONGEST_MESSAGE = 500;

/** What a client answered. Whether it has the form that the question asks for is judged by who asked. */
export function readAnswer({ result, error }: Pick<Response, 'result' | 'error'>): Answer {
  if (isObject(result)) return { ok: true, result };
  if (error === undefined) return { ok: false, code: INTERNAL_ERROR, message: 'the client answered with no object' };
  const { code, message }: JsonObject = isObject(error) ? error : {};
  return {
    ok: false,
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : INTERNAL_ERROR,
    message: typeof message === 'string' ? message.slice(0, LONGEST_MESSAGE) : 'the client answered with an error',
  };
}
