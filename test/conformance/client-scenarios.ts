/** The scenarios of the suite's client half that Tollgate is driven through: what its agent may reach, and does. */
import type { Client } from '@modelcontextprotocol/client';
import * as z from 'zod';
import { callLoggedIn } from './logins.ts';
import type { Reach } from './policy-text.ts';
import type { Revision } from './requirements.ts';

export interface ClientScenario {
  readonly revisions: readonly Revision[];
  /** Each server of the suite has its own; the suite's messages name them. */
  readonly reach: Reach;
  /** What the server wants to be shown: a user's token, or one of the client's own. The deployment says so. */
  readonly shows?: 'login' | 'own';
  drive(agent: Client): Promise<unknown>;
}

const BOTH: readonly Revision[] = ['2026-07-28', '2025-11-25'];
const MODERN: readonly Revision[] = ['2026-07-28'];
const LEGACY: readonly Revision[] = ['2025-11-25'];

/** A server without tools is in the policy for its resources. */
const NOTHING: Reach = { resources: ['none://**'] };

const call = (name: string, given: Record<string, unknown> = {}) => ({ name, arguments: given });
const list = async (agent: Client) => (await agent.listTools()).tools;

const HEADERS = ['test_headers', 'my-hyphenated-tool'];
const CUSTOM = ['test_custom_headers', 'test_custom_headers_null'];
const ROUNDS = ['test_mrtr_echo_state', 'test_mrtr_no_state', 'test_mrtr_unrelated', 'test_mrtr_no_result_type'];

/** Logging in: at the suite's servers there is one tool. */
const logins = (revisions: readonly Revision[], ...names: readonly string[]): Record<string, ClientScenario> =>
  Object.fromEntries(
    names.map((name) => [
      `auth/${name}`,
      { revisions, reach: { tools: ['test-tool'] }, shows: 'login', drive: callLoggedIn },
    ]),
  );

/** Tollgate obtains a token; what is opaque and cannot be asked about it shows to nobody, so its agent reads that there is none. */
const OWN: ClientScenario = {
  revisions: BOTH,
  reach: { tools: ['test-tool'] },
  shows: 'own',
  drive: async (agent) => {
    await list(agent);
    await agent.callTool(call('test-tool'));
  },
};

export const CLIENT_SCENARIOS: Readonly<Record<string, ClientScenario>> = {
  initialize: { revisions: LEGACY, reach: NOTHING, drive: list },
  tools_call: {
    revisions: BOTH,
    reach: { tools: ['add_numbers'] },
    drive: async (agent) => {
      await list(agent);
      await agent.callTool(call('add_numbers', { a: 5, b: 3 }));
    },
  },
  'request-metadata': {
    revisions: MODERN,
    reach: NOTHING,
    drive: async (agent) => {
      await list(agent);
      // What a client can be asked goes along with what it calls: here a resource that nobody has.
      await agent.readResource({ uri: 'none://here' }).catch(() => undefined);
    },
  },
  'sep-2322-client-request-state': {
    revisions: MODERN,
    reach: { tools: ROUNDS },
    drive: async (agent) => {
      await list(agent);
      await Promise.all(ROUNDS.map((name) => agent.callTool(call(name))));
    },
  },
  'http-standard-headers': {
    revisions: MODERN,
    reach: { tools: HEADERS, prompts: ['test_prompt'], resources: ['file:///path/to/**', 'https://example.com/**'] },
    drive: async (agent) => {
      for (const { name } of await list(agent)) await agent.callTool(call(name));
      for (const { uri } of (await agent.listResources()).resources) await agent.readResource({ uri });
      for (const { name } of (await agent.listPrompts()).prompts) await agent.getPrompt({ name });
    },
  },
  'http-custom-headers': {
    revisions: MODERN,
    reach: { tools: CUSTOM },
    drive: async (agent) => {
      await list(agent);
      for (const { name, arguments: given } of context().toolCalls) await agent.callTool(call(name, given));
    },
  },
  'http-invalid-tool-headers': {
    revisions: MODERN,
    // The others are not tools: their marks are not valid, and a policy that named them would not load.
    reach: { tools: ['valid_tool'] },
    drive: async (agent) => {
      for (const { name } of await list(agent)) await agent.callTool(call(name, { region: 'us-west1' }));
    },
  },
  'json-schema-ref-no-deref': { revisions: MODERN, reach: { tools: ['lookup_user'] }, drive: list },
  'json-schema-2020-12-preservation': {
    revisions: BOTH,
    reach: { tools: ['json_schema_2020_12_tool', 'json_schema_echo'] },
    drive: async (agent) => {
      const focal = (await list(agent)).find((tool) => tool.name === 'json_schema_2020_12_tool');
      await agent.callTool(call('json_schema_echo', { schema: focal?.inputSchema }));
    },
  },
  'elicitation-sep1034-client-defaults': {
    revisions: LEGACY,
    reach: { tools: ['test_client_elicitation_defaults'] },
    drive: async (agent) => {
      await agent.callTool(call('test_client_elicitation_defaults'));
    },
  },
  'sse-retry': {
    revisions: LEGACY,
    reach: { tools: ['test_reconnection'] },
    drive: async (agent) => {
      await list(agent);
      await agent.callTool(call('test_reconnection'));
    },
  },
  ...logins(BOTH, 'metadata-default', 'metadata-var1', 'metadata-var2', 'metadata-var3', 'basic-cimd'),
  ...logins(BOTH, 'scope-from-www-authenticate', 'scope-from-scopes-supported', 'scope-omitted-when-undefined'),
  ...logins(BOTH, 'scope-step-up', 'scope-retry-limit', 'pre-registration'),
  ...logins(BOTH, 'token-endpoint-auth-basic', 'token-endpoint-auth-post', 'token-endpoint-auth-none'),
  ...logins(MODERN, 'resource-mismatch', 'authorization-server-migration', 'metadata-issuer-mismatch'),
  ...logins(MODERN, 'offline-access-scope', 'offline-access-not-supported'),
  ...logins(MODERN, 'iss-supported', 'iss-not-advertised', 'iss-supported-missing'),
  ...logins(MODERN, 'iss-wrong-issuer', 'iss-unexpected', 'iss-normalized'),
  'auth/client-credentials-jwt': OWN,
  'auth/client-credentials-basic': OWN,
  'auth/enterprise-managed-authorization': OWN,
};

const contextShape = z.object({
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
});

/** What the suite wants to be called, exactly so. */
const context = () => contextShape.parse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'));
