/** What tests of the catalog share: servers with lists that may change, and what the gateway makes of them. */

import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Definition } from '../../src/domain/contract.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { type Served, sendJson } from './servers/http-fixture.ts';
import { serveRoughHttp } from './servers/rough-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export function open(server: ServerAddress, now: () => number = Date.now) {
  const log: string[] = [];
  const downstream = openDownstream({
    servers: new Map([['s', server]]),
    now,
    log: ({ text }) => log.push(text),
  });
  closing.push(() => downstream.close());
  return { downstream, log };
}

/** Done when the test ends, before what was opened earlier is closed. */
export const later = (undo: () => void): void => void closing.push(async () => undo());

export function served<T extends Served>(one: T): T & ServerAddress {
  closing.push(() => one.close());
  return { ...one, kind: 'http', era: undefined };
}

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tollgate-catalog-'));
  closing.push(async () => rmSync(made, { recursive: true, force: true }));
  return made;
}

type Opened = ReturnType<typeof open>['downstream'];

export async function definitionOf(
  downstream: Opened,
  name: string,
  kind: Definition['kind'] = 'tool',
): Promise<Definition> {
  const listed = await downstream.definitions('s', kind);
  if (!listed.ok) throw new Error(listed.error.why);
  const found = listed.value.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

export async function connect(downstream: Opened, session = 'one', abilities = NO_ABILITIES) {
  const connected = await downstream.connect('s', session, abilities);
  if (!connected.ok) throw new Error(connected.error.why);
  return connected.value;
}

export const entry = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });

/** A modern server that serves streams of changes; a test writes to them. */
export async function serveChanging() {
  const streams: ServerResponse[] = [];
  const tools = [entry('a')];
  const server = await serveRoughHttp({
    era: 'modern',
    tools,
    onCall: () => undefined,
    onOther: ({ message: { id, method } }, response) => {
      if (method === 'subscriptions/listen') {
        streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
        const params = { notifications: { toolsListChanged: true } };
        const acknowledged = { jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params };
        response.write(`data: ${JSON.stringify(acknowledged)}\n\n`);
      }
      if (method === 'server/discover') {
        const result = { supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } } };
        sendJson(response, 200, { jsonrpc: '2.0', id, result });
      }
      return method === 'subscriptions/listen' || method === 'server/discover';
    },
  });
  return { ...server, streams, tools };
}
