/** What a request for a call names, by its method: the target, as the path takes it. */
import type { Received } from '../domain/call.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

export type Target = Pick<Received, 'operation' | 'target' | 'arguments' | 'completes'>;

type Read = (operation: Operation, params: JsonObject) => Result<Target, string>;

const named: Read = (operation, { name, arguments: given = {} }) => {
  if (typeof name !== 'string') return refuse('name is a string');
  if (!isObject(given)) return refuse('arguments is an object');
  return ok({ operation, target: name, arguments: given, completes: undefined });
};

const located: Read = (operation, { uri }) =>
  typeof uri === 'string'
    ? ok({ operation, target: uri, arguments: {}, completes: undefined })
    : refuse('uri is a string');

const completed: Read = (operation, { ref, argument, context }) => {
  const { type, name, uri } = isObject(ref) ? ref : {};
  const given = { ...(argument === undefined ? {} : { argument }), ...(context === undefined ? {} : { context }) };
  if (type === 'ref/prompt' && typeof name === 'string')
    return ok({ operation, target: name, arguments: given, completes: 'prompt' });
  if (type === 'ref/resource' && typeof uri === 'string')
    return ok({ operation, target: uri, arguments: given, completes: 'resource' });
  return refuse('ref names a prompt (ref/prompt, name) or a resource (ref/resource, uri)');
};

const READ: Readonly<Record<Operation, Read>> = {
  'tools/call': named,
  'prompts/get': named,
  'resources/read': located,
  'resources/subscribe': located,
  'completion/complete': completed,
};

/** Refused with a phrase without a full stop. */
export const readTarget: Read = (operation, params) => READ[operation](operation, params);
