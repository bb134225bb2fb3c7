/** Tools of a server of 2026-07-28, built with the SDK's v2. */
import { inputRequired, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { INSTRUCTIONS } from './features.ts';
import { addModernFeatures } from './modern-features.ts';

/** What the tools did, for whoever runs the server in the same process. */
export interface Deeds {
  cancelled: number;
}

export function modernTools(deeds: Deeds): McpServer {
  const server = new McpServer(
    { name: 'modern-fixture', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true }, logging: {} }, instructions: INSTRUCTIONS },
  );
  server.registerTool(
    'echo',
    { description: 'Says it again.', inputSchema: z.object({ text: z.string() }) },
    async ({ text }, context) => ({
      content: [{ type: 'text', text }],
      _meta: { traceparent: context.mcpReq._meta?.['traceparent'], own: 'kept' },
    }),
  );
  server.registerTool('fail', { inputSchema: z.object({}) }, async () => ({
    content: [{ type: 'text', text: 'no such thing' }],
    isError: true,
  }));
  server.registerTool('count', { inputSchema: z.object({ to: z.number() }) }, async ({ to }, context) => {
    const token = context.mcpReq._meta?.progressToken;
    for (let step = 1; step <= to && token !== undefined; step++) {
      await context.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress: step, total: to, message: `step ${step}` },
      });
    }
    return { content: [{ type: 'text', text: `counted to ${to}` }] };
  });
  server.registerTool('wait', { inputSchema: z.object({}) }, async (_none, context) => {
    await new Promise<void>((resolve) => {
      context.mcpReq.signal.addEventListener('abort', () => resolve());
    });
    deeds.cancelled++;
    return { content: [] };
  });
  server.registerTool('rounds', { inputSchema: z.object({}) }, async (_none, context) =>
    context.mcpReq.requestState() === 'round 2'
      ? { content: [{ type: 'text', text: 'after two rounds' }] }
      : inputRequired({ requestState: context.mcpReq.requestState() === 'round 1' ? 'round 2' : 'round 1' }),
  );
  server.registerTool(
    'headed',
    { inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }) },
    async ({ region }) => ({ content: [{ type: 'text', text: region }] }),
  );
  addModernFeatures(server);
  return server;
}
