/** What tests of the HTTP side share: connections to servers that end with the test, and answers in plain code. */
import type { ServerResponse } from 'node:http';
import { afterEach } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Downstream } from '../../src/domain/downstream.ts';
import type { Connection } from '../../src/domain/exchange.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { type Served, sendJson } from './servers/http-fixture.ts';
import { type Got, type OnCall, serveRoughHttp } from './servers/rough-http.ts';

/** What to close when the test ends, last first. */
export const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export function openHttp(served: Served): Downstream {
  const downstream = openDownstream({
    servers: new Map([['s', { kind: 'http', url: served.url, era: undefined } as const]]),
    now: Date.now,
    log: () => undefined,
  });
  closing.push(
    () => served.close(),
    () => downstream.close(),
  );
  return downstream;
}

export async function connectHttp(served: Served): Promise<Connection> {
  const connected = await openHttp(served).connect('s', 'one', NO_ABILITIES);
  if (!connected.ok) throw new Error(connected.error.why);
  return connected.value;
}

export const TOOL = {
  name: 'größe',
  inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
};

export async function rough(onCall: OnCall, era: 'modern' | 'legacy' = 'modern') {
  const served = await serveRoughHttp({ era, tools: [TOOL], onCall });
  return { served, connection: await connectHttp(served) };
}

/** Ends every connection after one exchange, so that each call has to connect anew. */
export const closeEach = (_got: Got, response: ServerResponse): boolean => {
  response.setHeader('connection', 'close');
  return false;
};

export const done = ({ message }: Got, response: ServerResponse) =>
  sendJson(response, 200, { jsonrpc: '2.0', id: message.id, result: { content: [] } });

export const event = (message: unknown) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

export function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}
