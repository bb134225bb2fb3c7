/** The tools of `workspace`, for both eras of MCP as the SDK serves them. */
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Answer } from './confine.ts';
import type { Folder } from './folder.ts';

const path = z.string().min(1).describe('Relative to the folder, for example notes/today.md.');

const listing = z.object({
  path: z.string(),
  entries: z.array(
    z.object({ name: z.string(), type: z.enum(['file', 'folder', 'link', 'other']), bytes: z.int().optional() }),
  ),
  truncated: z.boolean().describe('True when there are more entries than are listed.'),
});

const written = z.object({ path: z.string(), bytes: z.int() });

export function createWorkspaceServer(folder: Folder): McpServer {
  const server = new McpServer({ name: 'workspace', version: '1.0.0' });
  server.registerTool(
    'read_file',
    {
      title: 'Read a file',
      description: 'The text of one UTF-8 file in the folder, up to 1 MiB.',
      inputSchema: z.strictObject({ path }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (asked) => {
      const read = folder.read(asked.path);
      return read.ok ? { content: [{ type: 'text', text: read.value }] } : toolError(read.error);
    },
  );
  server.registerTool(
    'list_files',
    {
      title: 'List files',
      description: 'What one folder holds, by name, up to 1000 entries. Without a path: the folder itself.',
      inputSchema: z.strictObject({ path: path.default('.') }),
      outputSchema: listing,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (asked) => structured(folder.list(asked.path)),
  );
  server.registerTool(
    'write_file',
    {
      title: 'Write a file',
      description:
        'Writes one UTF-8 file of up to 1 MiB, all or nothing. Replaces what was there, makes missing folders.',
      inputSchema: z.strictObject({ path, text: z.string() }),
      outputSchema: written,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    (asked) => structured(folder.write(asked.path, asked.text)),
  );
  return server;
}

const toolError = (sentence: string): CallToolResult => ({
  content: [{ type: 'text', text: sentence }],
  isError: true,
});

function structured<T extends object>(answer: Answer<T>): CallToolResult {
  if (!answer.ok) return toolError(answer.error);
  return {
    content: [{ type: 'text', text: JSON.stringify(answer.value) }],
    structuredContent: { ...answer.value },
  };
}
