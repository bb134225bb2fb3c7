/** What the feature server answers: one table of methods for both eras. */
import type { JsonObject } from '../../../src/domain/json.ts';
import { type Audience, type Call, Fault, record } from './call.ts';
import { changedState } from './changes.ts';
import { completed, prompted, promptsNow, read, resourcesNow, TEMPLATES } from './contents.ts';
import { toolsNow } from './tools.ts';

export type Method =
  | 'tools/list'
  | 'tools/call'
  | 'resources/list'
  | 'resources/templates/list'
  | 'resources/read'
  | 'prompts/list'
  | 'prompts/get'
  | 'completion/complete';

type Answerer = (params: JsonObject, call: Call) => Promise<JsonObject>;

export const SERVER = { name: 'cells', version: '1.0.0' };
export const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};
export const INSTRUCTIONS = 'Every feature has one tool.';

/** Small, so that no list fits on one page. */
const PAGE = 2;

/** Its cursor is the place in the list. */
function page(name: string, all: readonly JsonObject[], { cursor = '0' }: JsonObject): JsonObject {
  const from = Number(cursor);
  if (!Number.isInteger(from) || from < 0 || from > all.length) throw new Fault(-32602, 'Invalid cursor');
  const next = from + PAGE;
  return { [name]: all.slice(from, next), ...(next < all.length ? { nextCursor: String(next) } : {}) };
}

/** `missing` is the code for a resource that is not there: it differs between the eras. */
export const answersOf = (audience: Audience, missing: number): Readonly<Record<Method, Answerer>> => ({
  'tools/list': async (params) =>
    page(
      'tools',
      toolsNow(changedState()).map(({ run, ...entry }) => entry),
      params,
    ),
  'tools/call': async (params, call) => {
    const { name, arguments: given = {} } = params as { name: string; arguments?: JsonObject };
    record('call', { name, arguments: given });
    const tool = toolsNow(changedState()).find((one) => one.name === name);
    if (tool === undefined) throw new Fault(-32602, `Tool ${name} not found`);
    return tool.run(given, call, audience);
  },
  'resources/list': async (params) => page('resources', resourcesNow(changedState()), params),
  'resources/templates/list': async (params) => page('resourceTemplates', TEMPLATES, params),
  'resources/read': async ({ uri }, call) => read(String(uri), call, missing),
  'prompts/list': async (params) => page('prompts', promptsNow(changedState()), params),
  'prompts/get': async (params, call) => {
    const { name, arguments: given = {} } = params as { name: string; arguments?: JsonObject };
    return prompted(name, given, call);
  },
  'completion/complete': async (params) => completed(params),
});
