import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Connection } from '../../src/domain/exchange.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import type { ReadSecret } from '../../src/downstream/links/process-environment.ts';
import type { ServerPool } from '../../src/downstream/server-pool.ts';
import { exchangeOf, stdioServer } from '../support/downstream.ts';
import { temporaryFolder } from '../support/gateway.ts';

const folder = temporaryFolder();
let pool: ServerPool | undefined;
const logged: string[] = [];
afterEach(async () => {
  await pool?.close();
  logged.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRETS: ReadonlyMap<string, string> = new Map([
  ['env://ONE', 'hunter2-one'],
  ['env://TWO', 'hunter2-two'],
]);
const read: ReadSecret = async (reference) => {
  const text = SECRETS.get(reference);
  return text === undefined ? refuse('the vault is shut') : ok(new Secret(text));
};

/** Two servers, each with a secret of its own. */
function open(readSecret: ReadSecret | undefined, two = 'env://TWO', flags: readonly string[] = []): ServerPool {
  const server = stdioServer('rough-stdio.ts', flags, { RECORD: join(folder, 'record') });
  const servers = new Map<string, ServerAddress>([
    ['one', { ...server, secrets: { ONE: 'env://ONE' } } as ServerAddress],
    ['two', { ...server, secrets: { TWO: two } } as ServerAddress],
  ]);
  pool = openDownstream({
    servers,
    ...(readSecret && { readSecret }),
    now: Date.now,
    log: ({ server: name, text }) => void logged.push(`${name}: ${text}`),
  });
  return pool;
}

async function call(connection: Connection, given: object): Promise<string> {
  const outcome = await connection.call(exchangeOf('rough', JSON.stringify(given)));
  return (outcome as unknown as { result: { content: [{ text: string }] } }).result.content[0].text;
}

async function connected(from: ServerPool, server: string): Promise<Connection> {
  const connection = await from.connect(server, 'session', NO_ABILITIES);
  if (!connection.ok) throw new Error(connection.error.why);
  return connection.value;
}

describe('the secret of a process', () => {
  test('is in its environment, and in no other’s', async () => {
    const from = open(read);
    const environment = async (server: string) =>
      (JSON.parse(await call(await connected(from, server), { do: 'environment' })) as { env: Record<string, string> })
        .env;
    const [one, two] = [await environment('one'), await environment('two')];
    expect([one['ONE'], two['TWO']]).toEqual(['hunter2-one', 'hunter2-two']);
    expect(JSON.stringify(one)).not.toContain('hunter2-two');
    expect(JSON.stringify(two)).not.toContain('hunter2-one');
    expect(JSON.stringify(process.env)).not.toContain('hunter2');
  });

  test('is not in the operator’s log, though the process writes it there', async () => {
    const one = await connected(open(read), 'one');
    expect(await call(one, { do: 'blurt', name: 'ONE' })).toBe('blurted');
    await one.call(exchangeOf('rough', '{"do":"exit"}'));
    expect(logged).toEqual(
      expect.arrayContaining([
        'one: connecting with [secret]',
        'one: stdout holds a line that is no MCP message: connecting with [secret]',
      ]),
    );
    expect(logged.join('\n')).not.toContain('hunter2');
  });

  test('that cannot be read keeps its server from being started, and no other', async () => {
    const from = open(read, 'env://NONE');
    expect(await from.connect('two', 'session', NO_ABILITIES)).toEqual({
      ok: false,
      error: { server: 'two', why: 'its secret TWO cannot be read: the vault is shut' },
    });
    expect((await from.connect('one', 'session', NO_ABILITIES)).ok).toBe(true);
  });

  test('is read by somebody, or the server is not started', async () => {
    expect(await open(undefined).connect('one', 'session', NO_ABILITIES)).toMatchObject({
      error: { why: 'its secret ONE cannot be read: secrets are not read here' },
    });
  });

  test('is read anew for a process that is started again', async () => {
    let reads = 0;
    const counting: ReadSecret = (reference) => {
      reads++;
      return read(reference);
    };
    const from = open(counting, 'env://TWO', ['dies-at-probe']);
    const one = await connected(from, 'one');
    expect(await call(one, { do: 'echo' })).toBe('ok');
    expect(reads).toBe(2);
  });
});
