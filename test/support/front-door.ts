/** A gateway with a public name, two issuers and scopes in its policy: what comes to its front door. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import { type RunningGateway, startGateway, temporaryFolder } from './gateway.ts';
import { type OtlpSink, otlpSink } from './otlp-sink.ts';
import { type Answered, modernHeaders, modernRequest, post } from './posts.ts';
import { type RecordingServer, recordingServer } from './recording-server.ts';

export const PUBLIC = 'https://tools.example.com';
export const AUDIENCE = `${PUBLIC}/mcp`;
export const METADATA = `${PUBLIC}/.well-known/oauth-protected-resource`;

export interface FrontDoor {
  /** The issuer whose callers the policy lets in. */
  readonly login: AuthorizationServer;
  /** Another, which would have to be asked about tokens, and cannot be. */
  readonly other: AuthorizationServer;
  readonly sink: OtlpSink;
  readonly gateway: RunningGateway;
  /** Of the tools `rough` and `other`; the latter needs two scopes. */
  readonly server: RecordingServer;
  /** Path of gateway.yaml. */
  readonly deployment: string;
  call(token: string | undefined, message: JsonObject, path?: string): Promise<Answered>;
  close(): Promise<void>;
}

/** A call of the tool that needs no scope, unless it is said which. */
export const request = (
  method = 'tools/call',
  params: JsonObject = { name: 'rough__rough', arguments: { do: 'echo' } },
): JsonObject => modernRequest(method, params);

export async function openFrontDoor(): Promise<FrontDoor> {
  const folder = temporaryFolder();
  const started = () => startAuthorizationServer({ resources: { [AUDIENCE]: { scopes: [] } } });
  const [login, other, sink] = [await started(), await started(), await otlpSink()];
  const server = recordingServer(folder);
  const notes = JSON.stringify({ command: ['node', join(import.meta.dirname, 'servers/modern-stdio.ts')] });
  const introspection = '{ client: { id: tollgate, secret: { secret: "env://NONE_SUCH" } } }';
  const deployment = join(folder, 'gateway.yaml');
  writeFileSync(
    deployment,
    `version: 1
listen: { public_url: "${PUBLIC}" }
identity:
  issuers:
    - { url: "${login.issuer}", audience: "${AUDIENCE}", api_audience: "${PUBLIC}/api", algorithms: [ES256] }
    - { url: "${other.issuer}", audience: "${PUBLIC}/other", introspection: ${introspection} }
`,
  );
  const policy = `version: 1
profile: support
who: [{ issuer: "${login.issuer}" }, local]
servers: { rough: ${server.yaml}, notes: ${notes} }
tools:
  rough.rough: { effect: read }
  rough.other: { effect: read, scopes: [crm:read, crm:write] }
resources: [{ server: notes, uri: "note://*", scopes: [notes:read] }]
prompts: [{ server: notes, name: greet, scopes: [prompts:use] }]
`;
  const gateway = await startGateway(policy, {
    folder,
    words: ['--config', deployment],
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
  return {
    ...{ login, other, sink, gateway, server, deployment },
    call: (token, message, path = '') => post({ url: `${gateway.url}${path}`, token }, message, modernHeaders(message)),
    close: async () => {
      await gateway.stop();
      for (const one of [login, other, sink]) await one.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
