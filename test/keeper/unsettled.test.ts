import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Ledger, Settlement } from '../../src/domain/ports.ts';
import { Unsettled } from '../../src/keeper/unsettled.ts';
import { enter, intentOf, settlementOf } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';

let bench: SqliteBench;
let ledger: Ledger;
let id: string;
beforeEach(async () => {
  bench = await openSqliteBench();
  ledger = bench.ledger;
  id = await enter(ledger);
});
afterEach(() => bench.close());

const outcomes = async () => (await ledger.journal(id)).filter(({ kind }) => kind === 'outcome');
const unknown = { outcome: 'unknown', recorded: '{"outcome":"unknown","why":"full"}' } as const;

it('an outcome that could not be written is written later, once', async () => {
  const intent = intentOf(id);
  await ledger.commit(intent);
  const unsettled = new Unsettled(ledger);
  unsettled.later(settlementOf(intent, unknown));
  await unsettled.settle();
  await unsettled.settle();
  expect((await outcomes()).map(({ call, body }) => [call, body['outcome']])).toEqual([[intent.call, 'unknown']]);
  expect(await ledger.recorded(intent.call)).toMatchObject({ outcome: { why: 'full' } });
});

it('what was settled meanwhile, or was never begun, is left as it is', async () => {
  const [settled, never] = [intentOf(id), intentOf(id)];
  await ledger.commit(settled);
  const unsettled = new Unsettled(ledger);
  for (const intent of [settled, never]) unsettled.later(settlementOf(intent, unknown));
  await ledger.settle(settlementOf(settled));
  await unsettled.settle();
  expect((await outcomes()).map(({ body }) => body['outcome'])).toEqual(['ok']);
});

it('while the ledger takes nothing, what is left is tried again', async () => {
  const intents = [intentOf(id), intentOf(id)];
  for (const intent of intents) await ledger.commit(intent);
  let fails = true;
  const unsettled = new Unsettled({
    madeCall: (session, call) => ledger.madeCall(session, call),
    settle: async (settlement: Settlement) => {
      if (fails) throw new Error('its disk is full');
      await ledger.settle(settlement);
    },
  });
  for (const intent of intents) unsettled.later(settlementOf(intent, unknown));
  await expect(unsettled.settle()).rejects.toThrow('full');
  expect(await outcomes()).toEqual([]);
  fails = false;
  await unsettled.settle();
  expect(await outcomes()).toHaveLength(2);
});
