/** The official SDK clients of both lines behind one face, toward a gateway or straight to a server: what they see can be compared. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { JsonObject } from '../../src/domain/json.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { MODERN } from '../support/posts.ts';

/** What a client is pointed at. */
export type Destination =
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly command: readonly [program: string, ...words: string[]];
      readonly env: Readonly<Record<string, string | undefined>>;
    };

export const overHttp = ({ url, token }: RunningGateway): Destination => ({
  url,
  headers: { authorization: `Bearer ${token}` },
});

/** A client's own side: what it answers when it is asked. Undefined: it cannot be asked, and says so. */
export interface Answers {
  readonly elicitation?: (params: JsonObject) => JsonObject;
  readonly sampling?: (params: JsonObject) => JsonObject;
  readonly roots?: readonly { readonly uri: string; readonly name?: string }[];
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (step: { readonly progress: number; readonly total?: number | undefined }) => void;
}

export interface SdkClient {
  /** The revision that was agreed. */
  readonly revision: string | undefined;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
  tools(): Promise<readonly JsonObject[]>;
  prompts(): Promise<readonly JsonObject[]>;
  resources(): Promise<readonly JsonObject[]>;
  templates(): Promise<readonly JsonObject[]>;
  call(name: string, given?: JsonObject, options?: CallOptions): Promise<JsonObject>;
  read(uri: string): Promise<JsonObject>;
  prompt(name: string, given?: Readonly<Record<string, string>>): Promise<JsonObject>;
  complete(params: Completion): Promise<JsonObject>;
  /** From now on `updated` grows with each update of this resource, until the function that it gives is called. */
  watch(uri: string): Promise<() => Promise<unknown>>;
  /** Wants logs of every level: of the connection where the revision has that, else of each call from now on. */
  logAll(): Promise<void>;
  /** What was asked, oldest first. */
  readonly asked: readonly { readonly method: string; readonly params: JsonObject }[];
  readonly updated: readonly string[];
  readonly logged: readonly JsonObject[];
  close(): Promise<void>;
}

/** Name and version by which the gateway knows a client that bears to wait for a person (`src/wire/patience.ts`). */
const PATIENT = { name: 'claude-code', version: '1.0.0' };
const WAIT = { timeout: 600_000 };

/** What came to a client on its own. */
class Heard {
  readonly asked: { readonly method: string; readonly params: JsonObject }[] = [];
  readonly updated: string[] = [];
  readonly logged: JsonObject[] = [];

  /** Notes the question, and gives `answer`'s result. */
  readonly answer =
    (method: string, answer: (params: JsonObject) => JsonObject) =>
    (request: { readonly params?: object | undefined }): JsonObject => {
      const params = plain(request.params ?? {});
      this.asked.push({ method, params });
      return answer(params);
    };
}

/** What the SDK read, as JSON. */
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
const plainList = (values: readonly unknown[]): readonly JsonObject[] => values.map(plain);

const capabilitiesOf = ({ elicitation, sampling, roots }: Answers) => ({
  ...(elicitation && { elicitation: { form: {}, url: {} } }),
  ...(sampling && { sampling: {} }),
  ...(roots && { roots: {} }),
});

const variables = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

const stdioOf = ({ command: [command, ...args], env }: Extract<Destination, { command: unknown }>) => ({
  command,
  args,
  env: variables(env),
  stderr: 'ignore' as const,
});

/** `@modelcontextprotocol/sdk`, which stops at 2025-11-25. */
export async function firstLine(to: Destination, answers: Answers = {}): Promise<SdkClient> {
  const client = new LegacyClient(PATIENT, { capabilities: capabilitiesOf(answers) });
  const heard = new Heard();
  const { elicitation, sampling, roots } = answers;
  if (elicitation)
    client.setRequestHandler(ElicitRequestSchema, heard.answer('elicitation/create', elicitation) as never);
  if (sampling)
    client.setRequestHandler(CreateMessageRequestSchema, heard.answer('sampling/createMessage', sampling) as never);
  if (roots)
    client.setRequestHandler(ListRootsRequestSchema, heard.answer('roots/list', () => ({ roots }) as never) as never);
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    heard.logged.push(plain(params));
  });
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard.updated.push(params.uri);
  });
  const transport =
    'url' in to
      ? new LegacyHttp(new URL(to.url), { requestInit: { headers: to.headers ?? {} } })
      : new LegacyStdio(stdioOf(to));
  let revision: string | undefined;
  const tell = 'setProtocolVersion' in transport ? transport.setProtocolVersion.bind(transport) : undefined;
  Object.assign(transport, {
    setProtocolVersion: (agreed: string) => {
      revision = agreed;
      tell?.(agreed);
    },
  });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<LegacyClient['connect']>[0]);
  return {
    revision,
    capabilities: plain(client.getServerCapabilities() ?? {}),
    instructions: client.getInstructions(),
    tools: async () => plainList((await client.listTools()).tools),
    prompts: async () => plainList((await client.listPrompts()).prompts),
    resources: async () => plainList((await client.listResources()).resources),
    templates: async () => plainList((await client.listResourceTemplates()).resourceTemplates),
    call: async (name, given = {}, options) =>
      plain(await client.callTool({ name, arguments: given }, CallToolResultSchema, { ...WAIT, ...options })),
    read: async (uri) => plain(await client.readResource({ uri })),
    prompt: async (name, given) => plain(await client.getPrompt({ name, ...(given && { arguments: given }) })),
    complete: async (params) => plain(await client.complete(params)),
    watch: async (uri) => {
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
    logAll: async () => void (await client.setLoggingLevel('debug')),
    ...heard,
    close: () => client.close(),
  };
}

/** `@modelcontextprotocol/client`, which speaks both eras. */
export async function secondLine(to: Destination, era: 'legacy' | 'modern', answers: Answers = {}): Promise<SdkClient> {
  const client = new ModernClient(PATIENT, {
    capabilities: capabilitiesOf(answers),
    versionNegotiation: { mode: era === 'modern' ? { pin: MODERN } : 'legacy' },
  });
  const heard = new Heard();
  const { elicitation, sampling, roots } = answers;
  if (elicitation)
    client.setRequestHandler('elicitation/create', heard.answer('elicitation/create', elicitation) as never);
  if (sampling)
    client.setRequestHandler('sampling/createMessage', heard.answer('sampling/createMessage', sampling) as never);
  if (roots) client.setRequestHandler('roots/list', heard.answer('roots/list', () => ({ roots }) as never) as never);
  client.setNotificationHandler('notifications/message', ({ params }) => {
    heard.logged.push(plain(params));
  });
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    heard.updated.push(params.uri);
  });
  await client.connect(
    'url' in to
      ? new ModernHttp(new URL(to.url), { requestInit: { headers: to.headers ?? {} } })
      : new ModernStdio(stdioOf(to)),
  );
  let meta: { readonly _meta?: JsonObject } = {};
  return {
    revision: client.getNegotiatedProtocolVersion(),
    capabilities: plain(client.getServerCapabilities() ?? {}),
    instructions: client.getInstructions(),
    tools: async () => plainList((await client.listTools()).tools),
    prompts: async () => plainList((await client.listPrompts()).prompts),
    resources: async () => plainList((await client.listResources()).resources),
    templates: async () => plainList((await client.listResourceTemplates()).resourceTemplates),
    call: async (name, given = {}, options) =>
      plain(await client.callTool({ name, arguments: given, ...meta }, { ...WAIT, ...options })),
    read: async (uri) => plain(await client.readResource({ uri })),
    prompt: async (name, given) => plain(await client.getPrompt({ name, ...(given && { arguments: given }) })),
    complete: async (params) => plain(await client.complete(params)),
    watch: async (uri) => {
      if (era === 'legacy') {
        await client.subscribeResource({ uri });
        return () => client.unsubscribeResource({ uri });
      }
      const listening = await client.listen({ resourceSubscriptions: [uri] });
      if (!listening.honoredFilter.resourceSubscriptions?.includes(uri)) throw new Error(`not honoured: ${uri}`);
      return () => listening.close();
    },
    logAll: async () => {
      if (era === 'legacy') await client.setLoggingLevel('debug');
      else meta = { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } };
    },
    ...heard,
    close: () => client.close(),
  };
}

export type Completion = Parameters<LegacyClient['complete']>[0];
