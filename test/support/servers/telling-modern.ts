/** A server of 2026-07-28 that tells of changes, built with the SDK's v2. What it is to tell, its tools are told. */
import { Server, type ServerCapabilities } from '@modelcontextprotocol/server';
import { TELLING_CAPABILITIES, TELLING_TOOLS } from './telling.ts';

export interface Told {
  readonly method: string;
  readonly params?: { readonly uri?: string };
}

/** `tell` is told what to tell; `subscribed` says which URIs are listened to. */
export function tellingModern(
  tell: (told: Told, server: Server) => Promise<void>,
  subscribed: () => string[],
  capabilities: ServerCapabilities = TELLING_CAPABILITIES,
): Server {
  const server = new Server({ name: 'telling', version: '1.0.0' }, { capabilities });
  server.setRequestHandler('tools/list', () => ({ tools: TELLING_TOOLS }));
  server.setRequestHandler('tools/call', async ({ params: { name, arguments: given } }) => {
    if (name === 'tell') await tell(given as unknown as Told, server);
    if (name === 'exit') process.exit(1);
    return { content: [{ type: 'text', text: JSON.stringify(subscribed()) }] };
  });
  return server;
}

/** The URIs that open requests listen to, from what a server hears. */
export class Listened {
  readonly #open = new Map<unknown, readonly string[]>();

  hear(message: unknown): void {
    const { id, method, params } = message as {
      id?: unknown;
      method?: string;
      params?: { requestId?: unknown; notifications?: { resourceSubscriptions?: string[] } };
    };
    if (method === 'subscriptions/listen') this.#open.set(id, params?.notifications?.resourceSubscriptions ?? []);
    if (method === 'notifications/cancelled') this.end(params?.requestId);
  }

  end(id: unknown): void {
    this.#open.delete(id);
  }

  get uris(): string[] {
    return [...this.#open.values()].flat();
  }

  get streams(): number {
    return this.#open.size;
  }
}
