/** The feature server of 2025-11-25, on the SDK's v1: on stdio, or with the word `http` on a port whose URL it prints. */
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from '../../../src/domain/exchange.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { until } from '../../support/downstream.ts';
import { bodyOf, sendJson, serveHttp } from '../../support/servers/http-fixture.ts';
import { answersOf, CAPABILITIES, INSTRUCTIONS, type Method, SERVER } from './answer.ts';
import { type Asked, type Audience, type Call, Fault, record } from './call.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const RESOURCE_NOT_FOUND = -32002;
const METHODS = {
  'tools/list': ListToolsRequestSchema,
  'tools/call': CallToolRequestSchema,
  'resources/list': ListResourcesRequestSchema,
  'resources/templates/list': ListResourceTemplatesRequestSchema,
  'resources/read': ReadResourceRequestSchema,
  'prompts/list': ListPromptsRequestSchema,
  'prompts/get': GetPromptRequestSchema,
  'completion/complete': CompleteRequestSchema,
} as const;
const ANY = z.looseObject({});

/** A server that is connected, and the resources it was asked to watch. */
interface Connected {
  readonly server: Server;
  readonly watched: Set<string>;
}

const connected = new Set<Connected>();

/** Everybody is told of lists; of a resource those who subscribed. */
const audience: Audience = {
  listChanged: async (kind) => {
    await streaming;
    for (const { server } of connected) await server.notification({ method: `notifications/${kind}/list_changed` });
  },
  updated: async (uri) => {
    for (const { server, watched } of connected) {
      if (watched.has(uri)) await server.sendResourceUpdated({ uri });
    }
  },
};

function featureServer(): Server {
  const server = new Server(SERVER, { capabilities: CAPABILITIES, instructions: INSTRUCTIONS });
  const one: Connected = { server, watched: new Set() };
  connected.add(one);
  server.onclose = () => void connected.delete(one);
  // Says little until it is asked for more, so that what a client hears below that was asked for on the way.
  let level: LogLevel = 'error';
  server.setRequestHandler(SetLevelRequestSchema, async ({ params }) => {
    level = params.level;
    return {};
  });
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    one.watched.add(uri);
    record('subscribed', { uri });
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, async ({ params: { uri } }) => {
    one.watched.delete(uri);
    record('unsubscribed', { uri });
    return {};
  });
  const answers = answersOf(audience, RESOURCE_NOT_FOUND);
  for (const method of Object.keys(METHODS) as Method[]) {
    server.setRequestHandler(METHODS[method], async ({ params = {} }, extra) =>
      answers[method](
        params as JsonObject,
        callOf(server, extra, () => level),
      ).catch((fault: unknown) => {
        throw fault instanceof Fault ? new McpError(fault.code, fault.message, fault.details) : fault;
      }),
    );
  }
  return server;
}

function callOf(server: Server, extra: Extra, level: () => LogLevel): Call {
  const ask = async ({ method, params }: Asked): Promise<JsonObject> => {
    const asked = (
      method === 'roots/list'
        ? { method }
        : { method, params: params['mode'] === 'url' ? { ...params, elicitationId: randomUUID() } : params }
    ) as ServerRequest;
    const answer = (await extra.sendRequest(asked, ANY)) as JsonObject;
    record('heard', { answer });
    return answer;
  };
  return {
    signal: extra.signal,
    capabilities: (server.getClientCapabilities() ?? {}) as JsonObject,
    header: (name) => {
      const value = extra.requestInfo?.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    progress: async (step) => {
      const progressToken = extra._meta?.progressToken;
      if (progressToken === undefined) return;
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, ...step } });
    },
    log: async (at, text) => {
      if (LOG_LEVELS.indexOf(at) < LOG_LEVELS.indexOf(level())) return;
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level: at, logger: 'cells', data: text },
      });
    },
    ask: async (questions) => {
      const answers = Object.entries(questions).map(async ([key, asked]) => [key, await ask(asked)] as const);
      return Object.fromEntries(await Promise.all(answers));
    },
  };
}

/** Resolves once somebody can be told of changes: on HTTP, with the first stream of notices. */
let streaming: Promise<unknown> = Promise.resolve();

async function overHttp(): Promise<void> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const stream = Promise.withResolvers<void>();
  streaming = stream.promise;
  const { url } = await serveHttp(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const body = request.method === 'POST' ? (JSON.parse(await bodyOf(request)) as JsonObject) : undefined;
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      const error = { code: -32001, message: 'Session not found' };
      return sendJson(response, 404, { jsonrpc: '2.0', error, id: null });
    }
    if (known !== undefined) {
      if (request.method === 'GET') void until(() => response.headersSent).then(stream.resolve);
      return known.handleRequest(request, response, body);
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (session) => void sessions.set(session, transport),
    });
    await featureServer().connect(transport as Transport);
    return transport.handleRequest(request, response, body);
  });
  console.log(url);
}

if (process.argv[2] === 'http') await overHttp();
else await featureServer().connect(new StdioServerTransport());
