/** The feature server of 2026-07-28 only, on the SDK's v2: on stdio, or with the word `http` on a port whose URL it prints. */
import { randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  InMemoryServerEventBus,
  type InputRequests,
  inputRequired,
  ProtocolError,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ListKind } from '../../../src/domain/downstream.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { bodyOf, serveHttp } from '../../support/servers/http-fixture.ts';
import { answersOf, CAPABILITIES, INSTRUCTIONS, type Method, SERVER } from './answer.ts';
import { type Audience, type Call, Fault, record } from './call.ts';

const RESOURCE_NOT_FOUND = -32602;
const CACHED = { ttlMs: 5000, cacheScope: 'public' } as const;
const METHODS: readonly Method[] = [
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
];

type Answers = Readonly<Record<string, JsonObject>>;

/** A call that cannot be answered before the client is asked. */
class AskFirst extends Error {
  override readonly name = 'AskFirst';
  readonly questions: InputRequests;
  readonly answered: readonly Answers[];

  constructor(questions: InputRequests, answered: readonly Answers[]) {
    super('the client is asked first');
    this.questions = questions;
    this.answered = answered;
  }
}

/** Requests that wait for their next round, by their state, which is good for one: what was answered in the rounds before. */
const waiting = new Map<string, readonly Answers[]>();

/** What was answered to this request so far, round by round. */
function answeredSoFar({ mcpReq }: ServerContext): readonly Answers[] {
  if (mcpReq.inputResponses === undefined) return [];
  const state = String(mcpReq.requestState());
  const before = waiting.get(state);
  if (!waiting.delete(state) || before === undefined) throw new Fault(-32602, 'Invalid request state');
  const answers = mcpReq.inputResponses as Answers;
  for (const answer of Object.values(answers)) record('heard', { answer });
  return [...before, answers];
}

function featureServer(audienceOf: (server: Server) => Audience): Server {
  const server = new Server(SERVER, {
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    cacheHints: {
      'tools/list': CACHED,
      'prompts/list': CACHED,
      'resources/list': CACHED,
      'resources/templates/list': CACHED,
      'resources/read': CACHED,
    },
  });
  const answers = answersOf(audienceOf(server), RESOURCE_NOT_FOUND);
  for (const method of METHODS) {
    const answer = async (request: { params?: unknown }, context: ServerContext): Promise<never> => {
      try {
        const call = callOf(context, answeredSoFar(context));
        return (await answers[method]((request.params ?? {}) as JsonObject, call)) as never;
      } catch (fault) {
        if (fault instanceof Fault) throw new ProtocolError(fault.code, fault.message, fault.details);
        if (!(fault instanceof AskFirst)) throw fault;
        const requestState = randomUUID();
        waiting.set(requestState, fault.answered);
        return inputRequired({ inputRequests: fault.questions, requestState }) as never;
      }
    };
    server.setRequestHandler(method, answer);
  }
  return server;
}

function callOf({ mcpReq, http }: ServerContext, answered: readonly Answers[]): Call {
  let rounds = 0;
  return {
    signal: mcpReq.signal,
    capabilities: ((mcpReq.envelope as JsonObject | undefined)?.[CLIENT_CAPABILITIES_META_KEY] ?? {}) as JsonObject,
    header: (name) => http?.req?.headers.get(name) ?? undefined,
    progress: async (step) => {
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken === undefined) return;
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...step } });
    },
    log: (level, text) => mcpReq.log(level, text, 'cells'),
    ask: async (questions) => {
      const answers = answered[rounds++];
      if (answers === undefined) throw new AskFirst(questions as unknown as InputRequests, answered);
      return answers;
    },
  };
}

async function overHttp(): Promise<void> {
  const bus = new InMemoryServerEventBus();
  const listening = Promise.withResolvers<void>();
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (listener) => {
    listening.resolve();
    return subscribe(listener);
  };
  const audience: Audience = {
    listChanged: async (kind) => {
      await listening.promise;
      bus.publish({ kind: `${kind}_list_changed` });
    },
    updated: async (uri) => bus.publish({ kind: 'resource_updated', uri }),
  };
  const handler = createMcpHandler(() => featureServer(() => audience), { legacy: 'reject', bus });
  const { url } = await serveHttp(async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const method = request.method ?? 'POST';
    const answer = await handler.fetch(
      new Request(`http://${request.headers.host}${request.url}`, {
        method,
        headers: new Headers(Object.entries(request.headers) as [string, string][]),
        signal: gone.signal,
        ...(method === 'POST' ? { body: await bodyOf(request) } : {}),
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    const reader = answer.body?.getReader();
    response.on('close', () => void reader?.cancel().catch(() => undefined));
    for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
      response.write(piece.value);
    }
    response.end();
  });
  console.log(url);
}

const LIST_CHANGED: Readonly<Record<ListKind, (server: Server) => Promise<void>>> = {
  tools: (server) => server.sendToolListChanged(),
  prompts: (server) => server.sendPromptListChanged(),
  resources: (server) => server.sendResourceListChanged(),
};
const onStdio = (server: Server): Audience => ({
  listChanged: (kind) => LIST_CHANGED[kind](server),
  updated: (uri) => server.sendResourceUpdated({ uri }),
});

if (process.argv[2] === 'http') await overHttp();
else serveStdio(() => featureServer(onStdio), { legacy: 'reject' });
