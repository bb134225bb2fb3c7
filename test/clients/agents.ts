/** Official clients of both SDK lines, over both transports, behind one face. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JsonObject } from '../../src/domain/json.ts';
import { type RunningGateway, TOLLGATE } from '../support/gateway.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (step: { readonly progress: number; readonly total?: number | undefined }) => void;
}

export interface Listed {
  readonly name: string;
  readonly description?: string | undefined;
}

export interface Agent {
  /** The revision that client and gateway came to. */
  readonly revision: string | undefined;
  readonly server: string | undefined;
  readonly instructions: string | undefined;
  tools(): Promise<readonly Listed[]>;
  call(name: string, given: JsonObject, options?: CallOptions): Promise<Called>;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: unknown;
}

export type Transport = 'http' | 'stdio';
export type Mode = 'legacy' | 'auto' | { readonly pin: string };

const IDENTITY = { name: 'test', version: '1.0.0' };

const headersOf = (gateway: RunningGateway) => ({
  requestInit: { headers: { authorization: `Bearer ${gateway.token}` } },
});

/** How a desktop client starts Tollgate. */
const shimOf = (gateway: RunningGateway) => ({
  command: process.execPath,
  args: [TOLLGATE, 'stdio', '--policy', gateway.policy],
  env: Object.fromEntries(Object.entries(gateway.environment).map(([name, value]) => [name, value ?? ''])),
  stderr: 'inherit' as const,
});

/** `@modelcontextprotocol/sdk`, which stops at 2025-11-25. */
export async function firstLine(gateway: RunningGateway, over: Transport): Promise<Agent> {
  const client = new LegacyClient(IDENTITY);
  const transport =
    over === 'http' ? new LegacyHttp(new URL(gateway.url), headersOf(gateway)) : new LegacyStdio(shimOf(gateway));
  let revision: string | undefined;
  Object.assign(transport, {
    setProtocolVersion: (agreed: string) => {
      revision = agreed;
    },
  });
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<LegacyClient['connect']>[0]);
  return {
    revision,
    server: client.getServerVersion()?.name,
    instructions: client.getInstructions(),
    tools: async () => (await client.listTools()).tools,
    call: async (name, given, options) =>
      calledOf(await client.callTool({ name, arguments: given }, undefined, options)),
    ping: () => client.ping(),
    close: () => client.close(),
  };
}

/** `@modelcontextprotocol/client`, which speaks both eras. */
export async function secondLine(gateway: RunningGateway, over: Transport, mode: Mode): Promise<Agent> {
  const client = new ModernClient(IDENTITY, { versionNegotiation: { mode } });
  await client.connect(
    over === 'http' ? new ModernHttp(new URL(gateway.url), headersOf(gateway)) : new ModernStdio(shimOf(gateway)),
  );
  return {
    revision: client.getNegotiatedProtocolVersion(),
    server: client.getServerVersion()?.name,
    instructions: client.getInstructions(),
    tools: async () => (await client.listTools()).tools,
    call: async (name, given, options) => calledOf(await client.callTool({ name, arguments: given }, options)),
    ping: () => client.ping(),
    close: () => client.close(),
  };
}

function calledOf(result: object): Called {
  const { content, isError, structuredContent } = result as {
    content: readonly { readonly text: string }[];
    isError?: boolean;
    structuredContent?: unknown;
  };
  return {
    isError: isError === true,
    text: content.map((part) => part.text).join('\n'),
    structured: structuredContent,
  };
}
