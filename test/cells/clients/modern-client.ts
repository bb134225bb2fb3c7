/** The client of 2026-07-28: `@modelcontextprotocol/client`, pinned to it. */
import { LOG_LEVEL_META_KEY, Client as Sdk, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
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

const REVISION = '2026-07-28';
/** Asks each time: what a client remembers is none of what is tested. */
const FRESH = { cacheMode: 'refresh' } as const;

export async function modernClient(door: Door, over: Transport): Promise<Client> {
  const sdk = new Sdk(IDENTITY, { capabilities: CAPABILITIES, versionNegotiation: { mode: { pin: REVISION } } });
  const notices: Notice[] = [];
  sdk.fallbackNotificationHandler = async ({ method, params = {} }) => {
    notices.push({ method, params: params as JsonObject });
  };
  const behind = person();
  for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const) {
    sdk.setRequestHandler(method, async ({ params }) => behind.hear(method, params) as never);
  }
  await sdk.connect(
    over === 'http'
      ? new StreamableHTTPClientTransport(new URL(door.http.url), { requestInit: { headers: headersOf(door) } })
      : new StdioClientTransport({ ...door.stdio, stderr: 'inherit' }),
  );
  const lists: Readonly<Record<List, (params: { cursor?: string }) => Promise<object>>> = {
    tools: (params) => sdk.listTools(params, FRESH),
    prompts: (params) => sdk.listPrompts(params, FRESH),
    resources: (params) => sdk.listResources(params, FRESH),
    resourceTemplates: (params) => sdk.listResourceTemplates(params, FRESH),
  };
  return {
    revision: sdk.getNegotiatedProtocolVersion(),
    person: behind,
    notices,
    instructions: sdk.getInstructions(),
    page: async (list, cursor) => (await lists[list](cursor === undefined ? {} : { cursor })) as JsonObject,
    call: async (name, given, options) => (await sdk.callTool({ name, arguments: given }, options)) as JsonObject,
    callWithLogs: async (level, name) =>
      (await sdk.callTool({ name, arguments: {}, _meta: { [LOG_LEVEL_META_KEY]: level } })) as JsonObject,
    read: async (uri) => (await sdk.readResource({ uri }, FRESH)) as JsonObject,
    prompt: async (name, given) => (await sdk.getPrompt({ name, arguments: given })) as JsonObject,
    complete: async (params) => (await sdk.complete(params)) as JsonObject,
    watch: async ({ lists: kinds = [], uris = [] }) => {
      const filter = {
        ...(kinds.includes('tools') ? { toolsListChanged: true } : {}),
        ...(kinds.includes('prompts') ? { promptsListChanged: true } : {}),
        ...(kinds.includes('resources') ? { resourcesListChanged: true } : {}),
        ...(uris.length > 0 ? { resourceSubscriptions: [...uris] } : {}),
      };
      const subscription = await sdk.listen(filter);
      return () => subscription.close();
    },
    close: () => sdk.close(),
  };
}
