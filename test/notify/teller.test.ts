import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import { decisionOf, MINUTE, START } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';
import { until } from '../support/downstream.ts';
import { entriesOf, type Heard, type HttpReceiver, hold, httpReceiver, start, TestClock } from './bench.ts';

let bench: SqliteBench;
let clock: TestClock;
beforeEach(async () => {
  bench = await openSqliteBench();
  clock = new TestClock();
});
afterEach(() => bench.close());

const SECRET = { secret: { secret: 'env://HOOK' } };
const webhook = (receiver: HttpReceiver, more: object = {}) => ({
  webhook: `${receiver.url}/hook`,
  ...SECRET,
  ...more,
});

interface Body {
  readonly type: string;
  readonly data: { readonly id: string; readonly reminder: number };
}
const bodyOf = ({ body }: Heard): Body => JSON.parse(body.toString()) as Body;
const toldOf = ({ heard }: HttpReceiver) => heard.map((one) => bodyOf(one).data.id);
const idsOf = ({ heard }: HttpReceiver) => heard.map(({ headers }) => headers['webhook-id']);

/** What the ledger says of a hold, in the order of receivers told. */
const statesOf = async ({ id }: Hold) =>
  (await bench.ledger.telling.told()).filter(({ about }) => about === id).map(({ state }) => state);
const isTold = ({ id }: Hold, round = 0) =>
  until(async () =>
    (await bench.ledger.telling.told()).some((one) => one.about === id && one.round === round && one.state === 'told'),
  );

describe('what waits for a person is told', () => {
  test('at once, in order, each once, and no more when nothing changed', async () => {
    const receiver = await httpReceiver();
    start(bench.ledger, clock, entriesOf(webhook(receiver)));
    const first = await hold(bench.ledger, START);
    await receiver.hears(1);
    const second = await hold(bench.ledger, START);
    await receiver.hears(2);
    await isTold(second);
    clock.forward(MINUTE);
    const third = await hold(bench.ledger, clock.now());
    await receiver.hears(3);
    expect(toldOf(receiver)).toEqual([first.id, second.id, third.id]);
    expect(new Set(idsOf(receiver)).size).toBe(3);
  });

  test('of what was placed while no gateway ran, in the order in which it was placed', async () => {
    const receiver = await httpReceiver();
    const holds = [
      await hold(bench.ledger, START),
      await hold(bench.ledger, START + 1),
      await hold(bench.ledger, START + 2),
    ];
    clock.forward(MINUTE);
    start(bench.ledger, clock, entriesOf(webhook(receiver)));
    await receiver.hears(3);
    expect(toldOf(receiver)).toEqual(holds.map(({ id }) => id));
  });

  test('by a restarted gateway what the last one had not told, and nothing that it had', async () => {
    const [receiver, down] = [await httpReceiver(), await httpReceiver()];
    const first = start(bench.ledger, clock, entriesOf(webhook(receiver), webhook(down)));
    down.answers.push((response) => response.destroy());
    const placed = await hold(bench.ledger, START);
    await Promise.all([receiver.hears(1), down.hears(1)]);
    await until(async () => (await statesOf(placed)).toSorted().join() === 'failed,told');
    await first.close();
    const restarted = await bench.reopen();
    clock.forward(1_000);
    start(restarted, clock, entriesOf(webhook(receiver), webhook(down)));
    await down.hears(2);
    const another = await hold(restarted, clock.now());
    await Promise.all([receiver.hears(2), down.hears(3)]);
    expect(toldOf(receiver)).toEqual([placed.id, another.id]);
    expect(toldOf(down)).toEqual([placed.id, placed.id, another.id]);
    expect(new Set(idsOf(down)).size).toBe(2);
  });
});

describe('a receiver that does not take a message', () => {
  test('is tried again under the same id, later each time, and told in order when it is back', async () => {
    const receiver = await httpReceiver();
    receiver.answers.push(503, (response) => response.destroy(), 429);
    const { reports } = start(bench.ledger, clock, entriesOf(webhook(receiver)));
    const first = await hold(bench.ledger, START);
    await receiver.hears(1);
    await clock.awaited(1_000);
    const second = await hold(bench.ledger, START);
    clock.forward(1_000);
    await receiver.hears(2);
    await clock.awaited(5_000);
    clock.forward(4_000);
    clock.forward(1_000);
    await receiver.hears(3);
    await clock.awaited(15_000);
    clock.forward(15_000);
    await receiver.hears(5);
    expect(toldOf(receiver)).toEqual([first.id, first.id, first.id, first.id, second.id]);
    expect(new Set(idsOf(receiver).slice(0, 4)).size).toBe(1);
    const times = receiver.heard.map(({ headers }) => Number(headers['webhook-timestamp']) * 1_000 - START);
    expect(times).toEqual([0, 1_000, 6_000, 21_000, 21_000]);
    expect(reports).toEqual([
      `notify[0] (webhook at ${new URL(receiver.url).host}) was not told of ${first.id} yet: it answered 503`,
    ]);
  });

  test('for good is given up after nine tries, said so, and holds up nothing after that', async () => {
    const receiver = await httpReceiver();
    receiver.answers.push(...Array.from({ length: 9 }, () => 500));
    const { reports } = start(bench.ledger, clock, entriesOf(webhook(receiver)));
    const first = await hold(bench.ledger, START);
    for (let tries = 1; tries < 9; tries++) {
      await receiver.hears(tries);
      const wait = [1_000, 5_000, 15_000][tries - 1] ?? 60_000;
      await until(async () => (await statesOf(first))[0] === 'failed');
      await clock.awaited(wait);
      clock.forward(wait);
    }
    await receiver.hears(9);
    await until(async () => (await statesOf(first))[0] === 'given_up');
    expect(reports.at(-1)).toContain(`was not told of ${first.id}: it answered 500`);
    const second = await hold(bench.ledger, clock.now());
    await receiver.hears(10);
    expect(toldOf(receiver).at(-1)).toBe(second.id);
  });

  test('and says so in a way that will not change is not tried again', async () => {
    const receiver = await httpReceiver();
    receiver.answers.push(404);
    const { reports } = start(bench.ledger, clock, entriesOf(webhook(receiver)));
    const [first, second] = [await hold(bench.ledger, START), await hold(bench.ledger, START)];
    await receiver.hears(2);
    expect(toldOf(receiver)).toEqual([first.id, second.id]);
    expect(reports).toEqual([expect.stringContaining(`not told of ${first.id}: it answered 404`)]);
  });

  test('holds up no other receiver, however slow it is', async () => {
    const [slow, quick] = [await httpReceiver(), await httpReceiver()];
    const opened: (() => void)[] = [];
    slow.answers.push((response) => opened.push(() => response.writeHead(204).end()));
    start(bench.ledger, clock, entriesOf(webhook(slow), webhook(quick)));
    const first = await hold(bench.ledger, START);
    await slow.hears(1);
    const second = await hold(bench.ledger, START);
    await quick.hears(2);
    expect([toldOf(slow), toldOf(quick)]).toEqual([[first.id], [first.id, second.id]]);
    for (const open of opened) open();
    await slow.hears(2);
    expect(toldOf(slow)).toEqual([first.id, second.id]);
  });

  test('that leads into a private network, itself or by a redirect, is not followed there', async () => {
    const [inner, outer] = [await httpReceiver(), await httpReceiver()];
    outer.answers.push((response) => void response.writeHead(307, { location: `${inner.url}/hook` }).end());
    const { reports } = start(bench.ledger, clock, entriesOf(webhook(outer)));
    const placed = await hold(bench.ledger, START);
    await until(() => reports.length === 1);
    expect(reports).toEqual([expect.stringMatching(new RegExp(`not told of ${placed.id}: it answered 307`))]);
    expect(inner.heard).toEqual([]);

    const guarded = openOutgoing({ isWritten: () => false });
    const blind = start(bench.ledger, clock, entriesOf(webhook(inner)), { outgoing: guarded });
    await until(() => blind.reports.length === 1);
    expect(blind.reports).toEqual([expect.stringContaining('127.0.0.1')]);
    await blind.close();
    await guarded.close();
    expect(inner.heard).toEqual([]);
  });
});

describe('on silence', () => {
  test('a receiver is reminded three times, with other ids, and then no more', async () => {
    const receiver = await httpReceiver();
    start(bench.ledger, clock, entriesOf(webhook(receiver, { remind: '30m' })));
    const placed = await hold(bench.ledger, START);
    for (let round = 0; round < 4; round++) {
      await receiver.hears(round + 1);
      await isTold(placed, round);
      clock.forward(30 * MINUTE);
    }
    const second = await hold(bench.ledger, clock.now());
    await receiver.hears(5);
    expect(receiver.heard.map((one) => [bodyOf(one).data.id, bodyOf(one).data.reminder])).toEqual([
      ...[0, 1, 2, 3].map((round) => [placed.id, round]),
      [second.id, 0],
    ]);
    expect(new Set(idsOf(receiver)).size).toBe(5);
  });

  test('a second group is told only of what nobody answered by then', async () => {
    const [first, second] = [await httpReceiver(), await httpReceiver()];
    start(bench.ledger, clock, entriesOf(webhook(first), webhook(second, { after: '15m' })));
    const [answered, silent] = [await hold(bench.ledger, START), await hold(bench.ledger, START)];
    await first.hears(2);
    const decided = await bench.ledger.decide(answered.id, decisionOf('deny', { because: 'no' }));
    expect(decided.ok).toBe(true);
    clock.forward(15 * MINUTE - 1);
    await hold(bench.ledger, clock.now());
    await first.hears(3);
    expect(second.heard).toEqual([]);
    clock.forward(1);
    await second.hears(1);
    expect(toldOf(second)).toEqual([silent.id]);
  });

  test('nobody is reminded of what was answered, lapsed, or has lapsed by the time', async () => {
    const receiver = await httpReceiver();
    start(bench.ledger, clock, entriesOf(webhook(receiver, { remind: '3h' })));
    const [answered, lapsing] = [await hold(bench.ledger, START), await hold(bench.ledger, START)];
    await receiver.hears(2);
    await Promise.all([isTold(answered), isTold(lapsing)]);
    await bench.ledger.decide(answered.id, decisionOf('approve'));
    clock.forward(3 * 60 * MINUTE);
    await receiver.hears(3);
    await isTold(lapsing, 1);
    clock.forward(3 * 60 * MINUTE);
    const last = await hold(bench.ledger, clock.now());
    await receiver.hears(4);
    expect(toldOf(receiver)).toEqual([answered.id, lapsing.id, lapsing.id, last.id]);
  });

  test('a receiver hears only of the occasions it is for', async () => {
    const [outcomes, all] = [await httpReceiver(), await httpReceiver()];
    start(bench.ledger, clock, entriesOf(webhook(outcomes, { for: ['outcome'] }), webhook(all)));
    const placed = await hold(bench.ledger, START);
    await all.hears(1);
    await isTold(placed);
    expect(outcomes.heard).toEqual([]);
  });
});
