import { expect, it } from 'vitest';
import { canonical } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import {
  enter,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

/** Bytes of sealing beside each content: a nonce and a tag. */
const SEALED = 28;
const DESCRIPTION = { task: 'look', instructions: undefined, model: undefined, route: undefined };
const OTHER = { ...KEY, principal: agentOf('eve') };

export function quotaContract(bench: () => LedgerBench): void {
  /** Calls of a thousand bytes each, until one is refused; those that were committed. */
  async function fill(ledger: Ledger, session: string, most: number) {
    const committed = [];
    for (let n = 0; n < most; n++) {
      const intent = intentOf(session, { canonical: canonical({ n, x: 'x'.repeat(1_000) }) });
      const commitment = await ledger.commit(intent);
      if (!commitment.ok) return { committed, commitment };
      committed.push(intent);
    }
    return { committed, commitment: undefined };
  }

  it('a principal whose contents reach its quota makes no call and opens no session; others do', async () => {
    const ledger = await bench().reopen({ store: undefined, principal: 20_000 });
    const [id, second] = [await enter(ledger), await enter(ledger, { ...KEY, profile: 'second' })];
    await fill(ledger, second, 9);
    const { committed, commitment } = await fill(ledger, id, 100);
    expect(commitment).toEqual({ ok: false, reason: 'over_quota', quota: 'principal' });
    // 19,000 of the quota may be used; the rest is for what is under way.
    const bytesOf = (n: number) => canonical({ n, x: 'x'.repeat(1_000) }).length + SEALED;
    const bytes = 9 * bytesOf(1) + committed.reduce((sum, _, n) => sum + bytesOf(n), 0);
    expect(bytes).toBeGreaterThanOrEqual(19_000);
    expect(bytes - bytesOf(1)).toBeLessThan(19_000);
    expect(await ledger.commit(intentOf(second))).toEqual({ ok: false, reason: 'over_quota', quota: 'principal' });
    expect(await ledger.place(placingOf(writeOf(id)))).toEqual({ found: 'over_quota', quota: 'principal' });
    const overQuota = { ok: false, error: { quota: 'principal' } };
    expect(await ledger.enter({ ...KEY, profile: 'third' }, START)).toEqual(overQuota);
    const creation = { ...KEY, description: DESCRIPTION, mostSessions: undefined, by: 'grace', at: START };
    expect(await ledger.create(creation)).toEqual(overQuota);
    expect(await enter(ledger)).toBe(id);
    expect(await ledger.commit(intentOf(await enter(ledger, OTHER)))).toMatchObject({ ok: true });
    const [flying] = committed;
    if (flying === undefined) throw new Error('nothing was committed');
    await ledger.settle(settlementOf(flying, { recorded: '{"outcome":"ok"}' }));
    expect(await ledger.content(flying.call, 'result')).toBe('{"outcome":"ok"}');
  });

  it('what is refused over its quota is journalled, and its arguments are not kept', async () => {
    const ledger = await bench().reopen({ store: undefined, principal: 1_000 });
    const id = await enter(ledger);
    await fill(ledger, id, 2);
    const draft = { session: id, kind: 'refused', call: 'call_refused', at: START, body: { n: 1 } } as const;
    await ledger.append(draft, '{"canary":1}');
    expect((await ledger.journal(id)).at(-1)).toMatchObject({ kind: 'refused', call: 'call_refused' });
    expect(await ledger.content('call_refused', 'arguments')).toBeUndefined();
  });

  it('an agent that has no room left is told so, and what it reports or writes down is not kept in part', async () => {
    const ledger = await bench().reopen({ store: undefined, principal: 1_000 });
    const id = await enter(ledger);
    const event = { session: id, type: 'note', content: JSON.stringify('x'.repeat(1_000)), at: START };
    expect(await ledger.addEvent(event)).toEqual({ ok: true, value: 1 });
    const before = await ledger.journal(id);
    expect(await ledger.addEvent(event)).toEqual({ ok: false, error: 'over_quota' });
    const spent = { session: id, class: 'search', amount: 5, why: 'looked', at: START };
    expect(await ledger.report(spent)).toEqual({ ok: false, error: 'over_quota' });
    expect(await ledger.journal(id)).toEqual(before);
    expect((await ledger.events(id, 0)).events).toHaveLength(1);
    expect((await ledger.look(id, START))?.used['spend']).toBeUndefined();
  });

  it('an old session that nobody may follow for want of room has expired all the same', async () => {
    const ledger = await bench().reopen({ store: undefined, principal: 1_000 });
    const id = await enter(ledger);
    await fill(ledger, id, 2);
    const late = await ledger.enter(KEY, START + 2 * MINUTE, { maxAge: MINUTE });
    expect(late).toEqual({ ok: false, error: { quota: 'principal' } });
    expect((await ledger.look(id, START))?.session.state).toBe('expired');
  });

  it('what is kept is counted to the byte, from several handles and after a restart, and archiving gives it back', async () => {
    const { ledger } = bench();
    const [id, other] = [await enter(ledger), await bench().second()];
    await Promise.all([fill(ledger, id, 5), fill(other, id, 5)]);
    await ledger.change(id, 'complete', 'grace', 'done', START);
    const again = await bench().reopen({ store: undefined, principal: 10_000 });
    expect(await again.enter(KEY, START)).toEqual({ ok: false, error: { quota: 'principal' } });
    for (const { call } of await again.journal(id)) {
      if (call !== undefined) await again.settle({ ...settlementOf(intentOf(id)), call });
    }
    const head = (await again.outline(id))?.head ?? { seq: 0, hash: '' };
    const archiving = { session: id, head, export: 'sha256:x', by: 'grace', why: 'room', at: START };
    expect(await again.archive(archiving)).toEqual({ ok: true, value: undefined });
    const next = await enter(again);
    expect((await fill(again, next, 100)).committed).toHaveLength(10);
  });

  it('what an outcome of the same moment keeps counts against the call beside it', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const flying = intentOf(id);
    await ledger.commit(flying);
    const again = await bench().reopen({ store: undefined, principal: 10_000 });
    const recorded = JSON.stringify({ outcome: 'ok', text: 'x'.repeat(10_000) });
    const [, commitment] = await Promise.all([
      again.settle(settlementOf(flying, { recorded })),
      again.commit(intentOf(id)),
    ]);
    expect(commitment).toEqual({ ok: false, reason: 'over_quota', quota: 'principal' });
  });

  it('a store that reaches its quota takes nothing new, and what is under way ends', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const flying = intentOf(id);
    await ledger.commit(flying);
    const small = await bench().reopen({ store: 50_000, principal: undefined });
    const refused = { ok: false, reason: 'over_quota', quota: 'store' };
    await expect.poll(() => small.commit(intentOf(id)), { timeout: 10_000 }).toEqual(refused);
    expect(await small.enter(OTHER, START)).toEqual({ ok: false, error: { quota: 'store' } });
    await small.settle(settlementOf(flying, { recorded: '{"outcome":"ok"}' }));
    expect(await small.recorded(flying.call)).toMatchObject({ outcome: { outcome: 'ok' } });
    expect(await small.verify()).toEqual([]);
  });
}
