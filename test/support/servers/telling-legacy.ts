/** A server of 2025-11-25 that tells of changes, built with the SDK's v1. What it is to tell, its tools are told. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type Notification,
  type ServerCapabilities,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { EARLY, FORBIDDEN, TELLING_CAPABILITIES, TELLING_TOOLS } from './telling.ts';

/** `subscribed` holds the URIs that are subscribed to at this server; one that it may not have is refused. */
export function tellingLegacy(
  subscribed: Set<string>,
  capabilities: ServerCapabilities = TELLING_CAPABILITIES,
): Server {
  const server = new Server({ name: 'telling', version: '1.0.0' }, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TELLING_TOOLS }));
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    if (uri === FORBIDDEN) throw Object.assign(new Error('no such resource'), { code: -32002, data: { uri } });
    subscribed.add(uri);
    if (uri === EARLY) await server.sendResourceUpdated({ uri });
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscribed.delete(uri);
    return {};
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given } }, extra) => {
    if (name === 'tell') await server.notification(given as unknown as Notification);
    if (name === 'exit') process.exit(1);
    if (name === 'drop') {
      extra.closeSSEStream?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { content: [{ type: 'text', text: JSON.stringify([...subscribed]) }] };
  });
  return server;
}
