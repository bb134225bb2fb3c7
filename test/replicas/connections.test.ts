/** Connections that keep state belong to one replica; the others have it make their exchanges. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/downstream.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { modernHeaders, modernMeta, modernRequest, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { callAt, type Replicas, replicasOn } from '../support/replicas.ts';

const work = (folder: string) => recordingServer(folder, 'waiting-stdio.ts');
const policyOf = (folder: string): string => `
version: 1
profile: test
who: local
servers:
  work: ${work(folder).yaml}
tools:
  work.begin: { effect: write }
  work.finish: { effect: read }
budgets: { session: { calls: 50 } }
`;

const SLOW = { timeout: 120_000 };

describe.skipIf(noPostgres !== undefined)('a process of a session', () => {
  let server: PostgresServer | undefined;
  let replicas: Replicas;
  let a: RunningGateway;
  let b: RunningGateway;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  beforeEach(async () => {
    if (server === undefined) throw new Error('PostgreSQL is started before the tests');
    replicas = await replicasOn(await server.database(), policyOf);
    [a, b] = await Promise.all([replicas.start(), replicas.start()]);
  }, 60_000);
  afterEach(() => replicas.close());
  const begun = (count: number): Promise<void> => until(() => work(replicas.folder).calls().length === count);

  test('is found from every replica, whichever started it', SLOW, async () => {
    const first = callAt(a, 'work__begin', { mark: 'one' });
    await begun(1);
    expect(textOf(await callAt(b, 'work__finish', { mark: 'one' }))).toBe('finished');
    expect(textOf(await first)).toBe('one is done');
    const second = callAt(b, 'work__begin', { mark: 'two' });
    await begun(2);
    expect(textOf(await callAt(a, 'work__finish', { mark: 'two' }))).toBe('finished');
    expect(textOf(await second)).toBe('two is done');
    expect(await replicas.sql('SELECT row FROM relay')).toEqual([]);
  });

  test('tells the caller of its progress, whichever replica that called', SLOW, async () => {
    await callAt(a, 'work__finish', { mark: 'none' });
    const params = { name: 'work__begin', arguments: { mark: 'one', steps: [1, 2, 3] } };
    const message = modernRequest('tools/call', { ...params, _meta: modernMeta({ progressToken: 'p' }) });
    const answer = post(b, message, modernHeaders(message));
    await begun(1);
    await callAt(b, 'work__finish', { mark: 'one' });
    const steps = (await answer).messages.filter(({ method }) => method === 'notifications/progress');
    expect(steps.map(({ params: step }) => (step as { progress: number }).progress)).toEqual([1, 2, 3]);
  });

  test(
    'whose replica is killed answers nothing more: the call is unknown, sent once, and the next has a new process',
    SLOW,
    async () => {
      await callAt(a, 'work__finish', { mark: 'none' });
      const answer = callAt(b, 'work__begin', { mark: 'one' });
      await begun(1);
      const holder = String(await replicas.holderOf('work'));
      await a.kill();
      await replicas.lapse(holder);
      expect(textOf(await answer)).toContain('UNKNOWN');
      expect(textOf(await callAt(b, 'work__begin', { mark: 'one' }))).toContain('UNKNOWN');
      expect(textOf(await callAt(b, 'work__finish', { mark: 'one' }))).toBe('nothing to finish');
      expect(work(replicas.folder).calls()).toHaveLength(1);
      expect(await replicas.holderOf('work')).not.toBe(holder);
    },
  );

  test('is told to give up when the caller cancels at another replica', SLOW, async () => {
    await callAt(a, 'work__finish', { mark: 'none' });
    const given = { mark: 'one' };
    const message = modernRequest('tools/call', { name: 'work__begin', arguments: given });
    const client = new AbortController();
    const answer = post(b, message, modernHeaders(message), client.signal);
    await begun(1);
    const lost = expect(answer).rejects.toThrow();
    client.abort();
    await lost;
    await until(async () => (await replicas.sql('SELECT id FROM call WHERE outcome IS NULL')).length === 0);
    const [outcome] = await replicas.sql<{ body: string }>(
      "SELECT body FROM journal WHERE kind = 'outcome' ORDER BY entry DESC LIMIT 1",
    );
    expect(outcome?.body).toContain('cancelled by the caller after it was sent');
    expect(textOf(await callAt(a, 'work__begin', given))).toContain('UNKNOWN');
  });

  test(
    'outlives a caller that was killed at another replica: that call is unknown and never repeated',
    SLOW,
    async () => {
      await callAt(a, 'work__finish', { mark: 'none' });
      const answer = callAt(b, 'work__begin', { mark: 'one' });
      await begun(1);
      const maker = await replicas.makerOf();
      const lost = expect(answer).rejects.toThrow();
      await b.kill();
      await lost;
      await replicas.lapse(maker);
      expect(textOf(await callAt(a, 'work__begin', { mark: 'one' }))).toContain('UNKNOWN');
      expect(work(replicas.folder).calls()).toHaveLength(1);
    },
  );

  test('is let go when its replica ends: another starts its own', SLOW, async () => {
    await callAt(a, 'work__finish', { mark: 'none' });
    const holder = await replicas.holderOf('work');
    await a.stop();
    expect(textOf(await callAt(b, 'work__finish', { mark: 'none' }))).toBe('nothing to finish');
    expect(await replicas.holderOf('work')).not.toBe(holder);
  });

  test('is ended where it runs when its session is over, whichever replica was told', SLOW, async () => {
    await callAt(a, 'work__finish', { mark: 'none' });
    const [session] = await replicas.sql<{ id: string }>('SELECT id FROM session');
    expect(await b.command('session', 'complete', String(session?.id), '--because', 'done')).toMatchObject({ code: 0 });
    await until(async () => (await replicas.holderOf('work')) === undefined);
  });
});
