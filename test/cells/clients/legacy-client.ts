/** The client of 2025-11-25 and before: `@modelcontextprotocol/sdk`. */
import { Client as Sdk } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type ClientResult,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonObject } from '../../../src/domain/json.ts';
import {
  CAPABILITIES,
  type Client,
  type Door,
  headersOf,
  IDENTITY,
  type List,
  type Notice,
  person,
  type Transport,
} from './client.ts';

/** Connected when this resolves, on HTTP with its stream of notices open. It asks for `revision` where one is given. */
export async function legacyClient(door: Door, over: Transport, revision?: string): Promise<Client> {
  const sdk = new Sdk(IDENTITY, { capabilities: CAPABILITIES });
  const notices: Notice[] = [];
  sdk.fallbackNotificationHandler = async ({ method, params = {} }) => {
    notices.push({ method, params: params as JsonObject });
  };
  const behind = person();
  for (const schema of [ElicitRequestSchema, CreateMessageRequestSchema, ListRootsRequestSchema]) {
    sdk.setRequestHandler(schema, async ({ method, params }) => behind.hear(method, params) as ClientResult);
  }
  const { transport, listening } = over === 'http' ? httpTransport(door) : stdioTransport(door);
  const agreed = negotiating(transport, revision);
  await sdk.connect(transport);
  await listening;
  const lists: Readonly<Record<List, (params: { cursor?: string }) => Promise<object>>> = {
    tools: (params) => sdk.listTools(params),
    prompts: (params) => sdk.listPrompts(params),
    resources: (params) => sdk.listResources(params),
    resourceTemplates: (params) => sdk.listResourceTemplates(params),
  };
  const call: Client['call'] = async (name, given, options) =>
    (await sdk.callTool({ name, arguments: given }, undefined, options)) as JsonObject;
  return {
    revision: agreed(),
    person: behind,
    notices,
    instructions: sdk.getInstructions(),
    page: async (list, cursor) => (await lists[list](cursor === undefined ? {} : { cursor })) as JsonObject,
    call,
    callWithLogs: async (level, name) => {
      await sdk.setLoggingLevel(level);
      return call(name, {});
    },
    read: async (uri) => (await sdk.readResource({ uri })) as JsonObject,
    prompt: async (name, given) => (await sdk.getPrompt({ name, arguments: given })) as JsonObject,
    complete: async (params) => (await sdk.complete(params)) as JsonObject,
    // Of lists a legacy client is told unasked.
    watch: async ({ uris = [] }) => {
      for (const uri of uris) await sdk.subscribeResource({ uri });
      return async () => {
        for (const uri of uris) await sdk.unsubscribeResource({ uri });
      };
    },
    close: () => sdk.close(),
  };
}

interface Opening {
  readonly transport: SdkTransport;
  /** Whether notices can come. */
  readonly listening: Promise<unknown>;
}

function httpTransport(door: Door): Opening {
  const listening = Promise.withResolvers<void>();
  const transport = new StreamableHTTPClientTransport(new URL(door.http.url), {
    requestInit: { headers: headersOf(door) },
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (init?.method === 'GET') listening.resolve();
      return response;
    },
  });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  return { transport: transport as SdkTransport, listening: listening.promise };
}

const stdioTransport = ({ stdio }: Door): Opening => ({
  transport: new StdioClientTransport({ ...stdio, stderr: 'inherit' }),
  listening: Promise.resolve(),
});

/** Makes the client ask for another revision than its newest, and answers what was agreed. */
function negotiating(transport: SdkTransport, revision: string | undefined): () => string | undefined {
  const send = transport.send.bind(transport);
  transport.send = (message, options) =>
    send(
      revision !== undefined && 'method' in message && message.method === 'initialize'
        ? { ...message, params: { ...message.params, protocolVersion: revision } }
        : message,
      options,
    );
  let agreed: string | undefined;
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    agreed = version;
    told?.(version);
  };
  return () => agreed;
}
