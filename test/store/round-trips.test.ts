/** What a call costs where the ledger is behind a network: how often it is waited for. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { enter, intentOf, START, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { countTurns, type Turns } from '../support/turns.ts';

/** Of so many calls the most frequent count is meant: this process also says now and then that it lives. */
const CALLS = 15;

const about = noPostgres === undefined ? 'the ledger in PostgreSQL' : `(skipped: ${noPostgres})`;
describe.skipIf(noPostgres !== undefined)(about, () => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());

  async function behindTurns(): Promise<{
    readonly url: string;
    readonly contentKey: Uint8Array;
    readonly turns: Turns;
  }> {
    const url = new URL((await server?.database()) ?? '');
    const turns = await countTurns(url.hostname, Number(url.port));
    onTestFinished(() => turns.close());
    url.port = String(turns.port);
    return { url: url.href, contentKey: randomBytes(32), turns };
  }

  async function opened(place: { readonly url: string; readonly contentKey: Uint8Array }): Promise<Ledger> {
    const ledger = await openPostgres({ ...place, role: 'owner' });
    onTestFinished(() => ledger.close());
    return ledger;
  }

  /** The most frequent number of round trips that something takes. */
  async function tripsOf(turns: Turns, times: number, work: (index: number) => Promise<unknown>): Promise<number> {
    const counts = new Map<number, number>();
    for (let index = 0; index < times; index++) {
      const before = turns.count;
      await work(index);
      const trips = turns.count - before;
      counts.set(trips, (counts.get(trips) ?? 0) + 1);
    }
    return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? 0;
  }

  const made = async (ledger: Ledger, intent: Intent): Promise<void> => {
    expect(await ledger.commit(intent)).toMatchObject({ ok: true });
  };

  test.each([
    ['a read', intentOf],
    ['a write', writeOf],
  ])('%s is waited for twice before it is sent, and once after', async (_, kindOf) => {
    const place = await behindTurns();
    const ledger = await opened(place);
    const session = await enter(ledger);
    const intents = Array.from({ length: CALLS }, (_, index) =>
      kindOf(session, { at: START + index, digest: `sha256:${index}` }),
    );
    const [first] = intents;
    if (first === undefined) throw new Error('there are calls');
    expect(await tripsOf(place.turns, CALLS, (index) => made(ledger, intents[index] ?? first))).toBe(2);
    expect(await tripsOf(place.turns, CALLS, (index) => ledger.settle(settlementOf(intents[index] ?? first)))).toBe(1);
    expect(await ledger.verify()).toEqual([]);
  });

  test('an outcome is written where it belongs, though another replica wrote to the session since', async () => {
    const place = await behindTurns();
    const [one, other] = [await opened(place), await opened(place)];
    const session = await enter(one);
    const [first, second] = [intentOf(session), intentOf(session, { digest: 'sha256:2' })];
    await made(one, first);
    await made(other, second);
    await one.settle(settlementOf(first));
    await other.settle(settlementOf(second));
    const entries = await one.journal(session);
    expect(entries.map(({ kind, call }) => [kind, call]).slice(-4)).toEqual([
      ['intent', first.call],
      ['intent', second.call],
      ['outcome', first.call],
      ['outcome', second.call],
    ]);
    expect(await one.verify()).toEqual([]);
  });
});
