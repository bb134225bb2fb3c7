import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, type Person, visit } from '../support/person.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
const home = homeOf(environmentOf(folder));
let gateway: RunningGateway;
let server: RecordingServer;
let person: Person;
let ledger: Ledger;

beforeAll(async () => {
  person = await enrolPerson(home);
  server = recordingServer(folder, 'rough-stdio.ts', {}, ['resources']);
  const tools =
    'tools: { rough.rough: { effect: irreversible, approval: {} } }\nresources: [{ server: rough, uri: "rough://*", approval: {} }]';
  gateway = await startGateway(
    `version: 1\nprofile: held\nwho: local\nservers: { rough: ${server.yaml} }\n${tools}\n`,
    { folder },
  );
  ledger = await visit(home);
});

afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const marks = (): readonly unknown[] => server.calls().map((given) => given['mark']);

/** Waits until the call with this mark, or of this URI, is held, and answers the hold's id. */
async function held(mark: string): Promise<string> {
  let id: string | undefined;
  await until(async () => {
    const open = await ledger.holds({ open: true }, Date.now());
    id = open.find(({ effective }) => effective['mark'] === mark || effective['uri'] === mark)?.id;
    return id !== undefined;
  });
  return id ?? '';
}

async function approve(id: string): Promise<void> {
  const hold = await ledger.hold(id, Date.now());
  if (hold === undefined) throw new Error(`there is no hold ${id}`);
  const decided = await ledger.decide(id, person.sign(ledger, hold, 'approve'));
  if (!decided.ok) throw new Error(decided.error);
}

test.each([
  ['a client of 2025-11-25', (given: JsonObject) => legacyCall('rough__rough', given), () => ({})],
  [
    'a client of 2026-07-28',
    (given: JsonObject) => modernRequest('tools/call', { name: 'rough__rough', arguments: given }),
    modernHeaders,
  ],
])(
  'an approval runs nothing for %s that has gone: the next to present the call runs it, once',
  async (_, message, headersOf) => {
    const era = _.slice(-10);
    const [left, stays] = [message({ do: 'echo', mark: `left ${era}` }), message({ do: 'echo', mark: `stays ${era}` })];
    const leaving = new AbortController();
    const gone = expect(post(gateway, left, headersOf(left), leaving.signal)).rejects.toThrow('aborted');
    const hold = await held(`left ${era}`);
    const staying = post(gateway, stays, headersOf(stays));
    const other = await held(`stays ${era}`);
    leaving.abort();
    await gone;
    // One more round trip: the gateway has seen the connection end when it answers this.
    await post(gateway, { jsonrpc: '2.0', id: 1, method: 'ping' });

    await approve(hold);
    await approve(other);
    // Both would have been woken by the same write, the one that left first.
    expect(textOf(await staying)).not.toContain('HELD');
    expect(marks()).not.toContain(`left ${era}`);

    const again = await post(gateway, left, headersOf(left));
    expect(textOf(again)).not.toContain('RECORDED');
    expect(marks().filter((mark) => mark === `left ${era}`)).toHaveLength(1);
  },
);

test.each([
  [
    'a client of 2025-11-25',
    (uri: string) => ({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } }),
    () => ({}),
  ],
  ['a client of 2026-07-28', (uri: string) => modernRequest('resources/read', { uri }), modernHeaders],
])('%s that waits for a resource is given it once it is approved', async (_, message, headersOf) => {
  const uri = `rough://${_.slice(-10)}`;
  const asked = message(uri);
  const waiting = post(gateway, asked, headersOf(asked));
  await approve(await held(uri));
  // The server was asked, and has none of that name.
  expect((await waiting).last['error']).toMatchObject({ message: 'Resource not found', data: { uri } });
  const reads = server.received().filter(({ method, params }) => method === 'resources/read' && params['uri'] === uri);
  expect(reads).toHaveLength(1);
});
