/** Agents: real SDK clients of both lines, over HTTP and over the shim. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { type Deployment, type Door, TOLLGATE } from './deployment.ts';

export type Given = Readonly<Record<string, unknown>>;

/** A tool's answer. */
export interface Answered {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Given | undefined;
}

export interface Agent {
  readonly revision: string | undefined;
  tools(): Promise<readonly string[]>;
  /** Rejects on an error of the protocol. `waits` is called each time the gateway says that the answer takes longer. */
  call(tool: string, given: Given, waits?: () => void): Promise<Answered>;
  close(): Promise<void>;
}

/** A client of this name is kept waiting for a person for ten minutes (`src/wire/patience.ts`): enough for any machine. */
const PATIENT = { name: 'claude-code', version: '1.0.0' };
const TEN_MINUTES = 600_000;

const patience = (waits: () => void = () => undefined) => ({
  timeout: TEN_MINUTES,
  resetTimeoutOnProgress: true,
  onprogress: waits,
});

const bearer = ({ token }: Door) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

/** The v1 line, which stops at 2025-11-25, over Streamable HTTP. */
export const legacyAgent = (door: Door): Promise<Agent> =>
  // The SDK's own class misses its own interface by an optional property (`exactOptionalPropertyTypes`).
  legacy(new LegacyHttp(new URL(door.url), bearer(door)) as Transport);

export interface ShimAgent extends Agent {
  /** SIGKILL for the shim, as clients do it; resolves when the connection is seen to be gone. */
  kill(): Promise<void>;
}

/** The v1 line over `tollgate stdio`, started as Claude Desktop starts it, in this working folder. */
export async function shimAgent({ env, policy }: Deployment, folder: string): Promise<ShimAgent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [TOLLGATE, 'stdio', '--policy', policy],
    env: { ...env },
    cwd: folder,
  });
  const gone = Promise.withResolvers<void>();
  const agent = await legacy(transport, () => gone.resolve());
  const kill = (): Promise<void> => {
    if (transport.pid !== null) process.kill(transport.pid, 'SIGKILL');
    return gone.promise;
  };
  return { ...agent, kill };
}

async function legacy(transport: Transport, closed: () => void = () => undefined): Promise<Agent> {
  const client = new LegacyClient(PATIENT);
  client.onclose = closed;
  let revision: string | undefined;
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    revision = version;
    told?.(version);
  };
  await client.connect(transport);
  return {
    revision,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, given, waits) =>
      answerOf(await client.callTool({ name, arguments: given }, CallToolResultSchema, patience(waits))),
    close: () => client.close(),
  };
}

/** The v2 line, pinned to 2026-07-28, over Streamable HTTP. */
export async function modernAgent(door: Door): Promise<Agent> {
  const client = new ModernClient(PATIENT, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernHttp(new URL(door.url), bearer(door)));
  return {
    revision: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, given, waits) => answerOf(await client.callTool({ name, arguments: given }, patience(waits))),
    close: () => client.close(),
  };
}

const result = z.object({
  content: z.array(z.object({ text: z.string() })),
  isError: z.boolean().default(false),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
});

function answerOf(given: unknown): Answered {
  const { content, isError, structuredContent } = result.parse(given);
  return { isError, text: content.map((part) => part.text).join('\n'), structured: structuredContent };
}

/** Calls, and resolves once the gateway says that it waits for somebody. The answer comes later; it may also be a rejection. */
export async function callAndWait(
  agent: Agent,
  tool: string,
  given: Given,
): Promise<{ readonly answer: Promise<Answered> }> {
  const waits = Promise.withResolvers<void>();
  const answer = agent.call(tool, given, () => waits.resolve());
  const early = answer.then((answered) => {
    throw new Error(`${tool} did not wait for anybody: ${answered.text}`);
  });
  await Promise.race([waits.promise, early]);
  early.catch(() => undefined);
  return { answer };
}
