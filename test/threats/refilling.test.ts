/** What was used stays used, and what was touched stays touched, whatever a client tries at a running gateway. */
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type Answered, legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const READ = 'rough__rough';
const SEND = 'rough__other';
const CALLS = 4;

const legacy = (gateway: RunningGateway, name: string, given: JsonObject, headers: Record<string, string> = {}) =>
  post(gateway, legacyCall(name, given), { 'mcp-protocol-version': '2025-11-25', ...headers });

const modern = (gateway: RunningGateway, name: string, given: JsonObject, path = '') => {
  const message = modernRequest('tools/call', { name, arguments: given });
  return post({ ...gateway, url: `${gateway.url}${path}` }, message, modernHeaders(message));
};

/** A connection of its own, as a client that starts anew opens it. */
async function initialized(gateway: RunningGateway): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'new', version: '1' } };
  const answer = await post(gateway, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const session = answer.headers.get('mcp-session-id');
  return session === null ? {} : { 'mcp-session-id': session };
}

test('budgets and labels outlive connections, eras, windows, made-up profiles, and a gateway that is killed', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = recordingServer(folder);
  const policy = `version: 1
profile: spent
who: local
servers: { rough: ${server.yaml.slice(0, -1)}, defaults: { sends_to: none } } }
tools:
  rough.rough: { effect: read }
  rough.other: { effect: write, labels: [], sends_to: external }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }]
budgets: { session: { calls: ${CALLS} } }
session: { max_age: 8h }
`;
  const first = await startGateway(policy, { folder });
  const ran: string[] = [];
  const run = async (answered: Promise<Answered>): Promise<void> => void ran.push(textOf(await answered));
  await run(modern(first, READ, { do: 'echo', n: 1 }));
  await run(legacy(first, READ, { do: 'echo', n: 2 }));
  await run(legacy(first, READ, { do: 'echo', n: 3 }, await initialized(first)));
  await first.kill();
  const gateway = await startGateway(policy, { folder });
  onTestFinished(() => gateway.stop());
  await run(modern(gateway, READ, { do: 'echo', n: 4 }, '/p/spent'));
  expect(ran.map((text) => text.split('\n')[0])).toEqual(Array(CALLS).fill('ok'));

  const washed = { do: 'echo', n: 5 };
  const guises = [
    (name: string) => modern(gateway, name, washed),
    (name: string) => modern(gateway, name, washed, '/p/spent'),
    (name: string) => legacy(gateway, name, washed),
    async (name: string) => legacy(gateway, name, washed, await initialized(gateway)),
  ];
  for (const guise of guises) {
    expect(textOf(await guise(READ))).toMatch(/^STOPPED: 4 of 4 calls used/);
    expect(textOf(await guise(SEND))).toMatch(/^DENIED, NOT DONE/);
  }
  const madeUp = await modern(gateway, SEND, washed, '/p/fresh');
  expect(madeUp.last.result).toBeUndefined();
  expect(server.calls()).toHaveLength(CALLS);
  const sessions: unknown = JSON.parse((await gateway.command('sessions', '--json')).stdout);
  expect(sessions).toMatchObject([{ used: { calls: CALLS }, labels: ['private', 'untrusted'] }]);
}, 60_000);
