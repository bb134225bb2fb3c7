/** A server of 2025-11-25 that tells of changes, built with the SDK's v1. What it is to tell, its tools are told. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type Notification,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { FORBIDDEN, TELLING_CAPABILITIES, TELLING_TOOLS } from './telling.ts';

/** `subscribed` holds the URIs that are subscribed to at this server; one that it may not have is refused. */
export function tellingLegacy(subscribed: Set<string>): Server {
  const server = new Server({ name: 'telling', version: '1.0.0' }, { capabilities: TELLING_CAPABILITIES });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TELLING_TOOLS }));
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    if (uri === FORBIDDEN) throw Object.assign(new Error('no such resource'), { code: -32002, data: { uri } });
    subscribed.add(uri);
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
