/** A stdio server of 2025-11-25, built with the SDK's v1. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { INSTRUCTIONS } from './features.ts';
import { addLegacyFeatures } from './legacy-features.ts';

const server = new McpServer(
  { name: 'legacy-fixture', version: '1.0.0' },
  { capabilities: { logging: {} }, instructions: INSTRUCTIONS },
);
addLegacyFeatures(server);
await server.connect(new StdioServerTransport());
