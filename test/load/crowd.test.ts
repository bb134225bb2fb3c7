/** Many clients at once that all say the same ids: nobody's answer, progress or question may reach another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/domain/json.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { modernHeaders, modernMeta } from '../support/posts.ts';

const CLIENTS = 500;
const CALLS = 3;
const THE_SAME = 'the-same';
const MANY = join(import.meta.dirname, 'servers', 'many-tools.ts');
const FEATURES = (era: string): string => join(import.meta.dirname, '..', 'cells', 'servers', `${era}.ts`);

const ended = new AsyncDisposableStack();
let gateway: RunningGateway;

/** A feature server on HTTP, by its URL. */
async function featureServer(era: 'legacy' | 'modern'): Promise<string> {
  const child = spawn(process.execPath, [FEATURES(era), 'http'], { stdio: ['pipe', 'pipe', 'inherit'] });
  ended.defer(async () => {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return url;
}

beforeAll(async () => {
  const [legacy, modern] = await Promise.all([featureServer('legacy'), featureServer('modern')]);
  gateway = await startGateway(
    `version: 1
profile: crowd
who: local
servers:
  many-legacy: { command: [node, ${JSON.stringify(MANY)}] }
  many-modern: { command: [node, ${JSON.stringify(MANY)}, modern] }
  legacy: { url: ${JSON.stringify(legacy)}, asks: { elicitation: [form] } }
  modern: { url: ${JSON.stringify(modern)}, asks: { elicitation: [form] } }
tools:
  many-legacy.t01: {}
  many-modern.t01: {}
  legacy.form: { effect: read }
  modern.form: { effect: read }
budgets: { session: { calls: 1000000 } }
`,
    { words: ['--anonymous'] },
  );
  ended.defer(() => gateway.stop());
});
afterAll(() => ended.disposeAsync());

type Answer = (question: JsonObject) => Promise<void>;

/** Posts, reads the answer as it comes, and gives all of its messages. */
async function post(message: JsonObject, headers: Record<string, string>, answer?: Answer): Promise<JsonObject[]> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(message),
  });
  const messages: JsonObject[] = [];
  let rest = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.startsWith('data:'))) {
      const said = JSON.parse(line.slice('data:'.length)) as JsonObject;
      messages.push(said);
      if (said['method'] === 'elicitation/create') await answer?.(said);
    }
  }
  return rest.startsWith('{') ? [...messages, JSON.parse(rest) as JsonObject] : messages;
}

interface Agent {
  call(name: string, given: JsonObject, mark: string): Promise<JsonObject[]>;
}

/** Every modern client sends one and the same session header, which says nothing in this era. */
const modernAgent = (): Agent => {
  const request = (params: JsonObject): JsonObject => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const send = (message: JsonObject) => post(message, { ...modernHeaders(message), 'mcp-session-id': THE_SAME });
  return {
    call: async (name, given, mark) => {
      const _meta = modernMeta({
        progressToken: THE_SAME,
        'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      });
      const first = await send(request({ name, arguments: given, _meta }));
      const result = first.at(-1)?.['result'];
      if (!isObject(result) || result['resultType'] !== 'input_required') return first;
      const { inputRequests, requestState } = result;
      const keys = Object.keys(isObject(inputRequests) ? inputRequests : {});
      const inputResponses = Object.fromEntries(keys.map((key) => [key, accepted(mark)]));
      return send(request({ name, arguments: given, _meta, inputResponses, requestState }));
    },
  };
};

const accepted = (mark: string): JsonObject => ({ action: 'accept', content: { answer: mark } });

async function legacyAgent(): Promise<Agent> {
  const clientInfo = { name: THE_SAME, version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo };
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const opened = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(initialize),
  });
  await opened.text();
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  return {
    call: (name, given, mark) => {
      const asked = { name, arguments: given, _meta: { progressToken: THE_SAME } };
      const answer: Answer = async ({ id }) =>
        void (await post({ jsonrpc: '2.0', id, result: accepted(mark) }, headers));
      return post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: asked }, headers, answer);
    },
  };
}

const textOf = (messages: readonly JsonObject[]): string => JSON.stringify(messages.at(-1)?.['result'] ?? messages);

describe(`${CLIENTS} clients at once, of both eras, with the same request ids, progress tokens and session headers`, () => {
  let agents: readonly Agent[];
  beforeAll(async () => {
    agents = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, at) => (at % 2 === 0 ? modernAgent() : legacyAgent())),
    );
  });

  test.each(['many-legacy', 'many-modern'])('%s: every answer and every step reaches its asker', async (server) => {
    const answers = await Promise.all(
      agents.map(async (agent, at) => {
        const wrong: string[] = [];
        for (let call = 0; call < CALLS; call++) {
          const mark = `${server} ${at} ${call}`;
          const messages = await agent.call(`${server}__t01`, { mark }, mark);
          if (!textOf(messages).includes(JSON.stringify(`"${mark}"`).slice(1, -1))) wrong.push(textOf(messages));
          for (const { method, params } of messages) {
            if (method !== 'notifications/progress' || !isObject(params)) continue;
            const isOwn = params['message'] === mark || params['message'] === 'waiting';
            if (!isOwn || params['progressToken'] !== THE_SAME) wrong.push(JSON.stringify(params));
          }
        }
        return wrong;
      }),
    );
    expect(answers.flat()).toEqual([]);
  });

  test.each(['legacy', 'modern'])('a %s server asks each of them, and hears each of them', async (server) => {
    const answers = await Promise.all(
      agents.map(async (agent, at) => {
        const mark = `answer of ${server} ${at}.`;
        const said = textOf(await agent.call(`${server}__form`, { question: `question ${at}?` }, mark));
        return said.includes(mark) ? [] : [said];
      }),
    );
    expect(answers.flat()).toEqual([]);
  });
});
