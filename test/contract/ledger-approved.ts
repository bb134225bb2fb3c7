import { expect, it } from 'vitest';
import { canonical } from '../../src/domain/json.ts';
import { agentOf } from '../../src/domain/principal.ts';
import { decisionOf, enter, held, KEY, type LedgerBench, MINUTE, placingOf, START, writeOf } from './ledger-bench.ts';

export function approvedContract(bench: () => LedgerBench): void {
  const asked = async (session: string, n: number, changes: Parameters<typeof placingOf>[1] = {}) =>
    held(bench().ledger, placingOf(writeOf(session, { canonical: canonical({ n }), digest: `sha256:${n}` }), changes));

  it('a hold is compared with the newest that people approved of its target, for its principal or in its session', async () => {
    const { ledger } = bench();
    const mine = await enter(ledger);
    const stranger = { ...KEY, principal: agentOf('eve') };
    const other = await enter(ledger, stranger);
    const hold = await asked(mine, 1);
    const before = (at = START) => ledger.approvedBefore(hold, at);
    expect(await before()).toBeUndefined();
    await ledger.decide((await asked(mine, 2)).id, decisionOf('deny'));
    await ledger.decide((await asked(other, 3, { principal: stranger.principal })).id, decisionOf('approve'));
    await ledger.decide((await asked(mine, 4, { target: 'outbox.list' })).id, decisionOf('approve'));
    await ledger.decide(hold.id, decisionOf('approve'));
    expect(await before()).toBeUndefined();
    const elsewhere = await asked(await enter(ledger, { ...KEY, folder: '/other' }), 5);
    await ledger.decide(elsewhere.id, decisionOf('approve'));
    expect(await before()).toMatchObject({ id: elsewhere.id, effective: { n: 5 } });
    const newest = await asked(mine, 6, { principal: stranger.principal });
    await ledger.decide(newest.id, decisionOf('approve'));
    expect(await before(START + 600 * MINUTE)).toMatchObject({ id: newest.id, state: 'lapsed' });
  });

  it('who waits for any hold is woken by one that is placed, and by its answer', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const [placed, answered] = [AbortSignal.timeout(20_000), AbortSignal.timeout(20_000)];
    const placing = ledger.changed('holds', placed);
    const hold = await asked(session, 1);
    await placing;
    const answering = ledger.changed('holds', answered);
    await ledger.decide(hold.id, decisionOf('approve'));
    await answering;
    expect([placed.aborted, answered.aborted]).toEqual([false, false]);
  });
}
