import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Committed, Received } from '../../src/domain/call.ts';
import type { Subscriber } from '../../src/domain/exchange.ts';
import type { Profile } from '../../src/domain/policy.ts';
import { exchange } from '../../src/stages/exchange.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { NO_CREDENTIALS, type OpenPath, openPath, presented, receivedOf } from '../support/path.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

function folder(): string {
  const made = temporaryFolder();
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function opened(servers: Readonly<Record<string, RecordingServer>>, resources: string): Promise<OpenPath> {
  const reach = Object.entries(servers).map(([name, { yaml }]) => `  ${name}: ${yaml}`);
  const path = await openPath(
    folder(),
    `version: 1\nprofile: rooms\nwho: local\nservers:\n${reach.join('\n')}\ntools: {}\nresources: ${resources}\n`,
  );
  onTestFinished(() => path.close());
  return path;
}

const sent = ({ received }: RecordingServer, method: string) => received().filter((one) => one.method === method);
const READ: Partial<Received> = { operation: 'resources/read' };

test('completion is for templates whose every URI is allowed: a wider one would complete to names of others', async () => {
  const server = recordingServer(folder());
  const path = await opened({ rough: server }, '[{ server: rough, uri: "rough://room/**" }]');
  const given = { argument: { name: 'x', value: '' } };
  const complete = (target: string) =>
    path.call(target, given, { operation: 'completion/complete', completes: 'resource' });
  for (const target of [
    'rough://{any}/x',
    'rough://room{x}',
    'rough://{+all}',
    'rough://other/{x}',
    '{x}',
    'rough://room/{x',
  ]) {
    expect((await complete(target)).refusal).toEqual({ reason: 'target_unknown', target });
  }
  expect(sent(server, 'completion/complete')).toEqual([]);
  await complete('rough://room/{x}');
  expect(sent(server, 'completion/complete')).toMatchObject([
    { params: { ref: { type: 'ref/resource', uri: 'rough://room/{x}' }, argument: given.argument } },
  ]);
});

test('a URI that two servers may have goes to the one that shows it, and else to the first', async () => {
  const [a, b] = [recordingServer(folder()), recordingServer(folder(), 'rough-stdio.ts', {}, ['resources'])];
  const path = await opened({ a, b }, '[{ server: a, uri: "rough://**" }, { server: b, uri: "rough://**" }]');
  await path.call('rough://one', {}, READ);
  await path.call('rough://two', {}, READ);
  expect([a, b].map((server) => sent(server, 'resources/read').map(({ params }) => params['uri']))).toEqual([
    ['rough://two'],
    ['rough://one'],
  ]);
});

test('each notice of a subscription is judged again: only resources that are allowed, only to whom the policy lets in, only while the session runs', async () => {
  const path = await opened({ rough: recordingServer(folder()) }, '[{ server: rough, uri: "rough://room/*" }]');
  let heard: Subscriber | undefined;
  const profiles = new Map<string, Profile>();
  const judging = exchange({ ledger: path.ledger, profiles, credentials: NO_CREDENTIALS, now: Date.now });
  const heardBy = (call: Committed) => {
    profiles.set(call.profile.name, call.profile);
    const connection = {
      ...call.connection,
      call: async ({ subscriber }: Parameters<typeof call.connection.call>[0]) => {
        heard = subscriber;
        return { outcome: 'ok' as const, result: {} };
      },
    };
    return judging({ ...call, connection }, async () => ({ ok: false, code: 0, message: '' }));
  };
  const told: string[] = [];
  const gone = new AbortController();
  const subscriber: Subscriber = { signal: gone.signal, updated: (uri) => void told.push(uri) };
  await presented(
    { ...path.stages, exchange: heardBy },
    { ...receivedOf('rough://room/1', {}, Date.now()), operation: 'resources/subscribe', subscriber },
  );
  const { session } = await path.session();
  const notice = async (uri: string): Promise<readonly string[]> => {
    heard?.updated(uri);
    // Judging looks the session up; what is asked of the ledger after that is answered after it.
    await path.ledger.journal(session.id);
    await new Promise((turn) => setImmediate(turn));
    return told.splice(0);
  };
  expect(await notice('rough://room/1')).toEqual(['rough://room/1']);
  expect(await notice('rough://room/1/secret')).toEqual([]);
  expect(await notice('rough://elsewhere')).toEqual([]);
  await path.ledger.change(session.id, 'pause', 'grace', 'look first', Date.now());
  expect(await notice('rough://room/1')).toEqual([]);
  await path.ledger.change(session.id, 'resume', 'grace', 'go on', Date.now());
  expect(await notice('rough://room/1')).toEqual(['rough://room/1']);
  const [rooms] = profiles.values();
  if (rooms === undefined) throw new Error('nothing was subscribed to');
  profiles.set('rooms', { ...rooms, who: [] });
  expect(await notice('rough://room/1')).toEqual([]);
  profiles.set('rooms', rooms);
  expect(await notice('rough://room/1')).toEqual(['rough://room/1']);
  gone.abort();
  expect(await notice('rough://room/1')).toEqual([]);
});
