/** A call between two rounds is open at one replica; its client comes back to any. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { until } from '../support/downstream.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { type Answered, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { callAt, type Replicas, replicasOn } from '../support/replicas.ts';

const SLOW = { timeout: 120_000 };
const FORM: JsonObject = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Who?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  },
};
/** Asks twice. */
const GIVEN: JsonObject = { rounds: [[FORM], [FORM]] };

const answersTo = ({ last }: Answered, name: string): JsonObject => ({
  requestState: last.result?.['requestState'] ?? null,
  inputResponses: Object.fromEntries(
    Object.keys((last.result?.['inputRequests'] ?? {}) as JsonObject).map((key) => [
      key,
      { action: 'accept', content: { name } },
    ]),
  ),
});

describe.skipIf(noPostgres !== undefined).each(['legacy', 'modern'])('at a %s server', (era) => {
  const asking = (folder: string) => recordingServer(folder, 'asking-stdio.ts', {}, era === 'modern' ? ['modern'] : []);
  const policyOf = (folder: string): string =>
    `
version: 1
profile: test
who: local
servers:
  desk: { ...ASKING, asks: { elicitation: [form] } }
tools:
  desk.ask: { effect: write }
budgets: { session: { calls: 50 } }
`.replace('{ ...ASKING,', `${asking(folder).yaml.slice(0, -1)},`);
  const called = (): number => asking(replicas.folder).calls().length;

  let server: PostgresServer | undefined;
  let replicas: Replicas;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  afterEach(() => replicas.close());
  const three = async (): Promise<readonly [RunningGateway, RunningGateway, RunningGateway]> => {
    if (server === undefined) throw new Error('PostgreSQL is started before the tests');
    replicas = await replicasOn(await server.database(), policyOf);
    return replicas.startThree();
  };

  test('each round may come to another replica, and the call is made once', SLOW, async () => {
    const [a, b, c] = await three();
    const first = await callAt(a, 'desk__ask', GIVEN);
    const second = await callAt(b, 'desk__ask', GIVEN, answersTo(first, 'ada'));
    expect(second.last.result).toMatchObject({ resultType: 'input_required' });
    const third = await callAt(c, 'desk__ask', GIVEN, answersTo(second, 'grace'));
    expect(textOf(third)).toMatch(/ada.*grace/);
    // A modern server gets each round as a request.
    expect(called()).toBe(era === 'modern' ? 3 : 1);
    const outcomes = await replicas.sql("SELECT body FROM journal WHERE kind = 'outcome'");
    expect(outcomes).toHaveLength(1);
  });

  test(
    'the replica of round 1 is killed before round 2: it is told UNKNOWN, and nothing is sent again',
    SLOW,
    async () => {
      const [a, b, c] = await three();
      const first = await callAt(a, 'desk__ask', GIVEN);
      const maker = await replicas.makerOf();
      await a.kill();
      await replicas.lapse(maker);
      const second = await callAt(b, 'desk__ask', GIVEN, answersTo(first, 'ada'));
      expect(textOf(second)).toContain('UNKNOWN');
      expect(textOf(await callAt(c, 'desk__ask', GIVEN))).toContain('UNKNOWN');
      const [outcome] = await replicas.sql<{ body: string }>("SELECT body FROM journal WHERE kind = 'outcome'");
      expect(JSON.parse(outcome?.body ?? '{}')).toMatchObject({ outcome: 'unknown', recovered: true });
      expect(called()).toBe(1);
    },
  );

  test(
    'the replica of round 1 freezes until it is taken for dead: UNKNOWN stands, and awake it sends nothing',
    SLOW,
    async () => {
      const [a, b, c] = await three();
      const first = await callAt(a, 'desk__ask', GIVEN);
      const maker = await replicas.makerOf();
      process.kill(a.pid, 'SIGSTOP');
      const second = callAt(b, 'desk__ask', GIVEN, answersTo(first, 'ada'));
      await replicas.lapse(maker);
      expect(textOf(await second)).toContain('UNKNOWN');
      process.kill(a.pid, 'SIGCONT');
      // It goes on as another replica, and answers as the others do.
      await until(async () => (await replicas.sql('SELECT id FROM replica')).length === 3);
      for (const gateway of [a, c]) expect(textOf(await callAt(gateway, 'desk__ask', GIVEN))).toContain('UNKNOWN');
      expect(called()).toBe(1);
      expect(await replicas.sql("SELECT entry FROM journal WHERE kind = 'outcome'")).toHaveLength(1);
    },
  );
});
