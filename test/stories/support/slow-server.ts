/**
 * A server with one tool whose deed cannot be undone: `strike` writes a line to a file at once, and answers when it is let.
 * It says what it does to a local port, and is let by what comes back from there.
 *
 *     node slow-server.ts FILE PORT
 */
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';

const [file = '', port = ''] = process.argv.slice(2);

const server = new McpServer({ name: 'slow', version: '1.0.0' });
server.registerTool('strike', { inputSchema: z.strictObject({ gong: z.string() }) }, ({ gong }) => {
  appendFileSync(file, `${gong}\n`);
  const watcher = connect(Number(port), '127.0.0.1');
  watcher.write(`struck ${gong}\n`);
  return new Promise((answer) => {
    watcher.once('data', () => {
      watcher.end();
      answer({ content: [{ type: 'text', text: `${gong} was struck` }] });
    });
  });
});
await server.connect(new StdioServerTransport());
