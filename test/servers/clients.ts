/** Real SDK clients of both lines on a shipped server, over stdio, in folders of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { onTestFinished } from 'vitest';

export interface Called {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>> | undefined;
}

export interface Server {
  call(name: string, given: Record<string, unknown>): Promise<Called>;
  tools(): Promise<readonly { readonly name: string; readonly outputSchema?: unknown }[]>;
  close(): Promise<void>;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'servers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const spawned = (server: string, folder: string, preload: readonly string[], env: Record<string, string>) => ({
  command: process.execPath,
  args: [...preload.flatMap((file) => ['--import', file]), `servers/${server}/main.ts`, folder],
  env: { PATH: process.env['PATH'] ?? '', ...env },
});

function calledOf(result: object): Called {
  const { content, isError, structuredContent } = result as {
    content: readonly { readonly text: string }[];
    isError?: boolean;
    structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError === true,
    text: content.map((part) => part.text).join('\n'),
    structured: structuredContent,
  };
}

/** The v1 client: revisions up to 2025-11-25. `preload` are modules that the server's process loads first. */
export async function legacyClient(
  server: string,
  folder: string,
  preload: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Server> {
  const client = new LegacyClient({ name: 'test', version: '1.0.0' });
  onTestFinished(() => client.close());
  await client.connect(new LegacyTransport(spawned(server, folder, preload, env)));
  return {
    call: async (name, given) => calledOf(await client.callTool({ name, arguments: given })),
    tools: async () => (await client.listTools()).tools,
    close: () => client.close(),
  };
}

/** The v2 client, in one era, and the revision it came to. */
export async function modernClient(
  server: string,
  folder: string,
  mode: 'legacy' | 'auto' | { readonly pin: string },
): Promise<Server & { readonly revision: string | undefined }> {
  const client = new ModernClient({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  onTestFinished(() => client.close());
  await client.connect(new ModernTransport(spawned(server, folder, [], {})));
  return {
    call: async (name, given) => calledOf(await client.callTool({ name, arguments: given })),
    tools: async () => (await client.listTools()).tools,
    close: () => client.close(),
    revision: client.getNegotiatedProtocolVersion(),
  };
}
