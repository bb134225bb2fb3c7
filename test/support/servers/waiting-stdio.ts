/**
 * A stdio server whose work ends when the test says so: `begin` tells its steps and waits, `finish` with the same mark lets
 * it answer. Each call is appended to the file named by RECORD when it arrives.
 */
import { appendFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const record = (given: object): void =>
  appendFileSync(
    process.env['RECORD'] ?? '/dev/null',
    `${JSON.stringify({ method: 'tools/call', params: { arguments: given } })}\n`,
  );

const waiting = new Map<string, () => void>();
const server = new McpServer({ name: 'waiting', version: '1.0.0' });

server.registerTool(
  'begin',
  { description: 'Begins work.', inputSchema: { mark: z.string(), steps: z.array(z.number()).optional() } },
  async (given, { _meta, sendNotification }) => {
    record(given);
    for (const progress of given.steps ?? []) {
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken: _meta?.progressToken ?? '', progress },
      });
    }
    await new Promise<void>((finish) => waiting.set(given.mark, finish));
    return text(`${given.mark} is done`);
  },
);

server.registerTool('finish', { description: 'Ends work.', inputSchema: { mark: z.string() } }, async ({ mark }) => {
  waiting.get(mark)?.();
  return text(waiting.delete(mark) ? 'finished' : 'nothing to finish');
});

await server.connect(new StdioServerTransport());
